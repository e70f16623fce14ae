/*
 * keyset: a set of texts, held as keys of 128 bits.
 *
 * Open addressing in arrays of 16-byte keys, each a quarter larger when four
 * fifths are taken: 20 to 25 bytes for each key held. There are many arrays, so
 * that little is held twice while one of them grows. The texts are not kept.
 */
#ifndef TG_KEYSET_H
#define TG_KEYSET_H

#include <stdint.h>

#include "base/buf.h"

/* A text within a scope, as 128 bits that mean something here only. */
struct keyset_key {
	uint64_t a, b;
};

enum { KEYSET_PARTS = 64 };

/* A zeroed struct is an empty set. */
struct keyset {
	struct keyset_part {
		struct keyset_key *v; /* {0, 0} is a free place */
		size_t n, cap;
	} part[KEYSET_PARTS];
};

/* Return the key of text as what ('q', 'p' ...) within scope. */
struct keyset_key keyset_key(struct span scope, char what, struct span text);

/*
 * Fetch the memory that a search for a key will need: that takes as long as a
 * hash, so the call saves a tenth of the time of tg-emit.
 */
void keyset_soon(const struct keyset *, const struct keyset_key *);

int keyset_has(const struct keyset *, const struct keyset_key *);

/* Add a key: 1 if it is new, 0 if it was there. */
int keyset_add(struct keyset *, const struct keyset_key *);

void keyset_free(struct keyset *);

#endif
