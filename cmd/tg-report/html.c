/* html: hostile text as HTML that shows it and runs nothing */
#include "html.h"

#include <ctype.h>

#include "base/text.h"
#include "lex/lex.h"
#include "visible.h"

/* Append s, which no character that acts is in, with entities. */
static void
escape(struct buf *b, struct span s)
{
	const char *p, *from = s.p, *end = span_end(s), *entity;

	for (p = s.p; p < end; p++) {
		entity = *p == '<'    ? "&lt;"
			 : *p == '>'  ? "&gt;"
			 : *p == '&'  ? "&amp;"
			 : *p == '"'  ? "&quot;"
			 : *p == '\'' ? "&#39;"
				      : NULL;
		if (entity == NULL)
			continue;
		buf_add(b, from, (size_t)(p - from));
		buf_adds(b, entity);
		from = p + 1;
	}
	buf_add(b, from, (size_t)(end - from));
}

/* Append s; before and after stand around each name of a character. */
static void
add_visible(struct buf *b, struct span s, const char *before, const char *after)
{
	size_t n;

	while (s.n > 0) {
		if ((n = visible_run(s)) > 0)
			escape(b, (struct span){ s.p, n });
		s = span_skip(s, n);
		if (s.n == 0)
			break;
		buf_adds(b, before);
		visible_name(&s, b);
		buf_adds(b, after);
	}
}

void
html_text(struct buf *b, struct span s)
{
	add_visible(b, s, "<b class=x>", "</b>");
}

void
html_attribute(struct buf *b, struct span s, size_t max)
{
	add_visible(b, visible_cut(s, max, (size_t)-1), "", "");
}

/* The classes of the kinds of tokens that page.css colours. */
static const char *
class_of(enum lex_kind kind)
{
	switch (kind) {
	case LEX_COMMENT:
		return "c";
	case LEX_STRING:
		return "s";
	case LEX_NUMBER:
		return "n";
	case LEX_DIRECTIVE:
		return "d";
	case LEX_KEYWORD:
		return "k";
	default:
		return NULL;
	}
}

static void
add_tokens(struct buf *b, const struct lex_language *language, struct span text)
{
	struct lexer lexer;
	struct lex_token token;
	struct span plain = { text.p, 0 }, one;
	const char *class;

	lexer_start(&lexer, language, text);
	while (lexer_next(&lexer, &token)) {
		one = (struct span){ text.p + token.start,
			token.end - token.start };
		if ((class = class_of(token.kind)) == NULL) {
			plain.n = (size_t)(span_end(one) - plain.p);
			continue;
		}
		html_text(b, plain);
		buf_fmt(b, "<i class=%s>", class);
		html_text(b, one);
		buf_adds(b, "</i>");
		plain = (struct span){ span_end(one), 0 };
	}
	plain.n = (size_t)(span_end(text) - plain.p);
	html_text(b, plain);
}

/* Return the line at the start of s, with its newline. */
static struct span
line_of(struct span s)
{
	const char *nl = memchr(s.p, '\n', s.n);

	return nl != NULL ? (struct span){ s.p, (size_t)(nl + 1 - s.p) } : s;
}

/* Return the number of backticks that begin a line, 0 if below three. */
static size_t
ticks_of(struct span line)
{
	size_t n = 0;

	while (n < line.n && line.p[n] == '`')
		n++;
	return n >= 3 ? n : 0;
}

void
html_code(struct buf *b, const struct lex_language *language, struct span text,
    int is_code)
{
	struct span line, part = { text.p, 0 };
	size_t open = 0, ticks;

	if (is_code) {
		add_tokens(b, language, text);
		return;
	}
	for (; text.n > 0; text = span_skip(text, line.n)) {
		line = line_of(text);
		ticks = ticks_of(line);
		if (ticks == 0 || (open > 0 && ticks != open)) {
			part.n = (size_t)(span_end(line) - part.p);
			continue;
		}
		if (open > 0)
			add_tokens(b, language, part);
		else
			html_text(b, part);
		html_text(b, line);
		open = open > 0 ? 0 : ticks;
		part = (struct span){ span_end(line), 0 };
	}
	html_text(b, part);
}

int
html_looks_like_code(struct span s)
{
	size_t i, marks = 0, words = 0, indented = 0;

	if (s.n > 4000)
		s.n = 4000;
	for (i = 0; i < s.n; i++) {
		marks += memchr("{}()[];=<>_/*#$\\|&+", s.p[i], 19) != NULL;
		words += i > 0 && isalpha((unsigned char)s.p[i]) &&
			 !isalpha((unsigned char)s.p[i - 1]);
		indented += i > 0 && s.p[i - 1] == '\n' &&
			    (s.p[i] == ' ' || s.p[i] == '\t');
	}
	return marks * 4 > words + 8 || indented * 20 > words + 20;
}
