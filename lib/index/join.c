/* join: the sections of an index, from sorted runs or parts; origins */
#include "index/join.h"

#include <stdlib.h>

#include "base/mem.h"
#include "index/places.h"
#include "index/postings.h"

enum { PIECE = 16384 }; /* counts that are written at a time */

/* A source, as its terms are merged with those of others. */
struct cursor {
	const struct source *source;
	uint64_t at;      /* number of its next term */
	struct span word; /* bytes of that */
	uint32_t *map;    /* new numbers of its terms */
};

struct merge {
	struct writer *w;
	const struct join *j;
	struct cursor *heap; /* sources with terms left, the least word first */
	size_t n;
	struct spool maps, terms;
	uint32_t **map; /* new numbers of the terms of each source */
};

/* Set the word of a cursor's next term; return whether there is one. */
static bool
load(struct cursor *c)
{
	const struct source *s = c->source;

	if (c->at == s->terms)
		return false;
	c->word = (struct span){ s->words.p + s->term[c->at].word,
		(size_t)(s->term[c->at + 1].word - s->term[c->at].word) };
	return true;
}

static int
compare_spans(struct span a, struct span b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n > 0 ? memcmp(a.p, b.p, n) : 0;

	return c != 0 ? c : (a.n > b.n) - (a.n < b.n);
}

/* Let the first cursor sink to its place in the heap. */
static void
sink(struct merge *m)
{
	struct cursor c = m->heap[0];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < m->n) {
		if (child + 1 < m->n && compare_spans(m->heap[child + 1].word,
					    m->heap[child].word) < 0)
			child++;
		if (compare_spans(c.word, m->heap[child].word) <= 0)
			break;
		m->heap[i] = m->heap[child];
		i = child;
	}
	m->heap[i] = c;
}

/* Add a cursor to the heap. */
static void
push(struct merge *m, struct cursor c)
{
	size_t i = m->n++;

	for (; i > 0 && compare_spans(c.word, m->heap[(i - 1) / 2].word) < 0;
	     i = (i - 1) / 2)
		m->heap[i] = m->heap[(i - 1) / 2];
	m->heap[i] = c;
}

/* Begin the heap, and have room for the new numbers of all terms. */
static int
start(struct merge *m)
{
	static const uint32_t zeros[PIECE];
	uint64_t left = 0, piece;
	uint32_t *map;
	void *p;
	size_t i;

	for (i = 0; i < m->j->n; i++)
		left += m->j->source[i].terms;
	for (; left > 0; left -= piece) {
		piece = left < PIECE ? left : PIECE;
		if (spool_add(&m->maps, zeros, piece * sizeof *zeros) == -1)
			return -1;
	}
	if (spool_map(&m->maps, &p) == -1)
		return -1;
	map = p;
	for (i = 0; i < m->j->n; i++) {
		struct cursor c = { .source = &m->j->source[i], .map = map };

		m->map[i] = map;
		map += c.source->terms;
		if (load(&c))
			push(m, c);
	}
	return 0;
}

/* Merge the terms: write their words, and spool their rows. */
static int
merge_terms(struct merge *m)
{
	struct index_term t = { 0 };
	struct buf word = { 0 };
	struct cursor *c;
	uint64_t n = 0;
	int failed = 0;

	while (m->n > 0 && !failed) {
		buf_clear(&word);
		buf_addspan(&word, m->heap[0].word);
		t.documents = 0;
		while (m->n > 0 &&
		       compare_spans(m->heap[0].word, buf_span(&word)) == 0) {
			c = &m->heap[0];
			t.documents += c->source->term[c->at].documents;
			c->map[c->at++] = (uint32_t)n;
			if (!load(c))
				m->heap[0] = m->heap[--m->n];
			if (m->n > 0)
				sink(m);
		}
		failed = spool_add(&m->terms, &t, sizeof t) == -1 ||
			 writer_add(m->w, word.p, word.n) == -1;
		t.word += word.n;
		n++;
	}
	t.documents = 0;
	buf_free(&word);
	m->w->header.terms = n;
	return failed ? -1 : spool_add(&m->terms, &t, sizeof t);
}

/* Write the rows of the documents. */
static int
write_docs(struct merge *m)
{
	struct index_header *h = &m->w->header;
	struct index_doc d;
	uint64_t text = 0, counts = 0, k;
	size_t i;

	if (writer_section(m->w, INDEX_DOCS, sizeof d) == -1)
		return -1;
	for (i = 0; i < m->j->n; i++) {
		const struct source *s = &m->j->source[i];

		for (k = 0; k < s->documents; k++) {
			d = s->doc[k];
			d.text = text;
			d.counts = counts;
			if (m->j->origin != NULL)
				d.origin = m->j->origin[i][d.origin];
			text += d.length;
			counts += d.different;
			h->words += d.words;
			if (writer_add(m->w, &d, sizeof d) == -1)
				return -1;
		}
		h->documents += s->documents;
	}
	return 0;
}

/* Write the counts, with the new numbers of their terms. */
static int
write_counts(struct merge *m)
{
	static struct index_count out[PIECE];
	uint64_t k, n, piece;
	size_t i;

	if (writer_section(m->w, INDEX_COUNTS, 0) == -1)
		return -1;
	for (i = 0; i < m->j->n; i++) {
		const struct source *s = &m->j->source[i];

		for (k = 0; k < s->counts; k += n) {
			n = s->counts - k < PIECE ? s->counts - k : PIECE;
			for (piece = 0; piece < n; piece++) {
				out[piece] = s->count[k + piece];
				out[piece].term = m->map[i][out[piece].term];
			}
			if (writer_add(m->w, out, n * sizeof *out) == -1)
				return -1;
			writer_forget(s->count + k, n * sizeof *out);
		}
	}
	return 0;
}

/* Write the hash table of the terms. */
static int
write_places(struct writer *w, const struct index_term *term)
{
	uint64_t size = 2, i, at;
	const char *words;
	uint32_t *place;
	struct span file, word;
	int got;

	if (writer_map(w, &file) == -1 ||
	    writer_section(w, INDEX_PLACES, 0) == -1)
		return -1;
	while (size < 2 * w->header.terms)
		size *= 2;
	place = mem_new(size * sizeof *place);
	words = writer_bytes(w, file, INDEX_WORDS);
	for (i = 0; i < w->header.terms; i++) {
		word = (struct span){ words + term[i].word,
			(size_t)(term[i + 1].word - term[i].word) };
		for (at = places_hash(word); place[at & (size - 1)] != 0;)
			at++;
		place[at & (size - 1)] = (uint32_t)i + 1;
	}
	got = writer_add(w, place, size * sizeof *place);
	free(place);
	writer_unmap(file);
	return got;
}

/* Write what is known once the terms are merged. */
static int
write_rest(struct merge *m)
{
	struct writer *w = m->w;
	bool whole = w->header.parts == 0;
	void *term;

	if (write_docs(m) == -1 || write_counts(m) == -1 ||
	    spool_map(&m->terms, &term) == -1 ||
	    (whole && postings_write(w, term, m->j->memory) == -1) ||
	    writer_section(w, INDEX_TERMS, 0) == -1 ||
	    writer_add(w, term, m->terms.bytes) == -1)
		return -1;
	return whole ? write_places(w, term) : 0;
}

int
join_write(struct writer *w, const struct join *j)
{
	struct merge m = { .w = w, .j = j };
	int got = -1;

	m.heap = mem_array(NULL, j->n, sizeof *m.heap);
	m.map = mem_array(NULL, j->n, sizeof *m.map);
	if (spool_open(&m.maps, w->file) == 0 &&
	    spool_open(&m.terms, w->file) == 0 && start(&m) == 0 &&
	    writer_section(w, INDEX_WORDS, 0) == 0 && merge_terms(&m) == 0)
		got = write_rest(&m);
	spool_free(&m.maps);
	spool_free(&m.terms);
	free(m.heap);
	free(m.map);
	return got;
}

/* Return whether an origin is the one that was asked for last. */
static bool
is_last(const struct origins *o, struct span s)
{
	const char *last;

	if (o->n == 0)
		return false;
	last = o->bytes.p + o->last;
	return o->bytes.n - o->last > s.n &&
	       span_eq((struct span){ last, s.n }, s) && last[s.n] == '\0';
}

uint32_t
origins_number(struct origins *o, struct span s)
{
	uint64_t *number;

	if (is_last(o, s)) /* as most are */
		return o->last_is;
	o->numbers.value = sizeof *number;
	number = keyset_add(&o->numbers, keyset_key(span_of(""), 'o', s));
	if (*number == 0) {
		*number = (uint64_t)o->bytes.n << 32 | ++o->n;
		buf_add0(&o->bytes, s);
	}
	o->last = (size_t)(*number >> 32);
	o->last_is = (uint32_t)*number - 1;
	return o->last_is;
}

void
origins_free(struct origins *o)
{
	keyset_free(&o->numbers);
	buf_free(&o->bytes);
}
