/* order: neighbours of a text that may change places */
#include "order.h"

#include "base/text.h"
#include "lex/functions.h"
#include "lex/lex-in.h"
#include "lex/words.h"

enum {
	STATEMENT_MAX = 48, /* words of a statement that may move */
	NAMES_MAX = 64      /* names of a statement that may move */
};

/* A range of bytes that may change places with the one behind it. */
struct piece {
	size_t start, end;
};

/* Append the text from *at to the two pieces, and them in the other order. */
static void
add_swapped(struct buf *out, struct span text, size_t *at, struct piece a,
    struct piece b)
{
	buf_add(out, text.p + *at, a.start - *at);
	buf_add(out, text.p + b.start, b.end - b.start);
	buf_add(out, text.p + a.end, b.start - a.end);
	buf_add(out, text.p + a.start, a.end - a.start);
	*at = b.end;
}

/* Return whether a name is a token of some bytes of a text. */
static bool
has_name(
    const struct lex_language *language, struct span bytes, struct span name)
{
	struct lexer lx;
	struct lex_token t;

	lexer_start(&lx, language, bytes);
	while (lexer_next(&lx, &t))
		if (t.kind == LEX_NAME &&
		    span_eq((struct span){ bytes.p + t.start, t.end - t.start },
			name))
			return true;
	return false;
}

/* Return the comma or semicolon that some bytes end with; 0: they do not. */
static char
separator(struct span s)
{
	s = text_trim(s);
	return s.n > 0 && strchr(",;", s.p[s.n - 1]) != NULL ? s.p[s.n - 1]
							     : '\0';
}

/* Return how many blanks some bytes begin with. */
static size_t
blanks(struct span s)
{
	size_t n = 0;

	while (n < s.n && (s.p[n] == ' ' || s.p[n] == '\t'))
		n++;
	return n;
}

/* Return the bytes of a function, if these are whole lines; else none. */
static struct span
whole_lines(struct span text, const struct lex_function *f)
{
	struct span s = { text.p + f->start, f->end - f->start };

	if (s.n == 0 || s.p[s.n - 1] != '\n' ||
	    (f->start > 0 && text.p[f->start - 1] != '\n'))
		s.n = 0;
	return s;
}

/* Return whether function a can stand behind b, its next. */
static bool
can_swap_functions(const struct lex_language *language, struct span text,
    const struct lex_function *a, const struct lex_function *b)
{
	struct span s = whole_lines(text, a), t = whole_lines(text, b);
	struct span between = { text.p + a->end, b->start - a->end };

	return s.n > 0 && t.n > 0 && b->start >= a->end &&
	       text_trim(between).n == 0 && separator(s) == separator(t) &&
	       blanks(s) == blanks(t) && !span_eq(a->name, b->name) &&
	       !has_name(language, s, b->name) &&
	       !has_name(language, t, a->name);
}

size_t
order_functions(
    const struct lex_language *language, struct span text, struct buf *out)
{
	struct lex_functions f = { 0 };
	size_t i, at = 0, moved = 0;

	functions_find(language, text, &f);
	for (i = 1; i < f.n; i++) {
		if (!can_swap_functions(language, text, &f.v[i - 1], &f.v[i]))
			continue;
		add_swapped(out, text, &at,
		    (struct piece){ f.v[i - 1].start, f.v[i - 1].end },
		    (struct piece){ f.v[i].start, f.v[i].end });
		moved++;
		i++;
	}
	buf_addspan(out, span_skip(text, at));
	functions_free(&f);
	return moved;
}

/* An assignment that may move. */
struct statement {
	struct piece lines; /* start 0 and end 0: it may not move */
	size_t line, last;  /* numbers of its lines */
	size_t indent;      /* blanks before it */
	bool calls;         /* whether it may call something */
	bool member;        /* whether it sets a member of an object */
	bool ended;         /* whether it ends with a semicolon */
	struct span name[NAMES_MAX];
	size_t names;
};

/* Keywords that an assignment may have. */
#define PLAIN                                                                  \
	"auto|bool|boolean|byte|char|const|double|final|float|int|integer|"    \
	"let|local|long|mut|my|short|signed|static|string|struct|unsigned|"    \
	"var|true|false|None|null|nil|undefined|nullptr|not|and|or|is|sizeof|" \
	"dim|as|set|volatile|object|number|any|self|this|new|size_t|u32"

/* Return whether word i is an operator that begins with a byte of list. */
static bool
is_op_char(const struct words *w, size_t i, const char *list)
{
	return i < w->n && w->v[i].kind == LEX_OPERATOR &&
	       strchr(list, w->text.p[w->v[i].start]) != NULL;
}

/* Return whether lines of a language end only with a semicolon or a brace. */
static bool
has_semicolons(const struct lex_language *language)
{
	static const char list[] = "c|cplusplus|java|csharp|rust|php|perl|sql";

	return text_is_one_of(span_of(lex_name(language)), span_of(list));
}

/* Add the names of word i to a statement; return false if they are too many.
 * Names are also those within strings. */
static bool
add_names(struct statement *s, const struct words *w, size_t i)
{
	struct span word = word_text(w, i);
	size_t at, end;

	for (at = 0; at < word.n; at = end + 1) {
		for (end = at;
		     end < word.n && (text_is_word_char(word.p[end]) ||
					 (word.p[end] & 0x80) != 0);)
			end++;
		if (end == at || (word.p[at] >= '0' && word.p[at] <= '9'))
			continue;
		if (s->names == NAMES_MAX)
			return false;
		s->name[s->names++] = (struct span){ word.p + at, end - at };
	}
	return true;
}

/* Note what word i of a statement says; return false if it may not move. */
static bool
note_word(struct statement *s, const struct words *w, size_t i, size_t *sets)
{
	struct span word = word_text(w, i);
	bool shell = strcmp(lex_name(w->language), "shell") == 0;

	switch (w->v[i].kind) {
	case LEX_KEYWORD:
		s->calls |= word_in(w, i, "new");
		return word_in(w, i, PLAIN);
	case LEX_NAME:
		s->calls |=
		    memchr(word.p, '(', word.n) != NULL ||
		    (*sets > 0 && i > 0 && w->v[i - 1].kind == LEX_NAME &&
			w->v[i - 1].end < w->v[i].start);
		*sets += shell && *word.p == '=';
		return add_names(s, w, i);
	case LEX_STRING:
		s->calls |= memchr(word.p, '(', word.n) != NULL ||
			    memchr(word.p, '`', word.n) != NULL;
		return add_names(s, w, i);
	case LEX_OPERATOR:
		if (word_is(w, i, "=") || word_is(w, i, ":="))
			*sets += 1;
		else if (word_is(w, i, "++") || word_is(w, i, "--") ||
			 word_is(w, i, "->*") || word_is(w, i, "<-") ||
			 word_is(w, i, "=>") || word_is(w, i, "?."))
			return false;
		else if (word.n > 1 && word.p[word.n - 1] == '=' &&
			 strchr("=!<>~/", *word.p) == NULL)
			return false;
		else if (*word.p == '(')
			s->calls |= i > 0 && (w->v[i - 1].kind == LEX_NAME ||
						 is_op_char(w, i - 1, ")]>!$"));
		s->member |= *sets == 0 && strchr(".-[*:", *word.p) != NULL;
		return true;
	default:
		return w->v[i].kind == LEX_NUMBER;
	}
}

/* Return the index behind the statement that begins at word i: that of the
 * next line at its level; 0: it has no end that is known. */
static size_t
statement_end(const struct words *w, size_t i)
{
	size_t j = i, n;

	for (n = 0; n < STATEMENT_MAX && j < w->n; n++) {
		if (w->v[j].match > 0 && w->v[j].match < j)
			return 0;
		j = word_behind(w, j);
		if (j >= w->n || w->v[j].fresh)
			return j - i <= STATEMENT_MAX ? j : 0;
	}
	return 0;
}

/* Return whether the words around a statement are no part of it. */
static bool
stands_alone(const struct words *w, size_t i, size_t end, size_t indent)
{
	const struct word *next = &w->v[end];

	if (is_op_char(w, end - 1, ",.+-*/&|<>=?:\\^%~([{!_") ||
	    word_is(w, end - 1, "_"))
		return false;
	if (has_semicolons(w->language)) {
		if (!word_c(w, end - 1, ';') ||
		    (i > 0 && !is_op_char(w, i - 1, ";{}:")))
			return false;
	} else if (i > 0 && is_op_char(w, i - 1, ",.+-*/&|<>=?\\^%~([!")) {
		return false;
	}
	if (end >= w->n || is_op_char(w, end, "}"))
		return true;
	if (is_op_char(w, end, ".+-*/&|<>=?:,^%"))
		return false;
	return has_semicolons(w->language) || word_column(w, end) <= indent ||
	       next->line > w->v[end - 1].last + 1;
}

/* Return the byte where the line of a word begins. */
static size_t
line_begin(const struct words *w, size_t i)
{
	size_t at = w->v[i].start, n = 0;

	while (at > 0 && n++ < 256 &&
	       (w->text.p[at - 1] == ' ' || w->text.p[at - 1] == '\t'))
		at--;
	return at;
}

/* Read the statement from word i to `end`; lines is empty if it may not move.
 */
static void
read_statement(struct statement *s, const struct words *w, size_t i, size_t end)
{
	size_t j, begin = line_begin(w, i), sets = 0, semicolons = 0;
	const char *stop;

	s->lines.start = s->lines.end = s->names = 0;
	s->calls = s->member = false;
	if (!word_named(w, i) || word_in(w, i, "case|default") ||
	    (begin > 0 && w->text.p[begin - 1] != '\n'))
		return;
	for (j = i; j < end; j++) {
		semicolons += word_c(w, j, ';');
		if (word_c(w, j, '{') || !note_word(s, w, j, &sets))
			return;
	}
	s->indent = word_column(w, i);
	s->ended = word_c(w, end - 1, ';');
	if (sets != 1 || semicolons != s->ended ||
	    !stands_alone(w, i, end, s->indent))
		return;
	stop = memchr(
	    w->text.p + w->v[end - 1].end, '\n', w->text.n - w->v[end - 1].end);
	if (stop == NULL)
		return;
	s->line = w->v[i].line;
	s->last = w->v[end - 1].last;
	s->lines = (struct piece){ begin, (size_t)(stop - w->text.p) + 1 };
}

static bool
share_name(const struct statement *a, const struct statement *b)
{
	bool calls = a->calls || b->calls;
	size_t i, j;

	for (i = 0; i < a->names; i++) {
		if (!calls && (span_is(a->name[i], "self") ||
				  span_is(a->name[i], "this")))
			continue;
		for (j = 0; j < b->names; j++)
			if (span_eq(a->name[i], b->name[j]))
				return true;
	}
	return false;
}

/* Return whether statement a can stand behind b, its next. */
static bool
can_swap(const struct statement *a, const struct statement *b)
{
	return a->lines.end > 0 && a->lines.end == b->lines.start &&
	       b->line == a->last + 1 && a->indent == b->indent &&
	       a->ended == b->ended && !(a->calls && b->calls) &&
	       !(a->calls && b->member) && !(b->calls && a->member) &&
	       !share_name(a, b);
}

size_t
order_statements(
    const struct lex_language *language, struct span text, struct buf *out)
{
	struct statement pair[2];
	struct words w;
	size_t i, end, at = 0, moved = 0;
	int last = 0;

	words_read(&w, language, text);
	pair[0].lines.end = pair[1].lines.end = 0;
	for (i = 0; i < w.n; i++) {
		if (!w.v[i].fresh)
			continue;
		end = statement_end(&w, i);
		pair[!last].lines.end = 0;
		if (end > 0)
			read_statement(&pair[!last], &w, i, end);
		if (can_swap(&pair[last], &pair[!last])) {
			add_swapped(out, text, &at, pair[last].lines,
			    pair[!last].lines);
			pair[!last].lines.end = 0;
			moved++;
		}
		last = !last;
	}
	buf_addspan(out, span_skip(text, at));
	words_free(&w);
	return moved;
}
