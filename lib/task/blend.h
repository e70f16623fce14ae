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

/*
 * Append the right document with the edits of two others. Return 0 without
 * change where these do not go together: they change the same lines, sentences
 * of a line, or such that stand side by side, half of the document, or names
 * that the other needs, or make it a tenth longer or shorter. The two are
 * borrowed; takes time in proportion to the product of the lines changed, at
 * most 1000 each.
 */
int blend(struct buf *, struct span right, struct span one, struct span other);
