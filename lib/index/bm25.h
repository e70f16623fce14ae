/*
 * bm25: finds the documents that share rare terms with a text.
 *
 * The score of a document is the sum, over the terms of the query and their
 * repeats, of idf * tf / (tf + k1 * (1 - b + b * words / mean words)), idf
 * being Lucene's ln(1 + (N - df + 0.5) / (df + 0.5)). Scores are sums of
 * doubles in the order of the terms, so equal documents have equal scores, and
 * results do not depend on the machine.
 *
 * A search adds up impacts of 16 bits from the index for all documents, and
 * computes the scores of those that may be among the first k. That is exact:
 * the error of an impact is known. Unless the search is to be exact, terms that
 * weigh little are left out of the first step, in the order of what they cost:
 * a few documents of the first k may be missed, but scores are right.
 */
#pragma once

#include "index/index.h"
#include "index/terms.h"

/* A search in an index; for the functions below only. */
struct bm25;

/* Limits of one search. */
struct bm25_limits {
	size_t k;   /* most hits */
	bool exact; /* whether every term of the query counts in each step */
	/* function that tells whether a document may be a hit; NULL: each may
	 */
	bool (*admits)(void *ctx, uint64_t doc);
	void *ctx;
};

/* Return a new search in an index that is whole and stays open. */
struct bm25 *bm25_new(const struct index *);
void bm25_free(struct bm25 *);

/* Take a text as the query; needed for one query only once. */
void bm25_query(struct bm25 *, const struct lex_language *, struct span text);

/*
 * Search the query: return the number of hits, and in *hits the hits, sorted by
 * index_hit_compare, borrowed until the next call. All scores are above 0.
 */
size_t bm25_search(
    struct bm25 *, const struct bm25_limits *, const struct index_hit **hits);

/* Return the score of a document for the query, 0 if they share no term. */
double bm25_score(struct bm25 *, uint64_t doc);

/*
 * Return the score that a text would have for the query, were it a document
 * among those of the index, whose number, mean length and idf stay. A text that
 * is one of them has that one's score, to the bit.
 */
double bm25_score_text(
    struct bm25 *, const struct lex_language *, struct span text);

/*
 * Return the rank of a hit among all documents that are admitted, from 1: one
 * more than the number of those that index_hit_compare puts before it. k of the
 * limits is of no meaning.
 */
uint64_t bm25_rank(struct bm25 *, const struct bm25_limits *, struct index_hit);
