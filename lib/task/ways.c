/* ways: the ways in which negatives of a task go wrong */
#include "task/ways.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

enum { A_WAY = 3 }; /* negatives of one way that are not too much alike */

struct ranked {
	uint64_t rank;
	const struct way *way;
};

static int
by_rank(const void *a, const void *b)
{
	const struct ranked *p = a, *q = b;

	return (p->rank > q->rank) - (p->rank < q->rank);
}

/*
 * Order the ways as they are drawn, but those last that the negatives which the
 * pair has were asked for in: they would give the same again.
 */
static void
draw_order(const struct way *ways, size_t n, const struct ways_wish *w,
    struct ranked order[WAYS])
{
	size_t used = (size_t)(w->of - w->n + A_WAY - 1) / A_WAY, i;
	struct ranked drawn[WAYS];
	char purpose[60];

	for (i = 0; i < n; i++) {
		snprintf(purpose, sizeof purpose, "way:%d:%zu", w->draw, i);
		drawn[i] = (struct ranked){ hash_draw(w->seed, w->id, purpose),
			&ways[i] };
	}
	qsort(drawn, n, sizeof *drawn, by_rank);
	for (i = 0; i < n; i++)
		order[i] = drawn[(i + used) % n];
}

/* Return whether a way takes n negatives. */
static int
takes(const struct way *w, int n)
{
	return w->most == 0 || w->most >= n;
}

/*
 * Move the first way in order that takes all of n, or at least as many as one
 * way is asked for, to the front: the others cannot fall short then.
 */
static void
put_roomy_first(struct ranked order[WAYS], size_t n, int wanted)
{
	struct ranked roomy;
	size_t i;

	for (i = 0; i + 1 < n && !takes(order[i].way, wanted); i++)
		;
	roomy = order[i];
	for (; i > 0; i--)
		order[i] = order[i - 1];
	order[0] = roomy;
}

/*
 * Move the bounded ways but the first one behind the others: several at a time
 * would leave most negatives to one way.
 */
static void
put_bounded_last(struct ranked order[WAYS], size_t n)
{
	struct ranked last[WAYS];
	size_t i, kept = 0, moved = 0;
	int seen = 0;

	for (i = 0; i < n; i++)
		if (order[i].way->most > 0 && seen++ > 0)
			last[moved++] = order[i];
		else
			order[kept++] = order[i];
	memcpy(order + kept, last, moved * sizeof *last);
}

size_t
ways_spread(const struct way *ways, size_t nways, const struct ways_wish *w,
    struct way_share shares[WAYS])
{
	struct ranked order[WAYS];
	size_t k = w->n <= A_WAY ? 1 : (size_t)(w->of + A_WAY - 1) / A_WAY;
	size_t i, used = 0;
	int n = w->n;

	draw_order(ways, nways, w, order);
	put_bounded_last(order, nways);
	put_roomy_first(order, nways, n);
	k = k < nways ? k : nways;
	for (i = 0; i < k; i++)
		shares[i] = (struct way_share){ order[i].way, 0 };
	/* the first takes any number, and so this ends */
	for (i = 0; n > 0; i = (i + 1) % k)
		if (takes(shares[i].way, shares[i].n + 1)) {
			shares[i].n++;
			n--;
		}
	while (used < k && shares[used].n > 0)
		used++;
	return used;
}
