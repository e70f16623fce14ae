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

/* Add the texts of a raw list: 0, or -1 if it has anything else. */
static int
add_list(struct candidates *c, struct rec *r, struct span list)
{
	struct span one;
	size_t at = 0;

	while (js_next(list, &at, &one)) {
		if (!js_is_string(one))
			return -1;
		c->texts[c->n++] = esc_of(one, &r->mem);
	}
	return 0;
}

int
candidates_gather(
    struct candidates *c, struct rec *r, struct span positive, long long seed)
{
	struct span neg = rec_get(r, "neg"), planted = rec_tg(r, "planted");
	struct span id = rec_tg_str(r, "id");
	size_t n = 1 + triplet_negatives(neg) + js_count(planted), i, j;

	c->texts = arena_get(&r->mem, n * sizeof *c->texts);
	c->order = arena_get(&r->mem, n * sizeof *c->order);
	c->n = 0;
	c->texts[c->n++] = positive;
	if (js_is_string(neg))
		c->texts[c->n++] = esc_of(neg, &r->mem);
	if (add_list(c, r, neg) == -1 || add_list(c, r, planted) == -1)
		return -1;
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
