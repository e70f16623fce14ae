/*
 * own: the names that a text defines itself.
 *
 * They are its functions, their parameters and their local names. A name that
 * comes from elsewhere is none: one that is imported, global, a member of
 * something, a key, or only called. Names are found by the tokens around them,
 * not by a parser, and a name that is in doubt is left out.
 */
#pragma once

#include "lex/lex.h"

/* A place where a name stands: bytes start to end (exclusive), no sigil. */
struct own_place {
	size_t start, end;
	size_t name; /* number of the name, from 0 */
};

/* Places of a text, in order. A zeroed struct is empty; own_free frees it. */
struct own {
	struct own_place *v;
	size_t n, cap;
	size_t names; /* number of different names */
};

/*
 * Find the places of a text anew, also those within strings that code is put
 * into. Equal names have one number, in SQL and the like in any case. The time
 * is linear in the length of the text, which is any bytes. Language NULL: there
 * are none.
 */
void own_find(const struct lex_language *, struct span text, struct own *out);

void own_free(struct own *);
