/*
 * known: the positives of queries, over all rows of the input.
 *
 * A positive is known by two keys: one that equal texts share, and one that
 * texts share that are equal but for names, literals, comments and layout. A
 * query is any bytes that stand for it, called its scope.
 */
#pragma once

#include <stdbool.h>

#include "index/near.h"

enum { KNOWN_KEPT = 64 }; /* positives of a query whose shingles are kept */

/* A zeroed struct knows nothing; known_free frees it. */
struct known {
	struct keyset positives; /* keys of positives; 50 bytes each */
	struct keyset queries;   /* struct known_query of each; 40 bytes each */
	struct known_kept **kept; /* all that is kept, n of them */
	size_t n;
};

/* A query of the input. */
struct known_query {
	uint64_t rows;           /* rows that have it */
	struct known_kept *kept; /* positives of it; NULL: none */
};

/* The positives that are kept of a query. */
struct known_kept {
	struct near of[KNOWN_KEPT];
	size_t n;
};

/* Add a positive of a query. */
void known_add(struct known *, struct span scope, const struct near_sketch *);

/*
 * Return how a text is a copy of a known positive of a query: NEAR_EQUAL,
 * NEAR_ALIKE or NEAR_NOT.
 */
enum near_how known_find(
    const struct known *, struct span scope, const struct near_sketch *);

/*
 * Read all records of files as twice_read does, and know the positives of the
 * queries that stand in several rows; the first KNOWN_KEPT different ones of
 * each are kept for comparison. The scope of a query is the key of texts that
 * equal it. code_language is the key for records that name none.
 */
void known_learn(
    struct known *, char **files, size_t max_line, const char *code_language);

/*
 * Return what is known of a query that stands in several rows; NULL: it does
 * not.
 */
const struct known_query *known_query(
    const struct known *, struct keyset_key query);

/* Return the scope of a query's key, which is borrowed. */
static inline struct span
known_scope(const struct keyset_key *query)
{
	return (struct span){ (const char *)query, sizeof *query };
}

void known_free(struct known *);
