/* similar: tg-mine similar gives texts a similar one out of an index */
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "batch.h"
#include "documents.h"
#include "index/near.h"
#include "index/terms.h"
#include "io/io.h"
#include "json/find.h"
#include "summary.h"

enum {
	DEPTH = 16, /* hits searched first, from the least rank on */
	DEEPER = 4  /* factor of a search that goes deeper */
};

/* The data with which a thread reads a text. */
struct reader {
	struct terms terms;
	struct span *words; /* different terms, sorted; n of them */
	uint32_t *numbers;  /* n_known terms that the index has, sorted */
	size_t n, n_known, cap;
	struct buf text; /* scratch space */
};

/* The data of a job, besides its record. */
struct wanted {
	uint32_t number; /* number of this language among origins */
	bool found;
};

/* The run. */
static struct {
	const struct mine_opts *o;
	struct batch batch;
	uint32_t *languages; /* number of the language of each origin */
	struct buf names;    /* names of these, each with a 0 byte behind it */
	struct reader *readers; /* one a thread */
	size_t records, found;  /* records served, and those that got a text */
} run;

/* Return the number of a code language: where its name is, from 0. Add it. */
static uint32_t
language_number(struct span name)
{
	size_t at = 0, n;

	while (at < run.names.n) {
		n = strlen(run.names.p + at);
		if (span_eq((struct span){ run.names.p + at, n }, name))
			return (uint32_t)at;
		at += n + 1;
	}
	buf_add0(&run.names, name);
	return (uint32_t)at;
}

/* Set the code language of each origin of the index. */
static void
read_origins(const struct index *ix)
{
	struct span s = index_section(ix, INDEX_ORIGINS, NULL), value;
	struct arena mem = { 0 };
	const char *stop;
	size_t i;

	run.languages = mem_new((ix->origins + 1) * sizeof *run.languages);
	for (i = 0; i < ix->origins && s.n > 0; i++) {
		stop = memchr(s.p, '\0', s.n);
		if (stop == NULL)
			break;
		value = js_find((struct span){ s.p, (size_t)(stop - s.p) },
		    "code_language");
		run.languages[i] = language_number(
		    js_is_string(value) ? js_string(value, &mem) : span_of(""));
		s = span_skip(s, (size_t)(stop - s.p) + 1);
	}
	arena_free(&mem);
}

/* Return whether a document has the code language that ctx points to. */
static bool
admits(void *ctx, uint64_t doc)
{
	const struct wanted *w = ctx;
	uint32_t origin = run.batch.ix.doc[doc].origin;

	return origin < run.batch.ix.origins &&
	       run.languages[origin] == w->number;
}

static int
compare_spans(const void *a, const void *b)
{
	const struct span *x = a, *y = b;
	size_t n = x->n < y->n ? x->n : y->n;
	int c = memcmp(x->p, y->p, n);

	return c != 0 ? c : (x->n > y->n) - (x->n < y->n);
}

static int
compare_numbers(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Read the set of a text's terms. */
static void
read_set(
    struct reader *r, const struct lex_language *language, struct span text)
{
	int64_t number;
	size_t i;

	terms_read(&r->terms, language, text, NULL);
	if (r->terms.n > r->cap) {
		r->cap = r->terms.n;
		r->words = mem_array(r->words, r->cap, sizeof *r->words);
		r->numbers = mem_array(r->numbers, r->cap, sizeof *r->numbers);
	}
	for (i = 0; i < r->terms.n; i++)
		r->words[i] = terms_at(&r->terms, i);
	if (r->terms.n > 0)
		qsort(r->words, r->terms.n, sizeof *r->words, compare_spans);
	r->n = r->n_known = 0;
	for (i = 0; i < r->terms.n; i++) {
		if (i > 0 && span_eq(r->words[i], r->words[i - 1]))
			continue;
		r->n++;
		number = index_find_term(&run.batch.ix, r->words[i]);
		if (number >= 0)
			r->numbers[r->n_known++] = (uint32_t)number;
	}
	if (r->n_known > 0)
		qsort(r->numbers, r->n_known, sizeof *r->numbers,
		    compare_numbers);
}

/* Return the share of the terms of the text and a document that both have. */
static double
shared_terms(const struct reader *r, uint64_t doc)
{
	size_t n, i = 0, j = 0, both = 0;
	const struct index_count *c = index_counts(&run.batch.ix, doc, &n);

	while (i < r->n_known && j < n) {
		if (r->numbers[i] == c[j].term)
			both++, i++, j++;
		else if (r->numbers[i] < c[j].term)
			i++;
		else
			j++;
	}
	return both == 0 ? 0 : (double)both / (double)(r->n + n - both);
}

/* Return whether a document can be the similar one of a text. */
static bool
is_similar(struct reader *r, struct keyset_key text, uint64_t doc)
{
	struct span other = index_text(&run.batch.ix, doc);
	struct keyset_key key;

	if (text_trim(other).n == 0 || shared_terms(r, doc) > run.o->likeness)
		return false;
	key = near_equal_key(other, &r->text);
	return key.a != text.a || key.b != text.b;
}

/* Give the record the first hit that can be its similar text, or search more.
 */
static bool
finish(struct batch *batch, struct job *j, unsigned thread)
{
	struct nearest_query *q = &j->query;
	struct reader *r = &run.readers[thread];
	struct wanted *w = j->data;
	struct keyset_key text = near_equal_key(q->text, &r->text);
	struct buf b = { 0 };
	size_t i;

	read_set(r, q->language, q->text);
	for (i = run.o->from_rank - 1; i < q->n; i++)
		if (is_similar(r, text, q->hits[i].doc))
			break;
	if (i >= q->n && q->n == q->k && q->k < batch->ix.documents) {
		q->k *= DEEPER;
		return false;
	}
	if (i >= q->n)
		return true;
	buf_addc(&b, '[');
	js_quote(&b, index_text(&batch->ix, q->hits[i].doc));
	buf_addc(&b, ']');
	rec_put(&j->rec, "similar", rec_hold(&j->rec, &b));
	w->found = true;
	return true;
}

/* Return whether a record is to get a similar text. */
static bool
is_served(struct rec *r)
{
	enum rec_state state = rec_state(r);

	return (state == REC_NEW || state == REC_PAIRED) &&
	       js_is_string(rec_get(r, "text")) &&
	       !js_is_there(rec_get(r, "similar"));
}

static enum filter_did
serve(struct filter *f, struct rec *r)
{
	struct job *j = batch_add(&run.batch, r);
	struct wanted *w;
	const char *key;

	(void)f;
	if (!is_served(&j->rec))
		return FILTER_TAKE;
	j->asks = true;
	j->query.text = rec_str(&j->rec, "text");
	j->query.language =
	    documents_language(&j->rec, run.o->code_language, &key);
	j->data = w = arena_get(&j->rec.mem, sizeof *w);
	*w = (struct wanted){ .number = language_number(span_of(key)) };
	j->query.admits = admits;
	j->query.ctx = w;
	j->query.k = run.o->from_rank - 1 + DEPTH;
	return FILTER_TAKE;
}

/* Count a job, which is written next. */
static void
leave(struct batch *batch, struct job *j)
{
	const struct wanted *w = j->data;

	(void)batch;
	run.records += w != NULL;
	run.found += w != NULL && w->found;
}

/* Write the summary, or say it where nobody reads a file: 0, or a status. */
static int
report(void)
{
	struct buf b = { 0 };

	if (run.o->summary == NULL) {
		io_warn("%zu of %zu texts got a similar one; no document from "
			"rank %zu on will do for %zu",
		    run.found, run.records, run.o->from_rank,
		    run.records - run.found);
		return 0;
	}
	buf_fmt(&b, "{\"records\":%zu,\"found\":%zu,\"none\":%zu}\n",
	    run.records, run.found, run.records - run.found);
	return summary_write(run.o->summary, &b);
}

static void
free_run(unsigned threads)
{
	struct reader *r;

	for (r = run.readers; r < run.readers + threads; r++) {
		terms_free(&r->terms);
		free(r->words);
		free(r->numbers);
		buf_free(&r->text);
	}
	free(run.readers);
	free(run.languages);
	buf_free(&run.names);
}

int
mine_similar(struct mine *m, char **files)
{
	struct batch *b = &run.batch;
	unsigned threads;
	int status, failed;

	run.o = &m->o;
	filter_output("--summary", m->o.summary, (const char *const *)files);
	batch_open(b, m, files);
	threads = b->threads;
	read_origins(&b->ix);
	run.readers = mem_new(threads * sizeof *run.readers);
	b->finish = finish;
	b->leave = leave;
	m->f.serve = serve;
	status = batch_run(b, files);
	failed = report();
	free_run(threads);
	return failed != 0 ? failed : status;
}
