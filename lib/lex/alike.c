/* alike: a digest over what the tokens of a text are, not what they say */
#include "lex/alike.h"

#include <stdio.h>

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

static void
add_tokens(struct buf *out, const struct lex_language *language,
    struct span text, int depth, size_t *n)
{
	struct lexer lx;
	struct lex_token t;
	struct span s;

	lexer_start(&lx, language, text);
	while (lexer_next(&lx, &t)) {
		s = (struct span){ text.p + t.start, t.end - t.start };
		if (t.kind == LEX_DIRECTIVE && depth < DEPTH_MAX) {
			buf_addc(out, '#');
			s = span_skip(s, *s.p == '#' || *s.p == '{');
			add_tokens(out, NULL, s, depth + 1, n);
		} else {
			add_token(out, s, t.kind, n);
		}
	}
}

void
alike_digest(const struct lex_language *language, struct span text,
    unsigned char digest[ALIKE_BYTES])
{
	struct buf out = { 0 };
	char hex[MD5_HEX];
	size_t i, n = 0;

	add_tokens(&out, language, text, 0, &n);
	if (n < TOKENS_MIN) {
		buf_clear(&out);
		buf_adds(&out, "exact");
		buf_add0(&out, text);
	}
	hash_md5(buf_span(&out), hex);
	for (i = 0; i < ALIKE_BYTES; i++)
		sscanf(hex + 2 * i, "%2hhx", &digest[i]);
	buf_free(&out);
}
