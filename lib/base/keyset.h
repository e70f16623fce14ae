/*
 * keyset: a set of texts, held as keys of 128 bits, each with a value or none.
 *
 * Open addressing in arrays of keys and their values, each a quarter larger
 * when four fifths are taken: 20 to 25 bytes for each key held without a value.
 * There are many arrays, so that little is held twice while one of them grows.
 * The texts are not kept. Threads may make keys, and find them, at the same
 * time.
 */
#pragma once

#include <stdint.h>

#include "base/buf.h"

/* A text within a scope, as 128 bits, not all of them 0. */
struct keyset_key {
	uint64_t a, b;
};

enum { KEYSET_PARTS = 64 };

/* A set is empty if all but `value` is zero. */
struct keyset {
	size_t value; /* bytes of a value, a multiple of 8; 0: none */
	size_t n;     /* keys held */
	struct keyset_part {
		char *
		    v; /* keys, each before its value; {0, 0} is a free place */
		size_t n, cap;
	} part[KEYSET_PARTS];
};

/*
 * Return the key of text as what ('q', 'p' ...) within scope. Keys are drawn
 * anew for each process: they mean something in its memory only.
 */
struct keyset_key keyset_key(struct span scope, char what, struct span text);

/*
 * Fetch the memory that a search for a key will need: that takes as long as a
 * hash, so the call saves a tenth of the time of tg-emit.
 */
void keyset_soon(const struct keyset *, struct keyset_key);

/* Return a key's value, borrowed until the next keyset_add; NULL: no key. */
void *keyset_find(const struct keyset *, struct keyset_key);

/* Add a key if it is not there; return its value, all zero if it is new. */
void *keyset_add(struct keyset *, struct keyset_key);

void keyset_free(struct keyset *);
