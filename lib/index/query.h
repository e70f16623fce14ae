/*
 * query: the terms of a query, and the scores that it gives by BM25.
 */
#pragma once

#include "index/index.h"
#include "index/terms.h"

/* A term of the query. */
struct asked {
	uint32_t term;
	uint32_t count;           /* how often the query has it */
	double weight;            /* idf times count */
	const uint32_t *at, *end; /* postings that are left */
};

/* A query, or none as long as nothing was read. Fields are to be read only. */
struct query {
	const struct index *ix;
	struct span postings;
	double mean;         /* mean number of a document's terms */
	struct asked *asked; /* terms of the query, sorted by their numbers */
	size_t n, cap;
	uint64_t *bits;     /* bit for each term: whether the query has it */
	uint32_t *place;    /* index in asked of each term that it has */
	struct terms terms; /* scratch space */
	uint32_t *found;    /* scratch space: numbers of a text's terms */
	size_t found_cap;
};

/* Start a query of an index that stays open; query_free frees it. */
void query_start(struct query *, const struct index *);
void query_free(struct query *);

/* Take the terms of a text as the query. */
void query_read(struct query *, const struct lex_language *, struct span text);

/* Return the score of a document, 0 if it has no term of the query. */
double query_score(const struct query *, uint64_t doc);

/*
 * Return the score that a text would have, were it a document among those of
 * the index, which keep their number, their mean length and their idf.
 */
double query_score_text(
    struct query *, const struct lex_language *, struct span text);
