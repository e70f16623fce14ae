/* overlap: the words of a text, to compare a query with a document */
#include "base/overlap.h"

#include <stdlib.h>

#include "base/text.h"

enum { WORDS_MAX = 256, PLACES = 1024 }; /* PLACES is a power of two */

enum kind { APART, LOWER, UPPER, DIGIT, ALONE };

/* Return the code point of the n bytes at p, a character of UTF-8. */
static uint32_t
code_point(const unsigned char *p, size_t n)
{
	if (n == 2)
		return (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
	if (n == 3)
		return (p[0] & 0xfu) << 12 | (p[1] & 0x3fu) << 6 |
		       (p[2] & 0x3fu);
	return (p[0] & 7u) << 18 | (p[1] & 0x3fu) << 12 | (p[2] & 0x3fu) << 6 |
	       (p[3] & 0x3fu);
}

/* Return the kind of a character that is no ASCII. */
static enum kind
wide_kind(uint32_t c)
{
	if (c < 0xc0 || c == 0xd7 || c == 0xf7 || (c >= 0x2000 && c < 0x2c00) ||
	    (c >= 0x3000 && c < 0x3040) || (c >= 0xe000 && c < 0xf900) ||
	    (c >= 0xfe00 && c < 0xfe70) || (c >= 0xff00 && c < 0xff10) ||
	    c >= 0xe0000)
		return APART;
	if ((c >= 0x2e80 && c < 0xa4d0) || (c >= 0xac00 && c < 0xd7b0) ||
	    (c >= 0xf900 && c < 0xfb00) || (c >= 0x20000 && c < 0x40000) ||
	    (c >= 0xe00 && c < 0xf00))
		return ALONE;
	return LOWER;
}

/* Return the kind of the character at p, and its length in *n. */
static enum kind
kind_at(const char *p, const char *end, size_t *n)
{
	unsigned char c = (unsigned char)*p;

	*n = 1;
	if (c >= 'a' && c <= 'z')
		return LOWER;
	if (c >= 'A' && c <= 'Z')
		return UPPER;
	if (c >= '0' && c <= '9')
		return DIGIT;
	if (c < 0x80 || (*n = text_utf8(p, end)) == 0) {
		*n = 1;
		return APART;
	}
	return wide_kind(code_point((const unsigned char *)p, *n));
}

/* Return whether a word ends before the character of kind next at p. */
static int
ends(enum kind last, enum kind next, const char *p, const char *end)
{
	size_t n;

	if (next == APART || next == ALONE)
		return 1;
	if (next != UPPER || last == DIGIT)
		return 0;
	/* the last capital of a run belongs to the word behind it */
	return last == LOWER ||
	       (p + 1 < end && kind_at(p + 1, end, &n) == LOWER);
}

int
overlap_word(struct span *rest, struct span *word, uint64_t *hash)
{
	const char *p = rest->p, *end = span_end(*rest), *start;
	enum kind kind = APART, next;
	uint64_t h = 14695981039346656037u;
	size_t n = 0, i;

	while (p < end && (kind = kind_at(p, end, &n)) == APART)
		p += n;
	start = p;
	while (p < end) {
		for (i = 0; i < n; i++)
			h = (h ^ (unsigned char)(p[i] |
						 (kind == UPPER ? 0x20 : 0))) *
			    1099511628211u;
		p += n;
		if (kind == ALONE || p == end)
			break;
		next = kind_at(p, end, &n);
		if (ends(kind, next, p, end))
			break;
		kind = next;
	}
	*rest = (struct span){ p, (size_t)(end - p) };
	*word = (struct span){ start, (size_t)(p - start) };
	h ^= h >> 32;
	*hash = h * 0x9e3779b97f4a7c15u | 1;
	return p > start;
}

static const char common[] =
    "a|an|and|are|as|at|be|by|can|do|does|for|from|how|i|in|into|is|it|of|on|or"
    "|s|that|the|this|to|what|when|which|with|you";

/* A set of hashes of words: open addressing, 0 is a free place. */
struct set {
	uint64_t v[PLACES];
};

/* Return the place of a hash, or the free place for it. */
static uint64_t *
place_of(struct set *s, uint64_t hash)
{
	size_t i = (size_t)(hash >> 40);

	while (s->v[i & (PLACES - 1)] != 0 && s->v[i & (PLACES - 1)] != hash)
		i++;
	return &s->v[i & (PLACES - 1)];
}

struct overlap
overlap_count(struct span query, struct span document)
{
	struct overlap shared = { 0 };
	struct set asked = { 0 }, found = { 0 };
	uint64_t hash, *place;
	struct span word;

	while (shared.of < WORDS_MAX && overlap_word(&query, &word, &hash)) {
		place = place_of(&asked, hash);
		if (*place != 0 ||
		    text_is_one_of(
			word, (struct span){ common, sizeof common - 1 }))
			continue;
		*place = hash;
		shared.of++;
	}
	while (
	    shared.found < shared.of && overlap_word(&document, &word, &hash)) {
		if (*place_of(&asked, hash) == 0 ||
		    *(place = place_of(&found, hash)) != 0)
			continue;
		*place = hash;
		shared.found++;
	}
	return shared;
}
