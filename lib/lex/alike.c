/* alike: a digest over what the tokens of a text are, not what they say */
#include "lex/alike.h"

#include "base/hash.h"

enum {
	TOKENS_MIN = 16, /* tokens below which names and literals count, too */
	DEPTH_MAX = 2    /* directives are read as tokens of their own */
};

/* Tokens that a text contributes, and how. */
struct tokens {
	struct buf out;
	size_t n;   /* number of tokens */
	bool exact; /* whether names and literals are added as they are */
};

/* Append what a token contributes; count it if it does. */
static void
add_token(struct tokens *to, struct span s, enum lex_kind kind)
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
    struct tokens *, const struct lex_language *, struct span text, int depth);

/* Append what the next token contributes; return false at the end. */
static bool
add_next(struct tokens *to, struct lexer *lx, int depth)
{
	struct lex_token t;
	struct span s;

	if (!lexer_next(lx, &t))
		return false;
	s = (struct span){ lx->text.p + t.start, t.end - t.start };
	if (t.kind == LEX_DIRECTIVE && depth < DEPTH_MAX) {
		buf_addc(&to->out, '#');
		s = span_skip(s, *s.p == '#' || *s.p == '{');
		add_tokens(to, NULL, s, depth + 1);
	} else {
		add_token(to, s, t.kind);
	}
	return true;
}

static void
add_tokens(struct tokens *to, const struct lex_language *language,
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
    struct tokens *to, const struct lex_language *language, struct span text)
{
	buf_clear(&to->out);
	*to = (struct tokens){ .out = to->out, .exact = true };
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
alike_digest(const struct lex_language *language, struct span text,
    unsigned char digest[ALIKE_BYTES])
{
	struct tokens to = { 0 };
	char hex[MD5_HEX];
	size_t i;

	add_tokens(&to, language, text, 0);
	if (to.n < TOKENS_MIN)
		add_exact(&to, language, text);
	hash_md5(buf_span(&to.out), hex);
	for (i = 0; i < ALIKE_BYTES; i++)
		digest[i] = (unsigned char)(hex_value(hex[2 * i]) << 4 |
					    hex_value(hex[2 * i + 1]));
	buf_free(&to.out);
}

bool
alike_same(const struct lex_language *language, struct span a, struct span b)
{
	struct tokens to[2] = { { .n = 0 } };
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
