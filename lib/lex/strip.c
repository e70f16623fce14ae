/* strip: code without its comments */
#include "lex/strip.h"

#include <string.h>

#include "lex/lex-in.h"

static bool
begins(struct span s, const char *word)
{
	size_t n = strlen(word);

	return s.n >= n && memcmp(s.p, word, n) == 0;
}

/* Return whether s holds what names an encoding: coding: utf-8, coding=. */
static bool
names_encoding(struct span s)
{
	const char *p = memmem(s.p, s.n, "coding", 6);

	return p != NULL && p + 6 < span_end(s) && (p[6] == ':' || p[6] == '=');
}

/* Return whether a comment on a line, from 0, means something to a program. */
static bool
is_kept(const struct lex_language *l, struct span s, size_t start, size_t line)
{
	if (start == 0 && begins(s, "#!"))
		return true;
	if (line < 2 && *s.p == '#' && names_encoding(s))
		return true;
	if (strcmp(lex_name(l), "go") != 0)
		return false;
	return begins(s, "//go:") || begins(s, "//line ") ||
	       begins(s, "// +build") || begins(s, "//export ") ||
	       begins(s, "/*line ") ||
	       memmem(s.p, s.n, "#include", 8) != NULL ||
	       memmem(s.p, s.n, "#cgo", 4) != NULL;
}

/* Take the blanks at the end of out's last line away. */
static void
trim_line(struct buf *out, size_t from)
{
	while (out->n > from &&
	       (out->p[out->n - 1] == ' ' || out->p[out->n - 1] == '\t'))
		out->n--;
}

static bool
is_break(struct span text, size_t at)
{
	return at >= text.n || text.p[at] == '\n' || text.p[at] == '\r';
}

/*
 * Take out the comment between two offsets: with its whole line if nothing else
 * stands there, and then the line break behind it. A comment between tokens
 * becomes a blank or, unless `joins`, a line break. Return the offset at which
 * the text goes on.
 */
static size_t
take_out(struct span text, size_t end, bool joins, struct buf *out, size_t from)
{
	size_t next = end, before;
	bool code;

	while (next < text.n && (text.p[next] == ' ' || text.p[next] == '\t'))
		next++;
	before = out->n;
	trim_line(out, from);
	code = out->n > from && out->p[out->n - 1] != '\n' &&
	       out->p[out->n - 1] != '\r';
	if (!is_break(text, next)) {
		/* Code follows: its indentation, or one blank, stays. */
		if (joins || !code)
			out->n = before;
		if (code && (!joins || (out->p[out->n - 1] != ' ' &&
					   out->p[out->n - 1] != '\t'))) {
			buf_addc(out, joins ? ' ' : '\n');
		}
		return code ? next : end;
	}
	if (code || next >= text.n)
		return next;
	if (text.p[next] == '\r' && next + 1 < text.n &&
	    text.p[next + 1] == '\n')
		return next + 2;
	return next + 1;
}

void
strip_comments(const struct lex_language *l, struct span text, struct buf *out)
{
	struct lexer lx;
	struct lex_token t;
	size_t from = out->n, line = 0, skip = 0;
	struct span s;

	if (l == NULL) {
		buf_addspan(out, text);
		return;
	}
	lexer_start(&lx, l, text);
	while (lexer_next(&lx, &t)) {
		s = (struct span){ text.p + t.start, t.end - t.start };
		line += t.kind == LEX_NEWLINE;
		if (t.kind == LEX_COMMENT && !is_kept(l, s, t.start, line)) {
			skip = take_out(text, t.end,
			    l->traits & HAS_DIRECTIVES ||
				memchr(s.p, '\n', s.n) == NULL,
			    out, from);
			continue;
		}
		if (t.end <= skip)
			continue;
		if (t.start < skip)
			s = span_skip(s, skip - t.start);
		buf_addspan(out, s);
	}
}
