/*
 * shingles: runs of words and signs that two texts have in common.
 */
#pragma once

#include <stdint.h>

#include "lex/lex.h"

enum { SHINGLE = 5 }; /* words and signs of a run */

/* The runs of a text. Zero-initialise it; it lasts as long as the program. */
struct shingles {
	uint64_t *v; /* hashes, in the order of the text */
	size_t n, cap;
};

/*
 * Read the runs of a text, filling the list anew. as_code: the text is code of
 * that language, and its comments do not count; bare: its strings do not,
 * either.
 */
void shingles_read(struct shingles *, struct span text, int as_code, int bare,
    const struct lex_language *);

/* Read the runs of words alone of a text, anew, without an item's number. */
void shingles_read_words(struct shingles *, struct span text);

/* Read those of code, without its comments and strings of several words. */
void shingles_read_names(
    struct shingles *, struct span code, const struct lex_language *);

/* Return the share of the runs of a that are in b, too; sorts b. */
double shingles_share(const struct shingles *a, struct shingles *b);
