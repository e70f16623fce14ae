/* example: the texts of one triplet, decoded, and where it comes from */
#include "example.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "json/find.h"
#include "json/string.h"
#include "record/triplet.h"

static struct passage *
passage_new(struct passages *p)
{
	if (p->n == p->cap) {
		p->cap = p->cap == 0 ? 8 : 2 * p->cap;
		p->v = mem_array(p->v, p->cap, sizeof *p->v);
	}
	p->v[p->n] = (struct passage){ { NULL, 0 }, 0 };
	return &p->v[p->n++];
}

/* Append the text, or the texts of the list, v. */
static void
add_texts(struct rec *r, struct passages *to, struct span v)
{
	struct span one;
	size_t at = 0;

	if (js_is_string(v) && v.n > 2)
		passage_new(to)->text = js_string(v, &r->mem);
	while (js_next(v, &at, &one))
		passage_new(to)->text = js_string(one, &r->mem);
}

/* Read a number of JSON: 0, or -1 if it is none or not finite. */
static int
read_number(struct span s, double *to)
{
	char text[64];

	if (s.n == 0 || s.n >= sizeof text || !strchr("-0123456789", *s.p))
		return -1;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	*to = strtod(text, NULL);
	return isfinite(*to) ? 0 : -1;
}

/* Give each passage its score from the list v: 0, or -1 if they don't fit. */
static int
set_scores(struct passages *p, struct span v)
{
	struct span one;
	size_t at = 0, i;

	for (i = 0; js_next(v, &at, &one); i++)
		if (i >= p->n || read_number(one, &p->v[i].score) == -1)
			return -1;
	return i == p->n ? 0 : -1;
}

/* Return a member of meta, else of tg, else of the record; p NULL: none. */
static struct span
origin(struct rec *r, const char *name)
{
	struct span v = js_find(rec_get(r, "meta"), name);

	if (!js_is_there(v))
		v = rec_tg(r, name);
	if (!js_is_there(v))
		v = rec_get(r, name);
	v = js_string(v, &r->mem);
	return v.n > 0 ? v : (struct span){ NULL, 0 };
}

/* Return the first of the names that origin finds. */
static struct span
first_origin(struct rec *r, const char *const *names)
{
	struct span v = { NULL, 0 };

	for (; *names != NULL && v.p == NULL; names++)
		v = origin(r, *names);
	return v;
}

static void
read_scores(struct example *e, struct rec *r)
{
	struct span meta = rec_get(r, "meta");
	struct span pos = rec_get(r, "pos_scores");
	struct span neg = rec_get(r, "neg_scores");

	if (!js_is_there(pos))
		pos = js_find(meta, "pos_scores");
	if (!js_is_there(neg))
		neg = js_find(meta, "neg_scores");
	if (!js_is_there(pos) && !js_is_there(neg))
		return;
	e->scored =
	    set_scores(&e->pos, pos) == 0 && set_scores(&e->neg, neg) == 0;
	e->misscored = !e->scored;
}

static int
is_among(const struct passages *p, size_t n, struct span text)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (span_eq(text_trim(p->v[i].text), text))
			return 1;
	return 0;
}

/*
 * Leave out blank passages, and those that say what the query, a positive or an
 * earlier negative says: they would teach the model that right is wrong.
 */
static void
clean_passages(struct example *e)
{
	struct span query = text_trim(e->query), text;
	size_t i, n = 0;

	for (i = 0; i < e->pos.n; i++)
		if (text_trim(e->pos.v[i].text).n > 0)
			e->pos.v[n++] = e->pos.v[i];
	e->pos.n = n;
	for (i = n = 0; i < e->neg.n; i++) {
		text = text_trim(e->neg.v[i].text);
		if (text.n > 0 && !span_eq(text, query) &&
		    !is_among(&e->pos, e->pos.n, text) &&
		    !is_among(&e->neg, n, text))
			e->neg.v[n++] = e->neg.v[i];
	}
	e->dropped = e->neg.n - n;
	e->neg.n = n;
}

static void
read_origin(struct example *e, struct rec *r)
{
	static const char *const repositories[] = { "repository", "repo",
		"repo_name", "repository_name", NULL };
	static const char *const paths[] = { "path", "file_path",
		"func_path_in_repository", NULL };
	static const char *const ids[] = { "id", "docid", NULL };

	e->task = origin(r, "task");
	e->language = origin(r, "language");
	e->code_language = origin(r, "code_language");
	e->tgt_code_language = origin(r, "tgt_code_language");
	e->repository = first_origin(r, repositories);
	e->path = first_origin(r, paths);
	e->id = first_origin(r, ids);
}

const char *
example_read(struct example *e, struct rec *r)
{
	struct triplet t = triplet_of(r);
	struct passages pos = e->pos, neg = e->neg;

	if (span_is(rec_get(r, "rejected"), "true") ||
	    js_is_there(rec_tg(r, "rejected")))
		return "rejected";
	if (js_is_there(rec_tg(r, "error")))
		return "in error";
	if (triplet_wrong(&t) != NULL)
		return "no triplet";
	pos.n = neg.n = 0;
	*e = (struct example){ .pos = pos, .neg = neg };
	e->prompt = js_string(t.prompt, &r->mem);
	if (text_trim(e->prompt).n == 0)
		e->prompt = (struct span){ NULL, 0 };
	e->query = js_string(t.query, &r->mem);
	add_texts(r, &e->pos, t.pos);
	add_texts(r, &e->neg, t.neg);
	read_scores(e, r);
	clean_passages(e);
	read_origin(e, r);
	if (text_trim(e->query).n == 0)
		return "blank query";
	return e->pos.n == 0 ? "blank positive" : NULL;
}

void
example_negative(struct example *e, struct span text)
{
	passage_new(&e->neg)->text = text;
}

void
example_free(struct example *e)
{
	free(e->pos.v);
	free(e->neg.v);
	*e = (struct example){ 0 };
}
