/* cut: an answer ends in the middle */
#include "base/clean.h"
#include "base/text.h"
#include "blocks.h"
#include "ends.h"
#include "gate.h"
#include "sentence.h"
#include "stops.h"
#include "words.h"

enum {
	WORDS_MIN = 5,   /* words before an open end that are no query */
	WORDS_SAID = 10, /* words before an operator that are no query */
};

/* Return the last character of s, which is not empty. */
static struct span
last_char(struct span s)
{
	const char *p = text_char_start(span_end(s) - 1, s.p);

	return (struct span){ p, (size_t)(span_end(s) - p) };
}

static int
is_in(struct span c, const char *const *list)
{
	for (; *list != NULL; list++)
		if (span_is(c, *list))
			return 1;
	return 0;
}

/* Return whether a line is far indented, as code is in a text. */
static int
is_indented(struct span line)
{
	return line.n > 4 &&
	       (memcmp(line.p, "    ", 4) == 0 || *line.p == '\t');
}

/*
 * Return whether a bracket is open at the end of a text. A line that is far
 * indented opens none: a trace shows one line of a call over several.
 */
static int
has_open_bracket(struct span s)
{
	long depth = 0, before;
	struct span line;
	size_t i;

	while (s.n > 0) {
		line = text_take_line(&s);
		before = depth;
		if (line.n == 0)
			depth = before = 0;
		for (i = 0; i < line.n; i++) {
			/* an enumeration's a) and a smile close nothing */
			if (line.p[i] == ')' && depth > 0)
				depth--;
			depth += line.p[i] == '(';
		}
		if (depth > before && is_indented(line))
			depth = before;
	}
	return depth > 0;
}

/*
 * Return whether a backtick is open at the end of a text. One that an
 * apostrophe closes, as GNU's messages quote, and those of fences do not count.
 */
static int
has_open_tick(struct span s)
{
	struct span line;
	size_t i, n = 0;
	int bare, open = 0;

	while (s.n > 0) {
		line = text_take_line(&s);
		if (blocks_fence(line, &bare) > 0)
			continue;
		for (i = 0; i < line.n; i++) {
			n += line.p[i] == '`';
			open = line.p[i] == '`' || (open && line.p[i] != '\'');
		}
	}
	return n % 2 == 1 && open;
}

/* Return a text without the rules of Markdown at its end. */
static struct span
without_rule(struct span s)
{
	size_t n;

	for (;;) {
		for (n = s.n; n > 0 && strchr("-*_ ", s.p[n - 1]) != NULL;)
			n--;
		if (n + 3 > s.n || n == 0 || s.p[n - 1] != '\n')
			return s;
		s = text_trim_end((struct span){ s.p, n });
	}
}

/* Return whether a line has a mark that words have not. */
static int
has_mark(struct span line)
{
	size_t i;

	for (i = 0; i < line.n; i++)
		if (line.p[i] != ' ' && line.p[i] != '-' &&
		    !text_is_word_char(line.p[i]))
			return 1;
	return 0;
}

/* Return whether the last line of a text is code, and no item of a list. */
static int
ends_in_code(struct span s)
{
	const char *nl = memrchr(s.p, '\n', s.n);
	struct span line =
	    nl != NULL ? span_skip(s, (size_t)(nl + 1 - s.p)) : s;
	struct span text = text_trim(line);

	return nl != NULL && is_indented(line) &&
	       strchr("-*+0123456789", *text.p) == NULL && has_mark(text);
}

/* Return whether a text ends in an operator behind its left side. */
static int
ends_in_operator(struct span s)
{
	static const char *const operators[] = { "<=", ">=", "<", "==", "=",
		"!=", "+", "&&", "||", "≤", "≥", NULL };
	size_t i, n;

	for (i = 0; operators[i] != NULL; i++) {
		n = strlen(operators[i]);
		if (s.n > n + 2 &&
		    memcmp(span_end(s) - n, operators[i], n) == 0 &&
		    s.p[s.n - n - 1] == ' ' &&
		    (text_is_word_char(s.p[s.n - n - 2]) ||
			strchr(")]|", s.p[s.n - n - 2]) != NULL))
			return 1;
	}
	return 0;
}

/* Return whether a text ends in a quotation mark that opens a quotation. */
static int
ends_in_quote(struct span s)
{
	struct span last = stops_paragraph(s);
	size_t i, n = 0;

	if (s.n < 3 || s.p[s.n - 1] != '"' ||
	    (s.p[s.n - 2] != ' ' && s.p[s.n - 2] != '('))
		return 0;
	for (i = 0; i < last.n; i++)
		n += last.p[i] == '"';
	return n % 2 == 1;
}

/* Return whether the text before the code block that ends a text breaks off. */
static int
breaks_off_before_block(struct span s, const char *language)
{
	struct blocks b = { .rest = s };
	struct span before = { NULL, 0 };

	while (blocks_next(&b))
		before = text_trim(b.before);
	return before.n > 0 && text_trim(b.before).n == 0 &&
	       sentence_breaks_off(before, language);
}

/* Return what is open at the end of a text; NULL: nothing is. */
static const char *
open_text(struct span s, const char *language, int asked)
{
	static const char *const never[] = { ",", "(", "[", "{", "，", "、",
		"،", "-", "–", "—", "（", "「", "“", "„", "«", NULL };
	static const char *const stop[] = { "。", "！", "？", "…", "」", "』",
		"”", "）", "：", "；", "।", "؟", "۔", "؛", "`", ".", "!", "?",
		":", ")", "*", "|", "\"", "'", ">", "]", "}", ";", NULL };
	struct span end, paragraph;
	struct words w;

	s = without_rule(s);
	if (s.n == 0 || ends_in_code(s))
		return NULL;
	end = last_char(s);
	paragraph = stops_paragraph(s);
	words_count(&w, s);
	if (is_in(end, never) && w.n >= WORDS_MIN)
		return "a sentence";
	if (w.n >= WORDS_SAID && ends_in_operator(s))
		return "a formula";
	if (w.n >= WORDS_MIN && ends_in_quote(s))
		return "a quotation";
	if (is_in(end, stop))
		return *end.p == '`' && breaks_off_before_block(s, language)
			   ? "a sentence"
			   : NULL;
	if (has_open_bracket(paragraph))
		return "a bracket";
	if (has_open_tick(paragraph))
		return "a quotation";
	return sentence_is_open(s, language, asked) ? "a sentence" : NULL;
}

/* Return what is open at the end of an answer in code; NULL: nothing is. */
static const char *
open_code(struct gates *g, const struct part *p)
{
	struct span code = text_trim_end(p->text);
	const char *what = NULL;

	if (p->is_diff)
		return code.n > 3 && memcmp(code.p, "```", 3) == 0
			   ? "a code block"
			   : NULL;
	if (memmem(code.p, code.n, "```", 3) != NULL &&
	    gate_lines(g, p)->unclosed)
		return "a code block";
	if (gate_lines(g, p)->blocks > 0)
		return NULL;
	if ((g->pair.task->allows & ALLOWS_LANGUAGES) != 0)
		what = ends_open_config(code);
	return what != NULL ? what : ends_open(p->lex, code);
}

const char *
gate_cut(struct gates *g, const struct part *p)
{
	struct span s = text_trim(p->text);
	int asked = strcmp(p->name, "query") == 0;
	const char *what;

	if ((g->pair.task->allows & ALLOWS_STOP) != 0 || s.n == 0)
		return NULL;
	if (p->is_code)
		what = open_code(g, p);
	else if (!clean_closes_fences(s))
		what = "a code block";
	else
		what = open_text(s, g->pair.language, asked);
	return what != NULL ? gate_why(g, "the %s ends in the middle of %s",
				  p->name, what)
			    : NULL;
}
