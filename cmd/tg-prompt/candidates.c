/* candidates: a pair's positive and negatives, in an order that is drawn */
#include "candidates.h"

#include <stdio.h>

#include "base/hash.h"
#include "json/escaped.h"
#include "json/find.h"
#include "record/triplet.h"

/* Draw number nth; its purpose is "verify", then "verify.2" and so on. */
static uint64_t
draw(long long seed, struct span id, size_t nth)
{
	char purpose[40] = "verify";

	if (nth > 0)
		snprintf(purpose, sizeof purpose, "verify.%zu", nth + 1);
	return hash_draw(seed, id, purpose);
}

static void
swap(int *a, int *b)
{
	int c = *a;

	*a = *b;
	*b = c;
}

int
candidates_gather(
    struct candidates *c, struct rec *r, struct span positive, long long seed)
{
	struct span neg = rec_get(r, "neg"), id = rec_tg_str(r, "id"), one;
	size_t n = triplet_negatives(neg) + 1, at = 0, i, j;

	c->texts = arena_get(&r->mem, n * sizeof *c->texts);
	c->order = arena_get(&r->mem, n * sizeof *c->order);
	c->n = 0;
	c->texts[c->n++] = positive;
	if (js_is_string(neg))
		c->texts[c->n++] = esc_of(neg, &r->mem);
	while (js_next(neg, &at, &one)) {
		if (!js_is_string(one))
			return -1;
		c->texts[c->n++] = esc_of(one, &r->mem);
	}
	if (id.p == NULL)
		id = rec_str(r, "query");
	for (i = 0; i < n; i++)
		c->order[i] = (int)i;
	for (i = 0; i + 1 < n; i++) {
		j = i + (size_t)(draw(seed, id, i) % (n - i));
		swap(&c->order[i], &c->order[j]);
	}
	return 0;
}

void
candidates_turn(struct candidates *c)
{
	size_t i;

	for (i = 0; i < c->n / 2; i++)
		swap(&c->order[i], &c->order[c->n - 1 - i]);
}
