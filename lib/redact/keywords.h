/*
 * keywords: finds the words of a list in a text, all in one pass.
 *
 * The search is that of Aho and Corasick: one step of a table a byte, however
 * many words there are and whatever the text holds. Upper and lower case of
 * ASCII are the same.
 */
#pragma once

#include <stdint.h>

#include "base/buf.h"

enum { KEYWORDS_NONE = -1 };

/* A word that ends at a state, and the next such word. */
struct keywords_hit {
	int owner;     /* number that keywords_add was given */
	size_t length; /* bytes of the word */
	int next;      /* index of another hit; KEYWORDS_NONE: no more */
};

/* Zero-initialise it. */
struct keywords {
	uint32_t *next; /* next state, by state and class; states are rows */
	int *hits;      /* first hit of each state, by its number */
	uint32_t states, classes, cap;
	unsigned char class[256]; /* class of a byte; 0: in no word */
	struct keywords_hit *hit;
	int nhits;
};

/*
 * Take the bytes of all words first, then add each word, which is not empty,
 * with a number of its owner; then call keywords_ready, and search.
 */
void keywords_bytes(struct keywords *, struct span word);
void keywords_add(struct keywords *, struct span word, int owner);
void keywords_ready(struct keywords *);

/*
 * Search from *at on. Return the first hit of the place at which words end, and
 * set *at behind it; NULL: there are no more. *state is 0 at the start.
 */
const struct keywords_hit *keywords_next(
    const struct keywords *, struct span text, size_t *at, uint32_t *state);

/* Return the next hit of the same place; NULL: there are no more. */
const struct keywords_hit *keywords_more(
    const struct keywords *, const struct keywords_hit *);

void keywords_free(struct keywords *);
