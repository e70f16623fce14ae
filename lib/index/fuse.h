/*
 * fuse: makes one list of several, by reciprocal ranks.
 *
 * The score of a document is the sum of 1 / (60 + rank) over the lists that
 * have it, ranks from 1.
 *
 * Source: Cormack, Clarke and Büttcher, Reciprocal Rank Fusion outperforms
 * Condorcet and individual Rank Learning Methods, SIGIR 2009.
 */
#pragma once

#include "index/index.h"

/* Return what a list adds to the score of its document of a rank. */
double fuse_share(uint64_t rank);

/*
 * Fuse two lists of na and nb hits, sorted, without a document twice. out has
 * room for na + nb hits; return how many it gets, sorted by index_hit_compare.
 */
size_t fuse_lists(const struct index_hit *a, size_t na,
    const struct index_hit *b, size_t nb, struct index_hit *out);
