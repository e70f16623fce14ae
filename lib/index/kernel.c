#include "index/kernel.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined __x86_64__
#include <immintrin.h>
#elif defined __aarch64__
#include <arm_neon.h>
#endif

/*
 * Panels that a tile of the widest kernel has side by side; kernel_padded
 * rounds up to so many. Dimensions that are added up at a time: the panels of
 * a tile stay in the first-level cache, 24 KB of it.
 */
enum { PANELS = 2, DEPTH = 192, MOST_ROWS = 12 };

/*
 * Add to a tile of sums the products of some vectors, a[0] and on, with some
 * panels that lie `panel` floats apart, in depth dimensions. sums[i] are the
 * sums of vector i.
 */
typedef void tile_fn(const float *const *a, const float *packed, size_t panel,
    size_t depth, float *const *sums);

struct kernel {
	const char *name;
	size_t rows, panels; /* size of a tile */
	tile_fn *tile;
	int (*runs)(void); /* function that tells whether the processor can */
};

#define NAME plain_tile
#define TARGET
#define ROWS 1
#define COLUMNS KERNEL_PANEL
#define LANES 1
#define VECTOR float
#define LOAD(place) *(place)
#define STORE(place, x) (*(place) = (x))
#define SAME(x) (x)
#define FMA fmaf
#include "index/kernel-tile.h"

static int
always(void)
{
	return 1;
}

#if defined __x86_64__
#define NAME avx2_tile
#define TARGET __attribute__((target("avx2,fma")))
#define ROWS 6
#define COLUMNS 2
#define LANES 8
#define VECTOR __m256
#define LOAD _mm256_loadu_ps
#define STORE _mm256_storeu_ps
#define SAME _mm256_set1_ps
#define FMA _mm256_fmadd_ps
#include "index/kernel-tile.h"

static int
has_avx2(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

#define NAME avx512_tile
#define TARGET __attribute__((target("avx512f")))
#define ROWS 12
#define COLUMNS 2
#define LANES 16
#define VECTOR __m512
#define LOAD _mm512_loadu_ps
#define STORE _mm512_storeu_ps
#define SAME _mm512_set1_ps
#define FMA _mm512_fmadd_ps
#include "index/kernel-tile.h"

static int
has_avx512(void)
{
	return __builtin_cpu_supports("avx512f");
}

#elif defined __aarch64__
#define NAME neon_tile
#define TARGET
#define ROWS 6
#define COLUMNS 4
#define LANES 4
#define VECTOR float32x4_t
#define LOAD vld1q_f32
#define STORE vst1q_f32
#define SAME vdupq_n_f32
#define FMA(a, b, sum) vfmaq_f32(sum, a, b)
#include "index/kernel-tile.h"
#endif

/* The kernels, widest first. */
static const struct kernel kernels[] = {
#if defined __x86_64__
	{ "avx512", 12, 2, avx512_tile, has_avx512 },
	{ "avx2", 6, 1, avx2_tile, has_avx2 },
#elif defined __aarch64__
	{ "neon", 6, 1, neon_tile, always },
#endif
	{ "plain", 1, 1, plain_tile, always },
};

const struct kernel *
kernel_find(const char **why)
{
	static char text[128];
	const char *name = getenv("TG_KERNEL");
	size_t i;

	for (i = 0; i < sizeof kernels / sizeof *kernels; i++) {
		if (name != NULL && strcmp(name, kernels[i].name) != 0)
			continue;
		if (kernels[i].runs())
			return &kernels[i];
		if (name == NULL)
			continue;
		snprintf(text, sizeof text,
		    "TG_KERNEL is %s, which this processor does not have",
		    kernels[i].name);
		*why = text;
		return NULL;
	}
	*why = "TG_KERNEL is none of plain, avx2, avx512 and neon that this "
	       "machine has";
	return NULL;
}

const char *
kernel_name(const struct kernel *k)
{
	return k->name;
}

size_t
kernel_padded(size_t n)
{
	const size_t whole = PANELS * KERNEL_PANEL;

	return (n + whole - 1) / whole * whole;
}

void
kernel_pack(float *to, const float *vectors, size_t n, size_t dims)
{
	size_t at, j, k;

	for (at = 0; at < kernel_padded(n); at += KERNEL_PANEL) {
		for (j = 0; j < KERNEL_PANEL; j++)
			for (k = 0; k < dims; k++)
				to[k * KERNEL_PANEL + j] =
				    at + j < n ? vectors[(at + j) * dims + k]
					       : 0;
		to += KERNEL_PANEL * dims;
	}
}

void
kernel_products(const struct kernel *kernel, const float *vectors, size_t rows,
    size_t dims, const float *packed, size_t n, float *products)
{
	const size_t wide = kernel_padded(n),
		     step = kernel->panels * KERNEL_PANEL;
	const float *a[MOST_ROWS];
	float *sums[MOST_ROWS], spare[PANELS * KERNEL_PANEL];
	size_t from, depth, row, column, i;

	memset(products, 0, rows * wide * sizeof *products);
	for (from = 0; from < dims; from += depth) {
		depth = dims - from < DEPTH ? dims - from : DEPTH;
		for (column = 0; column < wide; column += step) {
			for (row = 0; row < rows; row += kernel->rows) {
				/* Rows behind the last are computed in vain. */
				for (i = 0; i < kernel->rows; i++) {
					size_t r =
					    row + i < rows ? row + i : row;

					a[i] = vectors + r * dims + from;
					sums[i] =
					    row + i < rows
						? products + r * wide + column
						: spare;
				}
				kernel->tile(a,
				    packed + column * dims +
					from * KERNEL_PANEL,
				    dims * KERNEL_PANEL, depth, sums);
			}
		}
	}
}
