/* renamed: a digest that texts share which differ in names alone */
#include "task/renamed.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/keyset.h"
#include "base/mem.h"
#include "base/text.h"

enum {
	DIRECTIVES_MAX = 2, /* directives are read as tokens of their own */
	LEVELS = 64,        /* depths of indentation that are told apart */
	BRACKET_MAX = 100,  /* tokens in which a bracket is looked for */
};

/* A token that counts. */
struct piece {
	struct span text;
	enum lex_kind kind;
	size_t column; /* bytes of indentation before it, plus 1; 0: not the
			* first of its line, or within brackets */
};

/* The facts about a name, the value of a keyset. */
struct name {
	uint32_t facts;
	uint32_t number; /* number by the first occurrence, from 1; 0: none */
};
_Static_assert(sizeof(struct name) == 8, "a value is a multiple of 8 bytes");
enum { DEFINED = 1, FOREIGN = 2 };

struct text {
	const struct lex_language *language;
	struct piece *v;
	size_t n;
	struct keyset names;
	uint32_t numbers; /* names numbered so far */
	int defines;      /* flag: the text defines a name */
	size_t defined;   /* pieces before this one need no look for brackets */
	struct buf out;
};

/* Languages that go by the ends of lines, by indentation, or whose calls have
 * no brackets. */
static const char by_lines[] = "python|haskell|ruby|shell|batchfile|"
			       "powershell|fortran|visual_basic";
static const char by_indent[] = "python|haskell";
static const char by_words[] = "shell|batchfile|powershell|sql|haskell|perl";

/* Keywords that a use of a name may follow, not its definition. */
static const char before_use[] =
    "return|else|elif|elsif|throw|raise|new|delete|await|yield|case|when|in|of|"
    "and|or|not|is|if|unless|while|until|then|do|typeof|sizeof|instanceof|"
    "assert|go|defer|print|echo|extends|implements|throws|select|from|where|"
    "by|on|join|having|union|distinct|into|values|except|with|begin|try";
static const char before_foreign[] =
    "import|include|require|use|using|package|namespace|from|include_once|"
    "require_once";

static int
is_language(const struct lex_language *l, const char *list)
{
	return l != NULL && text_is_one_of(span_of(lex_name(l)), span_of(list));
}

/* Return whether a byte is one of a list; a NUL is none. */
static int
is_among(char c, const char *list)
{
	return c != '\0' && strchr(list, c) != NULL;
}

static void
add_piece(struct text *t, struct span s, enum lex_kind kind, size_t column)
{
	if ((t->n & (t->n - 1)) == 0)
		t->v = mem_array(t->v, t->n > 0 ? 2 * t->n : 1, sizeof *t->v);
	t->v[t->n++] = (struct piece){ s, kind, column };
}

static struct name *
name_of(struct text *t, struct span s)
{
	return keyset_add(&t->names, keyset_key(span_of(""), 'n', s));
}

static void
define(struct text *t, struct span s)
{
	name_of(t, s)->facts |= DEFINED;
	t->defines = 1;
}

/* Return how brackets that are open change with an operator: 1, -1 or 0. */
static int
bracket(struct span s)
{
	if (s.n != 1)
		return 0;
	return *s.p == '(' || *s.p == '['   ? 1
	       : *s.p == ')' || *s.p == ']' ? -1
					    : 0;
}

/* Add the tokens of a text that count. */
static void
read_pieces(struct text *t, const struct lex_language *l, struct span text,
    int directives)
{
	struct lexer lx;
	struct lex_token k;
	size_t column = 1, open = 0;
	struct span s;
	int fresh = 1;

	lexer_start(&lx, l, text);
	while (lexer_next(&lx, &k)) {
		s = (struct span){ text.p + k.start, k.end - k.start };
		if (k.kind == LEX_NEWLINE) {
			fresh = 1;
			column = 1;
		} else if (k.kind == LEX_SPACE && fresh) {
			column += s.n;
		} else if (k.kind == LEX_DIRECTIVE &&
			   directives < DIRECTIVES_MAX) {
			add_piece(t, span_of("#"), LEX_OPERATOR, 0);
			s = span_skip(s, *s.p == '#' || *s.p == '{');
			read_pieces(t, NULL, s, directives + 1);
			add_piece(t, span_of("\n"), LEX_OPERATOR, 0);
		} else if (k.kind != LEX_SPACE && k.kind != LEX_COMMENT) {
			add_piece(
			    t, s, k.kind, fresh && open == 0 ? column : 0);
			fresh = 0;
			if (k.kind == LEX_OPERATOR)
				open += open > 0 || bracket(s) > 0
					    ? (size_t)bracket(s)
					    : 0;
		}
	}
}

/* Return whether piece i is an operator among those of a list. */
static int
is_operator(const struct text *t, size_t i, const char *list)
{
	return i < t->n && t->v[i].kind == LEX_OPERATOR &&
	       t->v[i].text.n == 1 && is_among(*t->v[i].text.p, list);
}

/* Return whether piece i is "->" or "::", whole or a byte at a time. */
static int
is_arrow(const struct text *t, size_t i)
{
	return i < t->n && t->v[i].kind == LEX_OPERATOR &&
	       (span_is(t->v[i].text, "->") || span_is(t->v[i].text, "::") ||
		   span_is(t->v[i].text, "?."));
}

/* Return whether an assignment begins at piece i. */
static int
is_assignment(const struct text *t, size_t i)
{
	const struct piece *p = &t->v[i];

	if (i >= t->n)
		return 0;
	/* a shell has "x=1" as two words */
	if (p->kind == LEX_NAME)
		return p->column == 0 && *p->text.p == '=';
	if (p->kind != LEX_OPERATOR)
		return 0;
	if (is_operator(t, i, "="))
		return !is_operator(t, i + 1, "=");
	return span_is(p->text, ":=") || span_is(p->text, "<-") ||
	       span_is(p->text, "=>") ||
	       (is_operator(t, i, ":") && is_operator(t, i + 1, "="));
}

/*
 * Note as defined the names from a bracket to the one that closes it; step is
 * the direction, 1 or -1.
 */
static void
note_brackets(struct text *t, size_t i, int step)
{
	int open = 0, left = BRACKET_MAX;

	for (; i < t->n && left-- > 0; i += (size_t)step) {
		if (t->v[i].kind == LEX_OPERATOR)
			open += step * bracket(t->v[i].text);
		else if (t->v[i].kind == LEX_NAME)
			define(t, t->v[i].text);
		if (open <= 0)
			break;
	}
	if (step > 0)
		t->defined = i;
}

/* Return whether what stands before a name, or NULL, says that it defines it.
 */
static int
declares(const struct piece *before, int words)
{
	if (before == NULL)
		return 0;
	if (before->kind == LEX_KEYWORD)
		return !text_is_one_of(before->text, span_of(before_use));
	/* a type stands there */
	return before->kind == LEX_NAME && !words;
}

/* Note what one occurrence says of a name; line is the keyword of its line. */
static void
note_name(struct text *t, size_t i, struct span line)
{
	const struct piece *before =
	    i > 0 && t->v[i].column == 0 ? &t->v[i - 1] : NULL;
	int member =
	    i > 0 && (is_operator(t, i - 1, ".") || is_arrow(t, i - 1));
	int words = is_language(t->language, by_words), foreign;

	foreign = text_is_one_of(line, span_of(before_foreign)) &&
		  !(before != NULL && span_is(before->text, "as"));
	if (!foreign &&
	    (is_assignment(t, i + 1) || (!member && declares(before, words)))) {
		define(t, t->v[i].text);
		/* brackets within others are noted with these */
		if (i >= t->defined && is_operator(t, i + 1, "("))
			note_brackets(t, i + 1, 1);
	}
	if (foreign || member || is_operator(t, i + 1, "(.") ||
	    is_arrow(t, i + 1) || (words && !is_among(*t->v[i].text.p, "$@%")))
		name_of(t, t->v[i].text)->facts |= FOREIGN;
}

/* Note as defined the names before the sign that defines them on a line. */
static void
note_left(struct text *t, size_t from, size_t end)
{
	size_t i, sign = from;

	for (i = from; i < end && sign == from; i++)
		if (is_assignment(t, i) || is_arrow(t, i))
			sign = i;
	for (i = from; i < sign; i++)
		if (t->v[i].kind == LEX_NAME)
			define(t, t->v[i].text);
}

/* Note as defined the names before another that is assigned: "a, b = f()". */
static void
note_lists(struct text *t)
{
	size_t i;

	for (i = t->n; i-- > 2;)
		if (t->v[i].kind == LEX_NAME && is_operator(t, i - 1, ",") &&
		    t->v[i - 2].kind == LEX_NAME && is_assignment(t, i + 1))
			define(t, t->v[i - 2].text);
}

/* Learn of each name whether the text defines it. */
static void
learn_names(struct text *t)
{
	int haskell = is_language(t->language, "haskell");
	struct span line = { NULL, 0 };
	size_t i, from = 0;

	for (i = 0; i < t->n; i++) {
		if (t->v[i].column > 0) {
			line = t->v[i].text;
			if (haskell)
				note_left(t, from, i);
			from = i;
		} else if (is_operator(t, i - 1, ";\n")) {
			line = t->v[i].text;
		}
		if (t->v[i].kind == LEX_NAME)
			note_name(t, i, line);
		else if (span_is(t->v[i].text, "=>") &&
			 is_operator(t, i - 1, ")"))
			note_brackets(t, i - 1, -1);
	}
	if (haskell)
		note_left(t, from, t->n);
	note_lists(t);
}

/* Append a name: its number, or itself if the text does not define it. */
static void
add_name(struct text *t, struct span s)
{
	struct name *name = name_of(t, s);

	/* types and constants of elsewhere begin with a capital letter */
	if (!(name->facts & DEFINED) && (name->facts & FOREIGN || !t->defines ||
					    (*s.p >= 'A' && *s.p <= 'Z'))) {
		buf_addspan(&t->out, s);
		return;
	}
	if (name->number == 0)
		name->number = ++t->numbers;
	buf_fmt(&t->out, "\1%u", name->number);
}

/* Append a string, and the names that stand in it behind "$" or in braces. */
static void
add_string(struct text *t, struct span s)
{
	const char *p = s.p, *end = span_end(s), *word;
	int braces = 0;
	struct span name;

	while (p < end) {
		braces += *p == '{' ? 1 : *p == '}' && braces > 0 ? -1 : 0;
		for (word = p; word < end && text_is_word_char(*word); word++)
			;
		name = (struct span){ p, (size_t)(word - p) };
		if (name.n > 0 && (braces > 0 || (p > s.p && p[-1] == '$')) &&
		    name_of(t, name)->facts & DEFINED)
			add_name(t, name);
		else
			buf_add(&t->out, p, name.n > 0 ? name.n : 1);
		p = name.n > 0 ? word : p + 1;
	}
}

/* Return whether a name is a word of a shell that has names in it. */
static int
is_mixed(struct span s)
{
	size_t i;

	for (i = 1; i < s.n; i++)
		if (is_among(s.p[i], "=$/{"))
			return 1;
	return *s.p == '=';
}

/* Append the depth of a line's indentation; level has those that are open. */
static void
add_depth(struct text *t, size_t column, size_t level[LEVELS], int *depth)
{
	while (*depth > 0 && level[*depth - 1] >= column)
		--*depth;
	if (*depth < LEVELS)
		level[(*depth)++] = column;
	buf_fmt(&t->out, "\2%d", *depth);
}

static void
add_pieces(struct text *t)
{
	int lines = is_language(t->language, by_lines), depth = 0;
	int indent = is_language(t->language, by_indent);
	size_t level[LEVELS], i;

	for (i = 0; i < t->n; i++) {
		if (t->v[i].column > 0 && lines)
			buf_addc(&t->out, '\n');
		if (t->v[i].column > 0 && indent)
			add_depth(t, t->v[i].column, level, &depth);
		if (t->v[i].kind == LEX_NAME && !is_mixed(t->v[i].text))
			add_name(t, t->v[i].text);
		else if (t->v[i].kind == LEX_STRING || t->v[i].kind == LEX_NAME)
			add_string(t, t->v[i].text);
		else
			buf_addspan(&t->out, t->v[i].text);
		buf_addc(&t->out, '\0');
	}
}

void
renamed_digest(const struct lex_language *language, struct span text,
    unsigned char digest[RENAMED_BYTES])
{
	struct text t = { .language = language,
		.names = { .value = sizeof(struct name) } };
	unsigned char sha[SHA256_BYTES];

	read_pieces(&t, language, text, 0);
	learn_names(&t);
	add_pieces(&t);
	/* a text of comments alone is compared as it is */
	if (t.n == 0)
		buf_addspan(&t.out, text);
	hash_sha256_bytes(buf_span(&t.out), sha);
	memcpy(digest, sha, RENAMED_BYTES);
	keyset_free(&t.names);
	buf_free(&t.out);
	free(t.v);
}
