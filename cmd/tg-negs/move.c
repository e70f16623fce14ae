/* move: takes negatives out of a record, with what is said of each of them */
#include "move.h"

#include <string.h>

#include "json/find.h"
#include "json/string.h"

/* The negatives of a record, and where they go. */
struct moves {
	const enum fate *fates;
	size_t n;         /* number of negatives */
	size_t positives; /* number of positives before */
};

/* The raw elements of two lists, with commas between them. */
struct parts {
	struct buf stay; /* elements that remain in a list */
	struct buf join; /* elements that join the list of positives */
};

static void
add_element(struct buf *b, struct span value)
{
	if (b->n > 0)
		buf_addc(b, ',');
	buf_addspan(b, value);
}

/* Append the elements of a list, or one text. */
static void
add_elements(struct buf *b, struct span list)
{
	struct span one;
	size_t at = 0;

	if (js_is_string(list))
		add_element(b, list);
	while (js_next(list, &at, &one))
		add_element(b, one);
}

/* Part a list that has an element a negative, or the one negative. */
static void
part_list(struct parts *p, struct span list, const struct moves *m)
{
	struct span one = list;
	size_t at = 0, i;

	buf_clear(&p->stay);
	buf_clear(&p->join);
	for (i = 0; i < m->n; i++) {
		if (!js_is_string(list))
			(void)js_next(list, &at, &one);
		if (m->fates[i] == PROMOTED)
			add_element(&p->join, one);
		else if (m->fates[i] != DROPPED)
			add_element(&p->stay, one);
	}
}

/* Return elements within two brackets, in the record's memory. */
static struct span
within(struct rec *r, const char *brackets, const struct buf *elements)
{
	struct buf b = { 0 };

	buf_addc(&b, brackets[0]);
	buf_addspan(&b, buf_span(elements));
	buf_addc(&b, brackets[1]);
	return rec_hold(r, &b);
}

/* Return a list of positives with the elements that join it. */
static struct span
joined(struct rec *r, struct span list, const struct parts *p)
{
	struct buf b = { 0 };
	struct span s;

	add_elements(&b, list);
	if (p->join.n > 0)
		add_element(&b, buf_span(&p->join));
	s = within(r, "[]", &b);
	buf_free(&b);
	return s;
}

/* Part neg_NAME, which says something of each negative. */
static void
move_beside(
    struct rec *r, struct parts *p, struct span key, const struct moves *m)
{
	char *neg = arena_dup(&r->mem, key.p, key.n);
	char *pos = arena_dup(&r->mem, key.p, key.n);
	struct span list = rec_get(r, neg), with;

	memcpy(pos, "pos", 3);
	with = rec_get(r, pos);
	part_list(p, list, m);
	rec_put(r, neg, within(r, "[]", &p->stay));
	if (p->join.n > 0 && js_is_array(with) &&
	    js_count(with) == m->positives)
		rec_put(r, pos, joined(r, with, p));
}

/* Part the negatives of tg.mined. */
static void
move_mined(struct rec *r, struct parts *p, const struct moves *m)
{
	struct span mined = rec_tg(r, "mined"), key, value;
	struct buf b = { 0 };
	size_t at = 0;

	if (js_count(js_find(mined, "neg")) != m->n)
		return;
	part_list(p, js_find(mined, "neg"), m);
	while (js_each(mined, &at, &key, &value)) {
		if (js_key_is(key, span_of("neg")))
			value = within(r, "[]", &p->stay);
		else if (js_key_is(key, span_of("pos")) && js_is_array(value))
			value = joined(r, value, p);
		add_element(&b, key);
		buf_addc(&b, ':');
		buf_addspan(&b, value);
	}
	rec_tg_put(r, "mined", within(r, "{}", &b));
	buf_free(&b);
}

void
move_negatives(struct rec *r, const enum fate *fates, size_t n)
{
	struct span neg = rec_get(r, "neg"), pos = rec_get(r, "pos");
	const struct moves m = { fates, n,
		js_is_string(pos) ? 1 : js_count(pos) };
	const struct js_member *v = r->top.v;
	struct parts p = { 0 };
	size_t i, leave = 0, members = r->top.n;

	for (i = 0; i < n; i++)
		leave += fates[i] == DROPPED || fates[i] == PROMOTED;
	if (leave == 0)
		return;
	for (i = 0; i < members; i++, v = r->top.v + i)
		if (v->key.n > 4 && memcmp(v->key.p, "neg_", 4) == 0 &&
		    js_is_array(v->val) && js_count(v->val) == n)
			move_beside(r, &p, v->key, &m);
	move_mined(r, &p, &m);
	part_list(&p, neg, &m);
	rec_put(r, "neg", within(r, "[]", &p.stay));
	if (p.join.n > 0)
		rec_put(r, "pos", joined(r, pos, &p));
	buf_free(&p.stay);
	buf_free(&p.join);
}
