/* special-script: quotes and regexes of JavaScript, PHP, Ruby, Perl, Shell */
#include "lex/lex-in.h"

#include "base/text.h"

enum { JSX_DEPTH = 200, MISSES_MAX = 64 };

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Return whether lx->at follows a name and a blank, but precedes none. */
static bool
is_argument(const struct lexer *lx)
{
	return lx->any && lx->at > 0 && lx->prev.kind == LEX_NAME &&
	       is_blank(lx->text.p[lx->at - 1]) && !is_blank(peek(lx, 1)) &&
	       peek(lx, 1) != '=';
}

/* Read the name behind lx->at + n, and n bytes before it. */
static int
name(struct lexer *lx, size_t n)
{
	for (lx->at += n; lex_in_name(lx, peek(lx, 0));)
		lx->at++;
	return LEX_NAME;
}

/* Return the offset behind the attributes and the > of a tag; see `closed`. */
static size_t
tag_end(struct lexer *lx, size_t at, bool *closed)
{
	char c;
	int angles = 0;

	for (*closed = false; at < lx->text.n; at++) {
		c = lx->text.p[at];
		if (c == '{')
			at = code_end(lx, at + 1, '{', '}') - 1;
		else if (c == '"' || c == '\'')
			at = quote_end(
				 lx, at + 1, c == '"' ? "\"" : "'", Q_LINES) -
			     1;
		else if (c == '<')
			angles++;
		else if (c == '>' && byte_at(lx, at - 1) != '=' &&
			 angles-- == 0) {
			*closed = lx->text.p[at - 1] == '/';
			return at + 1;
		}
	}
	return lx->text.n;
}

/* Return the offset behind the JSX element that begins at an offset. */
static size_t
jsx_end(struct lexer *lx, size_t at)
{
	int depth = 0;
	bool closed;
	char c, d;

	while (at < lx->text.n) {
		c = lx->text.p[at];
		d = byte_at(lx, at + 1);
		if (c == '{') {
			at = code_end(lx, at + 1, '{', '}');
		} else if (c == '<' && d == '/') {
			at = tag_end(lx, at + 2, &closed);
			depth--;
		} else if (c == '<' && (lex_begins_name(lx, d) || d == '>')) {
			at = tag_end(lx, at + 1, &closed);
			depth += !closed;
		} else {
			at++;
			continue;
		}
		if (depth <= 0 && c == '<')
			return at;
	}
	return lx->text.n;
}

/* Return whether the < at lx->at begins a JSX element. */
static bool
is_jsx(struct lexer *lx)
{
	const char *p = lx->text.p + lx->at, *end = span_end(lx->text), *q;
	char close[40] = "</";
	size_t n = 1;

	if (lx->depth > 12)
		return false;
	if (peek(lx, 1) == '>')
		return true;
	if (!lex_begins_name(lx, peek(lx, 1)))
		return false;
	while (n < 34 &&
	       (lex_in_name(lx, p[n]) || p[n] == '.' || p[n] == '-') &&
	       p + n + 1 < end)
		n++;
	memcpy(close + 2, p + 1, n - 1);
	close[n + 1] = '\0';
	for (q = p + n; q < end && is_blank(*q);)
		q++;
	if (q >= end || *q == ',' || *q == '[' || *q == '|' || *q == '&' ||
	    lex_at(lx, (size_t)(q - lx->text.p), "extends "))
		return false;
	/* The element ends somewhere, which types and comparisons do not. */
	for (; q < end && *q != '>' && *q != '{' && *q != ';';)
		q++;
	if (q < end && *q == '>' && q[-1] == '/')
		return true;
	if (lx->misses >= MISSES_MAX)
		return false;
	if (memmem(q, (size_t)(end - q), close, strlen(close)) != NULL ||
	    (q < end && *q == '{' &&
		memmem(q, (size_t)(end - q), "/>", 2) != NULL))
		return true;
	lx->misses++;
	return false;
}

/* JavaScript and TypeScript: regexes, JSX and #! */
int
special_js(struct lexer *lx)
{
	char c = peek(lx, 0), d = peek(lx, 1);
	bool operand = !lx->value;
	size_t at;

	if (lx->at == 0 && c == '#' && d == '!') {
		lx->at = lex_line_end(lx, 0);
		return LEX_COMMENT;
	}
	if (c == '/' && d != '/' && d != '*') {
		operand = operand || (lx->fresh && lex_prev_is(lx, "}"));
		if (!operand || (at = regex_end(lx, lx->at, false)) == 0)
			return -1;
		lx->at = at;
		return LEX_STRING;
	}
	if (c == '<' && operand && is_jsx(lx)) {
		lx->depth++;
		lx->at = jsx_end(lx, lx->at);
		lx->depth--;
		return LEX_TEXT;
	}
	return -1;
}

/* PHP: ?> and comments, which end before one. */
int
special_php(struct lexer *lx)
{
	char c = peek(lx, 0), d = peek(lx, 1);
	size_t end;
	const char *tag;

	if (c == '?' && d == '>') {
		lx->at += 2;
		lx->outside = true;
		return LEX_OPERATOR;
	}
	if ((c != '#' || d == '[') && (c != '/' || d != '/'))
		return -1;
	end = lex_line_end(lx, lx->at);
	tag = memmem(lx->text.p + lx->at, end - lx->at, "?>", 2);
	lx->at = tag != NULL ? (size_t)(tag - lx->text.p) : end;
	return LEX_COMMENT;
}

/* Return the offset behind the line that begins with word, or the end. */
static size_t
behind_line(const struct lexer *lx, const char *word)
{
	size_t at = lx->at;

	while ((at = lex_line_end(lx, at)) < lx->text.n) {
		at++;
		if (lex_at(lx, at, word))
			return lex_line_end(lx, at);
	}
	return lx->text.n;
}

static bool
at_line_start(const struct lexer *lx)
{
	return lx->at == 0 || lx->text.p[lx->at - 1] == '\n';
}

/* Read what follows __END__ or __DATA__, or return -1. */
static int
data(struct lexer *lx)
{
	size_t n = lex_at(lx, lx->at, "__END__")    ? 7
		   : lex_at(lx, lx->at, "__DATA__") ? 8
						    : 0;

	if (n == 0 || !at_line_start(lx) ||
	    lex_line_end(lx, lx->at + n) != lx->at + n)
		return -1;
	lx->at = lx->text.n;
	return LEX_TEXT;
}

/* Ruby: %w[], regexes and ?c where an operand begins. */
static int
ruby_operand(struct lexer *lx)
{
	char c = peek(lx, 0), d = peek(lx, 1);
	size_t n = 1, at;
	unsigned how = Q_HASH;

	if (c == '/' && (at = regex_end(lx, lx->at, true)) != 0) {
		lx->at = at;
		return LEX_STRING;
	}
	if (c == '?' && !is_blank(d) && d != '\0' &&
	    (d == '\\' || !lex_in_name(lx, peek(lx, 2)))) {
		lx->at += d == '\\' ? 3 : 2;
		return LEX_STRING;
	}
	if (c != '%')
		return -1;
	if (d != '\0' && strchr("qQwWiIrsx", d) != NULL) {
		how = strchr("qwis", d) != NULL ? 0 : Q_HASH;
		n = 2;
	}
	d = peek(lx, n);
	if (is_blank(d) || d == '\0' || d == '=' || lex_in_name(lx, d))
		return -1;
	lx->at = delimited_end(lx, lx->at + n, how);
	while (is_letter(peek(lx, 0)) && how != 0 && n == 2)
		lx->at++;
	return LEX_STRING;
}

/* Read a name of Ruby with its ? or !; a key or a defined name is no keyword.
 */
static int
ruby_name(struct lexer *lx)
{
	size_t n = 0;
	char c, d;

	while (lex_in_name(lx, peek(lx, n)))
		n++;
	c = peek(lx, n);
	d = peek(lx, n + 1);
	if ((c == '?' || c == '!') &&
	    (d != '=' || peek(lx, n + 2) == '=' || peek(lx, n + 2) == '~' ||
		peek(lx, n + 2) == '>')) {
		if (c == '!' || d != ':' || peek(lx, n + 2) == ':' ||
		    is_blank(peek(lx, n + 2))) {
			lx->at += n + 1;
			return LEX_NAME;
		}
	}
	if ((c == ':' && d != ':' && !lex_prev_is(lx, "?") && !lx->value) ||
	    (c == ':' && is_blank(d) && is_argument(lx)) ||
	    lex_prev_is(lx, "def")) {
		if (lex_prev_is(lx, "def") && c == '.')
			return -1;
		lx->at += n;
		return LEX_NAME;
	}
	return -1;
}

/* Return the length of a symbol like :+ or :[]= at lx->at, 0: none. */
static size_t
ruby_symbol(const struct lexer *lx)
{
	static const char operators[] = "+-*/%<>=!~^&|[]`";
	size_t n = 1;
	char before = lx->at > 0 ? lx->text.p[lx->at - 1] : ' ';

	if (!is_blank(before) && strchr("(,[{:", before) == NULL)
		return 0;
	while (peek(lx, n) != '\0' && strchr(operators, peek(lx, n)) != NULL)
		n++;
	return n > 1 && n < 5 && before != ':' &&
		       (peek(lx, n) == '\0' || is_blank(peek(lx, n)) ||
			   strchr(",)", peek(lx, n)) != NULL)
		   ? n
		   : 0;
}

int
special_ruby(struct lexer *lx)
{
	char c = peek(lx, 0), d = peek(lx, 1);
	size_t n;

	if (c == '=' && at_line_start(lx) && lex_at(lx, lx->at, "=begin")) {
		lx->at = behind_line(lx, "=end");
		return LEX_COMMENT;
	}
	if (c == '_' && data(lx) >= 0)
		return LEX_TEXT;
	if (c == '$' && d != '\0' &&
	    strchr("!@&`'+~=/\\,;.<>_*$?:\"", d) != NULL &&
	    !lex_in_name(lx, d)) {
		lx->at += 2;
		return LEX_NAME;
	}
	if (c == ':' && (is_letter(d) || d == '_') &&
	    byte_at(lx, lx->at - 1) != ':') {
		name(lx, 1);
		if ((peek(lx, 0) == '?' || peek(lx, 0) == '!' ||
			peek(lx, 0) == '=') &&
		    peek(lx, 1) != '=' && peek(lx, 1) != '>' &&
		    peek(lx, 1) != '~')
			lx->at++;
		return LEX_STRING;
	}
	if (c == ':' && (n = ruby_symbol(lx)) > 0) {
		lx->at += n;
		return LEX_STRING;
	}
	if ((c == '/' || c == '%' || c == '?') && !lex_prev_is(lx, "def") &&
	    !lex_prev_is(lx, ".") &&
	    (!lx->value || is_argument(lx) || (lx->fresh && c != '?')))
		return ruby_operand(lx);
	return lex_begins_name(lx, c) && c != '@' && c != '$' ? ruby_name(lx)
							      : -1;
}

/* Read a variable of Perl, or return -1. */
static int
perl_variable(struct lexer *lx)
{
	char c = peek(lx, 0), d = peek(lx, 1);
	size_t n = 1;

	if (c == '$' && d == '#' &&
	    (peek(lx, 2) == '{' || peek(lx, 2) == '$')) {
		lx->at += 2;
		return LEX_OPERATOR;
	}
	if (c == '$' && d == '#')
		n = 2;
	if (lex_in_name(lx, peek(lx, n)) ||
	    (peek(lx, n) == ':' && peek(lx, n + 1) == ':')) {
		while (lex_in_name(lx, peek(lx, n)) ||
		       (peek(lx, n) == ':' && peek(lx, n + 1) == ':' &&
			   lex_in_name(lx, peek(lx, n + 2))) ||
		       (peek(lx, n - 1) == ':' && peek(lx, n) == ':'))
			n++;
		lx->at += n;
		return LEX_NAME;
	}
	if (c == '$' && d == '^' && is_letter(peek(lx, 2))) {
		lx->at += 3;
		return LEX_NAME;
	}
	if (c == '$' && d == '$') {
		lx->at += lex_in_name(lx, peek(lx, 2)) || peek(lx, 2) == '{' ||
				  peek(lx, 2) == '$'
			      ? 1
			      : 2;
		return lx->prev.end == lx->at ? LEX_OPERATOR : LEX_NAME;
	}
	if ((c == '$' && d != '\0' &&
		strchr("&`'+!/\\,;.\"?<>[]()-~=%:|@*0", d) != NULL) ||
	    (c == '@' && (d == '-' || d == '+'))) {
		lx->at += 2;
		return LEX_NAME;
	}
	return -1;
}

/* Read q(), s{}{} and the like whose word has n letters, or return -1. */
static int
perl_quote(struct lexer *lx, size_t n)
{
	size_t at = lx->at + n, word = lx->at;
	bool two = lex_at(lx, word, "s") || lex_at(lx, word, "tr") ||
		   lex_at(lx, word, "y");
	bool bound = lex_prev_is(lx, "=~") || lex_prev_is(lx, "!~");
	char c = byte_at(lx, at);

	while (is_blank(byte_at(lx, at)))
		at++;
	if (at > word + n && (byte_at(lx, at) == '#' || byte_at(lx, at) == '='))
		return -1;
	c = byte_at(lx, at);
	if (c == '\0' || (c == ',' && !bound) || c == ';' || c == ')' ||
	    lex_at(lx, at, "=>") || lex_in_name(lx, c) ||
	    (c == '=' && two && n == 1 && !bound) ||
	    (c == '}' && lex_prev_is(lx, "{")))
		return -1;
	lx->at = delimited_end(lx, at, 0);
	if (two && strchr("([{<", c) != NULL) {
		while (is_blank(peek(lx, 0)))
			lx->at++;
		lx->at = delimited_end(lx, lx->at, 0);
	} else if (two) {
		lx->at = delimited_end(lx, lx->at - 1, 0);
	}
	while (is_letter(peek(lx, 0)))
		lx->at++;
	return LEX_STRING;
}

/* Read a word of Perl: quotes, and names with ::. */
static int
perl_word(struct lexer *lx)
{
	static const char quotes[] = "q|qq|qw|qr|qx|m|s|tr|y";
	struct span s = { lx->text.p + lx->at, 0 };
	size_t n = 0, at;
	bool plain = lex_prev_is(lx, "->") || lex_prev_is(lx, "sub") ||
		     lex_prev_is(lx, "package") || lex_prev_is(lx, "use");

	while (lex_in_name(lx, peek(lx, n)))
		n++;
	s.n = n;
	/* -s $file asks for the size of a file. */
	plain =
	    plain || (n == 1 && *s.p == 's' && byte_at(lx, lx->at - 1) == '-');
	if (n <= 2 && !plain && text_is_one_of(s, span_of(quotes)) &&
	    *s.p >= 'a' && perl_quote(lx, n) >= 0)
		return LEX_STRING;
	while (peek(lx, n) == ':' && peek(lx, n + 1) == ':') {
		for (n += 2; lex_in_name(lx, peek(lx, n));)
			n++;
		plain = true;
	}
	for (at = lx->at + n; is_blank(byte_at(lx, at));)
		at++;
	if (!plain && !lex_at(lx, at, "=>") &&
	    !(lex_prev_is(lx, "{") && byte_at(lx, at) == '}'))
		return -1;
	lx->at += n;
	return LEX_NAME;
}

/* Return whether a / at lx->at begins a regex. */
static bool
perl_regex(const struct lexer *lx)
{
	static const char operators[] =
	    "split|grep|map|join|push|unshift|if|unless|and|or|not|x|return|"
	    "while|until|when|lt|gt|le|ge|eq|ne|cmp|any|all|first";
	struct span prev = { lx->text.p + lx->prev.start,
		lx->prev.end - lx->prev.start };

	if (!lx->value || !lx->any)
		return true;
	if (lx->prev.kind == LEX_NAME && is_letter(*prev.p))
		return text_is_one_of(prev, span_of(operators)) ||
		       is_argument(lx);
	return lex_prev_is(lx, "}") && lx->fresh;
}

int
special_perl(struct lexer *lx)
{
	char c = peek(lx, 0), d = peek(lx, 1);
	size_t n;

	if (c == '=' && at_line_start(lx) && is_letter(d)) {
		lx->at = behind_line(lx, "=cut");
		return LEX_COMMENT;
	}
	if (c == '_' && data(lx) >= 0)
		return LEX_TEXT;
	if (c == '(' && lx->any &&
	    (lex_prev_is(lx, "sub") ||
		(lx->prev2.end - lx->prev2.start == 3 &&
		    memcmp(lx->text.p + lx->prev2.start, "sub", 3) == 0))) {
		n = 1;
		while (peek(lx, n) != '\0' &&
		       strchr(" $@%&*;\\[]+_", peek(lx, n)) != NULL)
			n++;
		if (peek(lx, n) == ')') {
			lx->at += n + 1;
			return LEX_STRING;
		}
		return -1;
	}
	if (c == '$' || c == '@' ||
	    ((c == '%' || c == '&') && !lx->value &&
		(lex_in_name(lx, d) || d == ':')))
		return perl_variable(lx);
	if (c == '/' && d == '/' && !perl_regex(lx)) {
		lx->at += 2;
		return LEX_OPERATOR;
	}
	if (c == '/' && perl_regex(lx) &&
	    (n = regex_end(lx, lx->at, true)) != 0) {
		lx->at = n;
		return LEX_STRING;
	}
	if (lx->fresh && c == 'f' && lex_at(lx, lx->at, "format ")) {
		n = lex_line_end(lx, lx->at);
		if (n > lx->at && lx->text.p[n - 1] == '=') {
			lx->at = behind_line(lx, ".\n");
			return LEX_STRING;
		}
	}
	return is_letter(c) || c == '_' ? perl_word(lx) : -1;
}

/* Return whether a command of the shell begins at lx->at. */
static bool
is_command(const struct lexer *lx)
{
	struct span prev = { lx->text.p + lx->prev.start,
		lx->prev.end - lx->prev.start };

	if (!lx->any || lx->fresh)
		return true;
	if (lx->prev.kind == LEX_OPERATOR)
		return *prev.p != '<' && *prev.p != '>' && *prev.p != '$';
	return lx->prev.kind == LEX_KEYWORD && !span_is(prev, "in") &&
	       !span_is(prev, "case") && !span_is(prev, "for") &&
	       !span_is(prev, "function");
}

/* Read an expansion of the shell at its $. */
static int
shell_dollar(struct lexer *lx)
{
	char d = peek(lx, 1);

	if (d == '{') {
		lx->at = quote_end(
		    lx, lx->at + 2, "}", Q_SHELL | Q_ESCAPE | Q_LINES);
		return LEX_NAME;
	}
	if (d == '\'' || d == '"') {
		lx->at = quote_end(lx, lx->at + 2, d == '"' ? "\"" : "'",
		    Q_ESCAPE | Q_LINES | (d == '"' ? Q_SHELL : 0));
		return LEX_STRING;
	}
	lx->at++;
	if (d != '\0' && strchr("#?$!@*-", d) != NULL) {
		lx->at++;
		return LEX_NAME;
	}
	if (d >= '0' && d <= '9') {
		lx->at++;
		return LEX_NAME;
	}
	if (!is_letter(d) && d != '_')
		return LEX_OPERATOR;
	while (is_letter(peek(lx, 0)) || peek(lx, 0) == '_' ||
	       (peek(lx, 0) >= '0' && peek(lx, 0) <= '9'))
		lx->at++;
	return LEX_NAME;
}

int
special_shell(struct lexer *lx)
{
	static const char ends[] = " \t\r\n;&|()<>\"'$`\\";
	char c = peek(lx, 0), d = peek(lx, 1);
	bool command = is_command(lx);
	size_t n = 0;

	if (lex_at(lx, lx->at, "<<<")) {
		lx->at += 3;
		return LEX_OPERATOR;
	}
	if (c == '\\') {
		lx->at += 2;
		return LEX_NAME;
	}
	if (c == '$')
		return shell_dollar(lx);
	if ((c == '{' && (is_blank(d) || d == '\0')) ||
	    (c == '}' && command &&
		(d == '\0' || strchr(" \t\r\n;&|)>", d) != NULL))) {
		lx->at++;
		return LEX_OPERATOR;
	}
	if (c == '#' || strchr(ends, c) != NULL)
		return -1;
	while (peek(lx, n) != '\0' && strchr(ends, peek(lx, n)) == NULL)
		n++;
	if (command && is_letter(c) && n <= 8)
		return -1;
	lx->at += n > 0 ? n : 1;
	return LEX_NAME;
}
