/* batch: lines that are searched together, and leave in their order */
#include "batch.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/threads.h"
#include "io/io.h"
#include "open.h"
#include "positives.h"

/*
 * Memory of the jobs that wait, but for the last, and of the hits of those that
 * are searched at a time; what a hit takes once it is written in a record.
 */
enum { JOBS_BYTES = 64 << 20, HITS_BYTES = 256 << 20, HIT_BYTES = 64 };

/* Jobs that are searched and finished at a time. */
struct turn {
	struct batch *batch;
	struct job **jobs;
	size_t n;
	atomic_size_t next; /* job that no thread has begun to finish */
	bool *done;         /* whether the job needs no other search */
};

/* Return how many hits a query can have. */
static size_t
most_hits(const struct batch *b, const struct nearest_query *q)
{
	return q->k < b->ix.documents ? q->k : (size_t)b->ix.documents;
}

/* Write output to the file of --resume. */
static void
put(struct filter *f, struct span lines)
{
	const struct mine *m = f->ctx;

	resume_put(&m->batch->resume, lines);
}

/* Leave out the lines of other shards, and those that are done. */
static int
skip(struct filter *f, struct span line)
{
	const struct mine *m = f->ctx;
	const struct resume *r = &m->batch->resume;

	if (r->lines > 0 && f->lines == m->shard.first &&
	    !resume_matches(r, line)) {
		io_warn("%s: line %zu does not belong to this input; remove "
			"the file to begin anew",
		    r->file, r->lines);
		exit(TG_EX_IO);
	}
	return shard_skip(f, line);
}

/* Open the file of --resume, and leave out what it has. */
static void
open_resume(struct batch *b, struct mine *m, char **files)
{
	const char *file = m->o.resume;

	filter_output("--resume", file, (const char *const *)files);
	resume_open(&b->resume, file);
	if (b->resume.lines > m->shard.end - m->shard.first) {
		io_warn("%s: it has %zu lines, and the input %zu", file,
		    b->resume.lines, m->shard.end - m->shard.first);
		exit(TG_EX_IO);
	}
	if (b->resume.lines > 0)
		io_warn("%s: %zu of %zu lines are there", file, b->resume.lines,
		    m->shard.end - m->shard.first);
	m->shard.first += b->resume.lines;
	m->f.put = put;
}

/* Tell whether progress is shown: if asked for, or nobody else is likely to. */
static bool
is_shown(const struct mine *m)
{
	struct stat st;

	return m->o.progress || m->o.resume != NULL ||
	       (fstat(STDOUT_FILENO, &st) == 0 && !S_ISFIFO(st.st_mode));
}

void
batch_open(struct batch *b, struct mine *m, char **files)
{
	const char *why;

	if (m->o.by == MINE_BM25 && m->o.query_vectors != NULL)
		options_refuse("--query-vectors is for --by dense and hybrid");
	if (m->o.by != MINE_BM25 && m->o.query_vectors == NULL)
		options_refuse("--by dense and hybrid need --query-vectors");
	filter_tty(&m->f, files);
	m->batch = b;
	b->mine = m;
	b->threads = m->o.threads;
	if (m->o.index != NULL || m->own == OWN_NOTHING)
		open_whole_index(&b->ix, m->o.index);
	b->lines = shard_lines(files, m->f.found.max_line);
	if (m->o.index == NULL)
		positives_index(&b->ix, m, files);
	m->shard = (struct shard){ .end = b->lines };
	if (m->o.shard != NULL)
		m->shard = shard_of(m->o.shard, b->lines);
	b->nearest = nearest_new(&b->ix, &m->o, b->lines, &why);
	if (b->nearest == NULL) {
		io_warn("%s: %s", b->ix.file, why);
		exit(TG_EX_IO);
	}
	if (m->o.resume != NULL)
		open_resume(b, m, files);
	b->first = m->shard.first;
	b->jobs = mem_new(BATCH * sizeof *b->jobs);
	b->shows = is_shown(m);
}

/* Finish the jobs that no other thread has begun. */
static void
finish_some(void *ctx, unsigned part)
{
	struct turn *t = ctx;
	size_t i;

	while ((i = atomic_fetch_add(&t->next, 1)) < t->n)
		t->done[i] = t->batch->finish(t->batch, t->jobs[i], part);
}

/* Search and finish the jobs of a turn. */
static void
run_turn(struct turn *t)
{
	struct batch *b = t->batch;
	struct nearest_query *q = mem_array(NULL, t->n, sizeof *q);
	size_t i;

	for (i = 0; i < t->n; i++)
		q[i] = t->jobs[i]->query;
	nearest_search(b->nearest, q, t->n);
	for (i = 0; i < t->n; i++)
		t->jobs[i]->query = q[i];
	free(q);
	t->next = 0;
	threads_run(
	    t->n < b->threads ? (unsigned)t->n : b->threads, finish_some, t);
	for (i = 0; i < t->n; i++)
		nearest_query_free(&t->jobs[i]->query);
}

/* Search and finish n jobs, in turns that have room for their hits. Return how
 * many must be searched again, which are the first then. */
static size_t
search_round(struct batch *b, struct job **jobs, size_t n)
{
	size_t at, i, bytes, again = 0;
	bool done[BATCH];
	struct turn t = { .batch = b, .done = done };

	for (at = 0; at < n; at += t.n) {
		t.jobs = jobs + at;
		bytes = 0;
		for (t.n = 0; at + t.n < n && bytes < HITS_BYTES; t.n++)
			bytes += most_hits(b, &t.jobs[t.n]->query) *
				 (b->threads + 1) * sizeof(struct index_hit);
		run_turn(&t);
		for (i = 0; i < t.n; i++)
			if (!done[i])
				jobs[again++] = t.jobs[i];
	}
	return again;
}

/* Show how far the program is, if it is time to; last: at the end, in a line
 * that stays, if something was shown before. */
static void
show(struct batch *b, bool last)
{
	const struct mine *m = b->mine;
	size_t all = m->shard.end - b->first, done = m->f.lines - b->first - 1;
	double seconds = progress_seconds(&b->progress), rate;
	struct buf text = { 0 };

	b->progress.last = last && b->shown;
	if (!b->shows || !progress_due(&b->progress))
		return;
	if (last)
		done = all;
	rate = seconds > 0 ? (double)done / seconds : 0;
	buf_fmt(&text, "%zu/%zu lines, %.*f/s, ", done + b->resume.lines,
	    all + b->resume.lines, rate < 10 ? 1 : 0, rate);
	progress_time(
	    &text, last || rate <= 0 ? seconds : (double)(all - done) / rate);
	if (!last && rate > 0)
		buf_adds(&text, " left");
	progress_show(&b->progress, buf_cstr(&text));
	b->shown = true;
	buf_free(&text);
}

/* Search all jobs that ask, and write all. */
static void
run_jobs(struct batch *b)
{
	struct filter *f = &b->mine->f;
	struct job *jobs[BATCH], *j;
	size_t n = 0;

	for (j = b->jobs; j < b->jobs + b->n; j++)
		if (j->asks)
			jobs[n++] = j;
	while (n > 0)
		n = search_round(b, jobs, n);
	for (j = b->jobs; j < b->jobs + b->n; j++) {
		if (b->leave != NULL)
			b->leave(b, j);
		rec_write(&j->rec, &f->out);
		if (j->rec.failed)
			filter_failed(f, &j->rec, j->file, j->lineno);
	}
	b->n = b->bytes = 0;
}

struct job *
batch_add(struct batch *b, const struct rec *r)
{
	const struct filter *f = &b->mine->f;
	struct job *j = &b->jobs[b->n];
	const char *why;

	if (b->n > 0 && j[-1].asks)
		b->bytes += most_hits(b, &j[-1].query) * HIT_BYTES;
	if (b->n == BATCH || b->bytes > JOBS_BYTES) {
		run_jobs(b);
		show(b, false);
		j = b->jobs;
	}
	b->n++;
	b->bytes += r->line.n;
	buf_clear(&j->line);
	buf_add(&j->line, r->line.p, r->line.n);
	rec_read(
	    &j->rec, buf_span(&j->line), &why); /* the line was read before */
	j->file = f->in->name;
	j->lineno = f->in->lineno;
	j->asks = false;
	j->query = (struct nearest_query){ .row = f->lines - 1 };
	j->data = NULL;
	return j;
}

/* Write what waits at the end of the input. */
static void
end(struct filter *f)
{
	const struct mine *m = f->ctx;

	run_jobs(m->batch);
	show(m->batch, true);
}

int
batch_run(struct batch *b, char **files)
{
	struct filter *f = &b->mine->f;
	struct job *j;
	int status;

	f->serve_bad = 1;
	f->skip = skip;
	f->end = end;
	progress_init(&b->progress, io_program);
	status = filter_run(f, files);
	if (b->resume.file != NULL)
		resume_close(&b->resume);
	for (j = b->jobs; j < b->jobs + BATCH; j++) {
		rec_free(&j->rec);
		buf_free(&j->line);
	}
	free(b->jobs);
	nearest_free(b->nearest);
	index_close(&b->ix);
	return status;
}
