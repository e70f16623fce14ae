/*
 * blend: negatives that have an edit of the right document in common.
 *
 * Negatives that are each the right document with an edit of its own give it
 * away to whoever sees them together: it is what all have most in common. Where
 * one of them is that instead, and the others have its edit beside their own,
 * the right document is one among several that are an edit away from it.
 */
#pragma once

#include "base/buf.h"

/* A right document and texts that may be edits of it, all borrowed. */
struct blend {
	struct span right;
	struct lines *lines; /* rest: for blend.c only */
	struct keyset *names;
	struct edit *edits;
	size_t n;
};

/*
 * Find the edit that each of n texts is. That takes time in proportion to the
 * product of the lines changed, at most 1000 each. Release it with blend_free.
 */
void blend_begin(
    struct blend *, struct span right, const struct span *texts, size_t n);

/*
 * Return whether the edits of two texts go together. They do not if they change
 * the same lines, sentences of a line, or such that stand side by side, half of
 * the document, or names that the other needs, or make it a tenth longer or
 * shorter.
 */
int blend_fits(const struct blend *, size_t one, size_t other);

/* Append the right document with the edits of two texts that fit. */
void blend_write(const struct blend *, size_t one, size_t other, struct buf *b);

void blend_free(struct blend *);
