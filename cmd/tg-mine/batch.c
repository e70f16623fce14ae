/* batch: lines that are searched together, and leave in their order */
#include "batch.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/threads.h"
#include "io/io.h"
#include "open.h"
#include "twice.h"

/* Bytes of lines that wait at most, but for the last. */
enum { BYTES_MAX = 64 << 20 };

/* Jobs that are being finished by threads. */
struct round {
	struct batch *batch;
	struct job **jobs;
	size_t n;
	atomic_size_t next; /* job that no thread has begun */
	bool *done;         /* whether the job needs no other search */
};

void
batch_open(struct batch *b, struct mine *m, char **files)
{
	const char *why;

	filter_tty(&m->f, files);
	open_whole_index(&b->ix, m->o.index);
	b->mine = m;
	b->threads = m->o.threads;
	b->lines = shard_lines(files, m->f.found.max_line);
	if (m->o.shard != NULL) {
		m->shard = shard_of(m->o.shard, b->lines);
		m->f.skip = shard_skip;
	}
	b->nearest = nearest_new(&b->ix, &m->o, b->lines, &why);
	if (b->nearest == NULL) {
		io_warn("%s", why);
		exit(TG_EX_IO);
	}
	b->jobs = mem_new(BATCH * sizeof *b->jobs);
}

/* Finish the jobs that no other thread has begun. */
static void
finish_some(void *ctx, unsigned part)
{
	struct round *r = ctx;
	size_t i;

	while ((i = atomic_fetch_add(&r->next, 1)) < r->n)
		r->done[i] = r->batch->finish(r->batch, r->jobs[i], part);
}

/* Search and finish some jobs once; return how many must be searched again,
 * which are the first then. */
static size_t
search_round(struct round *r)
{
	struct batch *b = r->batch;
	struct nearest_query *q = mem_array(NULL, r->n, sizeof *q);
	size_t i, n = 0;

	for (i = 0; i < r->n; i++)
		q[i] = r->jobs[i]->query;
	nearest_search(b->nearest, q, r->n);
	for (i = 0; i < r->n; i++)
		r->jobs[i]->query = q[i];
	free(q);
	r->next = 0;
	threads_run(
	    r->n < b->threads ? (unsigned)r->n : b->threads, finish_some, r);
	for (i = 0; i < r->n; i++)
		if (!r->done[i])
			r->jobs[n++] = r->jobs[i];
	return n;
}

/* Search all jobs that ask, and write all. */
static void
run_jobs(struct batch *b)
{
	struct filter *f = &b->mine->f;
	struct job *jobs[BATCH], *j;
	bool done[BATCH];
	struct round r = { .batch = b, .jobs = jobs, .done = done };

	for (j = b->jobs; j < b->jobs + b->n; j++)
		if (j->asks)
			jobs[r.n++] = j;
	while (r.n > 0)
		r.n = search_round(&r);
	for (j = b->jobs; j < b->jobs + b->n; j++) {
		if (b->leave != NULL)
			b->leave(b, j);
		rec_write(&j->rec, &f->out);
		if (j->rec.failed)
			filter_failed(f, &j->rec, j->file, j->lineno);
		nearest_query_free(&j->query);
	}
	b->n = b->bytes = 0;
}

struct job *
batch_add(struct batch *b, const struct rec *r)
{
	const struct filter *f = &b->mine->f;
	struct job *j;
	const char *why;

	if (b->n == BATCH || b->bytes > BYTES_MAX)
		run_jobs(b);
	j = &b->jobs[b->n++];
	b->bytes += r->line.n;
	buf_clear(&j->line);
	buf_add(&j->line, r->line.p, r->line.n);
	rec_read(&j->rec, buf_span(&j->line), &why); /* it was read before */
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
}

int
batch_run(struct batch *b, char **files)
{
	struct filter *f = &b->mine->f;
	struct job *j;
	int status;

	b->mine->batch = b;
	f->serve_bad = 1;
	f->end = end;
	status = filter_run(f, files);
	for (j = b->jobs; j < b->jobs + BATCH; j++) {
		rec_free(&j->rec);
		buf_free(&j->line);
	}
	free(b->jobs);
	nearest_free(b->nearest);
	index_close(&b->ix);
	return status;
}
