/* shingles: runs of words and signs that two texts have in common */
#include "shingles.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/text.h"

/* The last words and signs of the text that is read. */
struct window {
	uint64_t last[SHINGLE];
	size_t n;
};

static void
add_unit(struct shingles *s, struct window *w, struct span unit)
{
	uint64_t h = 0;
	size_t i;

	for (i = 0; i < unit.n; i++)
		h = h * 1099511628211u + (unsigned char)unit.p[i] + 1;
	w->last[w->n++ % SHINGLE] = h;
	if (w->n < SHINGLE)
		return;
	for (h = 0, i = 0; i < SHINGLE; i++)
		h = hash_mix(h, w->last[(w->n + i) % SHINGLE] + 1);
	if (s->n == s->cap) {
		s->cap = s->cap > 0 ? 2 * s->cap : 256;
		s->v = mem_array(s->v, s->cap, sizeof *s->v);
	}
	s->v[s->n++] = h;
}

/* Take a word of letters and digits, which gives 1, or a byte off *text. */
static int
next_unit(struct span *text, struct span *unit)
{
	int is_word;

	*unit = (struct span){ text->p, 0 };
	while (unit->n < text->n && (text_is_word_char(unit->p[unit->n]) ||
					(unit->p[unit->n] & 0x80) != 0))
		unit->n++;
	is_word = unit->n > 0;
	unit->n += (size_t)!is_word;
	*text = span_skip(*text, unit->n);
	return is_word;
}

/* Add a piece of text: words, and other signs alone. */
static void
add_text(struct shingles *s, struct window *w, struct span text)
{
	struct span unit;

	while (text.n > 0)
		if (next_unit(&text, &unit) ||
		    (*unit.p != ' ' && (*unit.p < '\t' || *unit.p > '\r')))
			add_unit(s, w, unit);
}

void
shingles_read(struct shingles *s, struct span text, int as_code, int bare,
    const struct lex_language *lex)
{
	struct window w = { { 0 }, 0 };
	struct lex_token t;
	struct lexer lx;

	s->n = 0;
	if (!as_code) {
		add_text(s, &w, text);
		return;
	}
	lexer_start(&lx, lex, text);
	while (lexer_next(&lx, &t))
		if (t.kind != LEX_SPACE && t.kind != LEX_NEWLINE &&
		    t.kind != LEX_COMMENT && !(bare && t.kind == LEX_STRING))
			add_text(s, &w,
			    (struct span){ text.p + t.start, t.end - t.start });
}

/* Take the number of a list's item off the start of a line. */
static struct span
without_number(struct span line)
{
	struct span s = text_trim(line);
	size_t n = 0;

	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	return n > 0 && n < s.n && strchr(".):", s.p[n]) != NULL
		   ? span_skip(s, n)
		   : s;
}

/* Add the words of a piece of text. */
static void
add_words(struct shingles *s, struct window *w, struct span text)
{
	struct span unit;

	while (text.n > 0)
		if (next_unit(&text, &unit))
			add_unit(s, w, unit);
}

void
shingles_read_words(struct shingles *s, struct span text)
{
	struct window w = { { 0 }, 0 };

	s->n = 0;
	while (text.n > 0)
		add_words(s, &w, without_number(text_take_line(&text)));
}

void
shingles_read_names(
    struct shingles *s, struct span code, const struct lex_language *lex)
{
	struct window w = { { 0 }, 0 };
	struct lex_token t;
	struct lexer lx;
	struct span token;

	s->n = 0;
	lexer_start(&lx, lex, code);
	while (lexer_next(&lx, &t)) {
		token = (struct span){ code.p + t.start, t.end - t.start };
		if (t.kind != LEX_COMMENT &&
		    (t.kind != LEX_STRING ||
			memchr(token.p, ' ', token.n) == NULL))
			add_words(s, &w, token);
	}
}

static int
by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

double
shingles_share(const struct shingles *a, struct shingles *b)
{
	size_t i, found = 0;

	if (a->n == 0 || b->n == 0)
		return 0;
	qsort(b->v, b->n, sizeof *b->v, by_value);
	for (i = 0; i < a->n; i++)
		found += bsearch(&a->v[i], b->v, b->n, sizeof *b->v,
			     by_value) != NULL;
	return (double)found / (double)a->n;
}
