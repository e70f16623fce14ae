/* negatives: tg-mine negatives gives pairs negatives out of an index */
#include <stdlib.h>

#include "choose.h"
#include "documents.h"
#include "io/io.h"
#include "json/find.h"
#include "plant.h"
#include "pool.h"
#include "record/triplet.h"
#include "rescore.h"
#include "same.h"
#include "summary.h"

/* The data of a job, besides its record. */
struct mined {
	struct pool pool;
	struct choice choice;
	struct mined_result got; /* result, as the record has it */
};

/* The run: the data of the batch. */
struct mining {
	const struct mine_opts *o;
	char name[RESCORE_CORPUS]; /* name of the index */
	struct batch batch;
	struct pools *pools;
	struct same *same;
	struct chooser chooser;
	struct table table;
	double plant; /* share of records that get a copy */
};

/* Return whether a record is to get negatives. */
static bool
is_served(const struct mine_opts *o, struct rec *r)
{
	struct triplet t = triplet_of(r);

	return rec_state(r) == REC_PAIRED && triplet_wrong(&t) == NULL &&
	       !js_is_there(rec_tg(r, "mined")) &&
	       triplet_negatives(t.neg) < o->negatives;
}

/* Return a text whose score and rank are wanted; it may be a document. */
static struct nearest_ranked
rank_text(const struct mining *run, struct mined *m, struct span text,
    const struct lex_language *language)
{
	int64_t doc = same_find(run->same, text, pool_admits, &m->pool);

	return (struct nearest_ranked){
		.doc = doc >= 0 ? (uint64_t)doc : NEAREST_FOREIGN,
		.text = text,
		.language = language,
	};
}

/* Plant a copy of the first positive, if the record is drawn for one. */
static void
plant(struct mining *run, struct choice *c, struct job *j)
{
	struct nearest_query *q = &j->query;
	struct buf copy = { 0 };

	if (run->plant == 0 ||
	    !planted_is_drawn(run->plant, run->o->seed, q->text))
		return;
	plant_copy(q->language, c->text[0], run->o->seed, &copy);
	if (copy.n == 0) {
		run->table.unplanted++;
		return;
	}
	c->planted.text = rec_hold(&j->rec, &copy);
	c->ranked[q->n_ranked++] = (struct nearest_ranked){
		.doc = NEAREST_FOREIGN,
		.text = c->planted.text,
		.language = q->language,
	};
}

/* Fill in the job of a record that is served. */
static void
ask(struct mining *run, struct job *j)
{
	struct rec *r = &j->rec;
	struct mined *m = mem_new(sizeof *m);
	struct choice *c = &m->choice;
	struct nearest_query *q = &j->query;
	int64_t doc = -1;
	const char *key;
	size_t i;

	j->data = m;
	j->asks = true;
	choose_texts(c, r);
	c->wanted = run->o->rescore > 0 ? run->o->rescore
					: run->o->negatives - c->n_kept;
	for (i = 0; i < c->n_pos && doc < 0; i++)
		doc = same_find(run->same, c->text[i], NULL, NULL);
	m->pool = pools_of(run->pools, r, doc);
	q->language = documents_language(r, run->o->code_language, &key);
	q->text = rec_str(r, "query");
	c->n_ranked = c->n_pos + (run->o->scores ? c->n_kept : 0);
	q->n_ranked = c->n_ranked;
	q->ranked = c->ranked =
	    arena_get(&r->mem, (c->n_ranked + 1) * sizeof *c->ranked);
	for (i = 0; i < c->n_ranked; i++)
		c->ranked[i] = rank_text(run, m, c->text[i], q->language);
	plant(run, c, j);
	q->admits = pool_admits;
	q->ctx = &m->pool;
	q->k = choose_depth(&run->chooser, c);
}

static enum filter_did
serve(struct filter *f, struct rec *r)
{
	const struct mine *mine = f->ctx;
	struct batch *b = mine->batch;
	struct mining *run = b->ctx;
	struct job *j = batch_add(b, r);

	if (rescore_is_answered(&j->rec))
		rescore_pick(&j->rec, run->o, &b->ix, run->name, &run->table);
	else if (is_served(run->o, &j->rec))
		ask(run, j);
	return FILTER_TAKE;
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

/* Return the places of picked documents, in the record's memory. */
static struct mined_place *
picked_places(const struct choice *c, struct job *j)
{
	const struct pick_result *picks = &c->picks;
	struct mined_place *p =
	    arena_get(&j->rec.mem, (picks->n + 1) * sizeof *p);
	size_t i;

	for (i = 0; i < picks->n; i++)
		p[i] = (struct mined_place){
			.is_doc = true,
			.doc = j->query.hits[picks->picked[i]].doc,
			.scored = true,
			.rank = c->hits[picks->picked[i]].rank,
			.score = c->hits[picks->picked[i]].score,
		};
	return p;
}

/* Return whether scores are asked for before the record gets negatives. */
static bool
is_asked(const struct mining *run, const struct choice *c)
{
	return run->o->rescore > 0 && c->picks.n > 0;
}

/* Return the result of a choice; it is in the memory of record and choice. */
static struct mined_result
result_of(const struct mining *run, const struct choice *c, struct job *j)
{
	static const char *const by[] = { "bm25", "dense", "hybrid" };
	struct mined_place *p = places_of(&j->rec, c->ranked, c->n_ranked);

	return (struct mined_result){
		.by = by[run->o->by],
		.pos = p,
		.n_pos = c->n_pos,
		.kept = c->n_ranked > c->n_pos ? p + c->n_pos : NULL,
		.n_kept = c->n_kept,
		.neg = picked_places(c, j),
		.n_neg = c->picks.n,
		.dropped = c->picks.dropped,
		.missing = run->o->negatives - c->n_kept -
			   (is_asked(run, c) ? 0 : c->picks.n),
	};
}

/* Return the texts of positives, then of picked documents, in memory. */
static struct span *
texts_of(const struct index *ix, const struct choice *c,
    const struct mined_result *got, struct arena *mem)
{
	size_t i, n = got->n_pos + got->n_neg;
	struct span *texts = arena_get(mem, n * sizeof *texts);

	memcpy(texts, c->text, got->n_pos * sizeof *texts);
	for (i = 0; i < got->n_neg; i++)
		texts[got->n_pos + i] = index_text(ix, got->neg[i].doc);
	return texts;
}

/* Put the choice into the record of a job, or ask for its scores. */
static void
put_picks(const struct mining *run, struct mined *m, struct job *j)
{
	struct mined_result *got = &m->got;
	struct span *texts;

	*got = result_of(run, &m->choice, j);
	texts = texts_of(&run->batch.ix, &m->choice, got, &j->rec.mem);
	if (is_asked(run, &m->choice)) {
		rescore_ask(&j->rec, run->o, run->name, got, texts);
		return;
	}
	mined_put_texts(&j->rec, texts + got->n_pos, got->n_neg);
	mined_put(&j->rec, got);
	mined_put_scores(&j->rec, got, run->o->scores != 0);
}

/* Put a copy that was chosen into tg.planted. */
static void
put_planted(const struct planted *p, struct rec *r)
{
	struct buf b = { 0 };

	if (!p->chosen)
		return;
	buf_addc(&b, '[');
	js_quote(&b, p->text);
	buf_addc(&b, ']');
	rec_tg_put(r, "planted", rec_hold(r, &b));
}

/* Choose among the hits of a job, or have more of them searched. */
static bool
finish(struct batch *batch, struct job *j, unsigned thread)
{
	const struct mining *run = batch->ctx;
	struct mined *m = j->data;

	if (!choose(&run->chooser, &m->choice, j, thread))
		return false;
	put_picks(run, m, j);
	put_planted(&m->choice.planted, &j->rec);
	return true;
}

/* Count what the record of a job got, or asks for. */
static void
count(struct mining *run, const struct mined *m)
{
	const struct choice *c = &m->choice;
	struct table *t = &run->table;
	size_t i;

	for (i = 0; i < PICK_RULES; i++)
		t->dropped[i] += c->picks.dropped[i];
	t->no_term += run->o->by == MINE_BM25 && c->query.score <= 0;
	if (is_asked(run, c)) {
		t->asked++;
		t->candidates += c->picks.n;
		return;
	}
	t->planted += c->planted.text.p != NULL;
	t->planted_chosen += c->planted.chosen;
	t->no_score += c->no_score;
	t->no_pool += !m->pool.all && m->pool.n == 0;
	mined_count(t, &m->got, c->text, &run->batch.ix);
}

/* Count a job, which is written next, and reject it if it got too few. */
static void
leave(struct batch *batch, struct job *j)
{
	struct mining *run = batch->ctx;
	struct mined *m = j->data;
	struct choice *c;

	if (m == NULL)
		return;
	c = &m->choice;
	count(run, m);
	if (!is_asked(run, c))
		run->table.few += triplet_reject_few(
		    &j->rec, c->n_kept + c->picks.n, run->o->min_negs);
	choose_free(c);
	free(m);
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
report(const char *summary, const struct table *t)
{
	struct buf b = { 0 };

	if (summary == NULL) {
		say_table(t);
		return 0;
	}
	table_json(&b, t);
	return summary_write(summary, &b);
}

/* Refuse options that do not go together. */
static void
check_options(const struct mine_opts *o)
{
	if (o->rescore == 0 &&
	    (o->query_prefix != NULL || o->document_prefix != NULL))
		options_refuse("--query-prefix, --document-prefix: need "
			       "--rescore");
	if (o->plant != NULL && (o->by != MINE_BM25 || o->rescore > 0))
		options_refuse("--plant: a copy has a score by bm25 alone, so "
			       "it goes without --by and --rescore");
	if (o->min_negs > o->negatives)
		options_refuse("--min-negs: is more than -n allows");
	if (o->corpus != NULL && o->index != NULL)
		options_refuse("--corpus: not with -i, which names all "
			       "documents");
}

/* Open the index and all that is asked of it. */
static void
open_run(struct mining *run, struct mine *m, char **files)
{
	const struct mine_opts *o = &m->o;
	struct batch *b = &run->batch;
	struct chooser *c = &run->chooser;

	run->o = c->o = o;
	c->rules = o->rescore > 0 ? rescore_rules(o) : o->rules;
	run->plant = o->plant != NULL ? planted_share(o->plant) : 0;
	run->table.plants = run->plant > 0;
	m->own = OWN_POSITIVES;
	batch_open(b, m, files);
	run->table.lines = m->shard.end - m->shard.first;
	rescore_name(run->name, &b->ix);
	run->pools =
	    pools_new(&b->ix, o->pool == MINE_ALL, o->code_language, o->tasks);
	run->same = same_new(&b->ix);
	c->ix = &b->ix;
	c->sketches = sketches_new(&b->ix);
	c->scratch = mem_new(b->threads * sizeof *c->scratch);
	known_learn(&c->known, files, m->f.found.max_line, o->code_language);
}

/* Free all of a run, whose batch is closed and had so many threads. */
static void
free_run(struct mining *run, unsigned threads)
{
	while (threads > 0)
		near_free(&run->chooser.scratch[--threads]);
	free(run->chooser.scratch);
	sketches_free(run->chooser.sketches);
	known_free(&run->chooser.known);
	same_free(run->same);
	pools_free(run->pools);
}

int
mine_negatives(struct mine *m, char **files)
{
	static struct mining held; /* static: exits leave it behind */
	struct mining *run = &held;
	struct batch *b = &run->batch;
	int status, failed;

	check_options(&m->o);
	filter_output("--summary", m->o.summary, (const char *const *)files);
	b->ctx = run;
	b->finish = finish;
	b->leave = leave;
	open_run(run, m, files);
	m->f.serve = serve;
	status = batch_run(b, files);
	failed = report(m->o.summary, &run->table);
	free_run(run, b->threads);
	return failed != 0 ? failed : status;
}
