/* mined: what a record is told of its negatives */
#include "mined.h"

#include <math.h>

#include "json/find.h"

size_t
mined_texts(struct rec *r, struct span member, struct span **texts)
{
	size_t at = 0, n = js_is_string(member) ? 1 : js_count(member), i;
	struct span *v = arena_get(&r->mem, (n + 1) * sizeof *v), one = member;

	for (i = 0; i < n; i++) {
		if (!js_is_string(member))
			(void)js_next(member, &at, &one);
		v[i] = js_string(one, &r->mem);
	}
	*texts = v;
	return n;
}

/* Return the score that counts. */
static double
score_of(const struct mined_place *p)
{
	return p->rescored ? p->rescore : p->score;
}

/* Return whether a place has a score. */
static bool
is_scored(const struct mined_place *p)
{
	return p->scored || p->rescored;
}

void
mined_count(struct table *t, const struct mined_result *m,
    const struct span *pos, const struct index *ix)
{
	double least = INFINITY;
	size_t i;

	t->records++;
	t->wanted += m->n_neg + m->missing;
	t->picked += m->n_neg;
	t->kept += m->n_kept;
	t->short_records += m->missing > 0;
	for (i = 0; i < m->n_pos; i++) {
		spread_add(&t->of[TABLE_POS_LENGTH], (double)pos[i].n);
		if (!is_scored(&m->pos[i])) {
			least = NAN;
			continue;
		}
		spread_add(&t->of[TABLE_POS_SCORE], score_of(&m->pos[i]));
		spread_add(&t->of[TABLE_POS_RANK], (double)m->pos[i].rank);
		if (score_of(&m->pos[i]) < least)
			least = score_of(&m->pos[i]);
	}
	for (i = 0; i < m->n_neg; i++) {
		spread_add(&t->of[TABLE_NEG_SCORE], score_of(&m->neg[i]));
		spread_add(&t->of[TABLE_NEG_RANK], (double)m->neg[i].rank);
		spread_add(&t->of[TABLE_NEG_LENGTH],
		    (double)ix->doc[m->neg[i].doc].length);
		if (!isnan(least))
			spread_add(&t->of[TABLE_DIFFERENCE],
			    least - score_of(&m->neg[i]));
	}
}

/* Append {"doc","rank","score"}. */
static void
add_place(struct buf *b, const struct mined_place *p)
{
	if (p->is_doc)
		buf_fmt(b, "{\"doc\":%llu", (unsigned long long)p->doc);
	else
		buf_adds(b, "{\"doc\":null");
	if (p->scored)
		buf_fmt(b, ",\"rank\":%llu,\"score\":%.9g",
		    (unsigned long long)p->rank, p->score);
	else
		buf_adds(b, ",\"rank\":null,\"score\":null");
	if (p->rescored)
		buf_fmt(b, ",\"rescore\":%.9g", p->rescore);
	buf_addc(b, '}');
}

/* Append the hits that were dropped, by rules, as an object. */
static void
add_dropped(struct buf *b, const size_t *dropped)
{
	const char *comma = "";
	size_t i;

	buf_addc(b, '{');
	for (i = PICK_PASSED + 1; i < PICK_RULES; i++) {
		if (dropped[i] == 0)
			continue;
		buf_fmt(b, "%s\"%s\":%zu", comma, pick_names[i], dropped[i]);
		comma = ",";
	}
	buf_addc(b, '}');
}

void
mined_put(struct rec *r, const struct mined_result *m)
{
	struct buf b = { 0 };
	size_t i;

	buf_fmt(&b, "{\"by\":\"%s\",\"pos\":[", m->by);
	for (i = 0; i < m->n_pos; i++) {
		buf_adds(&b, i > 0 ? "," : "");
		add_place(&b, &m->pos[i]);
	}
	buf_adds(&b, "],\"neg\":[");
	for (i = 0; i < m->n_kept; i++)
		buf_fmt(&b, "%snull", i > 0 ? "," : "");
	for (i = 0; i < m->n_neg; i++) {
		buf_adds(&b, i + m->n_kept > 0 ? "," : "");
		add_place(&b, &m->neg[i]);
	}
	buf_adds(&b, "],\"dropped\":");
	add_dropped(&b, m->dropped);
	buf_fmt(&b, ",\"short\":%zu", m->missing);
	if (m->more.p != NULL) {
		buf_addc(&b, ',');
		buf_addspan(&b, m->more);
	}
	buf_addc(&b, '}');
	rec_tg_put(r, "mined", rec_hold(r, &b));
}

void
mined_put_texts(struct rec *r, const struct span *texts, size_t n)
{
	struct span old = rec_get(r, "neg"), one;
	struct buf b = { 0 };
	size_t at = 0, i;

	if (n == 0)
		return;
	buf_addc(&b, '[');
	if (js_is_string(old) && old.n > 2)
		buf_addspan(&b, old);
	while (js_next(old, &at, &one)) {
		if (b.n > 1)
			buf_addc(&b, ',');
		buf_addspan(&b, one);
	}
	for (i = 0; i < n; i++) {
		if (b.n > 1)
			buf_addc(&b, ',');
		js_quote(&b, texts[i]);
	}
	buf_addc(&b, ']');
	rec_put(r, "neg", rec_hold(r, &b));
}

/* Return whether all places have a score; p NULL: none is known. */
static bool
are_scored(const struct mined_place *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (p == NULL || !is_scored(&p[i]))
			return false;
	return true;
}

/* Append the scores of places, the later one of each, with commas. */
static void
add_scores(struct buf *b, const struct mined_place *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		buf_fmt(b, "%s%.9g", b->n > 1 ? "," : "", score_of(&p[i]));
}

void
mined_put_scores(struct rec *r, const struct mined_result *m, bool wanted)
{
	struct buf pos = { 0 }, neg = { 0 };

	if (wanted && are_scored(m->pos, m->n_pos) &&
	    are_scored(m->kept, m->n_kept) && are_scored(m->neg, m->n_neg)) {
		buf_addc(&pos, '[');
		add_scores(&pos, m->pos, m->n_pos);
		buf_addc(&pos, ']');
		rec_put(r, "pos_scores", rec_hold(r, &pos));
		buf_addc(&neg, '[');
		add_scores(&neg, m->kept, m->n_kept);
		add_scores(&neg, m->neg, m->n_neg);
		buf_addc(&neg, ']');
		rec_put(r, "neg_scores", rec_hold(r, &neg));
	} else if (m->n_neg > 0 || wanted) {
		rec_del(r, "pos_scores");
		rec_del(r, "neg_scores");
	}
}
