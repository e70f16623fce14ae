/*
 * kernel: prints the GFLOP/s of the kernel alone on one core, as tg-mine search
 * --by dense uses it: 512 packed vectors, and blocks of 96 of `docs` others.
 *
 *	usage: kernel DOCS DIMS
 */
#include "index/kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"

enum { QUERIES = 512, BLOCK = 96, ROUNDS = 4 };

static double
cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Return n numbers from -1 to 1. */
static float *
numbers(size_t n)
{
	float *v = mem_array(NULL, n, sizeof *v);
	size_t i;

	for (i = 0; i < n; i++)
		v[i] = (float)rand() / (float)RAND_MAX * 2 - 1;
	return v;
}

int
main(int argc, char *argv[])
{
	size_t docs = argc > 2 ? (size_t)atol(argv[1]) / BLOCK * BLOCK : 0;
	size_t dims = argc > 2 ? (size_t)atol(argv[2]) : 0, at, round;
	const char *why = "usage: kernel DOCS DIMS";
	const struct kernel *k = docs > 0 ? kernel_find(&why) : NULL;
	float *vectors = numbers(docs * dims), *queries;
	float *packed = numbers(kernel_padded(QUERIES) * dims);
	float *products = numbers(BLOCK * kernel_padded(QUERIES));
	double seconds;

	if (k == NULL) {
		fprintf(stderr, "%s\n", why);
		return 2;
	}
	queries = numbers(QUERIES * dims);
	kernel_pack(packed, queries, QUERIES, dims);
	seconds = cpu_seconds();
	for (round = 0; round < ROUNDS; round++)
		for (at = 0; at < docs; at += BLOCK)
			kernel_products(k, vectors + at * dims, BLOCK, dims,
			    packed, QUERIES, products);
	seconds = cpu_seconds() - seconds;
	printf("%s %.2f\n", kernel_name(k),
	    2.0 * ROUNDS * QUERIES * (double)(docs * dims) / seconds * 1e-9);
	free(vectors);
	free(queries);
	free(packed);
	free(products);
	return 0;
}
