/*
 * terms: a text of source code as the terms that a search compares.
 *
 * Names whole, and in their parts: readHTTPHeader is readhttpheader, read, http
 * and header; utf8_name is utf8_name, utf, 8 and name. Words of comments,
 * strings and other text are cut the same way, keywords and numbers too.
 * Operators are no terms, nor are escapes in strings. In a script without
 * spaces between words each character is a term. Terms have small letters, and
 * are NFC.
 *
 * A term has TERMS_LONGEST bytes at most: a longer word is data, not a name,
 * and is left out.
 */
#pragma once

#include <stdint.h>

#include "lex/alike.h"

enum { TERMS_LONGEST = 128 };

/* The terms of a text. A zeroed struct is empty; terms_free frees it. */
struct terms {
	struct buf bytes; /* bytes of the terms, one after another */
	uint32_t *end;    /* offset behind each term in bytes */
	size_t n, cap;
	struct buf kind; /* scratch space */
};

/*
 * Read the terms of a text anew: in order, repeats kept, a name before its
 * parts. Language NULL reads what most languages have in common. The text is
 * any bytes; a word that is no UTF-8 is left out. alike, unless NULL, gets all
 * tokens.
 */
void terms_read(struct terms *, const struct lex_language *, struct span text,
    struct alike *alike);

/* Return term i, borrowed until the next terms_read. */
static inline struct span
terms_at(const struct terms *t, size_t i)
{
	size_t start = i > 0 ? t->end[i - 1] : 0;

	return (struct span){ t->bytes.p + start, t->end[i] - start };
}

void terms_free(struct terms *);
