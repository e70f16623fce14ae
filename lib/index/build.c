/* build: makes an index file of documents */
#include "index/build.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "index/join.h"
#include "index/why.h"

enum { ROWS_MAX = INDEX_SECTIONS - INDEX_VECTORS };

/* A section of rows, as it grows. */
struct rows {
	uint32_t kind;
	size_t row; /* bytes of a document's row */
	struct spool spool;
};

struct build {
	struct build_how how;
	char *file;
	struct writer w;
	struct run run;
	struct terms terms;
	struct alike alike;
	struct spool runs, docs;
	struct source *source; /* runs that are written */
	size_t sources;
	uint64_t documents;
	struct origins origins;
	struct rows rows[ROWS_MAX];
	size_t nrows;
};

/* Set *why to what errno says of the file; return -1. */
static int
failed(const char *file, const char **why)
{
	return why_set(why, "%s: %s", file, strerror(errno));
}

struct build *
build_start(const struct build_how *how, const char **why)
{
	struct build *b = mem_new(sizeof *b);

	b->how = *how;
	if (how->memory == 0)
		b->how.memory = BUILD_MEMORY;
	b->file = mem_dup(how->file, strlen(how->file));
	if (writer_start(&b->w, b->file) == -1 ||
	    spool_open(&b->runs, b->file) == -1 ||
	    spool_open(&b->docs, b->file) == -1 ||
	    writer_section(&b->w, INDEX_TEXTS, 0) == -1) {
		failed(how->file, why);
		build_free(b);
		return NULL;
	}
	b->w.header.part = how->part;
	b->w.header.parts = how->parts;
	b->w.header.first = how->first;
	b->w.header.k1 = how->k1;
	b->w.header.b = how->b;
	return b;
}

/* Write the run in memory out: 0, or -1 with errno. */
static int
end_run(struct build *b)
{
	if (b->run.documents == 0)
		return 0;
	b->source = mem_array(b->source, b->sources + 1, sizeof *b->source);
	return run_write(&b->run, &b->runs, &b->source[b->sources++]);
}

int
build_add(struct build *b, const struct build_doc *doc, const char **why)
{
	struct index_doc d = { .length = (uint32_t)doc->text.n };
	unsigned char sum[SHA256_BYTES];

	if (doc->text.n > UINT32_MAX / 2)
		return why_set(
		    why, "%s: a document has 2 GiB or more", b->file);
	if (b->documents == INDEX_DOCUMENTS_MAX)
		return why_set(
		    why, "%s: too many documents for an index", b->file);
	terms_read(&b->terms, doc->language, doc->text, &b->alike);
	run_add(&b->run, &b->terms);
	d.words = (uint32_t)b->terms.n;
	d.different = b->run.different[b->run.documents - 1];
	d.origin = origins_number(&b->origins, doc->origin);
	hash_sha256_bytes(doc->text, sum);
	memcpy(d.hash, sum, sizeof d.hash);
	alike_end(&b->alike, doc->language, doc->text, d.alike);
	b->documents++;
	/* arrays double, and are held twice meanwhile */
	if (writer_add(&b->w, doc->text.p, doc->text.n) == -1 ||
	    spool_add(&b->docs, &d, sizeof d) == -1 ||
	    (run_memory(&b->run) > b->how.memory / 3 && end_run(b) == -1))
		return failed(b->file, why);
	return 0;
}

/* Return the rows of a kind, which begin if they are new; NULL with errno. */
static struct rows *
find_rows(struct build *b, uint32_t kind, size_t row)
{
	struct rows *r = b->rows;

	while (r < b->rows + b->nrows && r->kind != kind)
		r++;
	if (r < b->rows + b->nrows)
		return r;
	if (b->nrows == ROWS_MAX) {
		errno = EOVERFLOW;
		return NULL;
	}
	*r = (struct rows){ .kind = kind, .row = row };
	if (spool_open(&r->spool, b->file) == -1)
		return NULL;
	b->nrows++;
	return r;
}

int
build_rows(struct build *b, uint32_t kind, size_t row, struct span bytes,
    const char **why)
{
	struct rows *r = find_rows(b, kind, row);

	if (r == NULL || spool_add(&r->spool, bytes.p, bytes.n) == -1)
		return failed(b->file, why);
	return 0;
}

/* Return the rows of the least kind above one; NULL: there are none. */
static struct rows *
next_rows(struct build *b, uint32_t kind)
{
	struct rows *r, *next = NULL;

	for (r = b->rows; r < b->rows + b->nrows; r++)
		if (r->kind > kind && (next == NULL || r->kind < next->kind))
			next = r;
	return next;
}

/* Write the sections of rows in the order of their kinds: 0, or -1. */
static int
write_rows(struct build *b, const char **why)
{
	struct rows *r;
	void *bytes;

	for (r = next_rows(b, 0); r != NULL; r = next_rows(b, r->kind)) {
		if (r->spool.bytes != r->row * b->documents)
			return why_set(why,
			    "%s: %llu rows of section %u for %llu documents",
			    b->file,
			    (unsigned long long)(r->spool.bytes / r->row),
			    r->kind, (unsigned long long)b->documents);
		if (spool_map(&r->spool, &bytes) == -1 ||
		    writer_section(&b->w, r->kind, r->row) == -1 ||
		    writer_add(&b->w, bytes, r->spool.bytes) == -1)
			return failed(b->file, why);
	}
	return 0;
}

/* Write all sections behind the texts but for rows: 0, or -1 with errno. */
static int
write_sections(struct build *b)
{
	struct join j = { .n = b->sources, .memory = b->how.memory };
	const struct index_doc *doc;
	void *runs, *docs;
	size_t i;

	b->w.header.origins = b->origins.n;
	if (spool_map(&b->runs, &runs) == -1 ||
	    spool_map(&b->docs, &docs) == -1 ||
	    writer_section(&b->w, INDEX_ORIGINS, 0) == -1 ||
	    writer_add(&b->w, b->origins.bytes.p, b->origins.bytes.n) == -1)
		return -1;
	doc = docs;
	for (i = 0; i < b->sources; i++) {
		run_map(&b->source[i], runs, doc);
		doc += b->source[i].documents;
	}
	j.source = b->source;
	return join_write(&b->w, &j);
}

int
build_end(struct build *b, const char **why)
{
	if (end_run(b) == -1 || write_sections(b) == -1)
		return failed(b->file, why);
	if (write_rows(b, why) == -1)
		return -1;
	return writer_end(&b->w) == -1 ? failed(b->file, why) : 0;
}

uint64_t
build_documents(const struct build *b)
{
	return b->documents;
}

void
build_free(struct build *b)
{
	if (b == NULL)
		return;
	while (b->nrows > 0)
		spool_free(&b->rows[--b->nrows].spool);
	writer_abandon(&b->w);
	spool_free(&b->runs);
	spool_free(&b->docs);
	run_free(&b->run);
	terms_free(&b->terms);
	alike_free(&b->alike);
	origins_free(&b->origins);
	free(b->source);
	free(b->file);
	free(b);
}
