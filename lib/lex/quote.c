/* quote: strings, heredocs, the code within them, and the bytes of names */
#include "lex/lex-in.h"

/* Searches that find no end are few, since many would take quadratic time. */
enum { DEPTH_MAX = 16, MISSES_MAX = 64 };

bool
lex_at(const struct lexer *lx, size_t at, const char *s)
{
	size_t n = strlen(s);

	return at <= lx->text.n && lx->text.n - at >= n &&
	       memcmp(lx->text.p + at, s, n) == 0;
}

bool
lex_prev_is(const struct lexer *lx, const char *s)
{
	struct span prev;

	if (!lx->any)
		return false;
	prev.p = lx->text.p + lx->prev.start;
	prev.n = lx->prev.end - lx->prev.start;
	return span_is(prev, s);
}

size_t
lex_line_end(const struct lexer *lx, size_t at)
{
	while (
	    at < lx->text.n && lx->text.p[at] != '\n' && lx->text.p[at] != '\r')
		at++;
	return at;
}

size_t
code_end(struct lexer *lx, size_t at, char open, char close)
{
	struct lexer sub = *lx;
	struct lex_token t;
	int depth = 0;
	char c;

	sub.at = at;
	sub.depth = lx->depth + 1;
	sub.any = sub.value = sub.fresh = sub.outside = sub.directive = false;
	sub.parens = sub.heredocs = 0;
	while (sub.next(&sub, &t)) {
		c = sub.text.p[t.start];
		if (t.end - t.start != 1 || t.kind != LEX_OPERATOR)
			continue;
		if (c == close && depth-- == 0)
			break;
		if (c == open)
			depth++;
	}
	lx->misses = sub.misses;
	return sub.at;
}

/* Return the offset behind "{code:format}" of an f-string, at the code. */
static size_t
field_end(const struct lexer *lx, size_t at, const char *close)
{
	int depth = 0;
	bool format = false;
	char c, quote;

	for (; at < lx->text.n; at++) {
		c = lx->text.p[at];
		if (lex_at(lx, at, close) && (close[1] != '\0' || depth < 0))
			return at;
		if (close[1] == '\0' && (c == '\n' || c == '\r'))
			return at;
		if (c == '{' || c == '(' || c == '[')
			depth++;
		else if (c == ')' || c == ']')
			depth--;
		else if (c == '}' && depth-- <= 0)
			return at + 1;
		else if (c == ':' && depth == 0)
			format = true;
		else if ((c == '"' || c == '\'') && !format) {
			quote = c;
			for (at++; byte_at(lx, at) != quote; at++)
				if (at >= lx->text.n || byte_at(lx, at) == '\n')
					return at;
		}
	}
	return at;
}

/* Return the offset behind code within a string at an offset, or `at`. */
static size_t
hole_end(struct lexer *lx, size_t at, const char *close, unsigned how)
{
	char c = lx->text.p[at], d = byte_at(lx, at + 1);

	if (lx->depth >= DEPTH_MAX)
		return at;
	if ((how & Q_DOLLAR && c == '$' && d == '{') ||
	    (how & Q_HASH && c == '#' && d == '{'))
		return code_end(lx, at + 2, '{', '}');
	if ((how & Q_SHELL || how & Q_POWER) && c == '$' && d == '(')
		return code_end(lx, at + 2, '(', ')');
	if (how & Q_SHELL && c == '$' && d == '{') {
		lx->depth++;
		at = quote_end(lx, at + 2, "}", Q_SHELL | Q_ESCAPE | Q_LINES);
		lx->depth--;
		return at;
	}
	if (how & Q_SHELL && c == '`' && *close != '`')
		return quote_end(lx, at + 1, "`", Q_ESCAPE | Q_LINES);
	if (how & Q_SHELL && c == '"' && *close == '}') {
		lx->depth++;
		at = quote_end(lx, at + 1, "\"", Q_SHELL | Q_ESCAPE | Q_LINES);
		lx->depth--;
		return at;
	}
	if (how & Q_PHP && c == '{' && d == '$')
		return code_end(lx, at + 1, '{', '}');
	if (how & Q_BRACE && c == '{')
		return d == '{' ? at + 2 : field_end(lx, at + 1, close);
	return at;
}

size_t
quote_end(struct lexer *lx, size_t at, const char *close, unsigned how)
{
	size_t n = strlen(close), hole;
	char c;

	while (at < lx->text.n) {
		c = lx->text.p[at];
		if ((how & Q_ESCAPE && c == '\\') ||
		    (how & Q_TICK && c == '`')) {
			at += lex_at(lx, at + 1, "\r\n") ? 3 : 2;
		} else if (c == *close && lex_at(lx, at, close)) {
			if (!(how & Q_DOUBLE) || !lex_at(lx, at + n, close))
				return at + n;
			at += 2 * n;
		} else if ((c == '\n' || c == '\r') && !(how & Q_LINES)) {
			return at;
		} else {
			hole = hole_end(lx, at, close, how);
			at = hole > at ? hole : at + 1;
		}
	}
	return lx->text.n;
}

size_t
delimited_end(struct lexer *lx, size_t at, unsigned how)
{
	static const char pairs[] = "()[]{}<>";
	char open = byte_at(lx, at), close = open, c;
	const char *pair = open != '\0' ? strchr(pairs, open) : NULL;
	size_t hole;
	int depth = 0;

	if (pair != NULL && (pair - pairs) % 2 == 0)
		close = pair[1];
	for (at++; at < lx->text.n; at++) {
		c = lx->text.p[at];
		if (c == '\\') {
			at++;
		} else if (c == close && depth-- == 0) {
			return at + 1;
		} else if (c == open) {
			depth++;
		} else {
			hole = hole_end(lx, at, "", how);
			if (hole > at)
				at = hole - 1;
		}
	}
	return lx->text.n;
}

size_t
regex_end(struct lexer *lx, size_t at, bool lines)
{
	bool set = false;
	char c;

	if (lx->misses >= MISSES_MAX)
		return 0;
	for (at++; at < lx->text.n; at++) {
		c = lx->text.p[at];
		if (c == '\\')
			at++;
		else if ((c == '\n' || c == '\r') && !lines)
			return 0;
		else if (!lines && (c == '[' || c == ']'))
			set = c == '[';
		else if (c == '/' && !set)
			break;
		else if (lines && c == '#' && byte_at(lx, at + 1) == '{' &&
			 lx->depth < DEPTH_MAX && has(lx, HAS_HEREDOCS))
			at = code_end(lx, at + 2, '{', '}') - 1;
	}
	if (at >= lx->text.n) {
		lx->misses++;
		return 0;
	}
	for (at++;
	     (byte_at(lx, at) | 32) >= 'a' && (byte_at(lx, at) | 32) <= 'z';)
		at++;
	return at;
}

/*
 * Return the offset of the line that is the word of h alone, at or behind an
 * offset, and write the offset behind its word; the end if there is none.
 */
static size_t
last_line(const struct lexer *lx, const struct lex_heredoc *h, size_t at,
    size_t *behind)
{
	size_t n = h->end - h->start, p, line = at;

	for (; line < lx->text.n; line = lex_line_end(lx, p) + 1) {
		p = line;
		while (h->dash &&
		       (byte_at(lx, p) == ' ' || byte_at(lx, p) == '\t'))
			p++;
		*behind = p + n;
		if (n <= lx->text.n - p &&
		    memcmp(lx->text.p + p, lx->text.p + h->start, n) == 0 &&
		    (has(lx, HAS_TAGS) ? !lex_in_name(lx, byte_at(lx, p + n))
				       : lex_line_end(lx, p + n) == p + n))
			return line;
	}
	*behind = lx->text.n;
	return lx->text.n;
}

void
heredoc_bodies(struct lexer *lx)
{
	size_t behind;
	int i;

	for (i = 0; i < lx->heredocs && lx->at < lx->text.n; i++) {
		last_line(lx, &lx->heredoc[i], lx->at, &behind);
		lx->at = behind;
		if (i + 1 < lx->heredocs)
			lx->at = lex_line_end(lx, lx->at) + 1;
	}
	lx->heredocs = 0;
}

/* Read the word at *at, quoted or not, into h; return false if there is none.
 */
static bool
read_word(struct lexer *lx, size_t *at, struct lex_heredoc *h)
{
	char c = byte_at(lx, *at);
	char close[2] = { c, '\0' };

	if (c == '\\' && has(lx, HAS_WORDS))
		c = byte_at(lx, ++*at);
	if (c == '"' || c == '\'' || (c == '`' && !has(lx, HAS_WORDS))) {
		h->start = *at + 1;
		*at = quote_end(lx, h->start, close, 0);
		h->end = *at - 1;
		return *at > h->start && byte_at(lx, h->end) == c;
	}
	h->start = *at;
	while (lex_in_name(lx, byte_at(lx, *at)) && byte_at(lx, *at) != '\0')
		++*at;
	h->end = *at;
	return h->end > h->start &&
	       (has(lx, HAS_WORDS) || byte_at(lx, h->start) > '9');
}

int
heredoc_begin(struct lexer *lx)
{
	struct lex_heredoc h = { 0, 0, false };
	size_t at = lx->at + 2, word, behind;
	bool shell = has(lx, HAS_WORDS), php = has(lx, HAS_TAGS);

	if (lx->heredocs == LEX_HEREDOCS)
		return -1;
	if (php != (byte_at(lx, at) == '<'))
		return -1;
	if (php)
		at++;
	if (byte_at(lx, at) == '-' || byte_at(lx, at) == '~')
		h.dash = true, at++;
	/* Perl: a quoted word may stand apart. */
	for (word = at; byte_at(lx, word) == ' ' || byte_at(lx, word) == '\t';)
		word++;
	if (shell || php ||
	    (*lx->language->name == 'p' && byte_at(lx, word) == '"'))
		at = word;
	h.dash = h.dash || php;
	if (!read_word(lx, &at, &h))
		return -1;
	/* Elsewhere << shifts too: a heredoc has an end below. */
	if (!shell) {
		if (lx->misses >= MISSES_MAX)
			return -1;
		if (last_line(lx, &h, lex_line_end(lx, at) + 1, &behind) ==
		    lx->text.n) {
			lx->misses++;
			return -1;
		}
	}
	lx->heredoc[lx->heredocs++] = h;
	lx->at = at;
	return LEX_STRING;
}
