/* notebook: the code cells of a Jupyter notebook */
#include "notebook.h"

#include <ctype.h>

#include "base/text.h"
#include "json/find.h"
#include "json/scan.h"
#include "json/string.h"
#include "lex/lex.h"
#include "task/language.h"

/* What a magic at the start of a cell says of the code behind it. */
enum magic_kind {
	MAGIC_SAME,     /* the code is of the notebook's language */
	MAGIC_LANGUAGE, /* the code is of another language */
	MAGIC_ARGUMENT, /* the word behind the magic names the language */
	MAGIC_FILE,     /* the word behind it is a path, which tells it */
};

static const struct {
	const char *word, *language;
	enum magic_kind kind;
} magics[] = {
	{ "time", NULL, MAGIC_SAME },
	{ "timeit", NULL, MAGIC_SAME },
	{ "capture", NULL, MAGIC_SAME },
	{ "prun", NULL, MAGIC_SAME },
	{ "memit", NULL, MAGIC_SAME },
	{ "python", "python", MAGIC_LANGUAGE },
	{ "python2", "python", MAGIC_LANGUAGE },
	{ "python3", "python", MAGIC_LANGUAGE },
	{ "pypy", "python", MAGIC_LANGUAGE },
	{ "bash", "shell", MAGIC_LANGUAGE },
	{ "sh", "shell", MAGIC_LANGUAGE },
	{ "system", "shell", MAGIC_LANGUAGE },
	{ "sx", "shell", MAGIC_LANGUAGE },
	{ "!", "shell", MAGIC_LANGUAGE },
	{ "cmd", "batchfile", MAGIC_LANGUAGE },
	{ "pwsh", "powershell", MAGIC_LANGUAGE },
	{ "powershell", "powershell", MAGIC_LANGUAGE },
	{ "javascript", "javascript", MAGIC_LANGUAGE },
	{ "js", "javascript", MAGIC_LANGUAGE },
	{ "perl", "perl", MAGIC_LANGUAGE },
	{ "ruby", "ruby", MAGIC_LANGUAGE },
	{ "sql", "sql", MAGIC_LANGUAGE },
	{ "bigquery", "sql", MAGIC_LANGUAGE },
	{ "script", NULL, MAGIC_ARGUMENT },
	{ "writefile", NULL, MAGIC_FILE },
	{ "file", NULL, MAGIC_FILE },
};

/* Return the key of the language that a notebook's metadata names, or "". */
static const char *
find_language(struct notebook *nb, struct span file)
{
	struct span meta = js_find(file, "metadata");
	const struct {
		const char *object, *member;
	} places[] = { { "language_info", "name" },
		{ "kernelspec", "language" }, { "kernelspec", "name" } };
	const char *key = NULL;
	struct span word;
	size_t i;

	for (i = 0; i < 3 && (key == NULL || *key == '\0'); i++) {
		word = js_string(
		    js_find(js_find(meta, places[i].object), places[i].member),
		    &nb->arena);
		if (word.n > 0)
			key = language_code_key(word);
	}
	/* a notebook that says nothing is one of Python, as at first */
	return js_is_there(js_find(meta, "language_info")) ||
		       js_is_there(js_find(meta, "kernelspec"))
		   ? (key != NULL ? key : "")
		   : "python";
}

int
notebook_start(struct notebook *nb, struct span file, const char **why)
{
	struct span value = js_text(file, why);

	*nb = (struct notebook){ 0 };
	if (value.p == NULL)
		return -1;
	nb->cells = js_find(value, "cells");
	if (nb->cells.p == NULL)
		nb->cells =
		    js_find(js_at(js_find(value, "worksheets"), 0), "cells");
	*why = "it has no cells";
	nb->language = find_language(nb, value);
	return js_is_array(nb->cells) ? 0 : -1;
}

/* Append a string, or the strings of an array. */
static void
add_strings(struct buf *b, struct span value)
{
	struct span part;
	size_t at = 0;

	js_decode(b, value);
	while (js_next(value, &at, &part))
		js_decode(b, part);
}

/* Return the first word of s. */
static struct span
first_word(struct span s)
{
	size_t n = 0;

	s = text_trim(s);
	while (n < s.n && !isspace((unsigned char)s.p[n]))
		n++;
	return (struct span){ s.p, n };
}

/*
 * Return the language of a cell that begins with a magic, "" if it is not
 * known, and cut the line of the magic off.
 */
static const char *
read_magic(struct span *source, const char *language)
{
	struct span line = *source, word, rest;
	const char *nl, *key = "";
	size_t i;

	while (line.n > 0 && isspace((unsigned char)*line.p))
		line = span_skip(line, 1);
	if (line.n < 3 ||
	    (memcmp(line.p, "%%", 2) != 0 && memcmp(line.p, "!!", 2) != 0))
		return language;
	nl = memchr(line.p, '\n', line.n);
	*source = nl != NULL ? span_skip(line, (size_t)(nl + 1 - line.p))
			     : (struct span){ "", 0 };
	line.n = nl != NULL ? (size_t)(nl - line.p) : line.n;
	word = *line.p == '!' ? span_of("!") : first_word(span_skip(line, 2));
	rest = *line.p == '!' ? word
			      : first_word(span_skip(
				    line, (size_t)(word.p + word.n - line.p)));
	for (i = 0; i < sizeof magics / sizeof *magics; i++) {
		if (!span_is(word, magics[i].word))
			continue;
		if (magics[i].kind == MAGIC_SAME)
			key = language;
		else if (magics[i].kind == MAGIC_LANGUAGE)
			key = magics[i].language;
		else if (magics[i].kind == MAGIC_ARGUMENT)
			key = language_code_key(rest);
		else
			key = language_of_path(rest);
	}
	return key != NULL ? key : "";
}

int
notebook_next(struct notebook *nb, struct notebook_cell *cell)
{
	struct span value, type, source;

	while (js_next(nb->cells, &nb->at, &value)) {
		nb->number++;
		type = js_string(js_find(value, "cell_type"), &nb->arena);
		if (!span_is(type, "code"))
			continue;
		nb->source.n = nb->text.n = 0;
		source = js_find(value, "source");
		add_strings(&nb->source,
		    source.p != NULL ? source : js_find(value, "input"));
		source = buf_span(&nb->source);
		cell->number = nb->number;
		cell->language = read_magic(&source, nb->language);
		if (strcmp(cell->language, "python") == 0) {
			notebook_plain(source, &nb->text);
			source = buf_span(&nb->text);
		}
		cell->text = source;
		return 1;
	}
	return 0;
}

void
notebook_end(struct notebook *nb)
{
	arena_free(&nb->arena);
	buf_free(&nb->source);
	buf_free(&nb->text);
	*nb = (struct notebook){ 0 };
}

/* The statement of Python that a walk over tokens is in. */
struct statement {
	size_t line; /* offset of its line */
	int depth;   /* brackets that are open */
	char before; /* last byte that is no white space; '\0': none */
};

/*
 * Return whether a token within a statement shows that its line is for IPython:
 * "%name" or "!" at its start or behind "=", "?" anywhere outside brackets.
 */
static int
is_magic(const struct statement *s, struct span text, struct lex_token t)
{
	char c = text.p[t.start];
	char next = t.start + 1 < text.n ? text.p[t.start + 1] : '\0';

	if (t.kind != LEX_OPERATOR || s->depth > 0)
		return 0;
	if (c == '?')
		return 1;
	return (s->before == '\0' || s->before == '=') &&
	       (c == '!' ? next != '='
			 : c == '%' &&
			       (next == '%' || isalpha((unsigned char)next)));
}

/* Return the offset behind the line of an offset, and what "\\" joins to it. */
static size_t
line_end(struct span text, size_t at)
{
	const char *nl;

	for (;;) {
		nl = memchr(text.p + at, '\n', text.n - at);
		if (nl == NULL)
			return text.n;
		at = (size_t)(nl + 1 - text.p);
		if (nl == text.p || nl[-1] != '\\')
			return at;
	}
}

/* Take a token's part in a statement. */
static void
note_token(struct statement *s, struct span text, struct lex_token t)
{
	char c = text.p[t.start];

	if (t.kind == LEX_SPACE || t.kind == LEX_COMMENT)
		return;
	if (t.kind == LEX_NEWLINE && s->depth == 0) {
		*s = (struct statement){ .line = t.end };
		return;
	}
	if (t.kind == LEX_NEWLINE)
		return;
	s->depth += c == '(' || c == '[' || c == '{';
	s->depth -= s->depth > 0 && (c == ')' || c == ']' || c == '}');
	s->before = text.p[t.end - 1];
}

/* Append the code before a magic's line and, for an indented one, "pass". */
static void
drop_line(struct span text, size_t line, struct buf *b)
{
	size_t n = 0;

	buf_add(b, text.p, line);
	while (line + n < text.n &&
	       (text.p[line + n] == ' ' || text.p[line + n] == '\t'))
		n++;
	if (n > 0) {
		buf_add(b, text.p + line, n);
		buf_adds(b, "pass\n");
	}
}

void
notebook_plain(struct span source, struct buf *b)
{
	const struct lex_language *python = lex_find(span_of("python"));
	struct span text = source;
	struct statement s = { 0 };
	struct lex_token t;
	struct lexer lx;

	lexer_start(&lx, python, text);
	while (lexer_next(&lx, &t)) {
		if (!is_magic(&s, text, t)) {
			note_token(&s, text, t);
			continue;
		}
		/* what follows is read anew: a command may hold quotes */
		drop_line(text, s.line, b);
		text = span_skip(text, line_end(text, t.start));
		s = (struct statement){ 0 };
		lexer_start(&lx, python, text);
	}
	buf_addspan(b, text);
}
