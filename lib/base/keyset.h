/*
 * keyset: the set of what has been seen.
 *
 * Open addressing in arrays of 16-byte keys, each a quarter larger when four
 * fifths are taken: 20 to 25 bytes for each key held. There are many arrays, so
 * that little is there twice while one of them grows. Nothing else is kept of a
 * text.
 */
#ifndef TG_KEYSET_H
#define TG_KEYSET_H

#include <stdint.h>

#include "base/buf.h"

/* A text within a scope, as 128 bits that mean something here only. */
struct dedupe_key {
	uint64_t a, b;
};

enum { DEDUPE_PARTS = 64 };

/* A zeroed struct is an empty set. */
struct dedupe {
	struct dedupe_part {
		struct dedupe_key *v; /* {0, 0} is a free place */
		size_t n, cap;
	} part[DEDUPE_PARTS];
};

/* The key of text as what ('q', 'p' ...) within scope. */
struct dedupe_key dedupe_key(struct span scope, char what, struct span text);

/*
 * Say that a key is going to be looked for: memory takes as long as a hash to
 * answer, so this saves a tenth of the time of tg-emit.
 */
void dedupe_soon(const struct dedupe *, const struct dedupe_key *);

int dedupe_has(const struct dedupe *, const struct dedupe_key *);

/* Add a key: 1 if it is new, 0 if it was there. */
int dedupe_add(struct dedupe *, const struct dedupe_key *);

void dedupe_free(struct dedupe *);

#endif
