/* rank: tg-mine rank says where a pair's positive stands among all documents */
#include "base/mem.h"
#include "batch.h"
#include "documents.h"
#include "io/io.h"
#include "json/find.h"
#include "pool.h"
#include "record/triplet.h"
#include "same.h"
#include "spread.h"
#include "summary.h"

enum { DEEPER = 4 }; /* factor of a search that goes deeper */

/* Ranks up to which positives are counted. */
static const uint64_t shares[] = { 1, 2, 10 };

enum { SHARES = sizeof shares / sizeof *shares };

/* The data of a job, besides its record. */
struct pair {
	struct pool pool;
	struct nearest_ranked *pos; /* positives, n of them */
	size_t n;
	const struct nearest_ranked *least; /* positive with the least score;
					     * NULL: one has no score */
};

/* The run. */
static struct {
	const struct mine_opts *o;
	struct batch batch;
	struct pools *pools;
	struct same *same;
	size_t records,
	    unscored;          /* records served, and those without a score */
	size_t within[SHARES]; /* records with a rank up to each of shares */
	struct spread ranks;
} run;

/* Append a text of a record's pos to the texts to be ranked. */
static void
add_positive(struct pair *p, struct job *j, struct span text)
{
	int64_t doc = same_find(run.same, text, pool_admits, &p->pool);

	p->pos[p->n++] =
	    (struct nearest_ranked){ .doc = doc >= 0 ? (uint64_t)doc
						     : NEAREST_FOREIGN,
		    .text = text,
		    .language = j->query.language };
}

/* Return whether a record has a query and positives to rank. */
static bool
is_served(struct rec *r)
{
	struct triplet t = triplet_of(r);

	return rec_state(r) == REC_PAIRED && triplet_wrong(&t) == NULL;
}

static enum filter_did
serve(struct filter *f, struct rec *r)
{
	struct job *j = batch_add(&run.batch, r);
	struct nearest_query *q = &j->query;
	struct span pos, first, one;
	struct pair *p;
	const char *key;
	size_t at = 0;

	(void)f;
	if (!is_served(&j->rec))
		return FILTER_TAKE;
	pos = rec_get(&j->rec, "pos");
	first = js_string(triplet_of(&j->rec).first, &j->rec.mem);
	j->data = p = arena_get(&j->rec.mem, sizeof *p);
	*p = (struct pair){ .pool = pools_of(run.pools, &j->rec,
				same_find(run.same, first, NULL, NULL)) };
	p->pos = arena_get(&j->rec.mem, (js_count(pos) + 1) * sizeof *p->pos);
	q->language = documents_language(&j->rec, run.o->code_language, &key);
	if (js_is_string(pos))
		add_positive(p, j, first);
	while (js_next(pos, &at, &one))
		add_positive(p, j, js_string(one, &j->rec.mem));
	j->asks = true;
	q->text = rec_str(&j->rec, "query");
	q->ranked = p->pos;
	q->n_ranked = p->n;
	q->admits = pool_admits;
	q->ctx = &p->pool;
	q->k = p->n + 1;
	return FILTER_TAKE;
}

/* Return whether a document is a positive, or has the same text as one. */
static bool
is_positive(const struct pair *p, uint64_t doc)
{
	const struct index_doc *docs = run.batch.ix.doc;
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->pos[i].doc == doc ||
		    (p->pos[i].doc != NEAREST_FOREIGN &&
			memcmp(docs[p->pos[i].doc].hash, docs[doc].hash,
			    sizeof docs[doc].hash) == 0))
			return true;
	return false;
}

/* Return the positive with the least score; NULL: one has none. */
static const struct nearest_ranked *
find_least(const struct pair *p)
{
	const struct nearest_ranked *least = p->pos;
	size_t i;

	for (i = 0; i < p->n; i++) {
		if (!p->pos[i].scored)
			return NULL;
		if (p->pos[i].score < least->score)
			least = &p->pos[i];
	}
	return least;
}

/* Set a member of a record to a number; there false: to null. */
static void
put_number(struct rec *r, const char *name, bool there, double number)
{
	struct buf b = { 0 };

	if (there)
		buf_fmt(&b, "%.9g", number);
	else
		buf_adds(&b, "null");
	rec_put(r, name, rec_hold(r, &b));
}

/* Set rank, margin and pos_score of a record, or search more. */
static bool
finish(struct batch *batch, struct job *j, unsigned thread)
{
	struct nearest_query *q = &j->query;
	struct pair *p = j->data;
	size_t i;

	(void)thread;
	for (i = 0; i < q->n && is_positive(p, q->hits[i].doc); i++)
		;
	if (i == q->n && q->n == q->k && q->k < batch->ix.documents) {
		q->k *= DEEPER;
		return false;
	}
	p->least = find_least(p);
	/* documents that are no hits by bm25 have the score 0 */
	put_number(&j->rec, "rank", p->least != NULL,
	    p->least != NULL ? (double)p->least->rank : 0);
	put_number(&j->rec, "margin",
	    p->least != NULL && (i < q->n || run.o->by == MINE_BM25),
	    (p->least != NULL ? p->least->score : 0) -
		(i < q->n ? q->hits[i].score : 0));
	put_number(&j->rec, "pos_score", p->least != NULL,
	    p->least != NULL ? p->least->score : 0);
	return true;
}

/* Count a job, which is written next. */
static void
leave(struct batch *batch, struct job *j)
{
	const struct pair *p = j->data;
	size_t i;

	(void)batch;
	if (p == NULL)
		return;
	run.records++;
	if (p->least == NULL) {
		run.unscored++;
		return;
	}
	for (i = 0; i < SHARES; i++)
		run.within[i] += p->least->rank <= shares[i];
	spread_add(&run.ranks, (double)p->least->rank);
}

/* Say in a line how the ranks are. */
static void
say_ranks(void)
{
	size_t n = run.records - run.unscored, i;
	struct buf b = { 0 };

	for (i = 0; i < SHARES; i++)
		buf_fmt(&b, "%llu%s %.1f %%, ", (unsigned long long)shares[i],
		    i > 0 ? " or less" : "",
		    n > 0 ? 100.0 * (double)run.within[i] / (double)n : 0.0);
	io_warn("%zu pairs: rank %smedian %.6g; %zu without a score",
	    run.records, buf_cstr(&b), spread_at(&run.ranks, .5), run.unscored);
	buf_free(&b);
}

/* Write the summary, or say it where nobody reads a file: 0, or a status. */
static int
report(void)
{
	struct buf b = { 0 };
	size_t i;

	if (run.o->summary == NULL) {
		say_ranks();
		return 0;
	}
	buf_fmt(&b, "{\"records\":%zu,\"no_score\":%zu,\"within\":{",
	    run.records, run.unscored);
	for (i = 0; i < SHARES; i++)
		buf_fmt(&b, "%s\"%llu\":%zu", i > 0 ? "," : "",
		    (unsigned long long)shares[i], run.within[i]);
	buf_fmt(&b, "},\"median\":%.6g}\n", spread_at(&run.ranks, .5));
	return summary_write(run.o->summary, &b);
}

int
mine_rank(struct mine *m, char **files)
{
	struct batch *b = &run.batch;
	int status, failed;

	run.o = &m->o;
	filter_output("--summary", m->o.summary, (const char *const *)files);
	batch_open(b, m, files);
	run.pools = pools_new(
	    &b->ix, m->o.pool == MINE_ALL, m->o.code_language, m->o.tasks);
	run.same = same_new(&b->ix);
	b->finish = finish;
	b->leave = leave;
	m->f.serve = serve;
	status = batch_run(b, files);
	failed = report();
	same_free(run.same);
	pools_free(run.pools);
	return failed != 0 ? failed : status;
}
