/* negatives: asks for the negatives that a pair lacks */
#include "json/escaped.h"
#include "json/find.h"
#include "json/string.h"
#include "prompt.h"
#include "record/triplet.h"
#include "task/document.h"
#include "task/negatives.h"

/* A pair that lacks negatives. */
struct lack {
	const struct task *t;
	struct span query, pos;
	struct values v;
	int has, wanted;
};

/* Return a template's text, once it is expanded; p NULL: a value is absent. */
static struct span
expanded(struct rec *r, const char *template, const struct values *v)
{
	struct buf b = { 0 };
	struct span bad, s;

	buf_addc(&b, '"');
	if (template_expand(&b, template, v, &bad) == -1) {
		buf_free(&b);
		return (struct span){ NULL, 0 };
	}
	buf_addc(&b, '"');
	s = rec_hold(r, &b);
	return js_string(s, &r->mem);
}

/* Add the negatives that cost nothing: what the task's row names. */
static void
add_free(struct rec *r, struct lack *l)
{
	struct negatives set = {
		.documents_are_code = task_documents_are_code(l->t),
		.queries_are_code = task_queries_are_code(l->t),
		.layout_counts = task_layout_counts(l->t),
	};
	struct span old = rec_get(r, "neg"), one;
	struct buf b = { 0 };
	size_t i, at = 0;
	int added = 0;

	if (l->t->nneg == 0)
		return;
	negatives_begin(&set, r);
	while (js_next(old, &at, &one)) {
		buf_addc(&b, b.n > 0 ? ',' : '[');
		buf_addspan(&b, one);
	}
	for (i = 0; i < l->t->nneg && l->has + added < l->wanted; i++) {
		one = expanded(r, l->t->neg[i], &l->v);
		one = negatives_take(&set, one);
		if (one.p == NULL)
			continue;
		buf_addc(&b, b.n > 0 ? ',' : '[');
		js_quote(&b, one);
		added++;
	}
	buf_addc(&b, ']');
	if (added > 0) {
		rec_put(r, "neg", rec_hold(r, &b));
		rec_tg_del(r, "verify"); /* the new ones are not verified */
	}
	l->has += added;
	buf_free(&b);
	negatives_free(&set);
}

/* Append the members of a request that tell what to do with its answers. */
static void
add_members(struct buf *b, const struct prompt *p, const struct lack *l)
{
	if (task_documents_are_code(l->t))
		buf_adds(b, ",\"output_kind\":\"code\"");
	if (task_queries_are_code(l->t))
		buf_adds(b, ",\"query_kind\":\"code\"");
	if (p->o.negatives > 0)
		buf_fmt(
		    b, ",\"n\":%d,\"first\":%d", l->wanted - l->has, l->has);
}

/* Attach the request for the negatives that are still lacking. */
static void
attach(struct prompt *p, struct rec *r, const struct lack *l)
{
	struct span id = rec_tg_str(r, "id");
	struct ways_wish wish = {
		.n = p->o.negatives > 0 ? l->wanted - l->has : 1,
		.of = l->wanted,
		.seed = p->o.seed,
		.id = id.p != NULL ? id : rec_str(r, "query"),
		.draw = stamp_draw(r),
	};
	struct way_share shares[WAYS] = { { NULL, 0 } };
	struct buf more = { 0 }, *b;
	size_t i, n = 1;

	if (l->t->nways > 0)
		n = ways_spread(l->t->ways, l->t->nways, &wish, shares);
	add_members(&more, p, l);
	if (n == 1) {
		b = request_begin(p, r, REC_NEGATIVES, 1, buf_cstr(&more));
		prompt_negatives(b, l->t, &l->v, l->query, l->pos,
		    shares[0].way, !p->o.no_mark);
		request_attach(p, r, "{}");
	} else {
		b = request_begin_ways(p, r, REC_NEGATIVES, buf_cstr(&more));
		for (i = 0; i < n; i++) {
			buf_fmt(b,
			    "%s{\"messages\":[{\"role\":\"user\","
			    "\"content\":\"",
			    i > 0 ? "," : "");
			prompt_negatives(b, l->t, &l->v, l->query, l->pos,
			    shares[i].way, !p->o.no_mark);
			buf_fmt(b, "\"}],\"n\":%d}", shares[i].n);
		}
		request_attach_ways(p, r, "{}");
	}
	buf_free(&more);
}

/*
 * The samples that are asked for count on from the negatives that the pair has,
 * so that no seed and no cache gives these again. Those that a verification has
 * taken out count: to fill them up would never end.
 */
enum filter_did
ask_negatives(struct filter *f, struct rec *r)
{
	struct prompt *p = f->ctx;
	struct lack l = {
		.has = (int)(triplet_negatives(rec_get(r, "neg")) +
			     triplet_taken_out(rec_tg(r, "verified"))),
		.wanted = p->o.negatives > 0 ? p->o.negatives : 1,
	};

	if (rec_state(r) != REC_PAIRED || js_is_there(rec_tg(r, "mirror")) ||
	    l.has >= l.wanted ||
	    (l.t = request_pair(f, r, &l.query, &l.pos)) == NULL)
		return FILTER_PASS;
	document_values(r, l.t, &l.v);
	/* nobody here knows without -n how many are wanted */
	if (p->o.negatives > 0)
		add_free(r, &l);
	if (l.has < l.wanted)
		attach(p, r, &l);
	return FILTER_PASS;
}
