/* special: tokens of one language that no table of strings can say */
#include "lex/lex-in.h"

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Read the string at an offset from lx->at that a quote opens. */
static int
quoted(struct lexer *lx, size_t skip, const char *close, unsigned how)
{
	lx->at = quote_end(lx, lx->at + skip, close, how);
	return LEX_STRING;
}

/* Read up to the first `close` behind an offset from lx->at, or to the end. */
static int
until(struct lexer *lx, size_t skip, struct span close, enum lex_kind kind)
{
	const char *p = lx->text.p + lx->at + skip, *end = span_end(lx->text);

	p = p < end ? memmem(p, (size_t)(end - p), close.p, close.n) : NULL;
	lx->at = p == NULL ? lx->text.n : (size_t)(p - lx->text.p) + close.n;
	return (int)kind;
}

/* Read a character between ' and ', or return -1. */
static int
character(struct lexer *lx)
{
	size_t n = 1;

	if (peek(lx, 1) == '\\')
		return quoted(lx, 1, "'", Q_ESCAPE);
	if (peek(lx, 1) == '\0' || peek(lx, 1) == '\'')
		return -1;
	while ((peek(lx, n + 1) & 0xc0) == 0x80 && n < 4)
		n++;
	if (peek(lx, n + 1) != '\'')
		return -1;
	lx->at += n + 2;
	return LEX_STRING;
}

/* C++: R"x(raw)x" and prefixes of strings. */
int
special_c(struct lexer *lx)
{
	char close[24] = ")";
	size_t n = 0, i;
	char c = peek(lx, 0);

	if (c != 'L' && c != 'u' && c != 'U' && c != 'R')
		return -1;
	if (c != 'R')
		n = c == 'u' && peek(lx, 1) == '8' ? 2 : 1;
	if (peek(lx, n) == '\'' || peek(lx, n) == '"')
		return quoted(
		    lx, n + 1, peek(lx, n) == '"' ? "\"" : "'", Q_ESCAPE);
	if (peek(lx, n) != 'R' || peek(lx, n + 1) != '"')
		return -1;
	for (i = n + 2; (c = peek(lx, i)) != '('; i++) {
		if (i - n > 18 || (unsigned char)c <= ' ' || c == ')' ||
		    c == '\\')
			return -1;
		close[i - n - 1] = c;
	}
	close[i - n - 1] = '"';
	return until(lx, i + 1, span_of(close), LEX_STRING);
}

/* C#: raw strings, and @ and $ before strings. */
int
special_csharp(struct lexer *lx)
{
	size_t n = 0, quotes = 0;
	bool verbatim = false, holes = false;
	struct span close;

	for (; n < 4 && (peek(lx, n) == '@' || peek(lx, n) == '$'); n++) {
		verbatim = verbatim || peek(lx, n) == '@';
		holes = holes || peek(lx, n) == '$';
	}
	while (peek(lx, n + quotes) == '"')
		quotes++;
	if (quotes >= 3 && !verbatim) {
		close = (struct span){ lx->text.p + lx->at + n, quotes };
		return until(lx, n + quotes, close, LEX_STRING);
	}
	if (n == 0 || quotes == 0)
		return -1;
	return quoted(lx, n + 1, "\"",
	    (verbatim ? Q_DOUBLE | Q_LINES : Q_ESCAPE) | (holes ? Q_BRACE : 0));
}

/* Rust: raw strings and bytes, characters and lifetimes. */
int
special_rust(struct lexer *lx)
{
	char close[34] = "\"", c = peek(lx, 0);
	size_t n = 0, hashes = 0;

	if (c == '\'') {
		if (character(lx) >= 0)
			return LEX_STRING;
		lx->at++;
		while (lex_in_name(lx, peek(lx, 0)))
			lx->at++;
		return LEX_NAME;
	}
	if (c == 'b' || c == 'c')
		n = 1;
	if (n == 1 && peek(lx, 1) == '"')
		return quoted(lx, 2, "\"", Q_ESCAPE | Q_LINES);
	if (n == 1 && peek(lx, 1) == '\'')
		return quoted(lx, 2, "'", Q_ESCAPE);
	if (peek(lx, n) != 'r')
		return -1;
	for (n++; peek(lx, n) == '#' && hashes < 32; n++)
		close[++hashes] = '#';
	if (peek(lx, n) == '"')
		return until(lx, n + 1, span_of(close), LEX_STRING);
	if (hashes != 1 || !lex_begins_name(lx, peek(lx, n)))
		return -1;
	for (lx->at += n; lex_in_name(lx, peek(lx, 0));)
		lx->at++;
	return LEX_NAME;
}

/* Python: prefixes of strings. */
int
special_python(struct lexer *lx)
{
	size_t n = 0;
	unsigned how = Q_ESCAPE;
	char c = (char)(peek(lx, 0) | 32);

	while (n < 2 && (c = (char)(peek(lx, n) | 32)) != '\0' &&
	       strchr("rbuft", c) != NULL) {
		if (c == 'f' || c == 't')
			how |= Q_BRACE;
		n++;
	}
	c = peek(lx, n);
	if (n == 0 || (c != '"' && c != '\''))
		return -1;
	if (peek(lx, n + 1) == c && peek(lx, n + 2) == c)
		return quoted(
		    lx, n + 3, c == '"' ? "\"\"\"" : "'''", how | Q_LINES);
	return quoted(lx, n + 1, c == '"' ? "\"" : "'", how);
}

/* SQL: $tag$ strings, E'…', and ' with and without escapes. */
int
special_sql(struct lexer *lx)
{
	size_t n = 1;
	struct span tag;
	char c = peek(lx, 0);

	if ((c | 32) == 'e' && peek(lx, 1) == '\'')
		return quoted(lx, 2, "'", Q_ESCAPE | Q_DOUBLE | Q_LINES);
	if (c == '\'') {
		n = quote_end(lx, lx->at + 1, "'", Q_DOUBLE | Q_LINES);
		/* MySQL has escapes: 'it\'s'. */
		if (byte_at(lx, n - 2) == '\\' &&
		    lex_in_name(lx, byte_at(lx, n)))
			n = quote_end(
			    lx, lx->at + 1, "'", Q_ESCAPE | Q_DOUBLE | Q_LINES);
		lx->at = n;
		return LEX_STRING;
	}
	if (c != '$' || is_digit(peek(lx, 1)))
		return -1;
	while (lex_in_name(lx, peek(lx, n)) && peek(lx, n) != '$')
		n++;
	if (peek(lx, n) != '$')
		return -1;
	tag = (struct span){ lx->text.p + lx->at, n + 1 };
	return until(lx, n + 1, tag, LEX_STRING);
}

/* Lua: [==[ long strings ]==] and comments of that form. */
int
special_lua(struct lexer *lx)
{
	bool comment = peek(lx, 0) == '-' && peek(lx, 1) == '-';
	size_t n = comment ? 2 : 0, level = 0;
	char close[34] = "]";

	if (lx->at == 0 && peek(lx, 0) == '#') {
		lx->at = lex_line_end(lx, lx->at);
		return LEX_COMMENT;
	}
	if (peek(lx, n) != '[')
		return -1;
	for (n++; peek(lx, n) == '=' && level < 31; n++)
		close[++level] = '=';
	if (peek(lx, n) != '[')
		return -1;
	close[level + 1] = ']';
	return until(
	    lx, n + 1, span_of(close), comment ? LEX_COMMENT : LEX_STRING);
}

/* Haskell: --, pragmas, characters, quasi-quotes and cpp. */
int
special_haskell(struct lexer *lx)
{
	size_t n = 0;
	char c = peek(lx, 0);

	if (c == '-' && peek(lx, 1) == '-') {
		while (peek(lx, n) == '-')
			n++;
		c = peek(lx, n);
		if (c != '\0' && strchr("!#$%&*+./<=>?@\\^|~:", c) != NULL) {
			lx->at += n + 1;
			return LEX_OPERATOR;
		}
		lx->at = lex_line_end(lx, lx->at);
		return LEX_COMMENT;
	}
	if (c == '{' && peek(lx, 1) == '-' && peek(lx, 2) == '#')
		return until(lx, 3, span_of("#-}"), LEX_DIRECTIVE);
	if (c == '\'')
		return character(lx);
	if (c == '#' && (lx->at == 0 || lx->text.p[lx->at - 1] == '\n') &&
	    (is_letter(peek(lx, 1)) || peek(lx, 1) == '!' ||
		peek(lx, 1) == ' ')) {
		lx->at = lex_line_end(lx, lx->at);
		return LEX_DIRECTIVE;
	}
	if (c != '[')
		return -1;
	for (n = 1; lex_in_name(lx, peek(lx, n)) || peek(lx, n) == '.';)
		n++;
	if (n == 1 || peek(lx, n) != '|' || peek(lx, n + 1) == '|' ||
	    lx->misses > 64)
		return -1;
	if (memmem(lx->text.p + lx->at, lx->text.n - lx->at, "|]", 2) == NULL) {
		lx->misses++;
		return -1;
	}
	return until(lx, n, span_of("|]"), LEX_STRING);
}

/* Fortran: comments that begin in the first column. */
int
special_fortran(struct lexer *lx)
{
	char c = peek(lx, 0), d = peek(lx, 1);
	size_t n = 1;

	if (lx->at > 0 && lx->text.p[lx->at - 1] != '\n')
		return -1;
	if (c != '*' && ((c | 32) != 'c' || lex_in_name(lx, d)))
		return -1;
	while (peek(lx, n) == ' ' || peek(lx, n) == '\t')
		n++;
	if (c != '*' && (peek(lx, n) == '=' || (n == 1 && d == '(')))
		return -1;
	lx->at = lex_line_end(lx, lx->at);
	return LEX_COMMENT;
}

/* Batch files: rem and :: where a command begins. */
int
special_batch(struct lexer *lx)
{
	bool start = lx->fresh || lex_prev_is(lx, "@") ||
		     lex_prev_is(lx, "&") || lex_prev_is(lx, "(");
	char c = (char)(peek(lx, 0) | 32);

	if (c == '^' && lx->at + 1 < lx->text.n) {
		lx->at += 2;
		return LEX_OPERATOR;
	}
	if (!start)
		return -1;
	if (peek(lx, 0) != ':' || peek(lx, 1) != ':') {
		if (c != 'r' || (peek(lx, 1) | 32) != 'e' ||
		    (peek(lx, 2) | 32) != 'm' || lex_in_name(lx, peek(lx, 3)))
			return -1;
	}
	lx->at = lex_line_end(lx, lx->at);
	return LEX_COMMENT;
}

/* PowerShell: here-strings, variables, and names with hyphens. */
int
special_powershell(struct lexer *lx)
{
	char c = peek(lx, 0), d = peek(lx, 1);
	size_t n = 2;

	if (c == '@' && (d == '"' || d == '\'')) {
		while (peek(lx, n) == ' ' || peek(lx, n) == '\r')
			n++;
		if (peek(lx, n) == '\n')
			return until(lx, n,
			    span_of(d == '"' ? "\n\"@" : "\n'@"), LEX_STRING);
	}
	if (c == '`') {
		lx->at += lex_at(lx, lx->at + 1, "\r\n") ? 3 : 2;
		return LEX_SPACE;
	}
	if (c == '$' && d == '{')
		return until(lx, 2, span_of("}"), LEX_NAME);
	if (c == '$' &&
	    (lex_in_name(lx, d) || d == '?' || d == '^' || d == '$')) {
		lx->at += 2;
		while (lex_in_name(lx, peek(lx, 0)) ||
		       (peek(lx, 0) == ':' && is_letter(peek(lx, 1))))
			lx->at++;
		return LEX_NAME;
	}
	for (n = 0; lex_in_name(lx, peek(lx, n));)
		n++;
	if (n == 0 || is_digit(c) || peek(lx, n) != '-' ||
	    !is_letter(peek(lx, n + 1)))
		return -1;
	while (lex_in_name(lx, peek(lx, n)) || peek(lx, n) == '-')
		n++;
	lx->at += n;
	return LEX_NAME;
}

/* Visual Basic: comments that begin with Rem, and names in brackets. */
int
special_basic(struct lexer *lx)
{
	char c = peek(lx, 0);

	if ((c | 32) == 'r' && (peek(lx, 1) | 32) == 'e' &&
	    (peek(lx, 2) | 32) == 'm' && !lex_in_name(lx, peek(lx, 3)) &&
	    (lx->fresh || lex_prev_is(lx, ":"))) {
		lx->at = lex_line_end(lx, lx->at);
		return LEX_COMMENT;
	}
	if (c == '[' && is_letter(peek(lx, 1)) && !lx->value) {
		lx->at++;
		while (lex_in_name(lx, peek(lx, 0)))
			lx->at++;
		if (peek(lx, 0) == ']')
			lx->at++;
		return LEX_NAME;
	}
	return -1;
}
