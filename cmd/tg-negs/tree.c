/* tree: which negatives have edits of the right document in common */
#include "tree.h"

#include <stdio.h>

#include "base/hash.h"
#include "task/blend.h"

/*
 * Trees that are tried for one whose edits go together; edits of a way: with
 * three, readers found a negative too easy, or at odds with itself.
 */
enum { TRIES = 16, EDITS_MAX = 2 };

/* A tree of the negatives, and the right document behind them. */
struct tree {
	size_t n;                    /* negatives */
	size_t parents[TREE_MAX];    /* n: the right document */
	size_t placed[TREE_MAX + 1]; /* nodes, each behind its parent */
};

/*
 * Draw the list of n - 1 nodes that stands for a tree of n + 1, each list for
 * another: H. Pruefer, Neuer Beweis eines Satzes ueber Permutationen, 1918.
 */
static void
draw_list(const struct tree_draw *d, int nth, size_t n, size_t *list)
{
	char purpose[80];
	size_t i;

	for (i = 0; i + 1 < n; i++) {
		snprintf(purpose, sizeof purpose, "tree:%lld:%d:%zu", d->draw,
		    nth, i);
		list[i] = (size_t)(hash_draw(0, d->id, purpose) % (n + 1));
	}
}

/* Mark the edges of the tree that a list stands for. */
static void
find_edges(const size_t *list, size_t n, char edges[TREE_MAX + 1][TREE_MAX + 1])
{
	size_t degrees[TREE_MAX + 1], i, leaf, end;

	for (i = 0; i <= n; i++)
		degrees[i] = 1;
	for (i = 0; i + 1 < n; i++)
		degrees[list[i]]++;
	for (i = 0; i < n; i++) {
		for (leaf = 0; degrees[leaf] != 1; leaf++)
			;
		if (i + 1 < n)
			end = list[i];
		else
			for (end = leaf + 1; degrees[end] != 1; end++)
				;
		edges[leaf][end] = edges[end][leaf] = 1;
		degrees[leaf]--;
		degrees[end]--;
	}
}

/* Hang the nodes of a list's tree on the right document. */
static void
hang(struct tree *t, const size_t *list)
{
	char edges[TREE_MAX + 1][TREE_MAX + 1] = { { 0 } };
	size_t i, node, placed = 1;

	find_edges(list, t->n, edges);
	t->placed[0] = t->n;
	for (i = 0; i < placed; i++)
		for (node = 0; node < t->n; node++)
			if (edges[t->placed[i]][node]) {
				edges[node][t->placed[i]] = 0;
				t->parents[node] = t->placed[i];
				t->placed[placed++] = node;
			}
}

/* Write the way of a node up to the right document; return its length. */
static size_t
find_way(const struct tree *t, size_t node, size_t way[TREE_MAX])
{
	size_t n = 0;

	for (; node != t->n; node = t->parents[node])
		way[n++] = node;
	return n;
}

/*
 * Hang on the right document itself each negative whose edits do not go
 * together; return how many these are, and all if each has but its own edit.
 */
static size_t
mend(struct tree *t, const struct blend *b)
{
	size_t way[TREE_MAX], i, n, moved = 0, shared = 0;

	for (i = 1; i <= t->n; i++) {
		n = find_way(t, t->placed[i], way);
		if (n > 1 && (n > EDITS_MAX || !blend_fits(b, way, n))) {
			t->parents[t->placed[i]] = t->n;
			moved++;
		} else if (n > 1) {
			shared++;
		}
	}
	return shared > 0 ? moved : t->n;
}

void
tree_draw(const struct blend *b, size_t n, const struct tree_draw *d,
    size_t ways[TREE_MAX][TREE_MAX], size_t lengths[TREE_MAX])
{
	struct tree best = { .n = n }, t = { .n = n };
	size_t list[TREE_MAX], i, moved, fewest = n + 1;
	int nth;

	for (nth = 0; nth < TRIES && fewest > 0; nth++) {
		draw_list(d, nth, n, list);
		hang(&t, list);
		moved = mend(&t, b);
		if (moved < fewest) {
			fewest = moved;
			best = t;
		}
	}
	for (i = 0; i < n; i++)
		lengths[i] = find_way(&best, i, ways[i]);
}
