/* rows: rows of training data as people have them, whoever made them */
#include "rows.h"

#include <ctype.h>
#include <stdlib.h>

#include "json/find.h"

enum part { NO_PART, QUERY, PROMPT, POSITIVE, NEGATIVE };

/* The members that are texts; with a number behind it, too, where that is so.
 */
static const struct member {
	const char *name;
	enum part part;
	bool numbered; /* whether NAME_1, NAME_2 ... are, too */
} members[] = {
	{ "query", QUERY, false },
	{ "anchor", QUERY, false },
	{ "prompt", PROMPT, false },
	{ "instruction", PROMPT, false },
	{ "pos", POSITIVE, true },
	{ "positive", POSITIVE, true },
	{ "positives", POSITIVE, false },
	{ "positive_passages", POSITIVE, false },
	{ "neg", NEGATIVE, true },
	{ "negative", NEGATIVE, true },
	{ "negatives", NEGATIVE, false },
	{ "negative_passages", NEGATIVE, false },
};

/* Return whether s is "_" and a number. */
static bool
is_number(struct span s)
{
	size_t i;

	for (i = 1; i < s.n; i++)
		if (!isdigit((unsigned char)s.p[i]))
			return false;
	return s.n > 1 && s.p[0] == '_';
}

static enum part
part_of(struct span key)
{
	const struct member *m = members;
	size_t i, n;

	for (i = 0; i < sizeof members / sizeof *members; i++, m++) {
		n = strlen(m->name);
		if (key.n < n || memcmp(key.p, m->name, n) != 0)
			continue;
		if (key.n == n || (m->numbered && is_number(span_skip(key, n))))
			return m->part;
	}
	return NO_PART;
}

/* Return a string, or the text of an object, decoded; p NULL: there is none. */
static struct span
text_of(struct span value, struct rec *r)
{
	if (js_is_object(value))
		value = js_find(value, "text");
	return js_string(value, &r->mem);
}

static void
add_text(struct row_texts *t, struct row_text one)
{
	if (one.text.p == NULL)
		return;
	if (t->n == t->cap) {
		t->cap = t->cap > 0 ? 2 * t->cap : 16;
		t->v = mem_array(t->v, t->cap, sizeof *t->v);
	}
	t->v[t->n++] = one;
}

/* Add the texts of a member. */
static void
add_member(struct row_texts *t, struct rec *r, const struct js_member *m)
{
	struct row_text one = { .key = m->key };
	size_t at = 0;
	struct span value;

	if (!js_is_array(m->val)) {
		one.text = text_of(m->val, r);
		add_text(t, one);
		return;
	}
	one.in_list = true;
	for (; js_next(m->val, &at, &value); one.at++) {
		one.text = text_of(value, r);
		add_text(t, one);
	}
}

bool
row_read(struct row *row, struct rec *r)
{
	size_t i;
	struct span text;

	row->query = row->prompt = (struct span){ NULL, 0 };
	row->pos.n = row->neg.n = 0;
	if (rec_state(r) == REC_ENDED)
		return false;
	for (i = 0; i < r->top.n; i++)
		switch (part_of(r->top.v[i].key)) {
		case QUERY:
		case PROMPT:
			text = text_of(r->top.v[i].val, r);
			if (part_of(r->top.v[i].key) == PROMPT)
				row->prompt = text;
			else if (row->query.p == NULL)
				row->query = text;
			break;
		case POSITIVE:
			add_member(&row->pos, r, &r->top.v[i]);
			break;
		case NEGATIVE:
			add_member(&row->neg, r, &r->top.v[i]);
			break;
		case NO_PART:
			break;
		}
	return row->query.p != NULL && row->pos.n > 0;
}

/* Put the elements of a list that are not gone in the list's place. */
static void
cut_list(struct rec *r, struct span key, struct span list, const bool *gone)
{
	struct buf b = { 0 };
	size_t at = 0, i = 0;
	struct span value;

	buf_addc(&b, '[');
	for (; js_next(list, &at, &value); i++) {
		if (gone[i])
			continue;
		if (b.n > 1)
			buf_addc(&b, ',');
		buf_addspan(&b, value);
	}
	buf_addc(&b, ']');
	rec_put(r, arena_dup(&r->mem, key.p, key.n), rec_hold(r, &b));
}

/* Drop from member m, which has negatives, those that drop is true for. */
static void
drop_from(const struct row *row, struct rec *r, const struct js_member *m,
    const bool *drop)
{
	size_t i, n = js_count(m->val);
	bool *gone = mem_new(n + 1), any = false;
	const struct row_text *t;

	for (i = 0; i < row->neg.n; i++) {
		t = &row->neg.v[i];
		if (!drop[i] || !span_eq(t->key, m->key))
			continue;
		gone[t->in_list ? t->at : 0] = any = true;
	}
	if (any && js_is_array(m->val))
		cut_list(r, m->key, m->val, gone);
	else if (any && span_is(m->key, "neg"))
		rec_put(r, "neg", span_of("[]"));
	else if (any)
		rec_del(r, arena_dup(&r->mem, m->key.p, m->key.n));
	free(gone);
}

/* Return whether a member is a negative with a number. */
static bool
is_numbered(const struct js_member *m)
{
	const char *line = memchr(m->key.p, '_', m->key.n);

	return line != NULL && part_of(m->key) == NEGATIVE &&
	       is_number(span_skip(m->key, (size_t)(line - m->key.p)));
}

/* Have the numbered negatives that are left be the first of them. */
static void
number_anew(struct rec *r)
{
	size_t i, to = 0;
	struct js_member *v = r->top.v;

	for (i = 0; i < r->top.n; i++) {
		if (!is_numbered(&v[i]))
			continue;
		if (v[i].val.p == NULL)
			continue;
		while (to < i && (!is_numbered(&v[to]) || v[to].val.p != NULL))
			to++;
		if (to == i)
			continue;
		rec_put(
		    r, arena_dup(&r->mem, v[to].key.p, v[to].key.n), v[i].val);
		rec_del(r, arena_dup(&r->mem, v[i].key.p, v[i].key.n));
	}
}

/* Drop what a list says of the negatives that go, if it says it of each. */
static void
drop_beside(const struct row *row, struct rec *r, const struct js_member *m,
    const bool *drop)
{
	size_t before, n = js_count(m->val);
	bool *gone;

	if (m->key.n > 4 && memcmp(m->key.p, "neg_", 4) == 0 && n == row->neg.n)
		before = 0;
	else if ((span_is(m->key, "score") || span_is(m->key, "scores") ||
		     span_is(m->key, "label") || span_is(m->key, "labels")) &&
		 n == row->pos.n + row->neg.n)
		before = row->pos.n;
	else
		return;
	gone = mem_new(n + 1);
	memcpy(gone + before, drop, row->neg.n * sizeof *drop);
	cut_list(r, m->key, m->val, gone);
	free(gone);
}

void
row_drop(const struct row *row, struct rec *r, const bool *drop)
{
	size_t i, n = r->top.n;

	for (i = 0; i < n; i++)
		if (js_is_array(r->top.v[i].val) &&
		    part_of(r->top.v[i].key) == NO_PART)
			drop_beside(row, r, &r->top.v[i], drop);
	for (i = 0; i < n; i++)
		if (r->top.v[i].val.p != NULL &&
		    part_of(r->top.v[i].key) == NEGATIVE)
			drop_from(row, r, &r->top.v[i], drop);
	number_anew(r);
}

void
row_free(struct row *row)
{
	free(row->pos.v);
	free(row->neg.v);
	*row = (struct row){ 0 };
}
