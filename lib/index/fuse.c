/* fuse: makes one list of several, by reciprocal ranks */
#include "index/fuse.h"

#include <stdlib.h>

enum { CONSTANT = 60 };

double
fuse_share(uint64_t rank)
{
	return 1 / (CONSTANT + (double)rank);
}

static int
compare_docs(const void *x, const void *y)
{
	const struct index_hit *a = x, *b = y;

	return a->doc < b->doc ? -1 : a->doc > b->doc;
}

/* Append the hits of a list with what it adds to their scores. */
static size_t
add_list(
    struct index_hit *out, size_t at, const struct index_hit *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		out[at++] =
		    (struct index_hit){ list[i].doc, fuse_share(i + 1) };
	return at;
}

size_t
fuse_lists(const struct index_hit *a, size_t na, const struct index_hit *b,
    size_t nb, struct index_hit *out)
{
	size_t all = add_list(out, add_list(out, 0, a, na), b, nb), i, n = 0;

	if (all == 0)
		return 0;
	qsort(out, all, sizeof *out, compare_docs);
	for (i = 0; i < all; i++)
		if (n > 0 && out[n - 1].doc == out[i].doc)
			out[n - 1].score += out[i].score;
		else
			out[n++] = out[i];
	qsort(out, n, sizeof *out, index_hit_compare);
	return n;
}
