/* terms: a text of source code as the terms that a search compares */
#include "index/terms.h"

#include <stdlib.h>
#include <utf8proc.h>

#include "base/mem.h"
#include "base/text.h"

/* Kinds of characters. A word is a run of those between APART and ALONE. */
enum kind { APART, JOINT, LOWER, UPPER, DIGIT, ALONE, WIDE };

#define EIGHT(k) k, k, k, k, k, k, k, k
#define SIXTY_FOUR(k)                                                          \
	EIGHT(k), EIGHT(k), EIGHT(k), EIGHT(k), EIGHT(k), EIGHT(k), EIGHT(k),  \
	    EIGHT(k)
#define LETTERS(k) EIGHT(k), EIGHT(k), EIGHT(k), k, k

/* The kinds of bytes; WIDE: the byte is not ASCII. */
static const unsigned char kinds[256] = {
	['0'] = EIGHT(DIGIT),
	DIGIT,
	DIGIT,
	['A'] = LETTERS(UPPER),
	['_'] = JOINT,
	['a'] = LETTERS(LOWER),
	[128] = SIXTY_FOUR(WIDE),
	SIXTY_FOUR(WIDE),
};

/* A word: its characters, bytes of ASCII or else code points, and their kinds.
 */
struct word {
	const char *plain;
	const int32_t *wide; /* NULL: the characters are in plain */
	const unsigned char *kind;
	size_t n;
};

static int32_t *
code_points(const struct buf *b)
{
	return (int32_t *)(void *)b->p;
}

/* Append the characters of UTF-8 in NFC, without what is no UTF-8, to out. */
static void
compose(struct buf *out, struct span s)
{
	const utf8proc_option_t how = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
	const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)s.p;
	utf8proc_ssize_t n = (utf8proc_ssize_t)s.n, need;

	need = utf8proc_decompose(p, n, NULL, 0, how);
	if (need <= 0)
		return;
	/* the last place is written to, too */
	buf_need(out, ((size_t)need + 1) * sizeof(int32_t));
	need = utf8proc_decompose(p, n, code_points(out), need, how);
	need = utf8proc_normalize_utf32(code_points(out), need, how);
	out->n = (size_t)need * sizeof(int32_t);
}

static void
add_utf8(struct buf *out, const int32_t *c, size_t n)
{
	size_t i;

	buf_need(out, 4 * n);
	for (i = 0; i < n; i++)
		out->n += (size_t)utf8proc_encode_char(
		    c[i], (utf8proc_uint8_t *)out->p + out->n);
}

/* Append characters of NFC to a buffer as small letters of NFC. */
static void
add_small(struct buf *out, const int32_t *c, size_t n)
{
	struct buf small = { 0 }, points = { 0 };
	int32_t low;
	size_t i;

	for (i = 0; i < n; i++) {
		low = utf8proc_tolower(c[i]);
		add_utf8(&small, &low, 1);
	}
	compose(&points, buf_span(&small));
	add_utf8(out, code_points(&points), points.n / sizeof *c);
	buf_free(&small);
	buf_free(&points);
}

/* Append n characters of a word, from the first on, as a term. */
static void
add_term(struct terms *t, const struct word *w, size_t first, size_t n)
{
	struct buf *out = &t->bytes;
	size_t i, start = out->n;

	if (n == 0 || n > TERMS_LONGEST)
		return;
	if (w->wide != NULL) {
		add_small(out, w->wide + first, n);
	} else {
		buf_need(out, n);
		for (i = first; i < first + n; i++)
			out->p[out->n++] =
			    (char)(w->plain[i] +
				   (w->kind[i] == UPPER ? 'a' - 'A' : 0));
	}
	if (out->n - start > TERMS_LONGEST || out->n == start) {
		out->n = start;
		return;
	}
	if (t->n == t->cap) {
		t->cap = t->cap > 0 ? 2 * t->cap : 256;
		t->end = mem_array(t->end, t->cap, sizeof *t->end);
	}
	t->end[t->n++] = (uint32_t)out->n;
}

/* Return whether a part of a name ends before its character i > 0. */
static bool
part_ends(const struct word *w, size_t i)
{
	enum kind last = w->kind[i - 1], k = w->kind[i];

	if (last == k) /* the last capital of a run begins the next part */
		return k == UPPER && i + 1 < w->n && w->kind[i + 1] == LOWER;
	return last != UPPER || k != LOWER;
}

/* Append a word, and its parts unless it is one itself. */
static void
add_word(struct terms *t, const struct word *w)
{
	size_t start = 0, end = 0;

	while (start < w->n && w->kind[start] <= JOINT)
		start++;
	if (start == w->n || w->n > TERMS_LONGEST)
		return; /* signs alone, or data rather than a name */
	add_term(t, w, 0, w->n);
	for (; start < w->n; start = end) {
		for (end = start + 1; end < w->n && !part_ends(w, end);)
			end++;
		if (w->kind[start] > JOINT && end - start < w->n)
			add_term(t, w, start, end - start);
	}
}

/* Return the kind of a character that is no ASCII. */
static enum kind
wide_kind(int32_t c)
{
	utf8proc_category_t category = utf8proc_category(c);

	if (category == UTF8PROC_CATEGORY_CN || category > UTF8PROC_CATEGORY_NO)
		return APART;
	/* scripts without spaces between words */
	if ((c >= 0x2e80 && c < 0xa4d0) || (c >= 0xf900 && c < 0xfb00) ||
	    (c >= 0x20000 && c < 0x40000) || (c >= 0xe00 && c < 0xf00))
		return ALONE;
	if (category >= UTF8PROC_CATEGORY_ND)
		return DIGIT;
	return category == UTF8PROC_CATEGORY_LU ||
		       category == UTF8PROC_CATEGORY_LT
		   ? UPPER
		   : LOWER;
}

/* Append the words of a run of characters that are not all ASCII. */
static void
add_wide(struct terms *t, struct span run)
{
	struct buf points = { 0 }, kind = { 0 };
	struct word w = { 0 };
	size_t i, n;
	int32_t c;

	compose(&points, run);
	n = points.n / sizeof c;
	for (i = 0; i < n; i++) {
		c = code_points(&points)[i];
		buf_addc(&kind, c < 128 ? (char)kinds[c] : (char)wide_kind(c));
	}
	for (i = 0; i < n; i += w.n + (w.n == 0)) {
		w.wide = code_points(&points) + i;
		w.kind = (const unsigned char *)kind.p + i;
		for (w.n = 0;
		     i + w.n < n && w.kind[w.n] > APART && w.kind[w.n] < ALONE;)
			w.n++;
		if (w.n > 0)
			add_word(t, &w);
		else if (w.kind[0] == ALONE)
			add_term(t, &w, 0, 1);
	}
	buf_free(&points);
	buf_free(&kind);
}

/* Append the words of a run of letters, digits and what is no ASCII. */
static void
add_run(struct terms *t, struct span run)
{
	struct word w = { .plain = run.p, .n = run.n };
	bool wide = false;
	size_t i;

	t->kind.n = 0;
	buf_need(&t->kind, run.n);
	for (i = 0; i < run.n; i++) {
		t->kind.p[i] = (char)kinds[(unsigned char)run.p[i]];
		wide = wide || t->kind.p[i] == WIDE;
	}
	w.kind = (const unsigned char *)t->kind.p;
	if (wide)
		add_wide(t, run);
	else
		add_word(t, &w);
}

/* Return the number of hex digits at the start of s, at most max. */
static size_t
hex_digits(struct span s, size_t max)
{
	size_t n = 0;

	while (n < s.n && n < max &&
	       ((s.p[n] >= '0' && s.p[n] <= '9') ||
		   ((s.p[n] | 32) >= 'a' && (s.p[n] | 32) <= 'f')))
		n++;
	return n;
}

/* Return the length of the escape that s, behind a backslash, begins with. */
static size_t
escape_length(struct span s)
{
	static const char letters[] = "abfnrtv0BdDsSwWzZ";
	size_t n = 0;

	if (s.n == 0)
		return 0;
	if (*s.p == 'x' || *s.p == 'u' || *s.p == 'U') {
		n = hex_digits(span_skip(s, 1), *s.p == 'x'   ? 2
						: *s.p == 'u' ? 4
							      : 8);
		return n >= 2 ? n + 1 : 0;
	}
	return *s.p != '\0' && strchr(letters, *s.p) != NULL;
}

/* Append the words of a text, in which backslashes may begin escapes. */
static void
add_text(struct terms *t, struct span s, bool escapes)
{
	const char *p = s.p, *end = span_end(s), *start;

	while (p < end) {
		if (kinds[(unsigned char)*p] == APART) {
			p++;
			if (escapes && p[-1] == '\\')
				p += escape_length(
				    (struct span){ p, (size_t)(end - p) });
			continue;
		}
		for (start = p; p < end && kinds[(unsigned char)*p] != APART;)
			p++;
		add_run(t, (struct span){ start, (size_t)(p - start) });
	}
}

/* Append a name, whole with the signs within it, and its parts. */
static void
add_name(struct terms *t, struct span s)
{
	while (s.n > 0 && kinds[(unsigned char)*s.p] == APART)
		s = span_skip(s, 1);
	add_run(t, s);
}

/* Return a string without letters before its quote, as in r"raw". */
static struct span
without_prefix(struct span s)
{
	size_t n = 0;

	while (n < s.n && n < 3 && kinds[(unsigned char)s.p[n]] > JOINT)
		n++;
	return n < s.n && (s.p[n] == '"' || s.p[n] == '\'') ? span_skip(s, n)
							    : s;
}

void
terms_read(struct terms *t, const struct lex_language *language,
    struct span text, struct alike *alike)
{
	struct lexer lx;
	struct lex_token token;
	struct span s;

	t->n = 0;
	buf_clear(&t->bytes);
	lexer_start(&lx, language, text);
	while (lexer_next(&lx, &token)) {
		if (alike != NULL)
			alike_add(alike, text, &token);
		s = (struct span){ text.p + token.start,
			token.end - token.start };
		switch (token.kind) {
		case LEX_SPACE:
		case LEX_NEWLINE:
		case LEX_OPERATOR:
			break;
		case LEX_NAME:
			add_name(t, s);
			break;
		case LEX_STRING:
			add_text(t, without_prefix(s), true);
			break;
		default:
			add_text(t, s, false);
		}
	}
}

void
terms_free(struct terms *t)
{
	buf_free(&t->bytes);
	buf_free(&t->kind);
	free(t->end);
	*t = (struct terms){ 0 };
}
