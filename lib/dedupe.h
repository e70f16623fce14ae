/*
 * dedupe: the set of what has been seen.
 *
 * Open addressing in one array of 16-byte keys, doubled when three quarters
 * are taken: 21 to 43 bytes for each key held, half as much again while it
 * doubles. Nothing else is kept of a text.
 */
#ifndef TG_DEDUPE_H
#define TG_DEDUPE_H

#include <stdint.h>

#include "buf.h"

/* A text within a scope, as 128 bits that mean something here only. */
struct dedupe_key {
	uint64_t a, b;
};

/* A zeroed struct is an empty set. */
struct dedupe {
	struct dedupe_key *v; /* {0, 0} is a free place */
	size_t n, cap;        /* cap is 0 or a power of two */
};

/* The key of text as what ('q', 'p' ...) within scope. */
struct dedupe_key dedupe_key(struct span scope, char what, struct span text);

int dedupe_has(const struct dedupe *, const struct dedupe_key *);

/* Add a key: 1 if it is new, 0 if it was there. */
int dedupe_add(struct dedupe *, const struct dedupe_key *);

void dedupe_free(struct dedupe *);

#endif
