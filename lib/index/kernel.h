/*
 * kernel: inner products of vectors of float32 that are the same to the bit on
 * every machine.
 *
 * A product is summed from the first dimension to the last, each step one fused
 * multiply-add: sum = fma(a[k], b[k], sum). A library of linear algebra chooses
 * the order by the shape of its matrices, so the last bits of a score would
 * depend on the batch and the shard. Here they depend on the two vectors alone,
 * which makes ties, shards and resumed runs reproducible.
 *
 * All kernels give the same bits. TG_KERNEL in the environment names the one to
 * use; without it the widest that the processor has is taken.
 */
#pragma once

#include <stddef.h>

struct kernel;

/* Vectors that lie side by side in a panel. */
enum { KERNEL_PANEL = 16 };

/*
 * Return the kernel to use, static. NULL, with *why (borrowed, static), if
 * TG_KERNEL names none, or one that this processor cannot run.
 */
const struct kernel *kernel_find(const char **why);

/* Return the name of a kernel, static. */
const char *kernel_name(const struct kernel *);

/* Return n rounded up to whole panels, and to whole tiles of each kernel. */
size_t kernel_padded(size_t n);

/*
 * Pack n vectors of dims floats, one after another, for kernel_products: to has
 * room for kernel_padded(n) * dims floats. Padding is filled with 0.
 */
void kernel_pack(float *to, const float *vectors, size_t n, size_t dims);

/*
 * Compute the inner products of `rows` vectors of dims floats, one after
 * another, with n packed vectors. products[i * kernel_padded(n) + j] is that of
 * vector i with packed vector j; there is room for rows * kernel_padded(n).
 */
void kernel_products(const struct kernel *, const float *vectors, size_t rows,
    size_t dims, const float *packed, size_t n, float *products);
