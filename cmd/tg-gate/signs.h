/*
 * signs: how likely a text is code of each code language.
 *
 * The signs are data, signs.txt.
 */
#pragma once

#include "base/buf.h"

/* Open the table, before all else; signs_close frees it. */
void signs_open(void);
void signs_close(void);

/* Return the weight of a language's signs in a text, by its key. */
int signs_of(const char *code_language, struct span text);

/* A language and the weight of its signs. */
struct sign {
	const char *language; /* key; NULL: no language has a sign */
	int weight;
};

/* Return the language that has most signs in a text, of all but one. */
struct sign signs_best(struct span text, const char *but);

/* Weights that tell where the expected language has no sign in a text. */
enum {
	SIGNS_FEW = 4, /* in a whole program */
	SIGNS_DIFF =
	    16, /* in hunks, which may begin within a string or comment */
};

/*
 * Return the language that a text is in, where it cannot be the one that was
 * expected; NULL: it may be that. few: a weight as above.
 */
const char *signs_other(const char *expected, struct span text, int few);
