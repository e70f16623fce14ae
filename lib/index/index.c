/* index: an index file, mapped rather than loaded */
#include "index/index.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "index/places.h"
#include "index/why.h"
#include "index/write.h"
#include "io/io.h"

int
why_set(const char **why, const char *fmt, ...)
{
	static char text[512];
	char made[sizeof text]; /* an argument may lie in text */
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(made, sizeof made, fmt, ap);
	va_end(ap);
	memcpy(text, made, sizeof text);
	*why = text;
	return -1;
}

/* Bytes that a section needs at least, and at most if it has rows. */
static const struct {
	uint32_t kind, row;
	bool needed; /* whether each whole file has one */
} known[] = {
	{ INDEX_TEXTS, 0, true },
	{ INDEX_DOCS, sizeof(struct index_doc), true },
	{ INDEX_ORIGINS, 0, true },
	{ INDEX_WORDS, 0, true },
	{ INDEX_TERMS, 0, true },
	{ INDEX_COUNTS, 0, true },
	{ INDEX_PLACES, 0, false },
	{ INDEX_POSTINGS, 0, false },
};

/* Map the regular file whole: 0, or -1 with *why. */
static int
map_file(struct index *ix, const char **why)
{
	int fd = open(ix->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	void *p = MAP_FAILED;

	if (fd == -1 || fstat(fd, &st) == -1)
		why_set(why, "%s", strerror(errno));
	else if (!S_ISREG(st.st_mode))
		why_set(why, "not an index: not a regular file");
	else if (st.st_size < INDEX_HEADER)
		why_set(why, "not an index, or a torn one: it has %lld bytes",
		    (long long)st.st_size);
	else if ((p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd,
		      0)) == MAP_FAILED)
		why_set(why, "%s", strerror(errno));
	if (fd != -1)
		close(fd);
	if (p == MAP_FAILED)
		return -1;
	ix->map = (struct span){ p, (size_t)st.st_size };
	return 0;
}

/* Check the header but for its sections: 0, or -1 with *why. */
static int
check_header(
    const struct index *ix, const struct index_header *h, const char **why)
{
	unsigned char sum[SHA256_BYTES];

	if (memcmp(h->magic, INDEX_MAGIC, sizeof INDEX_MAGIC) != 0)
		return why_set(why, "not an index of tg-mine");
	if (h->order != INDEX_ORDER)
		return why_set(why, "an index of a machine with another byte "
				    "order; make it anew here");
	if (h->version != INDEX_VERSION)
		return why_set(why,
		    "an index of version %u, and this program reads version "
		    "%d; make it anew",
		    h->version, INDEX_VERSION);
	hash_sha256_bytes((struct span){ ix->map.p, INDEX_SUMMED }, sum);
	if (memcmp(sum, ix->map.p + INDEX_SUMMED, sizeof sum) != 0)
		return why_set(
		    why, "a damaged index: the checksum of its header differs");
	if (h->length != ix->map.n)
		return why_set(why,
		    "a torn index: it has %zu bytes of %llu; make it anew",
		    ix->map.n, (unsigned long long)h->length);
	return 0;
}

/* Check the place and size of a section: 0, or -1. */
static int
check_section(const struct index *ix, const struct index_section *s)
{
	uint64_t room = ix->map.n;
	size_t i;

	if (s->start < INDEX_HEADER || s->start > room ||
	    s->start % INDEX_ALIGN != 0 || s->length > room - s->start)
		return -1;
	if (s->row > 0 &&
	    (s->length / s->row != ix->documents || s->length % s->row != 0))
		return -1;
	for (i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].kind == s->kind && known[i].row != s->row)
			return -1;
	return 0;
}

/* Check the sections, and set the pointers to them: 0, or -1. */
static int
find_sections(struct index *ix)
{
	struct span s;
	size_t i;

	for (i = 0; i < INDEX_SECTIONS && ix->section[i].kind != 0; i++)
		if (check_section(ix, &ix->section[i]) == -1)
			return -1;
	for (; i < INDEX_SECTIONS; i++) /* rows behind the last are empty */
		if (ix->section[i].kind != 0)
			return -1;
	for (i = 0; i < sizeof known / sizeof *known; i++)
		if (index_section(ix, known[i].kind, NULL).p == NULL &&
		    (known[i].needed || ix->parts == 0))
			return -1;
	s = index_section(ix, INDEX_DOCS, NULL);
	ix->doc = (const struct index_doc *)(const void *)s.p;
	s = index_section(ix, INDEX_TERMS, NULL);
	ix->term = (const struct index_term *)(const void *)s.p;
	return s.n / sizeof *ix->term == ix->terms + 1 &&
		       s.n % sizeof *ix->term == 0 &&
		       ix->terms <= INDEX_TERMS_MAX &&
		       ix->documents <= INDEX_DOCUMENTS_MAX
		   ? 0
		   : -1;
}

int
index_open(struct index *ix, const char *file, const char **why)
{
	struct index_header h;

	*ix = (struct index){ .file = file };
	if (map_file(ix, why) == -1)
		return -1;
	memcpy(&h, ix->map.p, sizeof h);
	if (check_header(ix, &h, why) == -1) {
		index_close(ix);
		return -1;
	}
	ix->part = h.part;
	ix->parts = h.parts;
	ix->first = h.first;
	ix->documents = h.documents;
	ix->terms = h.terms;
	ix->words = h.words;
	ix->origins = h.origins;
	ix->k1 = h.k1;
	ix->b = h.b;
	memcpy(ix->section, h.section, sizeof ix->section);
	if (find_sections(ix) == 0)
		return 0;
	index_close(ix);
	return why_set(why, "a damaged index: its sections do not fit it");
}

void
index_close(struct index *ix)
{
	if (ix->map.n > 0)
		munmap((void *)(uintptr_t)ix->map.p, ix->map.n);
	ix->map = (struct span){ NULL, 0 };
}

struct span
index_section(const struct index *ix, uint32_t kind, size_t *row)
{
	size_t i;

	for (i = 0; i < INDEX_SECTIONS && ix->section[i].kind != 0; i++)
		if (ix->section[i].kind == kind) {
			if (row != NULL)
				*row = ix->section[i].row;
			return (struct span){ ix->map.p + ix->section[i].start,
				ix->section[i].length };
		}
	return (struct span){ NULL, 0 };
}

/* Return n bytes of a section from an offset on; p NULL: it has them not. */
static struct span
bytes_of(const struct index *ix, uint32_t kind, uint64_t at, uint64_t n)
{
	struct span s = index_section(ix, kind, NULL);

	if (at > s.n || n > s.n - at)
		return (struct span){ NULL, 0 };
	return (struct span){ s.p + at, (size_t)n };
}

struct span
index_text(const struct index *ix, uint64_t n)
{
	return bytes_of(ix, INDEX_TEXTS, ix->doc[n].text, ix->doc[n].length);
}

struct span
index_origin(const struct index *ix, uint64_t n)
{
	struct span s = index_section(ix, INDEX_ORIGINS, NULL);
	const char *end = span_end(s), *stop;
	uint32_t i;

	for (i = 0; s.n > 0; i++) {
		stop = memchr(s.p, '\0', s.n);
		if (stop == NULL)
			break;
		if (i == ix->doc[n].origin)
			return (struct span){ s.p, (size_t)(stop - s.p) };
		s = (struct span){ stop + 1, (size_t)(end - stop) - 1 };
	}
	return (struct span){ NULL, 0 };
}

const struct index_count *
index_counts(const struct index *ix, uint64_t n, size_t *size)
{
	const struct index_doc *d = &ix->doc[n];
	const size_t one = sizeof(struct index_count);
	struct span s = { NULL, 0 };

	if (d->counts < UINT64_MAX / one)
		s = bytes_of(ix, INDEX_COUNTS, d->counts * one,
		    d->different * (uint64_t)one);
	*size = s.n / one;
	return (const struct index_count *)(const void *)s.p;
}

struct span
index_word(const struct index *ix, uint64_t term)
{
	if (term >= ix->terms || ix->term[term + 1].word < ix->term[term].word)
		return (struct span){ NULL, 0 };
	return bytes_of(ix, INDEX_WORDS, ix->term[term].word,
	    ix->term[term + 1].word - ix->term[term].word);
}

int64_t
index_find_term(const struct index *ix, struct span word)
{
	struct span s = index_section(ix, INDEX_PLACES, NULL);
	const uint32_t *places = (const uint32_t *)(const void *)s.p;
	size_t n = s.n / sizeof *places, i, at;

	if (n == 0 || (n & (n - 1)) != 0)
		return -1;
	at = places_hash(word) & (n - 1);
	for (i = 0; i < n && places[at] != 0; i++) {
		if (span_eq(index_word(ix, places[at] - 1), word))
			return places[at] - 1;
		at = (at + 1) & (n - 1);
	}
	return -1;
}

int
index_hit_compare(const void *x, const void *y)
{
	const struct index_hit *a = x, *b = y;

	if (a->score != b->score)
		return a->score > b->score ? -1 : 1;
	return a->doc < b->doc ? -1 : a->doc > b->doc;
}
