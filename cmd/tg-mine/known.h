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
	size_t rows; /* rows that were counted */
};

/* A query that known_count has counted. */
struct known_query {
	uint64_t rows;           /* rows that have it */
	struct known_kept *kept; /* shingles of its positives; NULL: none */
};

struct known_kept {
	struct near of[KNOWN_KEPT];
	size_t n;
};

/* Add a positive of a query. */
void known_add(struct known *, struct span scope, const struct near *);

/*
 * Return how a text is a copy of a known positive of a query: NEAR_EQUAL,
 * NEAR_ALIKE or NEAR_NOT.
 */
enum near_how known_find(
    const struct known *, struct span scope, const struct near *);

/* Count a row of a query. */
void known_count(struct known *, struct span scope);

/* Return whether a query stands in several rows that were counted. */
bool known_repeats(const struct known *);

/* Return what is known of a query that was counted; NULL: it was not. */
struct known_query *known_query(const struct known *, struct span scope);

/*
 * Add a positive of a query that was counted, and keep it for comparison unless
 * KNOWN_KEPT different ones are kept. What is kept is moved, and *t is empty
 * then.
 */
void known_keep(struct known *, struct span scope, struct near *t);

void known_free(struct known *);
