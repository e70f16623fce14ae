/*
 * dense: finds the documents whose vectors have the largest inner products with
 * those of queries.
 *
 * Each document is compared with each query: no document is missed. Queries are
 * searched in batches, since a batch reads the vectors of all documents once:
 * with 512 queries that costs little beside the products. Results do not depend
 * on the batch, the threads or the kernel.
 */
#pragma once

#include "index/index.h"

/* A search among the vectors of an index; for the functions below only. */
struct dense;

/* A query, and what is found for it. */
struct dense_query {
	const float *vector; /* vector of the query, borrowed */
	size_t k;            /* most hits */
	/* functions that tell whether a document may be a hit, and whether it
	 * counts for ranks; NULL: each does. Threads call them at the same
	 * time. */
	bool (*admits)(void *ctx, uint64_t doc);
	bool (*counts)(void *ctx, uint64_t doc);
	void *ctx;
	struct index_hit *hits; /* room for k hits, of the caller */
	size_t n;               /* number of hits found */
	/* hits whose ranks are asked for, with scores by dense_score; ranks[i],
	 * from 1, is that of ranked[i] */
	const struct index_hit *ranked;
	uint64_t *ranks;
	size_t n_ranked;
};

/*
 * Return a new search in an index that stays open, with so many threads; NULL
 * with *why, borrowed, if the index has no vectors, or vectors that are not
 * finite, or TG_KERNEL names no kernel.
 */
struct dense *dense_new(
    const struct index *, unsigned threads, const char **why);
void dense_free(struct dense *);

/* Return how many floats a vector of the index has. */
size_t dense_dims(const struct dense *);

/* Search n queries: their hits are sorted by index_hit_compare. */
void dense_search(struct dense *, struct dense_query *queries, size_t n);

/* Return the score of a document for a vector, as dense_search computes it. */
double dense_score(const struct dense *, const float *vector, uint64_t doc);
