/* merge: makes an index of parts, or of whole indexes */
#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "index/build.h"
#include "index/join.h"
#include "index/why.h"

/* Return whether b is the next part of the index that a is a part of. */
static bool
follows(const struct index *a, const struct index *b)
{
	return b->part == a->part + 1 && b->first == a->first + a->documents;
}

/* Check that n indexes can be merged: 0, or -1 with *why. */
static int
check_parts(const struct index *const *ix, size_t n, const char **why)
{
	uint64_t documents = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		documents += ix[i]->documents;
		if (ix[i]->k1 != ix[0]->k1 || ix[i]->b != ix[0]->b)
			return why_set(why,
			    "%s and %s were made with different --k1 or --b",
			    ix[0]->file, ix[i]->file);
		if (ix[i]->parts != ix[0]->parts)
			return why_set(why,
			    "%s and %s are not parts of one index", ix[0]->file,
			    ix[i]->file);
		if (ix[i]->parts > 0 && i > 0 && !follows(ix[i - 1], ix[i]))
			return why_set(why,
			    "%s, part %u of %u, does not follow %s, part %u",
			    ix[i]->file, ix[i]->part, ix[i]->parts,
			    ix[i - 1]->file, ix[i - 1]->part);
	}
	if (ix[0]->parts > 0 && (ix[0]->part != 1 || n != ix[0]->parts))
		return why_set(why,
		    "%zu of %u parts are given, from part %u on", n,
		    ix[0]->parts, ix[0]->part);
	if (documents > INDEX_DOCUMENTS_MAX)
		return why_set(why, "too many documents for an index");
	return 0;
}

static struct source
source_of(const struct index *ix)
{
	struct span counts = index_section(ix, INDEX_COUNTS, NULL);

	return (struct source){
		.doc = ix->doc,
		.documents = ix->documents,
		.terms = ix->terms,
		.words = index_section(ix, INDEX_WORDS, NULL),
		.term = ix->term,
		.count = (const struct index_count *)(const void *)counts.p,
		.counts = counts.n / sizeof(struct index_count),
	};
}

/* Write the origins of all, and set the new numbers of those of each. */
static int
write_origins(struct writer *w, const struct index *const *ix, size_t n,
    uint32_t **numbers)
{
	struct origins o = { 0 };
	struct span s;
	size_t i, length;
	uint64_t k;
	int got;

	for (i = 0; i < n; i++) {
		s = index_section(ix[i], INDEX_ORIGINS, NULL);
		numbers[i] = mem_array(NULL, ix[i]->origins, sizeof **numbers);
		for (k = 0; k < ix[i]->origins; k++) {
			length = strnlen(s.p, s.n);
			numbers[i][k] =
			    origins_number(&o, (struct span){ s.p, length });
			s = span_skip(s, length + 1);
		}
	}
	w->header.origins = o.n;
	got = writer_section(w, INDEX_ORIGINS, 0);
	if (got == 0)
		got = writer_add(w, o.bytes.p, o.bytes.n);
	origins_free(&o);
	return got;
}

/* Write one section of each index, one behind the other. */
static int
write_all(struct writer *w, const struct index *const *ix, size_t n,
    uint32_t kind, size_t row)
{
	struct span s;
	size_t i, piece;

	if (writer_section(w, kind, row) == -1)
		return -1;
	for (i = 0; i < n; i++)
		for (s = index_section(ix[i], kind, NULL); s.n > 0;
		     s = span_skip(s, piece)) {
			piece = s.n < FORGET_BYTES ? s.n : FORGET_BYTES;
			if (writer_add(w, s.p, piece) == -1)
				return -1;
			writer_forget(s.p, piece);
		}
	return 0;
}

/* Return the first section of rows of a that b does not have; NULL: none. */
static const struct index_section *
missing_rows(const struct index *a, const struct index *b)
{
	const struct index_section *s = a->section;
	size_t row = 0;

	for (; s < a->section + INDEX_SECTIONS; s++)
		if (s->kind >= INDEX_VECTORS &&
		    (index_section(b, s->kind, &row).p == NULL ||
			row != s->row))
			return s;
	return NULL;
}

/* Write the sections of further rows: 0, or -1 with *why. */
static int
write_rows(
    struct writer *w, const struct index *const *ix, size_t n, const char **why)
{
	const struct index_section *s;
	size_t i, k;

	for (k = 1; k < n; k++)
		if (missing_rows(ix[0], ix[k]) || missing_rows(ix[k], ix[0]))
			return why_set(why,
			    "%s and %s do not both have vectors of one length",
			    ix[0]->file, ix[k]->file);
	for (i = 0; i < INDEX_SECTIONS; i++) {
		s = &ix[0]->section[i];
		if (s->kind >= INDEX_VECTORS &&
		    write_all(w, ix, n, s->kind, s->row) == -1)
			return why_set(why, "%s: %s", w->file, strerror(errno));
	}
	return 0;
}

/* Write all of the file but its header: 0, or -1 with *why. */
static int
write_file(struct writer *w, const struct index *const *ix, size_t n,
    size_t memory, const char **why)
{
	struct source *source = mem_array(NULL, n, sizeof *source);
	uint32_t **origin = mem_new(n * sizeof *origin);
	struct join j = { .source = source,
		.n = n,
		.origin = (const uint32_t *const *)origin,
		.memory = memory > 0 ? memory : BUILD_MEMORY };
	size_t i;
	int got = 0;

	w->header.k1 = ix[0]->k1;
	w->header.b = ix[0]->b;
	for (i = 0; i < n; i++)
		source[i] = source_of(ix[i]);
	if (write_all(w, ix, n, INDEX_TEXTS, 0) == -1 ||
	    write_origins(w, ix, n, origin) == -1 || join_write(w, &j) == -1)
		got = why_set(why, "%s: %s", w->file, strerror(errno));
	if (got == 0)
		got = write_rows(w, ix, n, why);
	for (i = 0; i < n; i++)
		free(origin[i]);
	free(origin);
	free(source);
	return got;
}

int
build_merge(const char *file, const struct index *const *ix, size_t n,
    size_t memory, const char **why)
{
	struct writer w;
	size_t i;

	for (i = 0; i < n; i++)
		if (index_check(ix[i], why) == -1)
			return why_set(why, "%s: %s", ix[i]->file, *why);
	if (check_parts(ix, n, why) == -1)
		return -1;
	if (writer_start(&w, file) == -1)
		return why_set(why, "%s: %s", file, strerror(errno));
	if (write_file(&w, ix, n, memory, why) == -1) {
		writer_abandon(&w);
		return -1;
	}
	return writer_end(&w) == -1
		   ? why_set(why, "%s: %s", file, strerror(errno))
		   : 0;
}
