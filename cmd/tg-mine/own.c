/* own: the places of the names that a text defines itself */
#include "own.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "own-in.h"

static const struct rules table[] = {
	{ "python", ASSIGNED | WALRUS | FIRST | KEYWORDS | BRACES, "def",
	    "for|as|lambda", "import|from|global|nonlocal", "" },
	{ "ruby", ASSIGNED | FIRST | BARS | KEYS | BRACES, "def", "for", "",
	    "initialize|to_s|each|call|inspect|hash|new" },
	{ "javascript", FIRST | ARROWS | KEYS | SHORT | BRACES, "function",
	    "let|const|var|catch", "import|export", "constructor|arguments" },
	{ "typescript", FIRST | ARROWS | KEYS | SHORT | BRACES, "function",
	    "let|const|var|catch", "import|export", "constructor|arguments" },
	{ "go", WALRUS | FIRST | BEHIND | KEYS, "func", "var|const",
	    "import|package", "main|init|String|Error" },
	{ "rust", FIRST | BARS | KEYS | SHORT | BRACES, "fn", "let|for",
	    "use|mod|extern", "main|new|fmt|drop|from|default|clone|next" },
	{ "c", TYPED, "", "", "", "main" },
	{ "cplusplus", TYPED, "", "", "", "main" },
	{ "java", TYPED | ARROWS, "", "", "import|package",
	    "main|toString|equals|hashCode|compareTo|run|close" },
	{ "csharp", TYPED | ARROWS | KEYS | BRACES, "", "", "namespace",
	    "Main|ToString|Equals|GetHashCode|Dispose|value" },
	{ "php", SIGILS | ALL_LOCAL | DOLLARS, "", "", "global",
	    "GLOBALS|argv|argc" },
	{ "perl", SIGILS | DOLLARS, "", "my|state", "our|use|require",
	    "a|b|new|import|ARGV|ENV" },
	{ "powershell", SIGILS | ASSIGNED | DOLLARS, "", "param|foreach", "",
	    "args|input|true|false|null|error|host|matches|pscmdlet|"
	    "psboundparameters|psitem|lastexitcode|psscriptroot" },
	{ "shell", COMMANDS | GLOBAL | DOLLARS, "",
	    "local|for|read|declare|typeset|readonly", "", "main" },
	{ "batchfile", COMMANDS | GLOBAL, "", "set", "",
	    "eof|errorlevel|path|cd|random|date|time" },
	{ "sql", FIRST | BEHIND | GLOBAL, "table", "declare", "", "" },
	{ "fortran", FIRST | ASSIGNED | COLONS, "subroutine|function",
	    "integer|real|logical|complex|character|precision|dimension",
	    "use|common|external|intrinsic|namelist|include", "" },
	{ "lua", FIRST, "function", "local|for", "", "" },
	{ "haskell", CLAUSES, "", "", "import|module", "main" },
	{ "visual_basic", BEFORE_AS, "", "dim|each|for|const", "imports",
	    "main|new|tostring" },
};

/* Return the name's number in a scope, from 0; -1: it is no own name. */
static size_t
find_name(struct own_search *x, size_t scope, struct span name)
{
	const struct known *known =
	    keyset_find(&x->known, own_key(x, scope, name));
	uint64_t *number;

	if (known == NULL || !known->bound || known->kept ||
	    keyset_find(&x->known, own_key(x, (size_t)KEPT_SCOPE, name)) !=
		NULL)
		return (size_t)-1;
	number =
	    keyset_add(&x->numbers, own_key(x, (size_t)FUNCTION_SCOPE, name));
	if (*number == 0)
		*number = ++x->out->names;
	return *number - 1;
}

/* Add the place of a name, which lies in the text, if it is an own one. */
static bool
add_place(struct own_search *x, size_t scope, struct span name)
{
	struct own *out = x->out;
	size_t number = name.n > 0 ? find_name(x, scope, name) : (size_t)-1;
	size_t start = (size_t)(name.p - x->w.text.p);

	if (number == (size_t)-1)
		return false;
	if (out->n == out->cap) {
		out->cap = out->cap > 0 ? 2 * out->cap : 64;
		out->v = mem_array(out->v, out->cap, sizeof *out->v);
	}
	out->v[out->n++] = (struct own_place){ start, start + name.n, number };
	return true;
}

/* Return whether a word in a string at bytes `at` is one of code that is put
 * in. depth: braces around it. */
static bool
is_put_in(const struct own_search *x, struct span s, size_t at, int depth)
{
	char before = at > 0 ? s.p[at - 1] : '\0';
	char first = at > 1 ? s.p[at - 2] : '\0';

	if (how(x, DOLLARS))
		return (is_sigil(before) && first != '\\') ||
		       (before == '{' && first == '$');
	return depth > 0 && before != '.' && before != '\'' && before != '"' &&
	       before != '!';
}

/*
 * Return whether code can be put into the string at a word, and set *mark to
 * the byte that stands before the brace there; 0: none.
 */
static bool
takes_code(const struct own_search *x, size_t word, char *mark)
{
	struct span s = word_text(&x->w, word);
	size_t i;

	*mark = '\0';
	if (how(x, DOLLARS))
		return *s.p != '\'' &&
		       !(s.n > 1 && *s.p == 'q' && s.p[1] == '{');
	if (!how(x, BRACES) || x->w.v[word].kind == LEX_TEXT)
		return how(x, BRACES);
	if (how(x, BARS)) { /* Ruby, Rust */
		*mark = how(x, SHORT) ? '\0' : '#';
		return *s.p != '\'';
	}
	if (how(x, SHORT)) { /* JavaScript */
		*mark = '$';
		return *s.p == '`';
	}
	for (i = 0; i < s.n && s.p[i] != '"' && s.p[i] != '\''; i++)
		if (s.p[i] == '$' || (s.p[i] | 32) == 'f')
			return true;
	return false;
}

/* Add a word of a string, if it is an own name. */
static void
add_word_place(struct own_search *x, size_t word, struct span name)
{
	if (!add_place(x, x->scope[word], name) && !how(x, DOLLARS))
		add_place(x, (size_t)FUNCTION_SCOPE, name);
}

/* Add the places in a string that code is put into. */
static void
add_string(struct own_search *x, size_t word, char mark)
{
	struct span s = word_text(&x->w, word);
	size_t i, end;
	int depth = 0;
	bool format =
	    false; /* whether the format behind a value is read: {x:f} */

	for (i = 0; i < s.n; i = end) {
		end = i;
		while (end < s.n &&
		       (text_is_word_char(s.p[end]) || (s.p[end] & 0x80) != 0))
			end++;
		if (end > i) {
			if (!format && is_put_in(x, s, i, depth))
				add_word_place(
				    x, word, (struct span){ s.p + i, end - i });
			continue;
		}
		end = i + 1;
		if (mark == '\0' && depth == 0 && s.p[i] == '{' && end < s.n &&
		    s.p[end] == '{')
			end++;
		else if (s.p[i] == '{' && (depth > 0 || mark == '\0' ||
					      (i > 0 && s.p[i - 1] == mark)))
			depth++, format = false;
		else if (s.p[i] == '}')
			depth -= depth > 0, format = false;
		else if (s.p[i] == ':' && depth == 1 && mark == '\0')
			format = true;
	}
}

/* Return whether word i is a member of what is before it. */
static bool
is_member(const struct own_search *x, size_t i)
{
	const struct words *w = &x->w;

	if (i == 0 || how(x, COMMANDS))
		return false;
	if (how(x, CLAUSES))
		return i > 1 && word_c(w, i - 1, '.') && is_upper(x, i - 2) &&
		       w->v[i - 2].end + 1 == w->v[i].start;
	return is_op(x, i - 1, " . -> :: ?. &. ") ||
	       (how(x, COLONS) && word_c(w, i - 1, '%')) ||
	       (word_c(w, i - 1, ':') && i > 1 &&
		   span_is(span_of(x->rules->language), "lua"));
}

/* Return whether word i is a key or the name of another's parameter. */
static bool
is_key(const struct own_search *x, size_t i, size_t line)
{
	const struct words *w = &x->w;
	size_t open = x->in[i];

	if (open == 0 || i == 0 || !is_op(x, i - 1, " { ( , "))
		return false;
	return (how(x, KEYS) && word_c(w, i + 1, ':') &&
		   !word_in(w, line, "case")) ||
	       (how(x, KEYWORDS) && word_c(w, open - 1, '(') &&
		   word_c(w, i + 1, '=')) ||
	       (how(x, BEFORE_AS) && is_op(x, i + 1, " := "));
}

/* Add the places in a word of a command: $x, ${x%.c}, or a name where one is.
 */
static void
add_command(struct own_search *x, size_t i)
{
	const struct words *w = &x->w;
	struct span s = word_text(w, i);
	char before = w->v[i].start > 0 ? w->text.p[w->v[i].start - 1] : '\0';

	if (w->v[i].kind != LEX_NAME)
		return;
	if (x->names[i] || w->v[i].fresh || !is_kind(x, i - 1, LEX_NAME))
		if (add_place(x, (size_t)FUNCTION_SCOPE, s))
			return;
	if (x->binds[i] || before == '%' || before == '!' || before == ':' ||
	    word_in(w, i - 1, "goto"))
		add_place(x, 0, s);
	else if (how(x, DOLLARS))
		add_string(x, i, '\0');
}

/* Add the place of word i, whose line begins with word `line`. */
static void
add_name(struct own_search *x, size_t i, size_t line)
{
	struct span s = word_text(&x->w, i), name = stem(x, i);

	if (x->names[i]) {
		add_place(x, (size_t)FUNCTION_SCOPE, s);
		return;
	}
	if (is_member(x, i) && !x->binds[i]) {
		if (i > 1 && word_in(&x->w, i - 2, "self|this|cls|$this|Me"))
			add_place(x, (size_t)FUNCTION_SCOPE, s);
		return;
	}
	if (is_key(x, i, line) && !x->binds[i])
		return;
	if (!add_place(x, x->scope[i], name) && !(how(x, SIGILS) && name.n > 0))
		add_place(x, (size_t)FUNCTION_SCOPE, s);
}

/* Add all places, in order. */
static void
add_places(struct own_search *x)
{
	size_t i, line = 0;
	char mark;

	for (i = 0; i < x->w.n; i++) {
		if (x->w.v[i].fresh)
			line = i;
		if (is_kind(x, i, LEX_STRING) || is_kind(x, i, LEX_TEXT)) {
			if (takes_code(x, i, &mark))
				add_string(x, i, mark);
		} else if (how(x, COMMANDS)) {
			add_command(x, i);
		} else if (is_kind(x, i, LEX_NAME)) {
			add_name(x, i, line);
		}
	}
}

/* Set the bracket and the function that each word is in. */
static void
set_places(struct own_search *x)
{
	const struct words *w = &x->w;
	const struct lex_function *f = x->functions.v;
	size_t i, n = 0, open = 0;

	for (i = 0; i < w->n; i++) {
		if (open > 0 && w->v[open - 1].match == i)
			open = x->in[open - 1];
		x->in[i] = open;
		if (w->v[i].match > i)
			open = i + 1;
		while (n < x->functions.n && f[n].end <= w->v[i].start)
			n++;
		if (n == x->functions.n || w->v[i].start < f[n].start)
			continue;
		x->scope[i] = n + 1;
		x->names[i] = w->v[i].kind == LEX_NAME &&
			      w->text.p + w->v[i].start == f[n].name.p &&
			      w->v[i].end - w->v[i].start == f[n].name.n;
	}
}

/*
 * Take the first word for the name of a function, if that is one:
 * functions_find finds a method only in its class.
 */
static void
set_method(struct own_search *x)
{
	const struct words *w = &x->w;
	size_t i = 0;

	if (x->functions.n > 0 || !how(x, FIRST) || !how(x, ARROWS))
		return;
	while (word_in(w, i, "async|static|get|set|*"))
		i++;
	if (is_kind(x, i, LEX_NAME) && word_c(w, i + 1, '(') &&
	    is_op(x, word_behind(w, i + 1), " { : "))
		x->names[i] = true;
}

/*
 * Append a text whose quotes of dollar signs, $$ or $body$, are blanks: what
 * they hold is code of SQL.
 */
static void
add_unquoted(struct buf *b, struct span s)
{
	size_t i, end;

	buf_addspan(b, s);
	for (i = 0; i < s.n; i = end) {
		end = i + 1;
		if (s.p[i] != '$')
			continue;
		while (end < s.n && text_is_word_char(s.p[end]))
			end++;
		if (end < s.n && s.p[end] == '$')
			memset(b->p + i, ' ', ++end - i);
	}
}

/* Find the names of a text in the language of x->rules. */
static void
search(
    struct own_search *x, const struct lex_language *language, struct span text)
{
	size_t n;

	words_read(&x->w, language, text);
	functions_find(language, text, &x->functions);
	n = x->w.n + 1;
	x->scope = mem_new(n * sizeof *x->scope);
	x->in = mem_new(n * sizeof *x->in);
	x->binds = mem_new(n * sizeof *x->binds);
	x->names = mem_new(n * sizeof *x->names);
	set_places(x);
	set_method(x);
	own_bind(x);
	add_places(x);
	free(x->scope);
	free(x->in);
	free(x->binds);
	free(x->names);
	words_free(&x->w);
	functions_free(&x->functions);
	keyset_free(&x->known);
	keyset_free(&x->numbers);
	buf_free(&x->low);
}

void
own_find(const struct lex_language *language, struct span text, struct own *out)
{
	struct own_search x = { .known.value = sizeof(struct known),
		.numbers.value = sizeof(uint64_t),
		.out = out };
	struct buf unquoted = { 0 };
	size_t i;

	out->n = out->names = 0;
	if (language == NULL)
		return;
	for (i = 0; i < sizeof table / sizeof *table; i++)
		if (strcmp(table[i].language, lex_name(language)) == 0)
			x.rules = &table[i];
	if (x.rules == NULL)
		return;
	if (span_is(span_of(x.rules->language), "sql")) {
		add_unquoted(&unquoted, text);
		text = buf_span(&unquoted);
	}
	search(&x, language, text);
	buf_free(&unquoted);
}

void
own_free(struct own *o)
{
	free(o->v);
	*o = (struct own){ 0 };
}
