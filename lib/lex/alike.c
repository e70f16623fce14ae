/* alike: a digest over what the tokens of a text are, not what they say */
#include "lex/alike.h"

#include "base/hash.h"

enum {
	TOKENS_MIN = 16, /* tokens below which names and literals count, too */
	DEPTH_MAX = 2    /* directives are read as tokens of their own */
};

/* Append what a token contributes; count it if it does. */
static void
add_token(struct alike *to, struct span s, enum lex_kind kind)
{
	switch (kind) {
	case LEX_SPACE:
	case LEX_NEWLINE:
	case LEX_COMMENT:
		return;
	case LEX_STRING:
	case LEX_NUMBER:
		buf_addspan(&to->out, to->exact ? s : span_of("1"));
		break;
	case LEX_NAME:
		buf_addspan(&to->out, to->exact ? s : span_of("n"));
		break;
	default:
		buf_addspan(&to->out, s);
	}
	buf_addc(&to->out, '\0');
	to->n++;
}

static void add_tokens(
    struct alike *, const struct lex_language *, struct span text, int depth);

/* Append what a token of a text contributes, directives by their tokens. */
static void
add_read(
    struct alike *to, struct span text, const struct lex_token *t, int depth)
{
	struct span s = { text.p + t->start, t->end - t->start };

	if (t->kind == LEX_DIRECTIVE && depth < DEPTH_MAX) {
		buf_addc(&to->out, '#');
		s = span_skip(s, *s.p == '#' || *s.p == '{');
		add_tokens(to, NULL, s, depth + 1);
	} else {
		add_token(to, s, t->kind);
	}
}

/* Append what the next token contributes; return false at the end. */
static bool
add_next(struct alike *to, struct lexer *lx, int depth)
{
	struct lex_token t;

	if (!lexer_next(lx, &t))
		return false;
	add_read(to, lx->text, &t, depth);
	return true;
}

static void
add_tokens(struct alike *to, const struct lex_language *language,
    struct span text, int depth)
{
	struct lexer lx;

	lexer_start(&lx, language, text);
	while (add_next(to, &lx, depth))
		;
}

/* Replace what a text of too few tokens contributes by the tokens themselves.
 */
static void
add_exact(
    struct alike *to, const struct lex_language *language, struct span text)
{
	buf_clear(&to->out);
	*to = (struct alike){ .out = to->out, .exact = true };
	add_tokens(to, language, text, 0);
	buf_adds(&to->out, "exact");
	if (to->n == 0)
		buf_addspan(&to->out, text);
}

static int
hex_value(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

void
alike_add(struct alike *a, struct span text, const struct lex_token *t)
{
	add_read(a, text, t, 0);
}

void
alike_end(struct alike *a, const struct lex_language *language,
    struct span text, unsigned char digest[ALIKE_BYTES])
{
	char hex[MD5_HEX];
	size_t i;

	if (a->n < TOKENS_MIN)
		add_exact(a, language, text);
	hash_md5(buf_span(&a->out), hex);
	for (i = 0; i < ALIKE_BYTES; i++)
		digest[i] = (unsigned char)(hex_value(hex[2 * i]) << 4 |
					    hex_value(hex[2 * i + 1]));
	buf_clear(&a->out);
	*a = (struct alike){ .out = a->out };
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

	add_tokens(&a, language, text, 0);
	alike_end(&a, language, text, digest);
	alike_free(&a);
}

bool
alike_same(const struct lex_language *language, struct span a, struct span b)
{
	struct alike to[2] = { { .n = 0 } };
	struct lexer lexers[2];
	bool same = true, more = true;

	lexer_start(&lexers[0], language, a);
	lexer_start(&lexers[1], language, b);
	while (same && more) {
		buf_clear(&to[0].out);
		buf_clear(&to[1].out);
		more = false;
		while (to[0].out.n == 0 && add_next(&to[0], &lexers[0], 0))
			more = true;
		while (to[1].out.n == 0 && add_next(&to[1], &lexers[1], 0))
			more = true;
		same = span_eq(buf_span(&to[0].out), buf_span(&to[1].out));
	}
	if (same && to[0].n < TOKENS_MIN) {
		add_exact(&to[0], language, a);
		add_exact(&to[1], language, b);
		same = span_eq(buf_span(&to[0].out), buf_span(&to[1].out));
	}
	buf_free(&to[0].out);
	buf_free(&to[1].out);
	return same;
}
