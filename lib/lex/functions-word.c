/* functions-word: functions that begin with a word: Go, Rust, PHP, Perl … */
#include <string.h>

#include "lex/words.h"

/* Return the words from `first` to `end` as one name. */
static struct span
last_part(struct span s)
{
	size_t i;

	for (i = s.n; i > 0; i--)
		if (s.p[i - 1] == ':' || s.p[i - 1] == '.')
			return span_skip(s, i);
	return s;
}

/* Return the first word of `names = ` whose = is at i, and the last name. */
static size_t
bound_start(const struct words *w, size_t i, struct span *name)
{
	name->n = 0;
	if (i == 0)
		return 0;
	i--;
	if (w->v[i].kind == LEX_NAME)
		*name = word_text(w, i);
	while (i > 0 && !w->v[i].fresh && !word_c(w, i - 1, ';') &&
	       !word_c(w, i - 1, '{') && !word_c(w, i - 1, '}') &&
	       !word_c(w, i - 1, '(') && !word_c(w, i - 1, ','))
		i--;
	return i;
}

/* Return the { of the body of Go's function whose parameters begin at i, or 0.
 */
static size_t
go_body(const struct words *w, size_t i)
{
	if (word_c(w, i, '['))
		i = word_behind(w, i);
	if (!word_c(w, i, '('))
		return 0;
	for (i = word_behind(w, i); i < w->n && !w->v[i].fresh;) {
		if (word_c(w, i, '{')) {
			if (!word_in(w, i - 1, "interface|struct"))
				return w->v[i].match > i ? i : 0;
			i = word_behind(w, i);
			continue;
		}
		i = word_c(w, i, '(') || word_c(w, i, '[') ? word_behind(w, i)
							   : i + 1;
	}
	return 0;
}

void
find_go(struct words *w)
{
	size_t i = 0, name, brace, first;
	struct span s;

	while (i < w->n) {
		if (!word_is(w, i, "func")) {
			i++;
			continue;
		}
		name = i + 1;
		if (w->v[i].fresh && word_c(w, name, '('))
			name = word_behind(w, name);
		if (w->v[i].fresh && word_named(w, name)) {
			if ((brace = go_body(w, name + 1)) == 0) {
				i = name + 1;
				continue;
			}
			words_add(w, i, i, word_behind(w, brace) - 1,
			    word_text(w, name));
			i = word_behind(w, brace);
			continue;
		}
		if ((brace = go_body(w, i + 1)) == 0) {
			i++;
			continue;
		}
		if (i > 0 && word_c(w, i - 1, '=') &&
		    !word_c(w, word_behind(w, brace), '(')) {
			first = bound_start(w, i - 1, &s);
			s = word_text(w, first + word_is(w, first, "var"));
			words_add(
			    w, first, first, word_behind(w, brace) - 1, s);
		}
		i = word_behind(w, brace);
	}
}

/* Return the first word of what precedes Rust's fn at i, attributes included.
 */
static size_t
rust_start(const struct words *w, size_t i, size_t *line)
{
	while (i > 0) {
		if (word_in(
			w, i - 1, "pub|const|async|unsafe|extern|default|safe"))
			i--;
		else if (w->v[i - 1].kind == LEX_STRING && i > 1 &&
			 word_is(w, i - 2, "extern"))
			i -= 2;
		else if (word_c(w, i - 1, ')') && w->v[i - 1].match > 0 &&
			 word_is(w, w->v[i - 1].match - 1, "pub"))
			i = w->v[i - 1].match - 1;
		else
			break;
	}
	*line = i;
	while (i > 1 && word_c(w, i - 1, ']') && w->v[i - 1].match > 0 &&
	       word_c(w, w->v[i - 1].match - 1, '#'))
		i = w->v[i - 1].match - 1;
	return i;
}

/* Return the { of the body of Rust's function whose name is at i, or 0. */
static size_t
rust_body(const struct words *w, size_t i)
{
	i++;
	if (word_c(w, i, '<'))
		i = word_angle(w, i, w->n);
	while (i < w->n && !word_c(w, i, ';') && !word_c(w, i, '}')) {
		/* Array<T, { N * 2 }> has a constant in braces. */
		if (word_c(w, i, '{') && !word_c(w, i - 1, '<') &&
		    !(word_c(w, i - 1, ',') &&
			(word_c(w, word_behind(w, i), '>') ||
			    word_c(w, word_behind(w, i), ','))))
			return w->v[i].match > i ? i : 0;
		i = word_c(w, i, '(') || word_c(w, i, '[') || word_c(w, i, '{')
			? word_behind(w, i)
			: i + 1;
	}
	return 0;
}

void
find_rust(struct words *w)
{
	size_t i = 0, brace, first, line;

	while (i < w->n) {
		if (word_c(w, i, '!') && i > 0 && word_named(w, i - 1) &&
		    w->v[i].start == w->v[i - 1].end) {
			i++;
			if (word_named(w, i) &&
			    word_is(w, i - 2, "macro_rules"))
				i++;
			if (word_c(w, i, '{') || word_c(w, i, '(') ||
			    word_c(w, i, '['))
				i = word_behind(w, i);
			continue;
		}
		if (word_is(w, i, "macro") && word_named(w, i + 1)) {
			while (i < w->n && !word_c(w, i, '{'))
				i = word_c(w, i, '(') ? word_behind(w, i)
						      : i + 1;
			i = i < w->n ? word_behind(w, i) : i;
			continue;
		}
		if (!word_is(w, i, "fn") || !word_named(w, i + 1) ||
		    (brace = rust_body(w, i + 1)) == 0) {
			/* A body that has no name: const, static, |closure|. */
			i++;
			continue;
		}
		first = rust_start(w, i, &line);
		words_add(w, first, line, word_behind(w, brace) - 1,
		    word_text(w, i + 1));
		i = word_behind(w, brace);
	}
}

/* Return the first word of what precedes PHP's function at i. */
static size_t
php_start(const struct words *w, size_t i)
{
	while (i > 0 && word_in(w, i - 1,
			    "public|protected|private|static|final|abstract|"
			    "readonly|var"))
		i--;
	while (i > 1 && word_c(w, i - 1, ']') && w->v[i - 1].match > 0 &&
	       word_c(w, w->v[i - 1].match - 1, '#'))
		i = w->v[i - 1].match - 1;
	return i;
}

/* Return the word of the { or ; behind PHP's parameters at or behind i. */
static size_t
php_body(const struct words *w, size_t i)
{
	while (i < w->n && !word_c(w, i, '{') && !word_c(w, i, ';') &&
	       !word_c(w, i, '}'))
		i = word_c(w, i, '(') ? word_behind(w, i) : i + 1;
	return i;
}

/* Add the function that is bound by the = before word i, if it is one. */
static void
add_bound(struct words *w, size_t i, size_t last)
{
	struct span name;
	size_t first;

	if (i == 0 || !word_c(w, i - 1, '='))
		return;
	first = bound_start(w, i - 1, &name);
	while (name.n > 0 && strchr("$@%&*", *name.p) != NULL)
		name = span_skip(name, 1);
	words_add(
	    w, first, first, last + word_c(w, last + 1, ';'), last_part(name));
}

void
find_php(struct words *w)
{
	size_t i = 0, name, body, first;

	while (i < w->n) {
		if (!word_in(w, i, "function|fn") ||
		    word_is(w, i - (i > 0), "->") ||
		    word_is(w, i - (i > 0), "::") ||
		    (i > 0 && word_in(w, i - 1, "use|const"))) {
			i++;
			continue;
		}
		name = i + 1 + word_c(w, i + 1, '&');
		if (word_is(w, i, "fn")) {
			i++;
			continue;
		}
		body = php_body(w, name);
		if (!word_c(w, body, '{') || w->v[body].match <= body) {
			i = name;
			continue;
		}
		first = php_start(w, i);
		if (word_named(w, name) && word_c(w, name + 1, '('))
			words_add(w, first, first, word_behind(w, body) - 1,
			    word_text(w, name));
		else
			add_bound(w, first, word_behind(w, body) - 1);
		i = word_behind(w, body);
	}
}

void
find_perl(struct words *w)
{
	size_t i = 0, j;
	bool named;

	while (i < w->n) {
		if (!word_in(w, i, "sub|method") || word_is(w, i + 1, "=>")) {
			i++;
			continue;
		}
		named = word_named(w, i + 1);
		if (!named && word_is(w, i, "method")) {
			i++;
			continue;
		}
		for (j = i + 1 + named; j < w->n && !word_c(w, j, '{') &&
					!word_c(w, j, ';') &&
					!word_c(w, j, '}');)
			j = word_c(w, j, '(') ? word_behind(w, j) : j + 1;
		if (!word_c(w, j, '{') || w->v[j].match <= j) {
			i++;
			continue;
		}
		if (named)
			words_add(w, i, i, word_behind(w, j) - 1,
			    last_part(word_text(w, i + 1)));
		else
			add_bound(w, i, word_behind(w, j) - 1);
		i = word_behind(w, j);
	}
}

/* Return the word behind redirections at i, on the same line. */
static size_t
redirections(const struct words *w, size_t i)
{
	while (i < w->n && !w->v[i].fresh &&
	       (word_c(w, i, '<') || word_c(w, i, '>') ||
		   w->v[i].kind == LEX_NUMBER ||
		   (w->v[i].kind == LEX_NAME && i > 0 &&
		       (word_c(w, i - 1, '>') || word_c(w, i - 1, '&')))))
		i++;
	return i;
}

void
find_shell(struct words *w)
{
	size_t i = 0, name, body;

	while (i < w->n) {
		name = i + word_is(w, i, "function");
		body = name + 1;
		if (w->v[name < w->n ? name : i].kind != LEX_NAME ||
		    (name == i &&
			!(word_c(w, i + 1, '(') && word_c(w, i + 2, ')')))) {
			i++;
			continue;
		}
		if (word_c(w, body, '(') && word_c(w, body + 1, ')'))
			body += 2;
		if ((!word_c(w, body, '{') && !word_c(w, body, '(')) ||
		    w->v[body].match <= body) {
			i++;
			continue;
		}
		words_add(w, i, i, redirections(w, word_behind(w, body)) - 1,
		    word_text(w, name));
		i = word_behind(w, body);
	}
}

/* Read the methods of a class of PowerShell between words i and end. */
static void
powershell_class(struct words *w, size_t i, size_t end)
{
	size_t first = i, body;

	while (i < end) {
		body = word_c(w, i, '(') ? word_behind(w, i) : i;
		if (body > i && i > first && word_named(w, i - 1) &&
		    (word_c(w, body, '{') || word_c(w, body, ':'))) {
			while (body < end && !word_c(w, body, '{'))
				body = word_behind(w, body);
			words_add(w, first, first, word_behind(w, body) - 1,
			    word_text(w, i - 1));
			i = first = word_behind(w, body);
		} else {
			i = word_behind(w, i);
			if (i < end && w->v[i].fresh && !word_c(w, i - 1, ']'))
				first = i;
		}
	}
}

/*
 * Return the { of the block of PowerShell's statement whose keyword is at i, or
 * 0. Before the block may stand a condition, options or types.
 */
static size_t
powershell_block(const struct words *w, size_t i)
{
	if (!word_in(w, i,
		"if|elseif|else|switch|foreach|for|while|do|try|catch|finally|"
		"trap|begin|process|end|clean|dynamicparam") ||
	    (i > 0 && word_c(w, i - 1, '-')) ||
	    (word_in(w, i, "foreach") && word_c(w, i + 1, '{')))
		return 0;
	i++;
	while (word_c(w, i, '(') || word_c(w, i, '[') || word_c(w, i, ',') ||
	       word_c(w, i, '-') ||
	       (w->v[i].kind == LEX_NAME && !w->v[i].fresh))
		i = word_behind(w, i);
	return word_c(w, i, '{') ? i : 0;
}

void
find_powershell(struct words *w)
{
	size_t i = 0, name, body;

	while (i < w->n) {
		if (word_is(w, i, "class") && word_named(w, i + 1)) {
			while (i < w->n && !word_c(w, i, '{'))
				i++;
			if (i < w->n) {
				powershell_class(
				    w, i + 1, word_behind(w, i) - 1);
				i = word_behind(w, i);
			}
			continue;
		}
		if ((body = powershell_block(w, i)) > 0) {
			i = body + 1;
			continue;
		}
		if (!word_in(w, i, "function|filter|workflow") ||
		    !word_named(w, i + 1)) {
			/* The block of a command is a function without a name.
			 */
			i = word_c(w, i, '{') ? word_behind(w, i) : i + 1;
			continue;
		}
		name = i + 1;
		if (word_c(w, name + 1, ':') && word_named(w, name + 2))
			name += 2;
		body = name + 1;
		if (word_c(w, body, '('))
			body = word_behind(w, body);
		if (!word_c(w, body, '{') || w->v[body].match <= body) {
			i++;
			continue;
		}
		words_add(
		    w, i, i, word_behind(w, body) - 1, word_text(w, name));
		i = word_behind(w, body);
	}
}

/* Return the last word of SQL's statement at i, whose header has been read. */
static size_t
sql_end(const struct words *w, size_t i)
{
	int depth = 0;
	bool begun = false, needs = false;

	for (; i < w->n; i++) {
		if (word_in(w, i, "is|as") && w->v[i + 1].kind != LEX_STRING &&
		    depth == 0 && !begun)
			needs = true;
		if (word_c(w, i, '('))
			i = word_behind(w, i) - 1;
		else if (word_in(w, i, "begin|case")) {
			depth++;
			begun = true;
		} else if (word_is(w, i, "end") || word_is(w, i, "END") ||
			   word_is(w, i, "End")) {
			if (word_in(w, i + 1, "if|loop|while|repeat|for"))
				i++;
			else if (depth > 0)
				depth--;
			if (depth == 0 && begun && !word_c(w, i + 1, ';') &&
			    w->v[i + 1].fresh)
				return i;
		} else if (word_c(w, i, ';') && depth == 0 &&
			   (begun || !needs)) {
			return i;
		} else if (depth == 0 && w->v[i].fresh &&
			   (word_in(w, i, "go|create|delimiter") ||
			       word_c(w, i, '/') || word_c(w, i, '$'))) {
			return i - 1;
		}
	}
	return i - 1;
}

void
find_sql(struct words *w)
{
	size_t i = 0, j, name, last;
	struct span s;

	while (i < w->n) {
		if (!word_in(w, i, "create") && !word_is(w, i, "alter")) {
			i++;
			continue;
		}
		for (j = i + 1;
		     j < i + 12 && !word_c(w, j, ';') &&
		     !word_in(w, j,
			 "function|procedure|proc|table|view|trigger|"
			 "index|aggregate|on|as");)
			j++;
		if (!word_in(w, j, "function|procedure|proc")) {
			i++;
			continue;
		}
		name = j + 1;
		if (word_is(w, name, "if") || word_is(w, name, "IF"))
			name += 3;
		while (word_c(w, name + 1, '.'))
			name += 2;
		if (word_c(w, name, '['))
			name++;
		s = word_text(w, name);
		if (s.n > 2 && (*s.p == '"' || *s.p == '`'))
			s = (struct span){ s.p + 1, s.n - 2 };
		last = sql_end(w, name + 1);
		words_add(w, i, i, last, s);
		i = last + 1 > i ? last + 1 : i + 1;
	}
}
