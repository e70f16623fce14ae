/* layout: code without its layout */
#include "layout.h"

#include <ctype.h>

#include "base/text.h"

enum { LEVELS = 64 };

/* Code that is written down without its layout. */
struct plain {
	struct buf out;
	int depth;            /* brackets that are open */
	int indented;         /* flag: indentation is grammar */
	int quotes;           /* flag: both kinds of quotes mean the same */
	size_t level[LEVELS]; /* columns of the blocks that are open */
	int levels;           /* number of these */
	int fresh;            /* flag: no token is on this line yet */
	int broken;           /* flag: a line break is before this token */
	int bare;             /* flag: comments and docstrings do not count */
};

static int
is_in(const struct lex_language *lex, const char *keys)
{
	return lex != NULL &&
	       text_is_one_of(span_of(lex_name(lex)), span_of(keys));
}

/* Write the level of indentation of a line whose first token is at column. */
static void
add_level(struct plain *p, size_t column)
{
	while (p->levels > 0 && p->level[p->levels - 1] > column)
		p->levels--;
	if ((p->levels == 0 || p->level[p->levels - 1] < column) &&
	    p->levels < LEVELS)
		p->level[p->levels++] = column;
	buf_fmt(&p->out, "\n%d", p->levels);
}

static int
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Write a string, or comment, without the blanks at its lines' ends. */
static void
add_long(struct plain *p, struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '\n')
			while (p->out.n > 0 && is_blank(p->out.p[p->out.n - 1]))
				p->out.n--;
		buf_addc(&p->out, s.p[i]);
		if (s.p[i] == '\n')
			while (i + 1 < s.n && is_blank(s.p[i + 1]))
				i++;
	}
}

/* Write a string with double quotes if it has none inside. */
static void
add_string(struct plain *p, struct span s)
{
	if (p->quotes && s.n >= 2 && *s.p == '\'' && s.p[s.n - 1] == '\'' &&
	    memchr(s.p, '"', s.n) == NULL && memchr(s.p, '\\', s.n) == NULL &&
	    memchr(s.p, '\n', s.n) == NULL) {
		buf_addc(&p->out, '"');
		buf_add(&p->out, s.p + 1, s.n - 2);
		buf_addc(&p->out, '"');
		return;
	}
	add_long(p, s);
}

/* Write a token that is no white space. */
static void
add_token(struct plain *p, enum lex_kind kind, struct span s, size_t column)
{
	char c = s.n == 1 ? *s.p : '\0';

	if (p->indented && p->fresh && p->depth == 0 && kind != LEX_COMMENT)
		add_level(p, column);
	if (c != '\0' && strchr(")]}", c) != NULL) {
		p->depth -= p->depth > 0;
		if (p->broken && p->out.n > 1 &&
		    memcmp(p->out.p + p->out.n - 2, "\0,", 2) == 0)
			p->out.n -= 2;
	} else if (c != '\0' && strchr("([{", c) != NULL) {
		p->depth++;
	}
	buf_addc(&p->out, '\0');
	if (kind == LEX_STRING)
		add_string(p, s);
	else if (kind == LEX_COMMENT || kind == LEX_DIRECTIVE ||
		 kind == LEX_TEXT)
		add_long(p, text_trim(s));
	else
		buf_addspan(&p->out, s);
	p->fresh = p->broken = 0;
}

/* Return whether a token is a comment or docstring that does not count. */
static int
is_left_out(const struct plain *p, enum lex_kind kind)
{
	return p->bare && (kind == LEX_COMMENT ||
			      (kind == LEX_STRING && p->indented && p->fresh &&
				  p->depth == 0));
}

static void
read_plain(struct plain *p, const struct lex_language *lex, struct span text,
    int bare)
{
	struct lex_token t;
	struct lexer lx;
	struct span s;
	size_t line = 0;

	*p = (struct plain){ .fresh = 1, .bare = bare };
	p->indented = is_in(lex, "python|haskell");
	p->quotes = is_in(lex, "python|javascript|typescript");
	lexer_start(&lx, lex, text);
	while (lexer_next(&lx, &t)) {
		s = (struct span){ text.p + t.start, t.end - t.start };
		if (t.kind == LEX_NEWLINE) {
			p->fresh = p->broken = 1;
			line = t.end;
		} else if (t.kind == LEX_SPACE) {
			p->broken |= memchr(s.p, '\n', s.n) != NULL;
		} else if (!is_left_out(p, t.kind)) {
			add_token(p, t.kind, s, t.start - line);
		}
	}
}

/* Return whether codes are equal, written down with or without comments. */
static int
same(const struct lex_language *lex, struct span a, struct span b, int bare)
{
	struct plain p, q;
	int is_same;

	if (a.n / 4 > b.n || b.n / 4 > a.n) /* layout is less than that */
		return 0;
	read_plain(&p, lex, a, bare);
	read_plain(&q, lex, b, bare);
	is_same = p.out.n > 0 && span_eq(buf_span(&p.out), buf_span(&q.out));
	buf_free(&p.out);
	buf_free(&q.out);
	return is_same;
}

int
layout_same(const struct lex_language *lex, struct span a, struct span b)
{
	return same(lex, a, b, 0);
}

int
layout_same_bare(const struct lex_language *lex, struct span a, struct span b)
{
	return same(lex, a, b, 1);
}

/* Take the next byte that is no white space off *s; return it plus 1; 0: none.
 */
static int
next_byte(struct span *s)
{
	while (s->n > 0 && isspace((unsigned char)*s->p))
		*s = span_skip(*s, 1);
	if (s->n == 0)
		return 0;
	*s = span_skip(*s, 1);
	return (unsigned char)s->p[-1] + 1;
}

int
layout_same_text(struct span a, struct span b)
{
	int c;

	do
		if ((c = next_byte(&a)) != next_byte(&b))
			return 0;
	while (c != 0);
	return 1;
}
