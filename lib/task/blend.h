/*
 * blend: the right document with the edits of several texts.
 */
#pragma once

#include "base/buf.h"

/* A right document and texts that may be edits of it, all borrowed. */
struct blend {
	struct span right;
	struct keyset *names; /* rest: for blend.c only */
	struct edit *edits;
	size_t n;
};

/*
 * Find the edit that each of n texts is, by lines and then by the tokens of
 * those that changed. That takes time in proportion to the product of the lines
 * changed, and of their tokens, at most 1000 each. Release it with blend_free.
 */
void blend_begin(
    struct blend *, struct span right, const struct span *texts, size_t n);

/*
 * Return whether the edits of n texts go together. They do not if two change the
 * same tokens, or names that the other needs, or all together half of the
 * document, or make it a quarter longer or shorter. One always fits.
 */
int blend_fits(const struct blend *, const size_t *texts, size_t n);

/* Append the right document with the edits of n texts that fit. */
void blend_write(
    const struct blend *, const size_t *texts, size_t n, struct buf *);

void blend_free(struct blend *);
