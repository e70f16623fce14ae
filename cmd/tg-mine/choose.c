/* choose: the negatives of one record, chosen among the hits of its search */
#include "choose.h"

#include <math.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "json/find.h"
#include "mined.h"
#include "record/triplet.h"

enum {
	DEPTH = 4,  /* hits searched first, for each one that has to pass */
	DEEPER = 4, /* factor of a search that goes deeper */
};

void
choose_texts(struct choice *m, struct rec *r)
{
	struct triplet t = triplet_of(r);
	struct span *pos, *kept;

	m->n_pos = mined_texts(r, t.pos, &pos);
	m->n_kept = triplet_negatives(t.neg);
	m->text = arena_get(&r->mem, (m->n_pos + m->n_kept) * sizeof *pos);
	memcpy(m->text, pos, m->n_pos * sizeof *pos);
	if (m->n_kept == 0)
		return;
	(void)mined_texts(r, t.neg, &kept);
	memcpy(m->text + m->n_pos, kept, m->n_kept * sizeof *kept);
}

/* Return the number of hits behind which none is chosen. */
static size_t
most_hits(const struct chooser *c)
{
	uint64_t n = c->ix->documents;

	return c->rules.rank_max > 0 && c->rules.rank_max < n
		   ? c->rules.rank_max
		   : n;
}

size_t
choose_depth(const struct chooser *c, const struct choice *m)
{
	const struct pick_rules *rules = &c->rules;
	size_t n = rules->take == PICK_TOP ? m->wanted : rules->from;

	if (n < m->wanted)
		n = m->wanted;
	n = n * DEPTH + m->n_pos + rules->rank_min;
	if (n > most_hits(c))
		n = most_hits(c);
	return n > 0 ? n : 1;
}

/* Guard the texts of a job. */
static void
make_guard(struct choice *m, struct job *j)
{
	struct rec *r = &j->rec;
	struct span one, similar = rec_get(r, "similar");
	size_t i, at = 0;

	m->guarded = true;
	guard_begin(&m->guard, j->query.language, m->chooser->o->likeness);
	for (i = 0; i < m->n_pos; i++)
		guard_add(&m->guard, PICK_POSITIVE, m->text[i]);
	guard_query(&m->guard, j->query.text, &m->chooser->known);
	if (js_is_string(rec_get(r, "text")))
		guard_add(&m->guard, PICK_SOURCE, rec_str(r, "text"));
	if (js_is_string(similar))
		guard_add(&m->guard, PICK_SOURCE, js_string(similar, &r->mem));
	while (js_next(similar, &at, &one))
		if (js_is_string(one))
			guard_add(
			    &m->guard, PICK_SOURCE, js_string(one, &r->mem));
	for (i = 0; i < m->n_kept; i++)
		guard_keep(&m->guard, m->scratch, m->text[m->n_pos + i]);
}

/* Look at the text of hit i. */
static enum pick_rule
look(void *ctx, size_t i)
{
	struct choice *m = ctx;

	return guard_look(&m->guard, m->chooser->ix, m->job->query.hits[i].doc,
	    m->chooser->sketches, m->scratch);
}

/* Describe the query as rules see it: by its positives. */
static void
set_query(struct choice *m)
{
	struct pick_query *q = &m->query;
	size_t i;

	q->wanted = m->wanted;
	q->scored = true;
	q->score = INFINITY;
	for (i = 0; i < m->n_pos; i++) {
		q->scored &= m->ranked[i].scored;
		if (m->ranked[i].score < q->score)
			q->score = m->ranked[i].score;
	}
	q->length = m->text[0].n;
	q->guard = look;
	q->ctx = m;
	m->no_score = !q->scored && pick_needs_score(&m->chooser->rules);
}

/* Return whether a document is a positive. */
static bool
is_positive(const struct choice *m, uint64_t doc)
{
	size_t i;

	for (i = 0; i < m->n_pos; i++)
		if (m->ranked[i].doc == doc)
			return true;
	return false;
}

/* Return how many positives that are no documents come before a score. */
static size_t
foreign_before(const struct choice *m, double score)
{
	size_t i, n = 0;

	for (i = 0; i < m->n_pos; i++)
		n += m->ranked[i].doc == NEAREST_FOREIGN &&
		     m->ranked[i].scored && m->ranked[i].score >= score;
	return n;
}

/* Describe the hits as rules see them. */
static void
set_hits(struct choice *m, const struct nearest_query *q)
{
	const struct chooser *c = m->chooser;
	const struct index_doc *doc;
	uint64_t draw = 0, bits;
	size_t i;

	if (q->n > m->cap) {
		m->cap = q->n;
		m->hits = mem_array(m->hits, m->cap, sizeof *m->hits);
	}
	if (c->rules.take == PICK_RANDOM)
		draw = hash_draw(c->o->seed, q->text, "negatives");
	for (i = 0; i < q->n; i++) {
		doc = &c->ix->doc[q->hits[i].doc];
		memcpy(&bits, doc->hash, sizeof bits);
		m->hits[i] = (struct pick_hit){ .score = q->hits[i].score,
			.rank = i + 1 + foreign_before(m, q->hits[i].score),
			.length = doc->length,
			.draw = hash_mix(draw, bits),
			.positive = is_positive(m, q->hits[i].doc) };
	}
}

/* Try the copy that is planted; return false if that takes more hits. */
static bool
try_planted(struct choice *m, const struct nearest_query *q)
{
	if (m->planted.text.p == NULL || m->no_score)
		return true;
	m->planted.score = m->ranked[m->n_ranked].score;
	return planted_try(&m->planted, &m->chooser->rules, &m->query, m->hits,
	    q->n, q->n < q->k, &m->guard, m->scratch);
}

bool
choose(
    const struct chooser *c, struct choice *m, struct job *j, unsigned thread)
{
	struct nearest_query *q = &j->query;
	bool tried;

	m->chooser = c;
	m->job = j;
	m->scratch = &c->scratch[thread];
	if (!m->guarded)
		make_guard(m, j);
	set_query(m);
	set_hits(m, q);
	guard_again(&m->guard);
	tried = try_planted(m, q);
	guard_again(&m->guard);
	pick(&m->picks, &c->rules, &m->query, m->hits, m->no_score ? 0 : q->n);
	if ((m->picks.enough && tried) || m->no_score || q->n < q->k ||
	    q->k >= most_hits(c))
		return true;
	q->k *= DEEPER;
	return false;
}

void
choose_free(struct choice *m)
{
	guard_free(&m->guard);
	free(m->hits);
	pick_free(&m->picks);
}
