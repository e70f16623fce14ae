/*
 * near: whether one text is a near copy of another.
 *
 * Near copies are equal but for white space; or equal but for names, literals,
 * comments and layout (lib/lex/alike.h); or have most of their shingles in
 * common. A shingle is a run of NEAR_SHINGLE tokens, in which all names are one
 * token and all literals another; comments and layout are none. So a copy stays
 * one when its statements change places, or a few of them are written another
 * way.
 *
 * Prose is no code, and says nothing without its words: in a text with few
 * operators names and literals stay as they are, and alike does not count. A
 * text of fewer than NEAR_TOKENS tokens is compared as it is.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/keyset.h"
#include "lex/alike.h"

enum {
	NEAR_SHINGLE = 3, /* tokens of a shingle */
	NEAR_TOKENS = 16, /* tokens below which only equal texts are near */
	NEAR_CLASSES = 128,
	NEAR_MANY = 255,
};

/*
 * Share of shingles in common from which a text is a near copy; `make
 * mine-near` measures what it takes and leaves.
 */
#define NEAR_LIKENESS .65

/* How a text is a near copy of another: the first that holds. */
enum near_how {
	NEAR_NOT,      /* no near copy */
	NEAR_EQUAL,    /* equal after NFC, but for white space */
	NEAR_ALIKE,    /* equal but for names, literals, comments and layout */
	NEAR_SHINGLES, /* shingles in common, as many as were asked for */
};

/*
 * A sketch of a text, which tells of most texts that they are no near copies of
 * each other, and is kept where there is no room for their shingles.
 */
struct near_sketch {
	struct keyset_key equal; /* key that equal texts share */
	unsigned char alike[ALIKE_BYTES];
	bool is_code;    /* whether names and literals say nothing */
	uint32_t tokens; /* tokens without space and comments */
	uint32_t n;      /* number of shingles */
	/* number of shingles in each class; NEAR_MANY: as many or more */
	unsigned char count[NEAR_CLASSES];
};

/*
 * A text as it is compared. Zero-initialise it; near_free frees it. It takes 8
 * bytes a token of the text.
 */
struct near {
	struct near_sketch sketch;
	uint64_t *shingles; /* n of them, sorted; one that repeats is counted */
	size_t n, cap;
	struct buf text; /* scratch space */
	struct alike digest;
};

/*
 * Read a text anew, which is any bytes, in linear time but for the sorting of
 * its shingles. Texts that are compared are read in one language; NULL reads
 * what most languages have in common. Keys mean something within this process
 * only.
 */
void near_read(struct near *, const struct lex_language *, struct span text);

/*
 * Return whether texts with the same alike are near copies of this one. A text
 * of few tokens, and prose, are compared otherwise.
 */
static inline bool
near_has_alike(const struct near_sketch *t)
{
	return t->is_code && t->tokens >= NEAR_TOKENS;
}

/* Return the share of the shingles of both texts that both have: 0 to 1. */
double near_shared(const struct near *, const struct near *);

/*
 * Return how one text is a near copy of the other, with near_shared of at least
 * likeness for NEAR_SHINGLES.
 */
enum near_how near_compare(
    const struct near *, const struct near *, double likeness);

/*
 * Return whether near_compare may find texts near, by their sketches; false is
 * certain. In a hundred functions that are none, one may be.
 */
bool near_may_be(
    const struct near_sketch *, const struct near_sketch *, double likeness);

/* Return the key that a text shares with texts equal to it, as in its sketch.
 */
struct keyset_key near_equal_key(struct span text, struct buf *scratch);

/* Free the scratch space of a text, which is to be kept for long. */
void near_trim(struct near *);

void near_free(struct near *);
