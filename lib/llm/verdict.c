/* verdict: the digit in a judge's answer */
#include "llm/verdict.h"

#include <ctype.h>
#include <string.h>

#include "base/clean.h"
#include "base/text.h"
#include "llm/marks.h"

enum {
	LABEL_WORDS = 3, /* words of a label at most */
	WORD_MAX = 24,   /* bytes of such a word */
};

#define WIDE_COLON "\xef\xbc\x9a"
#define WIDE_STOP "\xe3\x80\x82"

/* A digit that stands as a verdict does. */
struct digit {
	int value;
	int is_listed;    /* flag: it is the number of a list, "1) ..." */
	int is_numbered;  /* flag: it may be one, "1. ..." or "1: ..." */
	int is_labelled;  /* flag: a label precedes it */
	int is_last;      /* flag: nothing but wrapping follows it */
	const char *at;   /* place of it in the text */
	struct span rest; /* text behind it, and behind its colon or stop */
};

static int
starts(struct span s, const char *word)
{
	size_t n;

	if (s.n == 0 || s.p[0] != word[0]) /* nearly all */
		return 0;
	n = strlen(word);
	return s.n >= n && memcmp(s.p, word, n) == 0;
}

static int
is_line_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static int
is_space(char c)
{
	return is_line_blank(c) || c == '\n';
}

static int
is_letter(char c)
{
	return isalpha((unsigned char)c) || (unsigned char)c >= 0x80 ||
	       c == '-' || c == '_';
}

/* Return the length of a colon, also a wide one, that s begins with; or 0. */
static size_t
colon(struct span s)
{
	return starts(s, ":") ? 1 : starts(s, WIDE_COLON) ? 3 : 0;
}

/* Return the length of the tag, "<word>" with such a start, s begins with. */
static size_t
tag(struct span s, const char *start)
{
	size_t n = strlen(start), i;

	if (!starts(s, start))
		return 0;
	for (i = n; i < s.n && i - n < WORD_MAX && is_letter(s.p[i]); i++)
		;
	return i > n && i < s.n && s.p[i] == '>' ? i + 1 : 0;
}

/* Return the length of what s begins with if it may wrap a digit; else 0. */
static size_t
wrap(struct span s)
{
	static const char *const others[] = { "\\boxed{", "\\text{",
		"\\textbf{", "\\mathbf{", "\\(", "\\)", "\\[", "\\]",
		/* quotes: curly, low, angle and Chinese; wide brackets */
		"\xe2\x80\x98", "\xe2\x80\x99", "\xe2\x80\x9c", "\xe2\x80\x9d",
		"\xe2\x80\x9e", "\xc2\xab", "\xc2\xbb", "\xe3\x80\x8c",
		"\xe3\x80\x8d", "\xe3\x80\x8e", "\xe3\x80\x8f", "\xe3\x80\x90",
		"\xe3\x80\x91", "\xef\xbc\x88", "\xef\xbc\x89", "\xef\xbc\xbb",
		"\xef\xbc\xbd" };
	size_t i;

	if (s.n == 0)
		return 0;
	if ((i = tag(s, "</")) > 0)
		return i;
	if (s.p[0] != '\0' && strchr("\"'`*_$()[]{}<>", s.p[0]) != NULL)
		return 1;
	for (i = 0; i < sizeof others / sizeof *others; i++)
		if (starts(s, others[i]))
			return strlen(others[i]);
	return 0;
}

static struct span
skip_wraps(struct span s)
{
	size_t n;

	while ((n = wrap(s)) > 0)
		s = span_skip(s, n);
	return s;
}

/* Skip what may stand before a digit or a label: over line breaks too, or not.
 */
static struct span
skip_before(struct span s, int lines)
{
	static const char *const bullets[] = { "-", "+", "\xe2\x80\xa2" };
	size_t i, n;

	while (s.n > 0) {
		n = wrap(s);
		for (i = 0; n == 0 && i < sizeof bullets / sizeof *bullets; i++)
			if (starts(s, bullets[i]) && s.n > strlen(bullets[i]) &&
			    is_line_blank(s.p[strlen(bullets[i])]))
				n = strlen(bullets[i]);
		if (n == 0 &&
		    (lines ? is_space(s.p[0]) : is_line_blank(s.p[0])))
			n = 1;
		if (n == 0)
			break;
		s = span_skip(s, n);
	}
	return s;
}

/* Skip wrapping and white space behind a digit, and one full stop. */
static struct span
skip_behind(struct span s, int lines)
{
	int stops = 0;
	size_t n;

	while (s.n > 0) {
		n = wrap(s);
		if (n == 0 &&
		    (lines ? is_space(s.p[0]) : is_line_blank(s.p[0])))
			n = 1;
		if (n == 0 && (starts(s, ".") || starts(s, WIDE_STOP)) &&
		    stops++ == 0)
			n = s.p[0] == '.' ? 1 : strlen(WIDE_STOP);
		if (n == 0)
			break;
		s = span_skip(s, n);
	}
	return s;
}

/*
 * Read the digit that s begins with, which wrapping and, with lines, line
 * breaks may precede: 1; 0 if none stands there as a verdict does.
 */
static int
read_digit(struct span s, int lines, struct digit *d)
{
	struct span line;
	const char *p;
	size_t n;

	s = skip_before(s, lines);
	if (s.n == 0 || s.p[0] < '0' || s.p[0] > '2')
		return 0;
	d->value = s.p[0] - '0';
	d->at = s.p;
	p = s.p + 1;
	s = skip_wraps(span_skip(s, 1));
	d->is_listed = d->is_numbered = 0;
	d->is_last = skip_behind(s, 1).n == 0;
	line = skip_behind(s, 0);
	if (line.n == 0 || line.p[0] == '\n') {
		d->rest = line;
		return 1;
	}
	n = colon(s);
	if (n > 0 || s.p[0] == '.') {
		d->is_numbered = 1;
		d->rest = skip_wraps(span_skip(s, n > 0 ? n : 1));
		if (d->rest.n == 0 || is_space(d->rest.p[0]))
			return 1;
		return n > 0 && !isdigit((unsigned char)d->rest.p[0]);
	}
	d->is_listed = s.p[-1] == ')' && s.p > p && is_line_blank(s.p[0]);
	d->rest = s;
	return d->is_listed;
}

/* Return whether a word makes the digit behind it what is not meant. */
static int
is_negation(const char *word, size_t n)
{
	return text_is_one_of((struct span){ word, n },
	    span_of("not|no|never|nor|neither|\xe4\xb8\x8d\xe6\x98\xaf"));
}

/* Return the text behind the label that s begins with; p NULL: none. */
static struct span
behind_label(struct span s)
{
	const struct span none = { NULL, 0 };
	size_t n, words;

	if ((n = tag(s, "<")) > 0)
		return is_negation(s.p + 1, n - 2) ? none : span_skip(s, n);
	while (s.n > 0 && (s.p[0] == '#' || s.p[0] == '>'))
		s = span_skip(s, 1);
	s = skip_before(s, 0);
	for (words = 0; words < LABEL_WORDS; words++) {
		for (n = 0; n < s.n && n <= WORD_MAX && is_letter(s.p[n]); n++)
			if (starts(span_skip(s, n), WIDE_COLON))
				break;
		if (n == 0 || n > WORD_MAX)
			break;
		if (is_negation(s.p, n))
			return none;
		s = span_skip(s, n);
		while (s.n > 0 && is_line_blank(s.p[0]))
			s = span_skip(s, 1);
	}
	s = skip_wraps(s);
	n = colon(s);
	if (words == 0 || n == 0)
		return none;
	s = skip_wraps(span_skip(s, n));
	return s.n > 0 && (n > 1 || is_space(s.p[0])) ? s : none;
}

/* The place of a text where a digit may stand. */
enum place { LINE, SENTENCE, COLON };

/*
 * Read the digit that s begins with, or a label does: 1; 0 if there is none. A
 * sentence may begin with the number of a list, and a digit may end one behind
 * a colon.
 */
static int
read_unit(struct span s, enum place place, struct digit *d)
{
	struct span rest;

	d->is_labelled = 0;
	if (read_digit(s, 0, d) &&
	    (place != SENTENCE || d->is_listed || d->is_numbered))
		return 1;
	if (place == COLON)
		return 0;
	rest = behind_label(s);
	d->is_labelled = 1;
	return rest.p != NULL && read_digit(rest, 1, d);
}

/* Return the text from its next line, sentence or colon on, and set *place. */
static struct span
next_start(struct span s, enum place *place)
{
	const char *p = s.p, *end = span_end(s);

	for (; p < end; p++) {
		if (*p == '\n')
			*place = LINE;
		else if (p + 1 == end || !is_line_blank(p[1]))
			continue;
		else if (*p == ':')
			*place = COLON;
		else if (*p == '.' || *p == '!' || *p == '?')
			*place = SENTENCE;
		else
			continue;
		p++;
		break;
	}
	return (struct span){ p, (size_t)(end - p) };
}

int
verdict_find(struct span answer, const char **at)
{
	struct span s = text_trim(clean_text(marks_strip(answer, NULL)));
	const char *start = s.p;
	struct digit d, first = { 0 };
	enum place place = LINE;
	int n = 0, is_first = 0;

	while (s.n > 0) {
		if (!read_unit(s, place, &d)) {
			s = next_start(s, &place);
			continue;
		}
		if (n++ == 0) {
			first = d;
			is_first = s.p == start;
		}
		s = d.rest;
		place = LINE;
	}
	if (n != 1 || first.is_listed)
		return -1;
	*at = first.at;
	return is_first || (first.is_labelled && first.is_last) ? first.value
								: -1;
}

int
verdict_read(struct span answer)
{
	const char *at;

	return verdict_find(answer, &at);
}
