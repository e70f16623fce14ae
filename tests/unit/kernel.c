/* kernel: inner products that are the same to the bit everywhere */
#include "index/kernel.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

/* Return numbers from -1 to 1 that are the same on every machine. */
static float
next(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return (float)(*state >> 8) / (float)(1 << 23) - 1;
}

static float *
vectors(size_t n, size_t dims, uint32_t seed)
{
	float *v = malloc(n * dims * sizeof *v + 1);
	size_t i;

	for (i = 0; i < n * dims; i++)
		v[i] = next(&seed);
	return v;
}

/* Return the product that the contract states. */
static float
product(const float *a, const float *b, size_t dims)
{
	float sum = 0;
	size_t k;

	for (k = 0; k < dims; k++)
		sum = fmaf(a[k], b[k], sum);
	return sum;
}

/* Tell whether a kernel computes all products of a shape to the bit. */
static int
agrees(const struct kernel *kernel, size_t rows, size_t n, size_t dims)
{
	float *a = vectors(rows, dims, 1), *b = vectors(n, dims, 2);
	size_t wide = kernel_padded(n), i, j;
	float *packed = malloc((wide * dims + 1) * sizeof *packed);
	float *products = malloc((rows * wide + 1) * sizeof *products), want;
	int same = 1;

	kernel_pack(packed, b, n, dims);
	kernel_products(kernel, a, rows, dims, packed, n, products);
	for (i = 0; i < rows; i++)
		for (j = 0; j < n; j++) {
			want = product(a + i * dims, b + j * dims, dims);
			same &= memcmp(&want, &products[i * wide + j],
				    sizeof want) == 0;
		}
	free(a);
	free(b);
	free(packed);
	free(products);
	return same;
}

static void
every_shape(const char *name)
{
	static const size_t shapes[][3] = { { 1, 1, 1 }, { 12, 32, 192 },
		{ 13, 33, 193 }, { 7, 100, 3 }, { 5, 16, 600 }, { 25, 47, 384 },
		{ 0, 5, 5 }, { 5, 0, 5 } };
	const char *why = "";
	const struct kernel *kernel;
	size_t i;
	int same = 1;

	setenv("TG_KERNEL", name, 1);
	kernel = kernel_find(&why);
	if (kernel == NULL) {
		ok(strstr(why, "TG_KERNEL") != NULL,
		    "a machine without %s says so", name);
		return;
	}
	for (i = 0; i < sizeof shapes / sizeof *shapes; i++)
		same &=
		    agrees(kernel, shapes[i][0], shapes[i][1], shapes[i][2]);
	ok(same, "%s sums in the order of the dimensions, to the bit", name);
}

int
main(void)
{
	const char *why = "";

	every_shape("plain");
	every_shape("avx2");
	every_shape("avx512");
	every_shape("neon");
	setenv("TG_KERNEL", "sse", 1);
	ok(kernel_find(&why) == NULL && strstr(why, "TG_KERNEL") != NULL,
	    "a kernel that is not known is refused");
	unsetenv("TG_KERNEL");
	ok(kernel_find(&why) != NULL, "without a name there is always one");
	return done();
}
