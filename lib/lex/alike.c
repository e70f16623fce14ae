/* alike: a digest over what the tokens of a text are, not what they say */
#include "lex/alike.h"

#include "base/hash.h"

enum {
	TOKENS_MIN = 16, /* tokens below which a text is compared exactly */
	DEPTH_MAX = 2    /* directives are read as tokens of their own */
};

/* Append what a token contributes; count it if it does. */
static void
add_token(struct buf *out, struct span s, enum lex_kind kind, size_t *n)
{
	switch (kind) {
	case LEX_SPACE:
	case LEX_NEWLINE:
	case LEX_COMMENT:
		return;
	case LEX_STRING:
	case LEX_NUMBER:
		buf_addc(out, '1');
		break;
	case LEX_NAME:
		buf_addc(out, 'n');
		break;
	default:
		buf_addspan(out, s);
	}
	buf_addc(out, '\0');
	++*n;
}

static void add_tokens(struct buf *out, const struct lex_language *,
    struct span text, int depth, size_t *n);

/* Append what a token of a text contributes, directives by their tokens. */
static void
add_read(struct buf *out, struct span text, const struct lex_token *t,
    int depth, size_t *n)
{
	struct span s = { text.p + t->start, t->end - t->start };

	if (t->kind == LEX_DIRECTIVE && depth < DEPTH_MAX) {
		buf_addc(out, '#');
		s = span_skip(s, *s.p == '#' || *s.p == '{');
		add_tokens(out, NULL, s, depth + 1, n);
	} else {
		add_token(out, s, t->kind, n);
	}
}

/* Append what the next token contributes; return false at the end. */
static bool
add_next(struct buf *out, struct lexer *lx, int depth, size_t *n)
{
	struct lex_token t;

	if (!lexer_next(lx, &t))
		return false;
	add_read(out, lx->text, &t, depth, n);
	return true;
}

static void
add_tokens(struct buf *out, const struct lex_language *language,
    struct span text, int depth, size_t *n)
{
	struct lexer lx;

	lexer_start(&lx, language, text);
	while (add_next(out, &lx, depth, n))
		;
}

static int
hex_value(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

void
alike_add(struct alike *a, struct span text, const struct lex_token *t)
{
	add_read(&a->out, text, t, 0, &a->n);
}

void
alike_end(struct alike *a, struct span text, unsigned char digest[ALIKE_BYTES])
{
	char hex[MD5_HEX];
	size_t i;

	if (a->n < TOKENS_MIN) {
		buf_clear(&a->out);
		buf_adds(&a->out, "exact");
		buf_add0(&a->out, text);
	}
	hash_md5(buf_span(&a->out), hex);
	for (i = 0; i < ALIKE_BYTES; i++)
		digest[i] = (unsigned char)(hex_value(hex[2 * i]) << 4 |
					    hex_value(hex[2 * i + 1]));
	buf_clear(&a->out);
	a->n = 0;
}

void
alike_free(struct alike *a)
{
	buf_free(&a->out);
}

void
alike_digest(const struct lex_language *language, struct span text,
    unsigned char digest[ALIKE_BYTES])
{
	struct alike a = { 0 };

	add_tokens(&a.out, language, text, 0, &a.n);
	alike_end(&a, text, digest);
	alike_free(&a);
}

bool
alike_same(const struct lex_language *language, struct span a, struct span b)
{
	struct lexer lexers[2];
	struct buf out[2] = { { 0 } };
	bool same = true, more = true;
	size_t n = 0, other = 0;

	lexer_start(&lexers[0], language, a);
	lexer_start(&lexers[1], language, b);
	while (same && more) {
		buf_clear(&out[0]);
		buf_clear(&out[1]);
		more = false;
		while (out[0].n == 0 && add_next(&out[0], &lexers[0], 0, &n))
			more = true;
		while (
		    out[1].n == 0 && add_next(&out[1], &lexers[1], 0, &other))
			more = true;
		same = span_eq(buf_span(&out[0]), buf_span(&out[1]));
	}
	buf_free(&out[0]);
	buf_free(&out[1]);
	return same && (n >= TOKENS_MIN || span_eq(a, b));
}
