/* near: whether one text is a near copy of another */
#include "index/near.h"

#include <stdlib.h>
#include <utf8proc.h>

#include "base/hash.h"
#include "base/mem.h"

enum {
	OPERATORS =
	    5, /* a text is code if one token in so many is an operator */
	DEPTH_MAX = 2 /* directives are read as tokens of their own */
};

/* The tokens that stand for all names, all literals and a directive. */
enum { NAME = 1, LITERAL, DIRECTIVE };

static uint64_t
hash_bytes(struct span s)
{
	uint64_t h = s.n;
	size_t i;

	for (i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3;
	return hash_mix(h, 0);
}

/* Append a text whose every run of white space is one blank, none at an end. */
static void
add_spaced(struct buf *b, struct span s)
{
	size_t i, start = b->n;
	bool space = false;

	buf_need(b, s.n);
	for (i = 0; i < s.n; i++) {
		if (s.p[i] == ' ' || (s.p[i] >= '\t' && s.p[i] <= '\r')) {
			space = true;
			continue;
		}
		if (space && b->n > start)
			b->p[b->n++] = ' ';
		space = false;
		b->p[b->n++] = s.p[i];
	}
}

/* Return whether all bytes of a text are ASCII. */
static bool
is_ascii(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

struct keyset_key
near_equal_key(struct span text, struct buf *scratch)
{
	utf8proc_uint8_t *composed = NULL;
	utf8proc_ssize_t n;

	if (!is_ascii(text)) {
		n = utf8proc_map((const utf8proc_uint8_t *)text.p,
		    (utf8proc_ssize_t)text.n, &composed,
		    UTF8PROC_STABLE | UTF8PROC_COMPOSE);
		if (n >= 0)
			text = (struct span){ (char *)composed, (size_t)n };
	}
	buf_clear(scratch);
	add_spaced(scratch, text);
	free(composed);
	return keyset_key((struct span){ "", 0 }, 'e', buf_span(scratch));
}

/* Append a token, or a shingle, to the array. */
static void
add(struct near *t, uint64_t token)
{
	if (t->n == t->cap) {
		t->cap = t->cap > 0 ? 2 * t->cap : 256;
		t->shingles = mem_array(t->shingles, t->cap, sizeof token);
	}
	t->shingles[t->n++] = token;
}

/*
 * Append the tokens of a text that count, with names and literals as themselves
 * if words are to. Return how many are operators.
 */
static size_t
add_tokens(struct near *t, const struct lex_language *language,
    struct span text, bool words, int depth)
{
	struct lexer lx;
	struct lex_token token;
	struct span s;
	size_t operators = 0;

	lexer_start(&lx, language, text);
	while (lexer_next(&lx, &token)) {
		s = (struct span){ text.p + token.start,
			token.end - token.start };
		if (depth == 0 && !words)
			alike_add(&t->digest, text, &token);
		switch (token.kind) {
		case LEX_SPACE:
		case LEX_NEWLINE:
		case LEX_COMMENT:
			break;
		case LEX_DIRECTIVE:
			if (depth == DEPTH_MAX) {
				add(t, hash_bytes(s));
				break;
			}
			add(t, DIRECTIVE);
			s = span_skip(s, *s.p == '#' || *s.p == '{');
			operators += add_tokens(t, NULL, s, words, depth + 1);
			break;
		case LEX_NAME:
			add(t, words ? hash_bytes(s) : NAME);
			break;
		case LEX_STRING:
		case LEX_NUMBER:
			add(t, words ? hash_bytes(s) : LITERAL);
			break;
		case LEX_OPERATOR:
			operators++;
			/* fallthrough */
		default:
			add(t, hash_bytes(s));
		}
	}
	return operators;
}

static int
compare_shingles(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/*
 * Replace the tokens of a text by its shingles, sorted. The second time that a
 * shingle occurs it is another one, and so on.
 */
static void
make_shingles(struct near *t)
{
	size_t i, j, n = t->n, times = 0;
	uint64_t h, last = 0;

	t->n = n < NEAR_SHINGLE ? 0 : n - NEAR_SHINGLE + 1;
	for (i = 0; i < t->n; i++) {
		for (h = j = 0; j < NEAR_SHINGLE; j++)
			h = hash_mix(h, t->shingles[i + j]);
		t->shingles[i] = h;
	}
	if (t->n == 0)
		return;
	qsort(t->shingles, t->n, sizeof h, compare_shingles);
	for (i = 0; i < t->n; i++) {
		h = t->shingles[i];
		times = i > 0 && h == last ? times + 1 : 0;
		last = h;
		if (times > 0)
			t->shingles[i] = hash_mix(h, times);
	}
	qsort(t->shingles, t->n, sizeof h, compare_shingles);
}

/* Count the shingles of each class, by their first bits. */
static void
count_classes(struct near *t)
{
	struct near_sketch *k = &t->sketch;
	unsigned char *count;
	size_t i;

	k->n = (uint32_t)t->n;
	memset(k->count, 0, sizeof k->count);
	for (i = 0; i < t->n; i++) {
		count = &k->count[t->shingles[i] >> 32 & (NEAR_CLASSES - 1)];
		if (*count < NEAR_MANY)
			++*count;
	}
}

void
near_read(struct near *t, const struct lex_language *language, struct span text)
{
	struct near_sketch *k = &t->sketch;
	size_t operators;

	k->equal = near_equal_key(text, &t->text);
	t->n = 0;
	operators = add_tokens(t, language, text, false, 0);
	alike_end(&t->digest, language, text, k->alike);
	k->tokens = (uint32_t)t->n;
	k->is_code = operators * OPERATORS >= t->n;
	if (!k->is_code) {
		t->n = 0;
		add_tokens(t, language, text, true, 0);
	}
	make_shingles(t);
	count_classes(t);
}

/* Return what share of all shingles those are that both texts have. */
static double
share(size_t both, size_t a, size_t b)
{
	return both == 0 ? 0 : (double)both / (double)(a + b - both);
}

double
near_shared(const struct near *a, const struct near *b)
{
	size_t i = 0, j = 0, both = 0;

	while (i < a->n && j < b->n) {
		if (a->shingles[i] == b->shingles[j])
			both++, i++, j++;
		else if (a->shingles[i] < b->shingles[j])
			i++;
		else
			j++;
	}
	return share(both, a->n, b->n);
}

/* Return whether so many shingles can be shared, by their numbers alone. */
static bool
can_share(size_t a, size_t b, double likeness)
{
	size_t least = a < b ? a : b, most = a < b ? b : a;

	return (double)least >= likeness * (double)most;
}

/* Return the most shingles that two texts can share, by their classes. */
static size_t
most_shared(const struct near_sketch *a, const struct near_sketch *b)
{
	size_t least = a->n < b->n ? a->n : b->n, sum = 0, both, i;
	bool many = false;

	for (i = 0; i < NEAR_CLASSES; i++) {
		both = a->count[i] < b->count[i] ? a->count[i] : b->count[i];
		many |= both == NEAR_MANY;
		sum += both;
	}
	return many || sum > least ? least : sum;
}

/* Return how texts are near by their sketches; NEAR_SHINGLES: perhaps. */
static enum near_how
compare_sketches(
    const struct near_sketch *a, const struct near_sketch *b, double likeness)
{
	if (a->equal.a == b->equal.a && a->equal.b == b->equal.b)
		return NEAR_EQUAL;
	if (a->tokens < NEAR_TOKENS || b->tokens < NEAR_TOKENS ||
	    a->is_code != b->is_code)
		return NEAR_NOT;
	if (a->is_code && memcmp(a->alike, b->alike, sizeof a->alike) == 0)
		return NEAR_ALIKE;
	return can_share(a->n, b->n, likeness) &&
		       share(most_shared(a, b), a->n, b->n) >= likeness
		   ? NEAR_SHINGLES
		   : NEAR_NOT;
}

bool
near_may_be(
    const struct near_sketch *a, const struct near_sketch *b, double likeness)
{
	return compare_sketches(a, b, likeness) != NEAR_NOT;
}

enum near_how
near_compare(const struct near *a, const struct near *b, double likeness)
{
	enum near_how how = compare_sketches(&a->sketch, &b->sketch, likeness);

	if (how == NEAR_SHINGLES && near_shared(a, b) < likeness)
		return NEAR_NOT;
	return how;
}

void
near_trim(struct near *t)
{
	buf_free(&t->text);
	alike_free(&t->digest);
	t->shingles = mem_array(t->shingles, t->n + 1, sizeof *t->shingles);
	t->cap = t->n + 1;
}

void
near_free(struct near *t)
{
	free(t->shingles);
	buf_free(&t->text);
	alike_free(&t->digest);
	*t = (struct near){ 0 };
}
