/*
 * nearest: the documents nearest to queries, as --by says, in threads.
 *
 * What is found does not depend on the batch, the threads or the machine.
 */
#pragma once

#include "index/index.h"
#include "lex/lex.h"
#include "options.h"

/* Number of a text that is no document of the index. */
#define NEAREST_FOREIGN UINT64_MAX

/* A text whose score and rank are wanted. */
struct nearest_ranked {
	uint64_t doc; /* document of the text; NEAREST_FOREIGN: none */
	/* a foreign text and its language */
	struct span text;
	const struct lex_language *language;
	/* results. A foreign text has a score by bm25 alone: score and rank
	 * mean nothing unless scored is true. */
	bool scored;
	double score;
	/* rank from 1: one more than the number of documents admitted that
	 * come before it. A score of 0 by bm25 comes behind all others. */
	uint64_t rank;
};

struct nearest_query {
	struct span text; /* text that bm25 searches */
	const struct lex_language *language;
	size_t row; /* number of the line, from 0: row of --query-vectors */
	size_t k;   /* most hits */
	/* function that tells whether a document is in the pool; NULL: each
	 * is. Several threads call it at the same time. */
	bool (*admits)(void *ctx, uint64_t doc);
	void *ctx;
	struct nearest_ranked *ranked; /* n_ranked texts of the caller */
	size_t n_ranked;
	struct index_hit *hits; /* result: hits, sorted, of the query */
	size_t n;               /* number of hits */
};

/* A search; for the functions below only. */
struct nearest;

/*
 * Return a new search in an index that stays open, as the options say; NULL
 * with *why, borrowed. lines is the number of lines of all input.
 */
struct nearest *nearest_new(const struct index *, const struct mine_opts *,
    size_t lines, const char **why);
void nearest_free(struct nearest *);

/*
 * Search n queries; hits that they had are freed. Memory grows with the sum of
 * the hits that they may have.
 */
void nearest_search(struct nearest *, struct nearest_query *, size_t n);

/* Free the hits of a query. */
void nearest_query_free(struct nearest_query *);
