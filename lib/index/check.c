/* check: reads an index whole */
#include <stdlib.h>

#include "base/mem.h"
#include "index/index.h"
#include "index/weights.h"
#include "index/why.h"
#include "index/write.h"

/* Return whether n bytes at p are all 0. */
static bool
is_zero(const char *p, size_t n)
{
	while (n > 0 && *p == '\0') {
		p++;
		n--;
	}
	return n == 0;
}

/* Compare a section with its SHA-256; return whether it is as it was. */
static bool
check_sum(const struct index *ix, const struct index_section *s)
{
	struct span left = { ix->map.p + s->start, s->length };
	struct hash_sum *sum = hash_sum_new();
	unsigned char raw[SHA256_BYTES];
	size_t n;

	for (; left.n > 0; left = span_skip(left, n)) {
		n = left.n < FORGET_BYTES ? left.n : FORGET_BYTES;
		hash_sum_add(sum, (struct span){ left.p, n });
		writer_forget(left.p, n);
	}
	hash_sum_end(sum, raw);
	hash_sum_free(sum);
	return memcmp(raw, s->sha256, sizeof raw) == 0;
}

/* Compare all bytes behind the header with it: 0, or -1 with *why. */
static int
check_sums(const struct index *ix, const char **why)
{
	const struct index_section *s = ix->section;
	uint64_t at = INDEX_HEADER;

	for (; s < ix->section + INDEX_SECTIONS && s->kind != 0; s++) {
		if (s->start < at || !is_zero(ix->map.p + at, s->start - at))
			return why_set(why, "damaged at byte %llu",
			    (unsigned long long)at);
		if (!check_sum(ix, s))
			return why_set(why, "damaged in bytes %llu to %llu",
			    (unsigned long long)s->start,
			    (unsigned long long)(s->start + s->length));
		at = s->start + s->length;
	}
	return is_zero(ix->map.p + at, ix->map.n - at)
		   ? 0
		   : why_set(
			 why, "damaged at byte %llu", (unsigned long long)at);
}

/*
 * Check that documents and counts lie one behind the other, and are sorted;
 * count the documents that have each term.
 */
static bool
check_docs(const struct index *ix, uint32_t *documents)
{
	uint64_t text = 0, counts = 0, words = 0, sum, n;
	const struct index_count *c;
	size_t size, i;

	for (n = 0; n < ix->documents; n++) {
		const struct index_doc *d = &ix->doc[n];

		c = index_counts(ix, n, &size);
		if (d->text != text || d->counts != counts ||
		    d->origin >= ix->origins || size != d->different)
			return false;
		for (i = 0, sum = 0; i < size; sum += c[i++].count) {
			if (c[i].term >= ix->terms || c[i].count == 0 ||
			    (i > 0 && c[i].term <= c[i - 1].term))
				return false;
			documents[c[i].term]++;
		}
		if (sum != d->words)
			return false;
		text += d->length;
		counts += size;
		words += d->words;
	}
	return text == index_section(ix, INDEX_TEXTS, NULL).n &&
	       counts * sizeof *c == index_section(ix, INDEX_COUNTS, NULL).n &&
	       words == ix->words;
}

/* Check that there are as many origins as the header says. */
static bool
check_origins(const struct index *ix)
{
	struct span s = index_section(ix, INDEX_ORIGINS, NULL);
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < s.n; i++)
		n += s.p[i] == '\0';
	return n == ix->origins && (s.n == 0 || s.p[s.n - 1] == '\0');
}

/* Check that the terms are sorted, and that a search finds each. */
static bool
check_terms(const struct index *ix, const uint32_t *documents)
{
	struct span last = { "", 0 }, word;
	bool whole = ix->parts == 0;
	size_t least;
	uint64_t i;
	int order;

	for (i = 0; i < ix->terms; i++, last = word) {
		word = index_word(ix, i);
		if (word.n == 0 || ix->term[i].documents != documents[i] ||
		    (whole && index_find_term(ix, word) != (int64_t)i))
			return false;
		least = word.n < last.n ? word.n : last.n;
		order = memcmp(last.p, word.p, least);
		if (order > 0 || (order == 0 && last.n >= word.n))
			return false;
	}
	return ix->term[0].word == 0 &&
	       ix->term[i].word == index_section(ix, INDEX_WORDS, NULL).n;
}

/* Check the postings of a term, numbers p to end, end exclusive. */
static bool
check_list(const struct index *ix, const struct index_term *t,
    const uint32_t *p, const uint32_t *end)
{
	uint64_t documents = 0, doc, next = 0;
	uint32_t block, n;

	while (p < end) {
		block = *p >> 16;
		n = *p++ & 0xffff;
		if (n > (size_t)(end - p))
			return false;
		for (documents += n; n > 0; n--, p++) {
			doc = (uint64_t)block * BLOCK + (*p & 0xffff);
			if ((*p & 0xffff) >= BLOCK || doc < next ||
			    doc >= ix->documents)
				return false;
			next = doc + 1;
		}
	}
	return documents == t->documents;
}

static bool
check_postings(const struct index *ix)
{
	struct span s = index_section(ix, INDEX_POSTINGS, NULL);
	const uint32_t *p = (const uint32_t *)(const void *)s.p;
	uint64_t i, at = 0, end = s.n / sizeof *p;

	for (i = 0; i < ix->terms; i++) {
		const struct index_term *t = &ix->term[i];

		if (t->postings != at || t[1].postings < at ||
		    t[1].postings > end ||
		    !check_list(ix, t, p + at, p + t[1].postings))
			return false;
		at = t[1].postings;
	}
	return at == end;
}

int
index_check(const struct index *ix, const char **why)
{
	uint32_t *documents;
	bool good;

	if (check_sums(ix, why) == -1)
		return -1;
	documents = mem_new(ix->terms * sizeof *documents);
	good = check_origins(ix) && check_docs(ix, documents) &&
	       check_terms(ix, documents) &&
	       (ix->parts > 0 || check_postings(ix));
	free(documents);
	return good ? 0 : why_set(why, "a damaged index: its parts disagree");
}
