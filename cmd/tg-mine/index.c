/* index: tg-mine index and merge make an index */
#include "index/build.h"

#include <stdlib.h>

#include "documents.h"
#include "io/io.h"
#include "mine.h"
#include "vectors.h"

/* The index that is being made. */
static struct {
	struct build *build;  /* NULL until the first line of the shard */
	uint64_t first;       /* documents before the shard */
	struct rec skipped;   /* record before the shard */
	uint64_t behind;      /* documents behind it, if there are vectors */
	size_t empty;         /* lines without a document */
	struct npy vectors;   /* vectors of all documents; rows NULL: none */
	struct build_how how; /* description for build_start */
} made;

static _Noreturn void
fail(const char *why)
{
	build_free(made.build);
	io_warn("%s", why);
	exit(TG_EX_IO);
}

/* Give the index n rows of the vectors, from that of a document on. */
static void
add_vectors(uint64_t document, uint64_t n)
{
	const struct npy *v = &made.vectors;
	struct span rows;
	const char *why;

	if (v->rows == NULL || document + n > v->n)
		return;
	rows.p = (const char *)(v->rows + document * v->dims);
	rows.n = n * v->dims * sizeof *v->rows;
	if (build_rows(made.build, INDEX_VECTORS, v->dims * sizeof *v->rows,
		rows, &why) == -1)
		fail(why);
}

/* Exit unless there is a vector for each document. */
static void
check_vectors(const struct mine *m)
{
	uint64_t all = made.first + build_documents(made.build) + made.behind;

	if (made.vectors.rows == NULL || made.vectors.n == all)
		return;
	build_free(made.build);
	vectors_refuse(m->o.vectors,
	    "it has %zu rows, and the input %llu documents: row i is the "
	    "vector of document i",
	    made.vectors.n, (unsigned long long)all);
}

/* Begin the index, once the documents before it are counted. */
static void
start(struct mine *m)
{
	const char *why;

	made.how = (struct build_how){ .file = m->o.output,
		.part = m->shard.part,
		.parts = m->shard.parts,
		.first = made.first,
		.k1 = m->o.k1,
		.b = m->o.b,
		.memory = (size_t)m->o.memory << 20 };
	made.build = build_start(&made.how, &why);
	if (made.build == NULL)
		fail(why);
	add_vectors(made.first, 0);
}

/* Return the number of documents of a line of another shard. */
static uint64_t
count_documents(const struct mine *m, struct span line)
{
	struct documents d = { .code_language = m->o.code_language };
	struct document doc;
	const char *why;

	if (rec_read(&made.skipped, line, &why) == -1)
		return 0;
	while (documents_next(&d, &made.skipped, &doc))
		;
	return d.n;
}

/* Leave out the lines of other shards. */
static int
skip_line(struct filter *f, struct span line)
{
	const struct mine *m = f->ctx;

	if (f->lines <= m->shard.first) {
		made.first += count_documents(m, line);
	} else if (f->lines > m->shard.end && m->o.vectors != NULL) {
		made.behind += count_documents(m, line);
		return 1;
	}
	return shard_skip(f, line);
}

static enum filter_did
add_record(struct filter *f, struct rec *r)
{
	struct mine *m = f->ctx;
	struct documents d = { .code_language = m->o.code_language };
	struct build_doc doc;
	struct document one;
	const char *why;

	if (made.build == NULL)
		start(m);
	while (documents_next(&d, r, &one)) {
		doc = (struct build_doc){ one.text, one.origin, one.language };
		if (build_add(made.build, &doc, &why) == -1)
			fail(why);
		add_vectors(made.first + build_documents(made.build) - 1, 1);
	}
	if (d.n == 0)
		made.empty++;
	return FILTER_TAKE;
}

/* End the index, and say how much it has. */
static void
end(struct filter *f)
{
	struct mine *m = f->ctx;
	const char *why;
	uint64_t n;

	if (made.build == NULL)
		start(m);
	check_vectors(m);
	if (build_end(made.build, &why) == -1)
		fail(why);
	n = build_documents(made.build);
	build_free(made.build);
	rec_free(&made.skipped);
	npy_close(&made.vectors);
	io_warn("%s: %llu document%s", m->o.output, (unsigned long long)n,
	    n == 1 ? "" : "s");
	if (made.empty > 0)
		io_warn("%zu line%s without a text or pos", made.empty,
		    made.empty == 1 ? "" : "s");
}

int
mine_index(struct mine *m, char **files)
{
	if (m->o.output == NULL)
		options_refuse("index: name the file to make with -o");
	filter_tty(&m->f, files);
	filter_output("-o", m->o.output, (const char *const *)files);
	if (m->o.vectors != NULL)
		vectors_open(&made.vectors, m->o.vectors);
	if (m->o.shard != NULL) {
		m->shard = shard_of(
		    m->o.shard, shard_lines(files, m->f.found.max_line));
		m->f.skip = skip_line;
	}
	m->f.serve = add_record;
	m->f.serve_bad = 1;
	m->f.end = end;
	return filter_run(&m->f, files);
}
