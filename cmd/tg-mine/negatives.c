/* negatives: tg-mine negatives gives pairs negatives out of an index */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/hash.h"
#include "batch.h"
#include "documents.h"
#include "guard.h"
#include "io/io.h"
#include "json/find.h"
#include "plant.h"
#include "planted.h"
#include "pool.h"
#include "record/triplet.h"
#include "rescore.h"
#include "same.h"
#include "sketches.h"
#include "table.h"

enum {
	DEPTH = 4,  /* hits searched first, for each one that has to pass */
	DEEPER = 4, /* factor of a search that goes deeper */
};

/* What a job needs besides its record. */
struct mined {
	struct pool pool;
	struct span *text; /* positives, then negatives that are kept */
	size_t n_pos, n_kept;
	size_t lacks; /* negatives that the record lacks */
	/* those whose scores are wanted: positives, negatives that are kept if
	 * --scores is given, and the copy if one is planted */
	struct nearest_ranked *ranked;
	size_t n_ranked; /* number of these, the copy aside */
	struct planted planted;
	struct guard guard;
	bool guarded; /* whether the guard is ready */
	struct pick_hit *hits;
	size_t cap;
	struct pick_query query;
	struct pick_result result;
	struct mined_result got; /* result, as the record has it */
	bool no_score; /* whether nothing is picked for want of a score */
	/* candidate that is looked at */
	const struct job *job;
	struct near *scratch;
};

/* The run. */
struct mining {
	const struct mine_opts *o;
	struct pick_rules rules; /* rules; without margins before a rescoring */
	char name[RESCORE_CORPUS]; /* name of the index */
	struct batch batch;
	struct pools *pools;
	struct same *same;
	struct known known;
	struct sketches *sketches;
	struct near *scratch; /* one a thread */
	struct table table;
	double plant; /* share of records that get a copy */
};

static struct mining run;

/* Return whether a record is to get negatives. */
static bool
is_served(struct rec *r)
{
	struct triplet t = triplet_of(r);

	return rec_state(r) == REC_PAIRED && triplet_wrong(&t) == NULL &&
	       !js_is_there(rec_tg(r, "mined")) &&
	       triplet_negatives(t.neg) < run.o->negatives;
}

/* Have score and rank of a text searched, which may be a document. */
static void
rank_text(struct mined *m, size_t i, const struct lex_language *language)
{
	int64_t doc = same_find(run.same, m->text[i], pool_admits, &m->pool);

	m->ranked[i] =
	    (struct nearest_ranked){ .doc = doc >= 0 ? (uint64_t)doc
						     : NEAREST_FOREIGN,
		    .text = m->text[i],
		    .language = language };
}

/* Return how many hits to search first. */
static size_t
first_depth(const struct mined *m)
{
	const struct pick_rules *rules = &run.rules;
	size_t n = rules->take == PICK_TOP ? m->query.wanted : rules->from;

	if (n < m->query.wanted)
		n = m->query.wanted;
	n = n * DEPTH + m->n_pos + rules->rank_min;
	if (rules->rank_max > 0 && n > rules->rank_max)
		n = rules->rank_max;
	if (n > run.batch.ix.documents)
		n = run.batch.ix.documents;
	return n > 0 ? n : 1;
}

/* Take the positives of a record, and its negatives. */
static void
take_texts(struct mined *m, struct rec *r)
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

/* Plant a copy of the first positive, if the record is drawn for one. */
static void
plant(struct mined *m, struct job *j)
{
	struct nearest_query *q = &j->query;
	struct buf copy = { 0 };

	if (run.plant == 0 ||
	    !planted_is_drawn(run.plant, run.o->seed, q->text))
		return;
	plant_copy(q->language, m->text[0], run.o->seed, &copy);
	if (copy.n == 0) {
		run.table.unplanted++;
		return;
	}
	m->planted.text = rec_hold(&j->rec, &copy);
	m->ranked[q->n_ranked++] =
	    (struct nearest_ranked){ .doc = NEAREST_FOREIGN,
		    .text = m->planted.text,
		    .language = q->language };
}

/* Fill in the job of a record that is served. */
static void
ask(struct job *j)
{
	struct rec *r = &j->rec;
	struct mined *m = mem_new(sizeof *m);
	struct nearest_query *q = &j->query;
	int64_t doc = -1;
	const char *key;
	size_t i;

	j->data = m;
	j->asks = true;
	take_texts(m, r);
	m->lacks = run.o->negatives - m->n_kept;
	m->query.wanted = run.o->rescore > 0 ? run.o->rescore : m->lacks;
	for (i = 0; i < m->n_pos && doc < 0; i++)
		doc = same_find(run.same, m->text[i], NULL, NULL);
	m->pool = pools_of(run.pools, r, doc);
	q->language = documents_language(r, run.o->code_language, &key);
	q->text = rec_str(r, "query");
	m->n_ranked = m->n_pos + (run.o->scores ? m->n_kept : 0);
	q->n_ranked = m->n_ranked;
	q->ranked = m->ranked =
	    arena_get(&r->mem, (m->n_ranked + 1) * sizeof *m->ranked);
	for (i = 0; i < m->n_ranked; i++)
		rank_text(m, i, q->language);
	plant(m, j);
	q->admits = pool_admits;
	q->ctx = &m->pool;
	q->k = first_depth(m);
}

static enum filter_did
serve(struct filter *f, struct rec *r)
{
	struct job *j = batch_add(&run.batch, r);

	(void)f;
	if (rescore_is_answered(&j->rec))
		rescore_pick(
		    &j->rec, run.o, &run.batch.ix, run.name, &run.table);
	else if (is_served(&j->rec))
		ask(j);
	return FILTER_TAKE;
}

/* Guard the texts of a job. */
static void
make_guard(struct mined *m, struct job *j)
{
	struct rec *r = &j->rec;
	struct span one, similar = rec_get(r, "similar");
	size_t i, at = 0;

	m->guarded = true;
	guard_begin(&m->guard, j->query.language, run.o->likeness);
	for (i = 0; i < m->n_pos; i++)
		guard_add(&m->guard, PICK_POSITIVE, m->text[i]);
	guard_query(&m->guard, j->query.text, &run.known);
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
	struct mined *m = ctx;

	return guard_look(&m->guard, &run.batch.ix, m->job->query.hits[i].doc,
	    run.sketches, m->scratch);
}

/* Set score and length of the query from its positives. */
static void
set_query(struct mined *m)
{
	struct pick_query *q = &m->query;
	size_t i;

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
	m->no_score = !q->scored && pick_needs_score(&run.rules);
}

/* Return whether a document is a positive. */
static bool
is_positive(const struct mined *m, uint64_t doc)
{
	size_t i;

	for (i = 0; i < m->n_pos; i++)
		if (m->ranked[i].doc == doc)
			return true;
	return false;
}

/* Return how many positives that are no documents come before a score. */
static size_t
foreign_before(const struct mined *m, double score)
{
	size_t i, n = 0;

	for (i = 0; i < m->n_pos; i++)
		n += m->ranked[i].doc == NEAREST_FOREIGN &&
		     m->ranked[i].scored && m->ranked[i].score >= score;
	return n;
}

/* Describe the hits as rules see them. */
static void
set_hits(struct mined *m, const struct nearest_query *q)
{
	const struct index_doc *docs = run.batch.ix.doc;
	uint64_t draw = 0, bits;
	struct pick_hit *h;
	size_t i;

	if (q->n > m->cap) {
		m->cap = q->n;
		m->hits = mem_array(m->hits, m->cap, sizeof *m->hits);
	}
	if (run.rules.take == PICK_RANDOM)
		draw = hash_draw(run.o->seed, q->text, "negatives");
	for (i = 0; i < q->n; i++) {
		h = &m->hits[i];
		memcpy(&bits, docs[q->hits[i].doc].hash, sizeof bits);
		*h = (struct pick_hit){ .score = q->hits[i].score,
			.rank = i + 1 + foreign_before(m, q->hits[i].score),
			.length = docs[q->hits[i].doc].length,
			.draw = hash_mix(draw, bits),
			.positive = is_positive(m, q->hits[i].doc) };
	}
}

/* Return the places of n ranked texts, in the record's memory. */
static struct mined_place *
places_of(struct rec *r, const struct nearest_ranked *ranked, size_t n)
{
	struct mined_place *p = arena_get(&r->mem, (n + 1) * sizeof *p);
	size_t i;

	for (i = 0; i < n; i++)
		p[i] = (struct mined_place){
			.is_doc = ranked[i].doc != NEAREST_FOREIGN,
			.doc = ranked[i].doc,
			.scored = ranked[i].scored,
			.rank = ranked[i].rank,
			.score = ranked[i].score,
		};
	return p;
}

/* Return the places of what was picked, in the record's memory. */
static struct mined_place *
picked_places(const struct mined *m, struct job *j)
{
	const struct pick_result *picks = &m->result;
	struct mined_place *p =
	    arena_get(&j->rec.mem, (picks->n + 1) * sizeof *p);
	size_t i;

	for (i = 0; i < picks->n; i++)
		p[i] = (struct mined_place){
			.is_doc = true,
			.doc = j->query.hits[picks->picked[i]].doc,
			.scored = true,
			.rank = m->hits[picks->picked[i]].rank,
			.score = m->hits[picks->picked[i]].score,
		};
	return p;
}

/* Return whether scores are asked for before the record gets negatives. */
static bool
is_asked(const struct mined *m)
{
	return run.o->rescore > 0 && m->result.n > 0;
}

/* Return what a record got; it is in the record's memory, and in m. */
static struct mined_result
result_of(const struct mined *m, struct job *j)
{
	static const char *const by[] = { "bm25", "dense", "hybrid" };
	struct mined_place *p = places_of(&j->rec, m->ranked, m->n_ranked);

	return (struct mined_result){
		.by = by[run.o->by],
		.pos = p,
		.n_pos = m->n_pos,
		.kept = m->n_ranked > m->n_pos ? p + m->n_pos : NULL,
		.n_kept = m->n_kept,
		.neg = picked_places(m, j),
		.n_neg = m->result.n,
		.dropped = m->result.dropped,
		.missing = m->lacks - (is_asked(m) ? 0 : m->result.n),
	};
}

/* Return the texts of positives, then of picks, in memory. */
static struct span *
texts_of(
    const struct mined *m, const struct mined_result *got, struct arena *mem)
{
	size_t i, n = got->n_pos + got->n_neg;
	struct span *texts = arena_get(mem, n * sizeof *texts);

	memcpy(texts, m->text, got->n_pos * sizeof *texts);
	for (i = 0; i < got->n_neg; i++)
		texts[got->n_pos + i] =
		    index_text(&run.batch.ix, got->neg[i].doc);
	return texts;
}

/* Put what was picked into the record of a job, or ask for its scores. */
static void
put_picks(struct mined *m, struct job *j)
{
	struct mined_result *got = &m->got;
	struct span *texts;

	*got = result_of(m, j);
	texts = texts_of(m, got, &j->rec.mem);
	if (is_asked(m)) {
		rescore_ask(&j->rec, run.o, run.name, got, texts);
		return;
	}
	mined_put_texts(&j->rec, texts + got->n_pos, got->n_neg);
	mined_put(&j->rec, got);
	mined_put_scores(&j->rec, got, run.o->scores != 0);
}

/* Try the copy that is planted; return false if that takes more hits. */
static bool
try_planted(struct mined *m, const struct nearest_query *q)
{
	if (m->planted.text.p == NULL || m->no_score)
		return true;
	m->planted.score = m->ranked[m->n_ranked].score;
	return planted_try(&m->planted, &run.rules, &m->query, m->hits, q->n,
	    q->n < q->k, &m->guard, m->scratch);
}

/* Put a copy that was chosen into tg.planted. */
static void
put_planted(const struct mined *m, struct rec *r)
{
	struct buf b = { 0 };

	if (!m->planted.chosen)
		return;
	buf_addc(&b, '[');
	js_quote(&b, m->planted.text);
	buf_addc(&b, ']');
	rec_tg_put(r, "planted", rec_hold(r, &b));
}

/* Pick among the hits of a job, or have more of them searched. */
static bool
finish(struct batch *batch, struct job *j, unsigned thread)
{
	struct nearest_query *q = &j->query;
	struct mined *m = j->data;
	bool tried;

	m->job = j;
	m->scratch = &run.scratch[thread];
	if (!m->guarded)
		make_guard(m, j);
	set_query(m);
	set_hits(m, q);
	guard_again(&m->guard);
	tried = try_planted(m, q);
	guard_again(&m->guard);
	pick(
	    &m->result, &run.rules, &m->query, m->hits, m->no_score ? 0 : q->n);
	if (!(m->result.enough && tried) && !m->no_score && q->n == q->k &&
	    q->k < batch->ix.documents &&
	    (run.rules.rank_max == 0 || q->k < run.rules.rank_max)) {
		q->k *= DEEPER;
		return false;
	}
	put_picks(m, j);
	put_planted(m, &j->rec);
	return true;
}

/* Count what the record of a job got, or asks for. */
static void
count(const struct mined *m)
{
	struct table *t = &run.table;
	size_t i;

	for (i = 0; i < PICK_RULES; i++)
		t->dropped[i] += m->result.dropped[i];
	t->no_term += run.o->by == MINE_BM25 && m->query.score <= 0;
	if (is_asked(m)) {
		t->asked++;
		t->candidates += m->result.n;
		return;
	}
	t->planted += m->planted.text.p != NULL;
	t->planted_chosen += m->planted.chosen;
	t->no_score += m->no_score;
	t->no_pool += !m->pool.all && m->pool.n == 0;
	mined_count(t, &m->got, m->text, &run.batch.ix);
}

static void
free_mined(struct mined *m)
{
	guard_free(&m->guard);
	free(m->hits);
	pick_free(&m->result);
	free(m);
}

/* Count a job, which is written next, and reject it if it got too few. */
static void
leave(struct batch *batch, struct job *j)
{
	struct mined *m = j->data;

	(void)batch;
	if (m == NULL)
		return;
	count(m);
	if (!is_asked(m))
		run.table.few += mined_reject_few(
		    &j->rec, m->n_kept + m->result.n, run.o->min_negs);
	free_mined(m);
}

/* Say what became of the records in a few lines. */
static void
say_table(const struct table *t)
{
	struct buf b = { 0 };
	struct span s, line;
	const char *nl;

	table_text(&b, t);
	for (s = buf_span(&b); s.n > 0; s = span_skip(s, line.n + 1)) {
		nl = memchr(s.p, '\n', s.n);
		line = (struct span){ s.p, (size_t)(nl - s.p) };
		io_warn("%.*s", (int)line.n, line.p);
	}
	buf_free(&b);
}

/* Write the summary, or say it where nobody reads a file: 0, or a status. */
static int
report(const struct table *t)
{
	struct buf b = { 0 };
	int status = 0;

	if (run.o->summary == NULL) {
		say_table(t);
		return 0;
	}
	table_json(&b, t);
	if (io_replace(run.o->summary, buf_span(&b)) == -1) {
		io_warn("%s: %s", run.o->summary, strerror(errno));
		status = TG_EX_IO;
	}
	buf_free(&b);
	return status;
}

static void
free_run(unsigned threads)
{
	while (threads > 0)
		near_free(&run.scratch[--threads]);
	free(run.scratch);
	sketches_free(run.sketches);
	known_free(&run.known);
	same_free(run.same);
	pools_free(run.pools);
}

int
mine_negatives(struct mine *m, char **files)
{
	const struct mine_opts *o = &m->o;
	struct batch *b = &run.batch;
	unsigned threads;
	int status, failed;

	run.o = o;
	run.rules = o->rescore > 0 ? rescore_rules(o) : o->rules;
	if (o->rescore == 0 &&
	    (o->query_prefix != NULL || o->document_prefix != NULL))
		options_refuse("--query-prefix, --document-prefix: need "
			       "--rescore");
	if (o->plant != NULL && (o->by != MINE_BM25 || o->rescore > 0))
		options_refuse("--plant: a copy has a score by bm25 alone, so "
			       "it goes without --by and --rescore");
	run.plant = o->plant != NULL ? planted_share(o->plant) : 0;
	run.table.plants = run.plant > 0;
	if (o->min_negs > o->negatives)
		options_refuse("--min-negs: is more than -n allows");
	filter_output("--summary", o->summary, (const char *const *)files);
	if (o->corpus != NULL && o->index != NULL)
		options_refuse("--corpus: not with -i, which names all "
			       "documents");
	m->own = OWN_POSITIVES;
	batch_open(b, m, files);
	rescore_name(run.name, &b->ix);
	threads = b->threads;
	run.pools =
	    pools_new(&b->ix, o->pool == MINE_ALL, o->code_language, o->tasks);
	run.same = same_new(&b->ix);
	run.sketches = sketches_new(&b->ix);
	run.scratch = mem_new(threads * sizeof *run.scratch);
	known_learn(&run.known, files, m->f.found.max_line, o->code_language);
	b->finish = finish;
	b->leave = leave;
	m->f.serve = serve;
	status = batch_run(b, files);
	failed = report(&run.table);
	free_run(threads);
	return failed != 0 ? failed : status;
}
