/* lengths: how many tokens, or words, the texts of one kind have */
#include "lengths.h"

/* Powers of two and what lies halfway, so that 512 ends a bin. */
static const size_t edges[LENGTHS_BINS] = { 1, 2, 3, 4, 6, 8, 12, 16, 24, 32,
	48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096,
	6144, 8192, 12288, 16384, 32768, (size_t)-1 };

size_t
lengths_edge(size_t bin)
{
	return edges[bin];
}

void
lengths_add(struct lengths *l, size_t length)
{
	size_t bin = 0;

	while (length > edges[bin])
		bin++;
	l->bins[bin]++;
	l->n++;
	l->sum += length;
	l->over += length > LENGTHS_LIMIT;
	hist_add(&l->hist, (long long)length);
}

size_t
lengths_used(const struct lengths *l)
{
	size_t n = LENGTHS_BINS;

	while (n > 0 && l->bins[n - 1] == 0)
		n--;
	return n;
}
