/* guard: the texts that no negative of a query may be, or be a near copy of */
#include "guard.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"

/* A text that is guarded, and the rule that texts equal to it break. */
struct guarded {
	enum pick_rule rule;
	struct near near;
};

/* A negative that was there or has passed, as duplicates are found. */
struct guard_negative {
	struct keyset_key equal;
	unsigned char alike[ALIKE_BYTES];
	bool has_alike; /* whether alike texts are duplicates */
};

static bool
same_key(struct keyset_key a, struct keyset_key b)
{
	return a.a == b.a && a.b == b.b;
}

void
guard_begin(
    struct guard *g, const struct lex_language *language, double likeness)
{
	g->language = language;
	g->likeness = likeness;
	g->known = NULL;
	g->equal = NULL;
	g->n = g->n_negatives = g->kept = 0;
}

void
guard_add(struct guard *g, enum pick_rule rule, struct span text)
{
	struct guarded *t;
	size_t i = g->cap;

	if (g->n == g->cap) {
		g->cap = 2 * g->cap + 4;
		g->texts = mem_array(g->texts, g->cap, sizeof *g->texts);
		for (; i < g->cap; i++)
			g->texts[i] = (struct guarded){ 0 };
	}
	t = &g->texts[g->n++];
	t->rule = rule;
	near_read(&t->near, g->language, text);
}

void
guard_query(struct guard *g, struct span text, const struct known *known)
{
	guard_add(g, PICK_QUERY, text);
	g->scope = g->texts[g->n - 1].near.sketch.equal;
	g->equal = known_query(known, g->scope);
	g->known = known;
}

/* Add a negative, which later ones may not equal. */
static void
add_negative(struct guard *g, const struct near_sketch *t)
{
	struct guard_negative *n;

	if (g->n_negatives == g->negatives_cap) {
		g->negatives_cap = 2 * g->negatives_cap + 64;
		g->negatives = mem_array(
		    g->negatives, g->negatives_cap, sizeof *g->negatives);
	}
	n = &g->negatives[g->n_negatives++];
	n->equal = t->equal;
	memcpy(n->alike, t->alike, sizeof n->alike);
	n->has_alike = near_has_alike(t);
}

void
guard_keep(struct guard *g, struct near *scratch, struct span text)
{
	near_read(scratch, g->language, text);
	add_negative(g, &scratch->sketch);
	g->kept = g->n_negatives;
}

void
guard_again(struct guard *g)
{
	g->n_negatives = g->kept;
}

/* Return whether a text equals, or is alike, a negative that was there. */
static bool
is_duplicate(const struct guard *g, const struct near_sketch *t)
{
	bool alike = near_has_alike(t);
	const struct guard_negative *n;
	size_t i;

	for (i = 0; i < g->n_negatives; i++) {
		n = &g->negatives[i];
		if (same_key(n->equal, t->equal) ||
		    (alike && n->has_alike &&
			memcmp(n->alike, t->alike, sizeof n->alike) == 0))
			return true;
	}
	return false;
}

/* Return the rule that a text breaks by being equal to one that is guarded. */
static enum pick_rule
find_equal(
    const struct guard *g, const struct near_sketch *t, enum near_how known)
{
	enum pick_rule rule = PICK_PASSED;
	size_t i;

	if (known == NEAR_EQUAL)
		rule = PICK_OTHER_POSITIVE;
	for (i = 0; i < g->n; i++)
		if (same_key(g->texts[i].near.sketch.equal, t->equal) &&
		    (rule == PICK_PASSED || g->texts[i].rule < rule))
			rule = g->texts[i].rule;
	return rule;
}

/* A candidate. */
struct candidate {
	const struct near_sketch *sketch;
	struct near *near; /* the candidate, once it is read; and scratch */
	bool is_read;
	struct span text;
};

/* Return whether a candidate is a near copy of a text that is guarded. */
static bool
is_near_text(
    const struct guard *g, struct candidate *c, const struct near *guarded)
{
	if (!near_may_be(c->sketch, &guarded->sketch, g->likeness))
		return false;
	if (!c->is_read)
		near_read(c->near, g->language, c->text);
	c->is_read = true;
	c->sketch = &c->near->sketch;
	return near_compare(c->near, guarded, g->likeness) != NEAR_NOT;
}

/* Return whether a candidate is a near copy of any that is guarded. */
static bool
is_near(const struct guard *g, struct candidate *c)
{
	const struct known_kept *kept =
	    g->equal != NULL ? g->equal->kept : NULL;
	size_t i;

	for (i = 0; i < g->n; i++)
		if (is_near_text(g, c, &g->texts[i].near))
			return true;
	for (i = 0; kept != NULL && i < kept->n; i++)
		if (is_near_text(g, c, &kept->of[i]))
			return true;
	return false;
}

/* Return the rule that a candidate breaks; remember it if it breaks none. */
static enum pick_rule
look_at(struct guard *g, struct candidate *c)
{
	enum near_how known = NEAR_NOT;
	enum pick_rule rule;

	if (g->equal != NULL)
		known = known_find(g->known, known_scope(&g->scope), c->sketch);
	rule = find_equal(g, c->sketch, known);
	if (rule != PICK_PASSED)
		return rule;
	if (known == NEAR_ALIKE || is_near(g, c))
		return PICK_NEAR_COPY;
	if (is_duplicate(g, c->sketch))
		return PICK_DUPLICATE;
	add_negative(g, c->sketch);
	return PICK_PASSED;
}

enum pick_rule
guard_look(struct guard *g, const struct index *ix, uint64_t doc,
    struct sketches *sketches, struct near *scratch)
{
	struct candidate c = { .near = scratch, .text = index_text(ix, doc) };

	if (text_trim(c.text).n == 0)
		return PICK_EMPTY;
	c.sketch = sketches_find(sketches, doc, g->language, scratch);
	c.is_read = c.sketch == &scratch->sketch;
	return look_at(g, &c);
}

enum pick_rule
guard_look_text(struct guard *g, struct span text, struct near *scratch)
{
	struct candidate c = { .near = scratch, .text = text, .is_read = true };

	near_read(scratch, g->language, text);
	c.sketch = &scratch->sketch;
	return look_at(g, &c);
}

void
guard_free(struct guard *g)
{
	while (g->cap > 0)
		near_free(&g->texts[--g->cap].near);
	free(g->texts);
	free(g->negatives);
	*g = (struct guard){ 0 };
}
