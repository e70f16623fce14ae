/*
 * weights: the formula of BM25, and how impacts lie in an index. For lib/index
 * only.
 */
#pragma once

#include <math.h>

#include "index/index.h"

/*
 * The postings of a term are lists, one for each block of BLOCK documents that
 * has some: a number with the block's number in its high half and the number of
 * documents in its low half, then a number for each of these, with the impact
 * in its high half and the place in the block in its low half.
 */
enum { BLOCK_BITS = 13, BLOCK = 1 << BLOCK_BITS };

/* An impact of IMPACT_MAX means the score of the rarest term possible. */
enum { IMPACT_MAX = 0xffff };

/* The weight of a term that so many of all documents have. */
static inline double
weights_idf(uint64_t all, uint64_t documents)
{
	double n = (double)all, df = (double)documents;

	return log(1 + (n - df + 0.5) / (df + 0.5));
}

/* The score that one unit of an impact means. */
static inline double
weights_unit(uint64_t all)
{
	return weights_idf(all > 0 ? all : 1, 1) / IMPACT_MAX;
}

/* Part of the divisor that is added to tf, for a document of so many words. */
static inline double
weights_norm(double k1, double b, double mean, uint32_t words)
{
	return k1 * (1 - b + (mean > 0 ? b * words / mean : 0));
}

/* The share of its idf that a term gives to a document, count >= 1. */
static inline double
weights_share(uint32_t count, double norm)
{
	return count / (count + norm);
}
