/* sample: a set of pairs for a person to label, and wrong pairs made of them */
#include "sample.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "io/io.h"
#include "json/find.h"
#include "json/string.h"
#include "record/rec.h"
#include "record/triplet.h"
#include "each.h"
#include "strata.h"
#include "wrong.h"

/* A line of the sample, and its place by chance. */
struct placed {
	uint64_t draw;
	struct span text; /* owned */
};

struct set {
	struct placed *v; /* owned */
	size_t n, cap;
};

/* Pairs that were kept, of which wrong ones are made. */
struct sources {
	struct source *v;    /* owned */
	struct rec *records; /* owned; record i holds the texts of source i */
	size_t n;
};

/* What a pair becomes in the sample. */
struct change {
	const char *kind;       /* kind of wrong; NULL: a person is to label */
	const char *from;       /* "kept", "rejected" or "made" */
	double weight;          /* pairs it stands for; 0: not known */
	struct span query, pos; /* new texts, if kind is set */
};

/* Members of a record that the sample does not take over. */
static int
is_dropped(struct span key, int made)
{
	static const char *const always[] = { "query", "pos", "neg", "tg",
		"gold", "kind", "sample", "rejected", "judge" };
	static const char *const of_made[] = { "text", "similar", "meta" };
	size_t i;

	for (i = 0; i < sizeof always / sizeof *always; i++)
		if (span_is(key, always[i]))
			return 1;
	for (i = 0; made && i < sizeof of_made / sizeof *of_made; i++)
		if (span_is(key, of_made[i]))
			return 1;
	return 0;
}

/* Append the stamps of a record that a judge needs: task and languages. */
static void
put_stamps(struct buf *b, const struct rec *r)
{
	static const char *const keys[] = { "task", "language", "code_language",
		"tgt_code_language" };
	struct span v;
	size_t i;

	buf_adds(b, ",\"tg\":{\"pair\":true");
	for (i = 0; i < sizeof keys / sizeof *keys; i++) {
		v = each_stamp(r, keys[i]);
		if (!js_is_string(v))
			continue;
		buf_fmt(b, ",\"%s\":", keys[i]);
		buf_addspan(b, v);
	}
	buf_adds(b, "}}");
}

/* Append query and pos: the record's own, or the new ones. */
static void
put_pair(struct buf *b, const struct rec *r, const struct change *c)
{
	struct triplet t = triplet_of(r);

	buf_adds(b, ",\"query\":");
	if (c->kind != NULL)
		js_quote(b, c->query);
	else
		buf_addspan(b, t.query);
	buf_adds(b, ",\"pos\":[");
	if (c->kind != NULL)
		js_quote(b, c->pos);
	else
		buf_addspan(b, t.first);
	buf_addc(b, ']');
}

/* Append the line of a record as it stands in the sample. */
static void
put_line(struct buf *b, const struct rec *r, const struct change *c)
{
	size_t i;

	buf_fmt(b, "{\"gold\":%s", c->kind != NULL ? "0" : "null");
	if (c->kind != NULL)
		buf_fmt(b, ",\"kind\":\"%s\"", c->kind);
	buf_fmt(b, ",\"sample\":{\"from\":\"%s\"", c->from);
	if (c->weight > 0)
		buf_fmt(b, ",\"weight\":%.6g", c->weight);
	buf_addc(b, '}');
	put_pair(b, r, c);
	for (i = 0; i < r->top.n; i++) {
		if (is_dropped(r->top.v[i].key, c->kind != NULL))
			continue;
		buf_addc(b, ',');
		js_quote(b, r->top.v[i].key);
		buf_addc(b, ':');
		buf_addspan(b, r->top.v[i].val);
	}
	put_stamps(b, r);
}

/* Add a line to the set; line is emptied. */
static void
add(struct set *s, struct buf *line, long long seed)
{
	if (s->n == s->cap) {
		s->cap = s->cap > 0 ? 2 * s->cap : 256;
		s->v = mem_array(s->v, s->cap, sizeof *s->v);
	}
	s->v[s->n++] =
	    (struct placed){ .draw = hash_draw(seed, buf_span(line), "place"),
		    .text = { mem_dup(line->p, line->n), line->n } };
	line->n = 0;
}

/* Add the records that are taken from a stratum. */
static void
add_drawn(struct set *set, const struct strata *a, const struct stratum *s)
{
	struct change c = { .from = s->side == KEPT ? "kept" : "rejected" };
	struct rec r = { 0 };
	struct buf line = { 0 };
	const char *why;
	size_t i;

	for (i = 0; i < s->taken; i++) {
		c.weight = strata_weight(a, s);
		rec_read(&r, (struct span){ s->v[i].line, s->v[i].n }, &why);
		put_line(&line, &r, &c);
		add(set, &line, a->seed);
	}
	buf_free(&line);
	rec_free(&r);
}

/* Read the pairs that were kept; those that are not taken come first. */
static struct sources
read_sources(const struct strata *a)
{
	struct sources s = { 0 };
	struct triplet t;
	const struct stratum *from;
	const char *why;
	size_t i, k, room = 0;
	struct rec *r;
	struct source *to;

	for (i = 0; i < a->n; i++)
		room += a->v[i].side == KEPT ? a->v[i].n : 0;
	s.v = mem_new(room * sizeof *s.v);
	s.records = mem_new(room * sizeof *s.records);
	for (i = 0; i < a->n; i++) {
		from = &a->v[i];
		for (k = 0; from->side == KEPT && k < from->n; k++) {
			r = &s.records[s.n];
			to = &s.v[s.n++];
			rec_read(r,
			    (struct span){ from->v[from->n - 1 - k].line,
				from->v[from->n - 1 - k].n },
			    &why);
			t = triplet_of(r);
			to->query = js_string(t.query, &r->mem);
			to->pos = js_string(t.first, &r->mem);
			to->task = span_of(from->task);
			to->language = each_name(r, "language");
			to->code_language = each_name(r, "code_language");
			wrong_read(to);
		}
	}
	return s;
}

/* Add n wrong pairs of a kind, of sources of all tasks in turn. */
static size_t
add_wrong(struct set *set, const struct sources *s, enum wrong_kind kind,
    size_t n, long long seed)
{
	struct change c = { wrong_name(kind), "made", 0, { 0 }, { 0 } };
	struct buf query = { 0 }, pos = { 0 }, line = { 0 };
	/* a step that has no divisor in common with most numbers of sources */
	size_t i, k, made = 0, step = 7919;

	while (s->n > 0 && s->n % step == 0)
		step += 2;
	for (k = 0; k < s->n && made < n; k++) {
		i = (k * step + (size_t)kind * 101) % s->n;
		if (!wrong_make(kind, s->v, s->n, i, made, &query, &pos))
			continue;
		c.query = buf_span(&query);
		c.pos = buf_span(&pos);
		put_line(&line, &s->records[i], &c);
		add(set, &line, seed);
		query.n = pos.n = 0;
		made++;
	}
	buf_free(&query);
	buf_free(&pos);
	buf_free(&line);
	return made;
}

static int
by_draw(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	return (x->draw > y->draw) - (x->draw < y->draw);
}

/* Append the lines in an order by chance, and free the set. */
static void
put_set(struct buf *out, struct set *s)
{
	size_t i;

	if (s->n > 0)
		qsort(s->v, s->n, sizeof *s->v, by_draw);
	for (i = 0; i < s->n; i++) {
		buf_addspan(out, s->v[i].text);
		buf_addc(out, '\n');
		free((void *)(uintptr_t)s->v[i].text.p);
	}
	free(s->v);
}

/* Say what the sample has less than was asked for. */
static void
tell(const struct strata *a, size_t n, size_t got, const size_t *made)
{
	int kind;

	if (got < n)
		io_warn(
		    "drew %zu pairs, not %zu: the input has no more", got, n);
	for (kind = 0; kind < WRONG_KINDS; kind++)
		if (made[kind] < n / 10)
			io_warn("made %zu pairs of %s, not %zu: no other pair "
				"is fit for it",
			    made[kind], wrong_name((enum wrong_kind)kind),
			    n / 10);
	if (a->other > 0)
		io_warn("left out %zu records that no judge has decided about",
		    a->other);
}

int
sample(struct buf *out, const char *const *files, size_t max_line, size_t n,
    long long seed)
{
	struct strata a = { .most = n, .seed = seed };
	struct set set = { 0 };
	struct sources s;
	size_t got, i, made[WRONG_KINDS];
	int kind;

	strata_read(&a, files, max_line);
	got = strata_take(&a, n);
	for (i = 0; i < a.n; i++)
		add_drawn(&set, &a, &a.v[i]);
	s = read_sources(&a);
	for (kind = 0; kind < WRONG_KINDS; kind++)
		made[kind] =
		    add_wrong(&set, &s, (enum wrong_kind)kind, n / 10, seed);
	put_set(out, &set);
	tell(&a, n, got, made);
	for (i = 0; i < s.n; i++) {
		wrong_free(&s.v[i]);
		rec_free(&s.records[i]);
	}
	free(s.v);
	free(s.records);
	strata_free(&a);
	return got > 0 ? TG_EX_OK : TG_EX_SOME;
}
