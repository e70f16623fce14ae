/* cut: an answer ends in the middle */
#include "base/clean.h"
#include "base/text.h"
#include "ends.h"
#include "gate.h"
#include "words.h"

enum {
	WORDS_MIN = 5,   /* words before an open end that are no query */
	WORDS_LONG = 12, /* words after which a preposition ends no query */
	LETTERS_CJK = 8, /* letters of a sentence without its full stop */
};

/* Words that no English text ends with, however short it is. */
static const char never_last[] =
    "the|a|an|and|or|of|because|whether|its|their|than|into";

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

/* Return whether a bracket is open at the end of a text. */
static int
has_open_bracket(struct span s)
{
	long depth = 0;
	size_t i;

	for (i = 0; i < s.n; i++) {
		/* an enumeration's a) and a smile close nothing */
		if (s.p[i] == ')' && depth > 0)
			depth--;
		depth += s.p[i] == '(';
		if (s.p[i] == '\n' && i + 1 < s.n && s.p[i + 1] == '\n')
			depth = 0;
	}
	return depth > 0;
}

/* Return whether a backtick is open at the end of a text. */
static int
has_open_tick(struct span s)
{
	size_t i, n = 0;

	for (i = 0; i < s.n; i++)
		n += s.p[i] == '`';
	return n % 2 == 1;
}

/* Count the sentences of a paragraph that have an end within it. */
static size_t
count_sentences(struct span s)
{
	size_t i, n = 0;

	for (i = 2; i + 2 < s.n; i++)
		n += strchr(".!?", s.p[i]) != NULL && s.p[i + 1] == ' ' &&
		     s.p[i - 1] >= 'a' && s.p[i - 1] <= 'z' &&
		     s.p[i - 2] >= 'a' && s.p[i - 2] <= 'z' &&
		     s.p[i + 2] >= 'A' && s.p[i + 2] <= 'Z';
	return n;
}

/* Return the last paragraph of a text. */
static struct span
last_paragraph(struct span s)
{
	size_t i = s.n;

	while (i > 1 && !(s.p[i - 1] == '\n' && s.p[i - 2] == '\n'))
		i--;
	return i > 1 ? span_skip(s, i) : s;
}

/* Return what is open at the end of a text that ends with a word. */
static const char *
open_word(struct span s, const char *language)
{
	struct span rest = last_paragraph(s), word, last = { NULL, 0 };
	struct span paragraph = rest;
	enum words_script script;
	size_t n = 0;

	while (words_next(&rest, &word, &script)) {
		last = word;
		n++;
	}
	if (last.p == NULL || span_end(last) != span_end(s) || n < WORDS_MIN)
		return NULL;
	if (script == SCRIPT_HAN || script == SCRIPT_KANA)
		return NULL;
	if (strcmp(language, "en") == 0 &&
	    text_is_one_of(last, span_of(never_last)) &&
	    !(*last.p >= 'A' && *last.p <= 'Z'))
		return "a sentence";
	if (words_is_open(last, language) && *last.p >= 'a' &&
	    (n >= WORDS_LONG || strcmp(language, "en") != 0 ||
		count_sentences(paragraph) > 0))
		return "a sentence";
	return NULL;
}

/* Return what is open at the end of a text; NULL: nothing is. */
static const char *
open_text(struct span s, const char *language)
{
	static const char *const never[] = { ",", "(", "[", "{", "，", "、",
		"،", "-", "–", "—", "（", "「", NULL };
	static const char *const stop[] = { "。", "！", "？", "…", "」", "』",
		"”", "）", "：", "；", "`", ".", "!", "?", ":", ")", "*", "|",
		"\"", "'", ">", "]", "}", ";", NULL };
	struct span end = last_char(s), paragraph = last_paragraph(s);
	const char *p, *from = paragraph.p;
	struct words w;

	words_count(&w, s);
	if (is_in(end, never) && w.n >= WORDS_MIN)
		return "a sentence";
	if (is_in(end, stop))
		return NULL;
	/* several sentences with full stops, and then one without */
	while ((p = memmem(from, (size_t)(span_end(paragraph) - from), "。",
		    3)) != NULL)
		from = p + 3;
	if (from > paragraph.p &&
	    (size_t)(span_end(paragraph) - from) > 3 * LETTERS_CJK)
		return "a sentence";
	if (has_open_bracket(paragraph))
		return "a bracket";
	if (has_open_tick(paragraph))
		return "a quotation";
	return open_word(s, language);
}

const char *
gate_cut(struct gates *g, const struct part *p)
{
	struct span s = text_trim(p->text);
	const char *what = NULL;

	if ((g->pair.task->allows & ALLOWS_STOP) != 0 || s.n == 0)
		return NULL;
	if (p->is_code ? memmem(s.p, s.n, "```", 3) != NULL &&
			     gate_lines(g, p)->unclosed
		       : !clean_closes_fences(s))
		what = "a code block";
	else if (!p->is_code)
		what = open_text(s, g->pair.language);
	else if (!p->is_diff && gate_lines(g, p)->blocks == 0)
		what = ends_open(p->lex, s);
	return what != NULL ? gate_why(g, "the %s ends in the middle of %s",
				  p->name, what)
			    : NULL;
}
