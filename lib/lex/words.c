/* words: tokens that are code, their brackets and the functions among them */
#include "lex/words.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "lex/lex-in.h"

enum { BRANCHES = 32, STACK_COPY = 256 };

/* Brackets that are open, and copies of them at each #if. */
struct brackets {
	size_t *open; /* indices of words */
	size_t n, cap;
	size_t braces; /* those of `open` that are { */
	int branches;
	struct {
		size_t n, braces, open[STACK_COPY];
	} branch[BRANCHES];
};

/* Add a zeroed element to an array of words. */
static struct word *
add_word(struct word **v, size_t *n, size_t *cap)
{
	if (*n == *cap) {
		*cap = *cap == 0 ? 256 : *cap * 2;
		*v = mem_array(*v, *cap, sizeof **v);
	}
	memset(&(*v)[*n], 0, sizeof **v);
	return &(*v)[(*n)++];
}

static void
open_bracket(struct brackets *b, size_t i, char c)
{
	if (b->n == b->cap) {
		b->cap = b->cap == 0 ? 64 : b->cap * 2;
		b->open = mem_array(b->open, b->cap, sizeof *b->open);
	}
	b->open[b->n++] = i;
	b->braces += c == '{';
}

/* Match a closing bracket with the one that is open; drop what is between. */
static void
close_bracket(struct words *w, struct brackets *b, size_t i, char c)
{
	char open;
	size_t j;

	if (c == '}' && b->braces == 0)
		return;
	while (b->n > 0) {
		j = b->open[b->n - 1];
		open = w->text.p[w->v[j].start];
		if (c != '}' && open != (c == ')' ? '(' : '['))
			return;
		b->n--;
		if (c != '}' || open == '{') {
			b->braces -= open == '{';
			w->v[j].match = i;
			w->v[i].match = j;
			return;
		}
	}
}

static bool
directive_is(struct span s, const char *word)
{
	s = span_skip(s, 1);
	while (s.n > 0 && (*s.p == ' ' || *s.p == '\t'))
		s = span_skip(s, 1);
	return s.n >= strlen(word) && memcmp(s.p, word, strlen(word)) == 0;
}

/* Go back, at #else, to the brackets that were open at #if. */
static void
branch(struct brackets *b, struct span s)
{
	size_t n;

	if (directive_is(s, "if")) {
		if (b->branches < BRANCHES && b->n <= STACK_COPY) {
			b->branch[b->branches].n = b->n;
			b->branch[b->branches].braces = b->braces;
			if (b->n > 0)
				memcpy(b->branch[b->branches].open, b->open,
				    b->n * sizeof *b->open);
		} else if (b->branches < BRANCHES) {
			b->branch[b->branches].n = (size_t)-1;
		}
		b->branches++;
	} else if (directive_is(s, "endif")) {
		b->branches -= b->branches > 0;
	} else if (directive_is(s, "el") && b->branches > 0 &&
		   b->branches <= BRANCHES) {
		n = b->branch[b->branches - 1].n;
		if (n == (size_t)-1)
			return;
		b->n = n;
		b->braces = b->branch[b->branches - 1].braces;
		if (n > 0)
			memcpy(b->open, b->branch[b->branches - 1].open,
			    n * sizeof *b->open);
	}
}

static void
bracket(struct words *w, struct brackets *b, size_t i)
{
	char c = w->text.p[w->v[i].start];

	if (w->v[i].kind != LEX_OPERATOR || w->v[i].end - w->v[i].start != 1)
		return;
	if (c == '(' || c == '[' || c == '{')
		open_bracket(b, i, c);
	else if (c == ')' || c == ']' || c == '}')
		close_bracket(w, b, i, c);
}

/* Return the line breaks in some bytes, which editors count by "\n". */
static size_t
breaks(struct span s)
{
	const char *p = s.p, *end = span_end(s);
	size_t n = 0;

	while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		p++;
		n++;
	}
	return n;
}

void
words_read(struct words *w, const struct lex_language *l, struct span text)
{
	struct brackets b = { 0 };
	struct lexer lx;
	struct lex_token t;
	struct word *word;
	size_t line = 1, from;
	bool fresh = true, directive = false;

	memset(w, 0, sizeof *w);
	w->language = l;
	w->text = text;
	lexer_start(&lx, l, text);
	while (lexer_next(&lx, &t)) {
		from = line;
		if (t.kind < LEX_NUMBER || t.kind > LEX_OPERATOR)
			line += breaks(
			    (struct span){ text.p + t.start, t.end - t.start });
		if (t.kind == LEX_NEWLINE)
			fresh = true;
		if (t.kind == LEX_DIRECTIVE) {
			directive = true;
			branch(&b,
			    (struct span){ text.p + t.start, t.end - t.start });
		}
		if (t.kind == LEX_SPACE || t.kind == LEX_NEWLINE ||
		    t.kind == LEX_DIRECTIVE)
			continue;
		word =
		    t.kind == LEX_COMMENT
			? add_word(&w->comment, &w->ncomments, &w->comment_cap)
			: add_word(&w->v, &w->n, &w->cap);
		word->kind = t.kind;
		word->start = t.start;
		word->end = t.end;
		word->line = from;
		word->last = line;
		word->comments = w->ncomments;
		if (t.kind == LEX_COMMENT)
			continue;
		word->fresh = fresh;
		word->directive = directive;
		fresh = directive = false;
		bracket(w, &b, w->n - 1);
	}
	free(b.open);
	word = add_word(&w->v, &w->n, &w->cap);
	w->n--;
	*word = (struct word){ .kind = LEX_NEWLINE,
		.start = text.n,
		.end = text.n,
		.line = line + 1,
		.last = line + 1,
		.fresh = true,
		.comments = w->ncomments };
}

void
words_free(struct words *w)
{
	free(w->v);
	free(w->comment);
}

struct span
word_text(const struct words *w, size_t i)
{
	if (i >= w->n)
		return (struct span){ "", 0 };
	return (struct span){ w->text.p + w->v[i].start,
		w->v[i].end - w->v[i].start };
}

bool
word_is(const struct words *w, size_t i, const char *s)
{
	return i < w->n && w->v[i].kind >= LEX_NAME &&
	       w->text.p[w->v[i].start] == *s && span_is(word_text(w, i), s);
}

bool
word_in(const struct words *w, size_t i, const char *list)
{
	struct span s = word_text(w, i);
	const char *p, *end;

	if (i >= w->n || w->v[i].kind < LEX_NAME)
		return false;
	if (w->language->traits & HAS_ANY_CASE)
		return text_is_one_of(s, span_of(list));
	for (p = list; *p != '\0'; p = *end == '|' ? end + 1 : end) {
		end = strchrnul(p, '|');
		if (s.n == (size_t)(end - p) && memcmp(s.p, p, s.n) == 0)
			return true;
	}
	return false;
}

bool
word_c(const struct words *w, size_t i, char c)
{
	return i < w->n && w->v[i].kind == LEX_OPERATOR &&
	       w->v[i].end - w->v[i].start == 1 &&
	       w->text.p[w->v[i].start] == c;
}

bool
word_named(const struct words *w, size_t i)
{
	return i < w->n &&
	       (w->v[i].kind == LEX_NAME || w->v[i].kind == LEX_KEYWORD);
}

size_t
word_behind(const struct words *w, size_t i)
{
	return w->v[i].match > i ? w->v[i].match + 1 : i + 1;
}

size_t
word_column(const struct words *w, size_t i)
{
	return bytes_column(w, w->v[i].start);
}

size_t
bytes_column(const struct words *w, size_t to)
{
	size_t at = to, column = 0;

	while (at > 0 && w->text.p[at - 1] != '\n' && w->text.p[at - 1] != '\r')
		at--;
	for (; at < to; at++)
		column += w->text.p[at] == '\t' ? 8 - column % 8 : 1;
	return column;
}

size_t
word_angle(const struct words *w, size_t i, size_t end)
{
	size_t from = i, steps = 0;
	int depth = 0;

	for (; i < end && steps < 400; steps++) {
		if (word_c(w, i, '<'))
			depth++;
		else if (word_c(w, i, '>') && --depth == 0)
			return i + 1;
		else if (word_c(w, i, ';') || word_c(w, i, '}') ||
			 word_c(w, i, ')'))
			break;
		i = word_c(w, i, '(') || word_c(w, i, '[') || word_c(w, i, '{')
			? word_behind(w, i)
			: i + 1;
	}
	return from + 1;
}

/* Return whether only blanks precede a byte on its line. */
static bool
begins_line(const struct words *w, size_t at)
{
	while (
	    at > 0 && (w->text.p[at - 1] == ' ' || w->text.p[at - 1] == '\t'))
		at--;
	return at == 0 || w->text.p[at - 1] == '\n';
}

/* Return the first line of the comments directly above word i. */
static size_t
comments_above(const struct words *w, size_t i, size_t *start)
{
	size_t line = w->v[i].line, c, before;
	const struct word *comment;

	/* What follows other code on its line is below no comment. */
	if (!w->v[i].fresh)
		return line;
	c = w->v[i].comments;
	before = i > 0 ? w->v[i - 1].last : 0;

	while (c > 0) {
		comment = &w->comment[c - 1];
		if (!begins_line(w, comment->start))
			break;
		if (comment->last + 1 < line || comment->line <= before ||
		    (i > 0 && comment->start < w->v[i - 1].end))
			break;
		line = comment->line;
		*start = comment->start;
		c--;
	}
	return line;
}

/*
 * Return where the line of a byte begins. The line that was looked for last is
 * known, since one long line may have many functions.
 */
static size_t
line_start(struct words *w, size_t at)
{
	if (at >= w->line_start && at < w->line_end)
		return w->line_start;
	while (at > 0 && w->text.p[at - 1] != '\n')
		at--;
	return at;
}

/* Return the offset behind the line break of the line that a text ends in. */
static size_t
line_end(struct words *w, size_t at)
{
	const char *p, *end = span_end(w->text);

	if (at > w->line_start && at <= w->line_end)
		return w->line_end;
	w->line_start = line_start(w, at - 1);
	p = memchr(
	    w->text.p + at - 1, '\n', (size_t)(end - w->text.p) - at + 1);
	w->line_end = p != NULL ? (size_t)(p - w->text.p) + 1 : w->text.n;
	return w->line_end;
}

void
words_add(
    struct words *w, size_t first, size_t line, size_t last, struct span name)
{
	struct lex_functions *out = w->out;
	struct lex_function f = { 0 };

	if (last >= w->n || name.n == 0)
		return;
	f.start = w->v[first].start;
	f.first = comments_above(w, first, &f.start);
	f.last = w->v[last].last;
	f.line = w->v[line].line;
	f.end = w->v[last].end;
	if (w->tail > 0) {
		f.last = w->comment[w->tail - 1].last;
		f.end = w->comment[w->tail - 1].end;
		w->tail = 0;
	}
	f.name = name;
	if (out->n > 0 && out->v[out->n - 1].last > f.first)
		f.first = f.line, f.start = w->v[line].start;
	if (out->n > 0 && out->v[out->n - 1].last > f.first)
		return;
	f.start = line_start(w, f.start);
	f.end = line_end(w, f.end);
	if (out->n == out->cap) {
		out->cap = out->cap == 0 ? 16 : out->cap * 2;
		out->v = mem_array(out->v, out->cap, sizeof *out->v);
	}
	out->v[out->n++] = f;
}
