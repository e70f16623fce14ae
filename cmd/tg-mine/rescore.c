/* rescore: negatives that a cross-encoder has a say in */
#include "rescore.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/text.h"
#include "json/find.h"
#include "json/string.h"
#include "record/triplet.h"

void
rescore_name(char name[RESCORE_CORPUS], const struct index *ix)
{
	size_t i, k;

	*name = '\0';
	for (i = 0; i < INDEX_SECTIONS; i++)
		if (ix->section[i].kind == INDEX_DOCS)
			for (k = 0; k < (RESCORE_CORPUS - 1) / 2; k++)
				snprintf(name + 2 * k, 3, "%02x",
				    ix->section[i].sha256[k]);
}

struct pick_rules
rescore_rules(const struct mine_opts *o)
{
	struct pick_rules rules = o->rules;

	rules.margin = rules.relative_margin = NAN;
	rules.perc_pos = 0;
	rules.take = PICK_TOP;
	return rules;
}

/* Append a text, with a prefix, as a string. */
static void
add_text(struct buf *b, const char *prefix, struct span text)
{
	buf_addc(b, '"');
	if (prefix != NULL)
		js_escape(b, span_of(prefix));
	js_escape(b, text);
	buf_addc(b, '"');
}

void
rescore_ask(struct rec *r, const struct mine_opts *o, const char *name,
    struct mined_result *result, const struct span *texts)
{
	size_t i, n = result->n_pos + result->n_neg;
	struct buf b = { 0 }, more = { 0 };

	buf_adds(&b, "{\"kind\":\"rescore\",\"step\":1,\"query\":");
	add_text(&b, o->query_prefix, rec_str(r, "query"));
	buf_adds(&b, ",\"documents\":[");
	for (i = 0; i < n; i++) {
		buf_adds(&b, i > 0 ? "," : "");
		add_text(&b, o->document_prefix, texts[i]);
	}
	buf_adds(&b, "]}");
	rec_tg_put(r, "request", rec_hold(r, &b));
	buf_fmt(&more, "\"index\":\"%s\"", name);
	result->more = rec_hold(r, &more);
	mined_put(r, result);
}

bool
rescore_is_answered(const struct rec *r)
{
	return rec_answered(r, REC_RESCORE);
}

/* A record that has been answered. */
struct answered {
	const struct mine_opts *o;
	const struct index *ix;
	const char *by;             /* way in which candidates were found */
	struct span *pos;           /* texts of the positives */
	struct mined_place *pos_at; /* places of these */
	size_t n_pos;
	struct mined_place *candidate; /* candidates, in any order */
	size_t n_candidates, n_kept;
	struct pick_query query;
};

/* Read a place of tg.mined. */
static struct mined_place
read_place(struct span v)
{
	long long doc = js_int(js_find(v, "doc"), -1);
	long long rank = js_int(js_find(v, "rank"), -1);
	struct mined_place p = { .is_doc = doc >= 0 };

	p.doc = p.is_doc ? (uint64_t)doc : 0;
	p.scored = rank > 0 && js_real(js_find(v, "score"), &p.score);
	p.rank = p.scored ? (uint64_t)rank : 0;
	return p;
}

/* Return the way in which candidates were found; NULL: it is none. */
static const char *
read_by(struct rec *r, struct span v)
{
	struct span by = js_string(v, &r->mem);

	return text_is_one_of(by, span_of("bm25|dense|hybrid"))
		   ? arena_dup(&r->mem, by.p, by.n)
		   : NULL;
}

/*
 * Read the places of tg.mined, and give them the scores of tg.response: 0; -1
 * if they do not belong together. No scores at all are right.
 */
static int
read_places(struct answered *a, struct rec *r, const struct triplet *pair)
{
	struct span mined = rec_tg(r, "mined"), one, score;
	struct span pos = js_find(mined, "pos"), neg = js_find(mined, "neg");
	struct span scores = js_find(rec_tg(r, "response"), "scores");
	size_t at = 0, score_at = 0, n = js_count(neg);
	struct mined_place place;

	a->n_kept = triplet_negatives(pair->neg);
	a->n_pos = mined_texts(r, pair->pos, &a->pos);
	a->by = read_by(r, js_find(mined, "by"));
	a->pos_at = arena_get(&r->mem, (a->n_pos + 1) * sizeof *a->pos_at);
	a->candidate = arena_get(&r->mem, (n + 1) * sizeof *a->candidate);
	if (js_count(pos) != a->n_pos || a->by == NULL)
		return -1;
	for (n = 0; js_next(pos, &at, &one); n++)
		a->pos_at[n] = read_place(one);
	for (at = 0; js_next(neg, &at, &one);) {
		if (!js_is_there(one))
			continue; /* a negative that was there */
		place = read_place(one);
		if (!place.is_doc || place.doc >= a->ix->documents ||
		    !place.scored)
			return -1;
		a->candidate[a->n_candidates++] = place;
	}
	if (js_count(scores) == 0)
		return 0;
	if (js_count(scores) != a->n_pos + a->n_candidates)
		return -1;
	for (n = 0; n < a->n_pos && js_next(scores, &score_at, &score); n++)
		a->pos_at[n].rescored = js_real(score, &a->pos_at[n].rescore);
	for (n = 0; js_next(scores, &score_at, &score); n++)
		a->candidate[n].rescored =
		    js_real(score, &a->candidate[n].rescore);
	return 0;
}

/* Order places by their new scores, those without one last, then by ranks. */
static int
compare_places(const void *a, const void *b)
{
	const struct mined_place *x = a, *y = b;

	if (x->rescored != y->rescored)
		return x->rescored ? -1 : 1;
	if (x->rescore != y->rescore)
		return x->rescore > y->rescore ? -1 : 1;
	return x->rank < y->rank ? -1 : x->rank > y->rank;
}

/*
 * Leave the candidates that have a new score and a rank that is not too large,
 * the highest score first; count those without a score in dropped.
 */
static void
sort_candidates(struct answered *a, size_t *dropped)
{
	uint64_t most = a->o->rules.rank_max;
	size_t i, n = 0;

	for (i = 0; i < a->n_candidates; i++) {
		if (!a->candidate[i].rescored)
			dropped[PICK_NO_SCORE]++;
		else if (most == 0 || a->candidate[i].rank <= most)
			a->candidate[n++] = a->candidate[i];
	}
	a->n_candidates = n;
	qsort(a->candidate, n, sizeof *a->candidate, compare_places);
}

/* Set the query by the new scores of its positives. */
static void
set_query(struct answered *a)
{
	size_t i;

	a->query.scored = true;
	a->query.score = INFINITY;
	a->query.length = a->pos[0].n;
	for (i = 0; i < a->n_pos; i++) {
		a->query.scored &= a->pos_at[i].rescored;
		if (a->pos_at[i].rescore < a->query.score)
			a->query.score = a->pos_at[i].rescore;
	}
}

/* Describe the candidates as rules see them. */
static struct pick_hit *
hits_of(const struct answered *a, struct rec *r)
{
	struct pick_hit *h =
	    arena_get(&r->mem, (a->n_candidates + 1) * sizeof *h);
	const struct index_doc *doc;
	uint64_t draw = 0, bits;
	size_t i;

	if (a->o->rules.take == PICK_RANDOM)
		draw = hash_draw(a->o->seed, rec_str(r, "query"), "negatives");
	for (i = 0; i < a->n_candidates; i++) {
		doc = &a->ix->doc[a->candidate[i].doc];
		memcpy(&bits, doc->hash, sizeof bits);
		h[i] = (struct pick_hit){ .score = a->candidate[i].rescore,
			.rank = a->candidate[i].rank,
			.length = doc->length,
			.draw = hash_mix(draw, bits) };
	}
	return h;
}

/* Add the hits that were dropped before the scores came. */
static void
add_dropped(size_t *dropped, struct span mined)
{
	struct span before = js_find(mined, "dropped");
	long long n;
	size_t i;

	for (i = PICK_PASSED + 1; i < PICK_RULES; i++) {
		n = js_int(js_find(before, pick_names[i]), 0);
		dropped[i] += n > 0 ? (size_t)n : 0;
	}
}

/* Put what was picked into the record, and count it. */
static void
put_picks(struct answered *a, struct rec *r, const struct pick_result *picks,
    size_t *dropped, struct table *t)
{
	struct mined_place *neg =
	    arena_get(&r->mem, (picks->n + 1) * sizeof *neg);
	struct span *texts = arena_get(&r->mem, (picks->n + 1) * sizeof *texts);
	struct span mined = rec_tg(r, "mined");
	struct span model =
	    js_string(js_find(rec_tg(r, "response"), "model"), &r->mem);
	struct buf more = { 0 };
	struct mined_result got = {
		.by = a->by,
		.pos = a->pos_at,
		.n_pos = a->n_pos,
		.n_kept = a->n_kept,
		.neg = neg,
		.n_neg = picks->n,
		.dropped = dropped,
		.missing = a->query.wanted - picks->n,
	};
	size_t i;

	for (i = 0; i < picks->n; i++) {
		neg[i] = a->candidate[picks->picked[i]];
		texts[i] = index_text(a->ix, neg[i].doc);
	}
	for (i = 0; i < PICK_RULES; i++)
		t->dropped[i] += dropped[i];
	if (model.p != NULL) {
		buf_adds(&more, "\"model\":");
		js_quote(&more, model);
		got.more = rec_hold(r, &more);
	}
	mined_count(t, &got, a->pos, a->ix);
	add_dropped(dropped, mined);
	mined_put_texts(r, texts, got.n_neg);
	mined_put(r, &got);
	mined_put_scores(r, &got, a->o->scores != 0);
}

/* Pick among the candidates of a record that was read: how many it gets. */
static size_t
pick_some(struct answered *a, struct rec *r, struct table *t)
{
	struct pick_result picks = { 0 };
	size_t dropped[PICK_RULES] = { 0 }, i;
	bool no_scores =
	    js_count(js_find(rec_tg(r, "response"), "scores")) == 0;
	bool no_score;

	set_query(a);
	no_score = !a->query.scored && pick_needs_score(&a->o->rules);
	if (no_scores)
		a->n_candidates = 0;
	else
		sort_candidates(a, dropped);
	pick(&picks, &a->o->rules, &a->query, hits_of(a, r),
	    no_score ? 0 : a->n_candidates);
	for (i = 0; i < PICK_RULES; i++)
		dropped[i] += picks.dropped[i];
	t->unanswered += no_scores;
	t->no_score += no_score && !no_scores;
	put_picks(a, r, &picks, dropped, t);
	i = picks.n;
	pick_free(&picks);
	return i;
}

void
rescore_pick(struct rec *r, const struct mine_opts *o, const struct index *ix,
    const char *name, struct table *t)
{
	struct answered a = { .o = o, .ix = ix };
	struct span mined = rec_tg(r, "mined");
	struct triplet pair = triplet_of(r);
	size_t has;

	if (!span_is(js_string(js_find(mined, "index"), &r->mem), name)) {
		rec_error(r, "other_index",
		    "the candidates in tg.mined are of another index; -i has "
		    "to name the one that --rescore had");
		return;
	}
	if (triplet_wrong(&pair) != NULL || read_places(&a, r, &pair) == -1) {
		rec_error(r, "bad_response",
		    "tg.mined, the positives and the scores of tg.response do "
		    "not belong together");
		return;
	}
	if (o->negatives > a.n_kept)
		a.query.wanted = o->negatives - a.n_kept;
	has = a.n_kept + pick_some(&a, r, t);
	rec_tg_del(r, "response");
	t->few += triplet_reject_few(r, has, o->min_negs);
}
