/* run: documents that are collected in memory, then sorted and written out */
#include "index/run.h"

#include <stdlib.h>

#include "base/mem.h"
#include "index/places.h"

enum { SHORT_LIST = 128 }; /* counts that are sorted by insertion */

/* Return the first 8 bytes of a word, 0 where it has fewer. */
static uint64_t
head_of(struct span word)
{
	uint64_t head = 0;

	memcpy(&head, word.p, word.n < sizeof head ? word.n : sizeof head);
	return head;
}

static bool
is_word(const struct run *r, const struct run_term *t, uint64_t head,
    struct span word)
{
	return t->head == head && t->length == word.n &&
	       (word.n <= sizeof head ||
		   memcmp(r->bytes.p + t->start, word.p, word.n) == 0);
}

/* Make the hash table twice as large. */
static void
grow_places(struct run *r)
{
	size_t n = r->places > 0 ? 2 * r->places : 1 << 12, i, at;
	uint64_t *place = mem_new(n * sizeof *place);

	for (i = 0; i < r->places; i++) {
		if (r->place[i] == 0)
			continue;
		for (at = r->place[i] >> 32; place[at & (n - 1)] != 0;)
			at++;
		place[at & (n - 1)] = r->place[i];
	}
	free(r->place);
	r->place = place;
	r->places = n;
}

/* Return the number of a new term. */
static uint32_t
add_term(struct run *r, struct span word, uint64_t head)
{
	if (r->terms == r->terms_cap) {
		r->terms_cap = r->terms_cap > 0 ? 2 * r->terms_cap : 1 << 11;
		r->term = mem_array(r->term, r->terms_cap, sizeof *r->term);
	}
	r->term[r->terms] = (struct run_term){
		.start = r->bytes.n, .head = head, .length = (uint32_t)word.n
	};
	buf_addspan(&r->bytes, word);
	return (uint32_t)r->terms++;
}

/* Return the number of a term, which is added if it is new. */
static uint32_t
find_term(struct run *r, struct span word, uint64_t hash)
{
	uint64_t head = head_of(word);
	uint32_t number;
	size_t at;

	for (at = hash & (r->places - 1); r->place[at] != 0;
	     at = (at + 1) & (r->places - 1)) {
		if (r->place[at] >> 32 != hash)
			continue;
		number = (uint32_t)r->place[at] - 1;
		if (is_word(r, &r->term[number], head, word))
			return number;
	}
	number = add_term(r, word, head);
	r->place[at] = hash << 32 | (number + 1);
	return number;
}

/* Count a term for the document whose counts begin at an index. */
static void
count_term(struct run *r, struct span word, uint32_t hash, size_t before)
{
	uint32_t n = find_term(r, word, hash);
	struct run_term *t = &r->term[n];

	if (t->last == r->documents + 1) {
		r->count[before + t->at].count++;
		return;
	}
	if (r->counts == r->counts_cap) {
		r->counts_cap = r->counts_cap > 0 ? 2 * r->counts_cap : 1 << 14;
		r->count = mem_array(r->count, r->counts_cap, sizeof *r->count);
	}
	t->last = (uint32_t)r->documents + 1;
	t->documents++;
	t->at = (uint32_t)(r->counts - before);
	r->count[r->counts++] = (struct index_count){ n, 1 };
}

void
run_add(struct run *r, const struct terms *t)
{
	size_t i, before = r->counts;

	while (r->terms + t->n >= r->places / 2)
		grow_places(r);
	if (t->n > r->hash_cap) {
		r->hash_cap = 2 * t->n;
		r->hash = mem_array(r->hash, r->hash_cap, sizeof *r->hash);
	}
	/* the places are fetched side by side: that saves a tenth of the time
	 */
	for (i = 0; i < t->n; i++) {
		r->hash[i] = (uint32_t)places_hash(terms_at(t, i));
		__builtin_prefetch(&r->place[r->hash[i] & (r->places - 1)]);
	}
	for (i = 0; i < t->n; i++)
		count_term(r, terms_at(t, i), r->hash[i], before);
	if (r->documents == r->documents_cap) {
		r->documents_cap =
		    r->documents_cap > 0 ? 2 * r->documents_cap : 1 << 10;
		r->different = mem_array(
		    r->different, r->documents_cap, sizeof *r->different);
	}
	r->different[r->documents++] = (uint32_t)(r->counts - before);
}

/* A term's place in the order, by its first bytes where these differ. */
struct order {
	uint64_t head;
	const char *p;
	uint32_t length, number;
};

static int
compare_words(const void *x, const void *y)
{
	const struct order *a = x, *b = y;
	size_t n = a->length < b->length ? a->length : b->length;
	int c;

	if (a->head != b->head)
		return a->head < b->head ? -1 : 1;
	c = memcmp(a->p, b->p, n);
	return c != 0 ? c : (a->length > b->length) - (a->length < b->length);
}

/* Return the terms of a run in the order of their bytes; the caller frees. */
static struct order *
sort_terms(const struct run *r)
{
	struct order *o = mem_array(NULL, r->terms, sizeof *o);
	unsigned char head[8];
	size_t i, k;

	for (i = 0; i < r->terms; i++) {
		const struct run_term *t = &r->term[i];

		memset(head, 0, sizeof head);
		memcpy(head, r->bytes.p + t->start,
		    t->length < sizeof head ? t->length : sizeof head);
		o[i] = (struct order){ .p = r->bytes.p + t->start,
			.length = t->length,
			.number = (uint32_t)i };
		for (k = 0; k < sizeof head; k++)
			o[i].head = o[i].head << 8 | head[k];
	}
	if (r->terms > 0)
		qsort(o, r->terms, sizeof *o, compare_words);
	return o;
}

static int
compare_counts(const void *x, const void *y)
{
	const struct index_count *a = x, *b = y;

	return a->term < b->term ? -1 : a->term > b->term;
}

static void
sort_counts(struct index_count *v, size_t n)
{
	struct index_count c;
	size_t i, k;

	if (n > SHORT_LIST) {
		qsort(v, n, sizeof *v, compare_counts);
		return;
	}
	for (i = 1; i < n; i++) {
		c = v[i];
		for (k = i; k > 0 && v[k - 1].term > c.term; k--)
			v[k] = v[k - 1];
		v[k] = c;
	}
}

/* Number the terms of the counts by their order, and sort those. */
static void
order_counts(struct run *r, const struct order *o)
{
	uint32_t *rank = mem_array(NULL, r->terms, sizeof *rank);
	size_t i, at = 0;

	for (i = 0; i < r->terms; i++)
		rank[o[i].number] = (uint32_t)i;
	for (i = 0; i < r->counts; i++)
		r->count[i].term = rank[r->count[i].term];
	for (i = 0; i < r->documents; at += r->different[i++])
		sort_counts(r->count + at, r->different[i]);
	free(rank);
}

/* Append zeros to a spool up to a multiple of 8 bytes. */
static int
pad(struct spool *s)
{
	static const char zeros[8];

	return spool_add(s, zeros, -s->bytes & 7);
}

/* Append the terms in their order, then their bytes. */
static int
write_terms(const struct run *r, const struct order *o, struct spool *s)
{
	struct index_term t = { 0 };
	size_t i;
	int failed = 0;

	for (i = 0; i < r->terms && !failed; i++) {
		t.documents = r->term[o[i].number].documents;
		failed = spool_add(s, &t, sizeof t);
		t.word += o[i].length;
	}
	t.documents = 0;
	failed = failed || spool_add(s, &t, sizeof t) == -1;
	for (i = 0; i < r->terms && !failed; i++)
		failed = spool_add(s, o[i].p, o[i].length);
	return failed || pad(s) == -1 ? -1 : 0;
}

/* Empty a run, and give its memory back. */
void
run_free(struct run *r)
{
	buf_free(&r->bytes);
	free(r->term);
	free(r->place);
	free(r->hash);
	free(r->count);
	free(r->different);
	*r = (struct run){ 0 };
}

int
run_write(struct run *r, struct spool *s, struct source *source)
{
	struct order *o = sort_terms(r);
	int failed;

	order_counts(r, o);
	*source = (struct source){
		.documents = r->documents,
		.terms = r->terms,
		.words = { .n = r->bytes.n },
		.counts = r->counts,
		.at = s->bytes,
	};
	failed = write_terms(r, o, s);
	if (!failed)
		failed = spool_add(s, r->count, r->counts * sizeof *r->count);
	free(o);
	run_free(r);
	return failed ? -1 : 0;
}

void
run_map(struct source *s, const char *spool, const struct index_doc *doc)
{
	const char *p = spool + s->at;

	s->doc = doc;
	s->term = (const struct index_term *)(const void *)p;
	p += (s->terms + 1) * sizeof *s->term;
	s->words.p = p;
	p += (s->words.n + 7) & ~(size_t)7;
	s->count = (const struct index_count *)(const void *)p;
}

size_t
run_memory(const struct run *r)
{
	return r->bytes.cap + r->terms_cap * sizeof *r->term +
	       r->places * sizeof *r->place + r->counts_cap * sizeof *r->count +
	       r->documents_cap * sizeof *r->different +
	       r->terms * (sizeof(struct order) + sizeof(uint32_t));
}
