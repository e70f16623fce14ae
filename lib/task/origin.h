/*
 * origin: tells whether one text is, or was made of, another one.
 *
 * Two texts have one origin if they are equal but for white space, equal but
 * for names, literals, comments and layout, or if most lines of the shorter one
 * stand in the other: a function and its file, code and the same code with a
 * mistake in it.
 */
#pragma once

#include <stdint.h>

#include "lex/alike.h"

struct origin {
	uint64_t exact; /* hash of all that is not white space */
	unsigned char alike[ALIKE_BYTES]; /* alike_digest of the text */
	uint64_t *lines; /* sorted hashes of the different lines, owned */
	size_t nlines;   /* number of lines, without those of few characters */
};

/*
 * Read a text as code of a language, or NULL, into *o, which is zeroed or holds
 * a text that is forgotten. Only texts read as one language are compared.
 */
void origin_read(
    struct origin *o, const struct lex_language *language, struct span text);
void origin_free(struct origin *o);

/* Return whether two texts have one origin. */
int origin_is_shared(const struct origin *a, const struct origin *b);
