/* mirror: makes of a pair with negatives others, in which these are right */
#include <string.h>

#include "base/keyset.h"
#include "base/text.h"
#include "json/escaped.h"
#include "json/find.h"
#include "json/string.h"
#include "prompt.h"
#include "record/judged.h"
#include "task/document.h"

enum {
	MIRRORS = 2,     /* mirrors of a pair unless -n says how many */
	OTHERS_MAX = 15, /* other documents in a prompt, at most */
};

/* A pair and the negatives that were written for it. */
struct mirror {
	const struct task *t;
	struct span query, pos; /* in their escaped form */
	struct values v;
	struct span positives, negatives; /* raw lists of strings */
	size_t *written; /* places of such negatives, in the order drawn */
	size_t n;        /* number of places */
};

/*
 * Return a raw list of a member that is a list of strings or one string; p
 * NULL: it is neither.
 */
static struct span
list_of(struct rec *r, const char *name)
{
	struct span list = rec_get(r, name), one, none = { NULL, 0 };
	struct buf b = { 0 };
	size_t at = 0;

	if (js_is_string(list)) {
		buf_addc(&b, '[');
		buf_addspan(&b, list);
		buf_addc(&b, ']');
		return rec_hold(r, &b);
	}
	while (js_next(list, &at, &one))
		if (!js_is_string(one))
			return none;
	return js_is_array(list) ? list : none;
}

/* Return the key of a text that is the same however its lines end. */
static struct keyset_key
key_of(struct span text)
{
	struct buf b = { 0 };
	struct keyset_key key;
	size_t i;

	text = text_trim(text);
	for (i = 0; i < text.n; i++)
		if (text.p[i] != '\r')
			buf_addc(&b, text.p[i]);
	key = keyset_key(span_of(""), 't', buf_span(&b));
	buf_free(&b);
	return key;
}

/* Add a text; return whether it is new. */
static int
add_text(struct keyset *set, struct span text)
{
	size_t before = set->n;

	keyset_add(set, key_of(text));
	return set->n > before;
}

/*
 * Add the texts that no mirror has as its positive: the positives, the user's
 * own texts, and what the steps have made. A task's row names such negatives;
 * nobody has written them for this query.
 */
static void
add_taken(struct keyset *taken, const struct mirror *m, struct rec *r)
{
	static const enum template_value own[] = { VALUE_TEXT, VALUE_SIMILAR,
		VALUE_OUT1, VALUE_OUT2 };
	struct span one, s;
	struct buf b = { 0 };
	size_t i, at = 0;

	while (js_next(m->positives, &at, &one))
		add_text(taken, js_string(one, &r->mem));
	for (i = 0; i < sizeof own / sizeof *own; i++) {
		s = m->v.of[own[i]];
		if (s.p == NULL)
			continue;
		buf_addc(&b, '"');
		buf_addspan(&b, s);
		buf_addc(&b, '"');
		add_text(taken, js_string(rec_hold(r, &b), &r->mem));
	}
}

/* Find the negatives that were written, and draw which of them comes first. */
static void
find_written(struct mirror *m, struct rec *r, long long seed)
{
	struct span id = rec_tg_str(r, "id"), one;
	struct span query = rec_str(r, "query"), text;
	struct keyset taken = { 0 };
	size_t at = 0, i, n = 0, first;
	size_t room = js_count(m->negatives) + 1;
	size_t *found = arena_get(&r->mem, room * sizeof *found);

	m->written = arena_get(&r->mem, room * sizeof *m->written);
	add_taken(&taken, m, r);
	for (i = 0; js_next(m->negatives, &at, &one); i++) {
		one = js_string(one, &r->mem);
		text = text_trim(one);
		/* a cache has no outputs of steps that stand in the query */
		if (text.n > 0 && add_text(&taken, one) &&
		    memmem(query.p, query.n, text.p, text.n) == NULL)
			found[n++] = i;
	}
	keyset_free(&taken);
	if (id.p == NULL)
		id = rec_str(r, "query");
	first =
	    n > 0
		? (hash_draw(seed, id, "mirror") + (unsigned)stamp_draw(r)) % n
		: 0;
	for (i = 0; i < n; i++)
		m->written[i] = found[(first + i) % n];
	m->n = n;
}

/* Append the texts of a raw list but for the one at the place skip. */
static void
add_texts(struct buf *b, struct span list, size_t skip)
{
	struct span one;
	size_t at = 0, i;

	for (i = 0; js_next(list, &at, &one); i++)
		if (i != skip) {
			buf_addc(b, b->n > 0 ? ',' : '[');
			buf_addspan(b, one);
		}
}

/* Remove the lists that have an element for each positive or negative. */
static void
forget_lists(struct rec *r, const struct mirror *m)
{
	struct js_member *of;
	size_t i, n;

	for (i = r->top.n; i-- > 0;) {
		of = &r->top.v[i];
		if (of->key.n <= 4 || memchr(of->key.p, '\0', of->key.n))
			continue;
		if (memcmp(of->key.p, "pos_", 4) == 0)
			n = js_count(m->positives);
		else if (memcmp(of->key.p, "neg_", 4) == 0)
			n = js_count(m->negatives);
		else
			continue;
		if (js_is_array(of->val) && js_count(of->val) == n)
			rec_del(r, arena_dup(&r->mem, of->key.p, of->key.n));
	}
}

/*
 * Make the record its nth mirror, from 1, without a query yet: a negative is
 * its positive, and the positives come first among the negatives. Remove what
 * the programs know of the pair alone.
 */
static void
turn_pair(struct rec *r, const struct mirror *m, size_t nth)
{
	static const char *const gone[] = { "pair", "out", "parts", "judge",
		"judge_first", "mined", "verify", "verified", "planted",
		"cached", "log", NULL };
	size_t place = m->written[nth - 1], i;
	struct buf b = { 0 };

	forget_lists(r, m);
	buf_fmt(&b, "{\"n\":%zu,\"negatives\":%zu,\"query\":", nth,
	    js_count(m->positives) + js_count(m->negatives) - 1);
	buf_addspan(&b, rec_get(r, "query"));
	buf_addc(&b, '}');
	rec_tg_put(r, "mirror", rec_hold(r, &b));
	rec_del(r, "query");
	buf_addc(&b, '[');
	buf_addspan(&b, js_at(m->negatives, place));
	buf_addc(&b, ']');
	rec_put(r, "pos", rec_hold(r, &b));
	add_texts(&b, m->positives, SIZE_MAX);
	add_texts(&b, m->negatives, place);
	buf_addc(&b, ']');
	rec_put(r, "neg", rec_hold(r, &b));
	for (i = 0; gone[i] != NULL; i++)
		rec_tg_del(r, gone[i]);
}

/*
 * Attach the request for the query of a mirror without one, which gets that of
 * its pair until then.
 */
static void
ask_query(struct filter *f, struct rec *r)
{
	struct prompt *p = f->ctx;
	struct span query = js_find(rec_tg(r, "mirror"), "query"), neg, one;
	struct mirrored parts = { .nothers = 0 };
	struct span others[OTHERS_MAX];
	const struct task *t;
	struct values v;
	struct buf *b;
	size_t at = 0;

	rec_put(r, "query", query);
	neg = list_of(r, "neg");
	if ((t = request_pair(f, r, &parts.query, &parts.new_one)) == NULL)
		return;
	if (!js_next(neg, &at, &one)) {
		rec_error(r, "bad_pair", "a mirror needs negatives");
		return;
	}
	parts.old_one = esc_of(one, &r->mem);
	while (parts.nothers < OTHERS_MAX && js_next(neg, &at, &one))
		others[parts.nothers++] = esc_of(one, &r->mem);
	parts.others = others;
	document_values(r, t, &v);
	b = request_begin(p, r, REC_MIRROR, 1,
	    task_queries_are_code(t) ? ",\"query_kind\":\"code\"" : "");
	prompt_mirror(b, t, &v, &parts);
	request_attach(p, r, "{}");
}

/*
 * Return whether a record is a pair with negatives that has no mirrors yet.
 * Mined negatives are the positives of other pairs, which have queries of their
 * own.
 */
static int
may_have_mirrors(const struct rec *r)
{
	return rec_state(r) == REC_PAIRED &&
	       !js_is_there(rec_tg(r, "mirror")) &&
	       !js_is_there(rec_tg(r, "mirrored")) &&
	       !js_is_there(rec_tg(r, "mined")) && !judged_undecided(r) &&
	       js_is_there(rec_get(r, "neg"));
}

/* Read a pair: 0, or -1 if it has no mirrors or has ended in an error. */
static int
read_pair(struct filter *f, struct rec *r, struct mirror *m)
{
	const struct prompt *p = f->ctx;

	if ((m->t = request_pair(f, r, &m->query, &m->pos)) == NULL)
		return -1;
	/* nobody would check the query of a task that is not judged */
	if (!m->t->judged)
		return -1;
	m->positives = list_of(r, "pos");
	m->negatives = list_of(r, "neg");
	if (m->positives.p == NULL || m->negatives.p == NULL) {
		rec_error(r, "bad_pair",
		    "pos or neg is not a text or a list of texts");
		return -1;
	}
	document_values(r, m->t, &m->v);
	find_written(m, r, p->o.seed);
	return m->n > 0 ? 0 : -1;
}

/*
 * Serve a record with the subcommand mirror. A pair passes, marked with the
 * number of its mirrors, so that a pipeline that shows it twice mirrors it
 * once; the mirrors follow. A mirror that is tried again is asked about.
 */
enum filter_did
ask_mirror(struct filter *f, struct rec *r)
{
	struct prompt *p = f->ctx;
	size_t wanted = p->o.negatives > 0 ? (size_t)p->o.negatives : MIRRORS;
	struct languages_seen seen = p->stamps.languages_seen;
	struct mirror m = { 0 };
	struct buf b = { 0 };

	if (rec_state(r) == REC_TURNED) {
		ask_query(f, r);
		return FILTER_PASS;
	}
	if (!may_have_mirrors(r) || read_pair(f, r, &m) == -1)
		return FILTER_PASS;
	if (wanted > m.n)
		wanted = m.n;
	if (f->turn == 0) {
		buf_fmt(&b, "%zu", wanted);
		rec_tg_put(r, "mirrored", rec_hold(r, &b));
		p->mirrors += wanted;
		return FILTER_AGAIN;
	}
	turn_pair(r, &m, f->turn);
	ask_query(f, r);
	p->stamps.languages_seen = seen; /* its pair was counted */
	return f->turn < wanted ? FILTER_AGAIN : FILTER_PASS;
}
