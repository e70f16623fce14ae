/*
 * kept: what the kept triplets are like: their lengths, words, copies and
 * negatives.
 */
#pragma once

#include "copies.h"
#include "distinct.h"
#include "lengths.h"
#include "read.h"

enum {
	KEPT_GRAMS = 3,      /* runs of up to so many words are counted */
	KEPT_SHARES = 20,    /* bins of five percent */
	KEPT_NEGATIVES = 16, /* the last bin takes this number and more */
	/* tokens, shared words and near negatives are counted of all triplets
	 * up to this number of them, else of those drawn */
	KEPT_WHOLE = 50000,
	KEPT_ONE_IN = 16,
};

/* Figures whose texts have to be taken apart. */
struct measure {
	struct lengths query, pos;      /* tokens */
	struct lengths neg;             /* tokens of negatives */
	size_t shares[KEPT_SHARES + 1]; /* queries by share in percent */
	size_t percent[101];            /* the same by whole percents */
	size_t shared;                  /* queries with words to share */
	double share_sum;
	size_t near_negatives; /* negatives that are near copies of the
				* positive, or the positive */
	size_t near_triplets;  /* triplets that have one of these */
};

/* A struct of all zeros is empty. */
struct kept {
	size_t n;               /* triplets */
	struct measure whole;   /* figures of the first KEPT_WHOLE triplets */
	struct measure drawn;   /* figures of those drawn from all triplets */
	size_t nneg;            /* negatives */
	size_t verbatim;        /* queries that stand in their positive */
	size_t equal_negatives; /* negatives that are the positive */
	struct lengths words;   /* words of queries */
	struct distinct grams[KEPT_GRAMS];    /* words, pairs, threes of them */
	struct copies openings;               /* first three words of queries */
	struct copies queries;                /* queries by their words */
	struct copies documents;              /* positives, near copies */
	size_t negatives[KEPT_NEGATIVES + 1]; /* triplets by their negatives */
};

void kept_add(struct kept *, const struct item *);
void kept_free(struct kept *);

/*
 * Return the figures of all triplets, or of those drawn by the hash of their
 * query and positive if there are more than KEPT_WHOLE.
 */
const struct measure *kept_measure(const struct kept *);

/* Return the share in percent that half of the queries do not exceed. */
int kept_median_share(const struct measure *);

/* Return the code language of a record as lib/lex knows it; NULL: unknown. */
const struct lex_language *kept_lexer(const struct item *);
