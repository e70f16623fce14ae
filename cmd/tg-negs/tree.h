/*
 * tree: which negatives have edits of the right document in common.
 *
 * Negatives that are each the right document with an edit of their own give it
 * away to whoever sees them together: it is what all have most in common. So
 * the right document and they become a tree in which an edit leads from one to
 * the next, and each has the edits on its way from the right document. The tree
 * is drawn, and the right document may stand anywhere but in the middle of all.
 */
#pragma once

#include "base/buf.h"

struct blend;

/* The negatives of a tree; further ones stay as they were written. */
enum { TREE_MAX = 7 };

/* What is drawn by: the same tree for the same id and draw. */
struct tree_draw {
	struct span id;
	long long draw;
};

/*
 * Draw a tree of n negatives, at most TREE_MAX, whose edits on each way go
 * together. Write the way of each, a list of lengths[i] negatives that begins
 * with itself.
 */
void tree_draw(const struct blend *, size_t n, const struct tree_draw *,
    size_t ways[TREE_MAX][TREE_MAX], size_t lengths[TREE_MAX]);
