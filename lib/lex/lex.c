/* lex: the engine, which reads what the row of a language says */
#include "lex/lex.h"

#include <strings.h>

#include "base/text.h"
#include "lex/lex-in.h"
#include "lex/lex-table.h"

const struct lex_language *
lex_find(struct span name)
{
	size_t i;

	for (i = 1; i < lex_languages; i++)
		if (span_is(name, lex_table[i].name))
			return &lex_table[i];
	return NULL;
}

const char *
lex_name(const struct lex_language *l)
{
	return l->name;
}

void
lexer_start(struct lexer *lx, const struct lex_language *l, struct span text)
{
	memset(lx, 0, sizeof *lx);
	lx->language = l != NULL ? l : &lex_table[0];
	lx->text = text;
	lx->fresh = true;
	lx->next = lexer_next;
	/* A text of PHP without any tag is a part of a file: all code. */
	lx->outside = has(lx, HAS_TAGS) && text.n > 1 &&
		      memmem(text.p, text.n, "<?", 2) != NULL;
}

/* Read a number: digits, letters, points between digits, signed exponents. */
static int
number(struct lexer *lx)
{
	char c;

	for (; (c = peek(lx, 0)) != '\0'; lx->at++) {
		if (c == '.') {
			if (peek(lx, 1) < '0' || peek(lx, 1) > '9')
				break;
		} else if (c == '+' || c == '-') {
			c = (char)(lx->text.p[lx->at - 1] | 32);
			if ((c != 'e' && c != 'p') || peek(lx, 1) < '0' ||
			    peek(lx, 1) > '9')
				break;
		} else if (c == '\'') {
			if (!has(lx, HAS_DIRECTIVES) ||
			    !lex_in_name(lx, peek(lx, 1)))
				break;
		} else if ((c < '0' || c > '9') && c != '_' &&
			   ((c | 32) < 'a' || (c | 32) > 'z')) {
			break;
		}
	}
	return LEX_NUMBER;
}

static int
compare(const char *key, struct span s, bool any_case)
{
	size_t i;
	char c;

	for (i = 0; i < s.n; i++) {
		c = s.p[i];
		if (any_case && c >= 'A' && c <= 'Z')
			c = (char)(c | 32);
		if (key[i] != c)
			return (unsigned char)key[i] < (unsigned char)c ? -1
									: 1;
	}
	return key[i] != '\0';
}

static bool
is_keyword(const struct lexer *lx, struct span s)
{
	const struct lex_language *l = lx->language;
	size_t low = 0, high = l->nkeywords, mid;
	int order;

	while (low < high) {
		mid = low + (high - low) / 2;
		order = compare(l->keywords[mid], s, has(lx, HAS_ANY_CASE));
		if (order == 0)
			return true;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

static int
name(struct lexer *lx)
{
	struct span s = { lx->text.p + lx->at, 0 };

	lx->at++;
	while (lx->at < lx->text.n && lex_in_name(lx, lx->text.p[lx->at]))
		lx->at++;
	s.n = (size_t)(lx->text.p + lx->at - s.p);
	if (s.n > 24 || (has(lx, HAS_DOTTED) && lx->any &&
			    (lex_prev_is(lx, ".") || lex_prev_is(lx, "?.") ||
				lex_prev_is(lx, "&."))))
		return LEX_NAME;
	return is_keyword(lx, s) ? LEX_KEYWORD : LEX_NAME;
}

static int
operator(struct lexer *lx)
{
	static const char *const all[] = { "===", "!==", "...", "<=>",
		"<<=", "=>", "->", "::", "==", "!=", "<=", ">=", "&&", "||",
		"++", "--",
		"+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "?.", "??",
		"**", "..", ":=", "=~", "!~", "<-", "&." };
	size_t i;

	/* Most operators are single bytes. */
	if (strchr("=&|+-.<>:?*~", peek(lx, 1)) != NULL)
		for (i = 0; i < sizeof all / sizeof *all; i++)
			if (*all[i] == peek(lx, 0) &&
			    lex_at(lx, lx->at, all[i])) {
				lx->at += strlen(all[i]);
				return LEX_OPERATOR;
			}
	lx->at++;
	return LEX_OPERATOR;
}

/* Return the offset behind a comment that may have others within. */
static size_t
block_end(const struct lexer *lx, const char *open, const char *close)
{
	bool nested = has(lx, HAS_NESTING);
	size_t at = lx->at + strlen(open);
	int depth = 0;

	for (; at < lx->text.n; at++) {
		if (lx->text.p[at] == *close && lex_at(lx, at, close)) {
			at += strlen(close);
			if (depth-- == 0)
				return at;
			at--;
		} else if (nested && lx->text.p[at] == *open &&
			   lex_at(lx, at, open)) {
			depth++;
			at++;
		}
	}
	return lx->text.n;
}

static int
comment(struct lexer *lx)
{
	const struct lex_language *l = lx->language;
	size_t i;

	for (i = 0; i < 2 && l->blocks[i][0] != NULL; i++)
		if (*l->blocks[i][0] == peek(lx, 0) &&
		    lex_at(lx, lx->at, l->blocks[i][0])) {
			lx->at =
			    block_end(lx, l->blocks[i][0], l->blocks[i][1]);
			return LEX_COMMENT;
		}
	for (i = 0; i < 3 && l->lines[i] != NULL; i++) {
		if (*l->lines[i] != peek(lx, 0) ||
		    !lex_at(lx, lx->at, l->lines[i]))
			continue;
		if (has(lx, HAS_WORDS) && !lx->fresh && lx->at > 0 &&
		    strchr(" \t;&|()\n\r`", lx->text.p[lx->at - 1]) == NULL)
			continue;
		do {
			lx->at = lex_line_end(lx, lx->at + 1);
		} while (has(lx, HAS_DIRECTIVES) && lx->at < lx->text.n &&
			 lx->text.p[lx->at - 1] == '\\');
		return LEX_COMMENT;
	}
	return -1;
}

static int
string(struct lexer *lx)
{
	const struct lex_quote *q;

	for (q = lx->language->quotes; q->open != NULL; q++)
		if (*q->open == peek(lx, 0) && lex_at(lx, lx->at, q->open)) {
			lx->at = quote_end(
			    lx, lx->at + strlen(q->open), q->close, q->how);
			return LEX_STRING;
		}
	return -1;
}

/* Read blanks, and line breaks that a backslash takes away. */
static int
space(struct lexer *lx)
{
	char c;

	for (; lx->at < lx->text.n; lx->at++) {
		c = lx->text.p[lx->at];
		if (c == '\\' && has(lx, HAS_JOINED) &&
		    (peek(lx, 1) == '\n' || lex_at(lx, lx->at + 1, "\r\n")))
			lx->at += peek(lx, 1) == '\n' ? 1 : 2;
		else if (c == '\n' || c == '\r' || (unsigned char)c > ' ')
			break;
	}
	return LEX_SPACE;
}

static int
newline(struct lexer *lx)
{
	lx->at += lex_at(lx, lx->at, "\r\n") ? 2 : 1;
	lx->fresh = true;
	lx->directive = false;
	return LEX_NEWLINE;
}

/* Read a directive to the end of its lines, or to a comment within. */
static int
directive(struct lexer *lx)
{
	char c;

	lx->directive = true;
	for (; lx->at < lx->text.n; lx->at++) {
		c = lx->text.p[lx->at];
		if (c == '\n' || c == '\r')
			break;
		if (c == '\\')
			lx->at += lex_at(lx, lx->at + 1, "\r\n") ? 2 : 1;
		else if (c == '/' && (peek(lx, 1) == '/' || peek(lx, 1) == '*'))
			break;
		else if (c == '"')
			lx->at = quote_end(lx, lx->at + 1, "\"", Q_ESCAPE) - 1;
	}
	if (lx->at > lx->text.n)
		lx->at = lx->text.n;
	return LEX_DIRECTIVE;
}

/* Read the text outside of PHP up to its tag, which goes along. */
static int
outside(struct lexer *lx)
{
	const char *p = lx->text.p + lx->at, *tag;
	size_t left = lx->text.n - lx->at;

	tag = memmem(p, left, "<?", 2);
	if (tag != NULL && (size_t)(tag - p) + 5 <= left &&
	    strncasecmp(tag + 2, "xml", 3) == 0)
		tag = memmem(tag + 2, left - (size_t)(tag + 2 - p), "<?", 2);
	if (tag == NULL) {
		lx->at = lx->text.n;
		return LEX_TEXT;
	}
	lx->at = (size_t)(tag - lx->text.p) + 2;
	if (lx->text.n - lx->at >= 3 &&
	    strncasecmp(lx->text.p + lx->at, "php", 3) == 0)
		lx->at += 3;
	else if (peek(lx, 0) == '=')
		lx->at++;
	lx->outside = false;
	return LEX_TEXT;
}

static int
scan(struct lexer *lx)
{
	char c = peek(lx, 0);
	int kind;

	if (lx->at == 0 && lex_at(lx, 0, "\xef\xbb\xbf")) {
		lx->at = 3;
		return LEX_SPACE;
	}
	if (lx->outside)
		return outside(lx);
	if (c == '\n' || c == '\r')
		return newline(lx);
	if ((unsigned char)c <= ' ' ||
	    (c == '\\' && has(lx, HAS_JOINED) &&
		(peek(lx, 1) == '\n' || lex_at(lx, lx->at + 1, "\r\n"))))
		return space(lx);
	if (lx->directive && c != '/')
		return directive(lx);
	if (lx->language->special != NULL &&
	    (kind = lx->language->special(lx)) >= 0)
		return kind;
	if ((kind = comment(lx)) >= 0)
		return kind;
	if (lx->directive || (lx->fresh && c == '#' && has(lx, HAS_DIRECTIVES)))
		return directive(lx);
	if ((kind = string(lx)) >= 0)
		return kind;
	if (has(lx, HAS_HEREDOCS) && c == '<' && peek(lx, 1) == '<' &&
	    (kind = heredoc_begin(lx)) >= 0)
		return kind;
	if ((c >= '0' && c <= '9') || (c == '.' && peek(lx, 1) >= '0' &&
					  peek(lx, 1) <= '9' && !lx->value))
		return number(lx);
	if (lex_begins_name(lx, c))
		return name(lx);
	return operator(lx);
}

/* Note a token that is no space: what precedes decides what / and < mean. */
static void
note(struct lexer *lx, struct lex_token t)
{
	struct span s = { lx->text.p + t.start, t.end - t.start };
	bool head;

	switch (t.kind) {
	case LEX_KEYWORD:
		lx->value = text_is_one_of(s, span_of(lx->language->values));
		break;
	case LEX_OPERATOR:
		lx->value = s.n == 1 && strchr(")]}", *s.p) != NULL;
		if (s.n == 1 && *s.p == '(') {
			head = lx->any && lx->prev.kind == LEX_KEYWORD &&
			       !lx->value;
			head = head && (lex_prev_is(lx, "if") ||
					   lex_prev_is(lx, "while") ||
					   lex_prev_is(lx, "for") ||
					   lex_prev_is(lx, "with"));
			if (lx->parens < LEX_PARENS)
				lx->paren[lx->parens] = head;
			lx->parens++;
		} else if (s.n == 1 && *s.p == ')' && lx->parens > 0) {
			lx->parens--;
			if (lx->parens < LEX_PARENS && lx->paren[lx->parens])
				lx->value = false;
		}
		break;
	default:
		lx->value = true;
	}
	lx->prev2 = lx->prev;
	lx->prev = t;
	lx->any = true;
	lx->fresh = false;
}

bool
lexer_next(struct lexer *lx, struct lex_token *t)
{
	if (lx->at >= lx->text.n)
		return false;
	t->start = lx->at;
	if (lx->heredocs > 0 && lx->fresh && lx->at > 0) {
		heredoc_bodies(lx);
		t->kind = LEX_STRING;
	} else {
		t->kind = (enum lex_kind)scan(lx);
	}
	if (lx->at > lx->text.n)
		lx->at = lx->text.n;
	if (lx->at <= t->start)
		lx->at = t->start + 1;
	t->end = lx->at;
	if (t->kind >= LEX_STRING)
		note(lx, *t);
	return true;
}
