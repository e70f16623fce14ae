/* ranking: the numbers of the documents that an LLM names, best first */
#include "llm/ranking.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/clean.h"
#include "base/text.h"
#include "llm/marks.h"

enum {
	LABEL_WORDS = 4, /* words of a label at most */
	WORD_MAX = 24,   /* bytes of such a word */
	DIGITS_MAX = 6,  /* digits of a number at most */
};

/* Results beside a count: the text is no list, or a list of wrong numbers. */
enum { NO_LIST = -1, WRONG_LIST = -2 };

static int
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Skip white space and what may wrap a list or a number. */
static struct span
skip_wraps(struct span s)
{
	static const char boxed[] = "\\boxed{";

	while (s.n > 0) {
		if (s.n >= sizeof boxed - 1 &&
		    memcmp(s.p, boxed, sizeof boxed - 1) == 0)
			s = span_skip(s, sizeof boxed - 1);
		else if (is_blank(s.p[0]) ||
			 (s.p[0] != '\0' && strchr("\"'`*_[](){}$", s.p[0])))
			s = span_skip(s, 1);
		else
			break;
	}
	return s;
}

/* Skip the same, the bullet of a line and "Document" in front of a number. */
static struct span
skip_before(struct span s)
{
	static const char *const words[] = { "documents ", "document " };
	size_t i, n;

	s = skip_wraps(s);
	if (s.n > 1 && (s.p[0] == '-' || s.p[0] == '+') && is_blank(s.p[1]))
		s = skip_wraps(span_skip(s, 1));
	for (i = 0; i < sizeof words / sizeof *words; i++) {
		n = strlen(words[i]);
		if (s.n > n && strncasecmp(s.p, words[i], n) == 0)
			return skip_wraps(span_skip(s, n));
	}
	return s;
}

/*
 * Read the number that s begins with and move s behind it: 0 and above, or -1
 * if none stands there or it is too long.
 */
static int
read_number(struct span *s)
{
	int v = 0;
	size_t n;

	for (n = 0; n < s->n && isdigit((unsigned char)s->p[n]); n++)
		if (n < DIGITS_MAX)
			v = v * 10 + (s->p[n] - '0');
	if (n == 0 || n > DIGITS_MAX)
		return -1;
	*s = span_skip(*s, n);
	return v;
}

/* Return whether s says that no item is named. */
static int
says_none(struct span s)
{
	struct span word;
	size_t n = 0;

	if (span_is(text_trim(s), "[]"))
		return 1;
	s = skip_wraps(s);
	while (n < s.n && isalnum((unsigned char)s.p[n]))
		n++;
	word = (struct span){ s.p, n };
	s = skip_wraps(span_skip(s, n));
	if (s.n > 0 && s.p[0] == '.')
		s = skip_wraps(span_skip(s, 1));
	return s.n == 0 && text_is_one_of(word, span_of("none|None|NONE|0"));
}

/* Append number v of n items to a list of *count: 0, or -1 if it is wrong. */
static int
add_number(int v, int n, int *order, int *count)
{
	int i;

	if (v < 1 || v > n)
		return -1;
	for (i = 0; i < *count; i++)
		if (order[i] == v)
			return -1;
	order[(*count)++] = v;
	return 0;
}

/* Read all of s as a list: the count of its numbers, or one of the above. */
static int
read_list(struct span s, int n, int *order)
{
	int count = 0, is_wrong = 0, v;
	const char *behind;

	if (says_none(s))
		return 0;
	for (;;) {
		s = skip_before(s);
		if ((v = read_number(&s)) == -1)
			return NO_LIST;
		is_wrong |= add_number(v, n, order, &count) == -1;
		behind = s.p;
		s = skip_wraps(s);
		if (s.n > 0 && s.p[0] == '.' &&
		    skip_wraps(span_skip(s, 1)).n == 0)
			break;
		if (s.n == 0)
			break;
		if (strchr(",;>", s.p[0]) != NULL && s.p[0] != '\0')
			s = span_skip(s, 1);
		else if (s.p == behind)
			return NO_LIST;
	}
	return is_wrong ? WRONG_LIST : count;
}

/* Return whether a word turns a label into its opposite. */
static int
is_negation(struct span word)
{
	return text_is_one_of(
	    word, span_of("not|no|never|nor|neither|Not|No|NOT|irrelevant|"
			  "Irrelevant|wrong|Wrong|excluded|Excluded|except"));
}

/* Return the text behind the label that s begins with; p NULL: none. */
static struct span
behind_label(struct span s)
{
	const struct span none = { NULL, 0 };
	size_t n;
	int words;

	while (s.n > 0 && (s.p[0] == '#' || s.p[0] == '>'))
		s = span_skip(s, 1);
	s = skip_wraps(s);
	for (words = 0; words <= LABEL_WORDS; words++) {
		for (n = 0; n < s.n && isalpha((unsigned char)s.p[n]); n++)
			;
		if (n == 0)
			break;
		if (n > WORD_MAX || words == LABEL_WORDS ||
		    is_negation((struct span){ s.p, n }))
			return none;
		s = skip_wraps(span_skip(s, n));
	}
	if (words == 0 || s.n < 2 || s.p[0] != ':')
		return none;
	s = span_skip(s, 1);
	return skip_wraps(s).p > s.p ? s : none;
}

/* Read all of s as a list, with or without a label; *labelled says which. */
static int
read_unit(struct span s, int n, int *order, int *labelled)
{
	int count = read_list(s, n, order);
	struct span rest;

	*labelled = 0;
	if (count != NO_LIST || (rest = behind_label(s)).p == NULL)
		return count;
	*labelled = 1;
	return read_list(rest, n, order);
}

/* Read the one line of s that is a list, its first or, labelled, its last. */
static int
read_lines(struct span s, int n, int *order)
{
	int found = -1, count, labelled, lists = 0, is_first = 1;
	struct span line, rest = s;
	const char *nl;

	while (rest.n > 0) {
		nl = memchr(rest.p, '\n', rest.n);
		line = (struct span){ rest.p,
			nl != NULL ? (size_t)(nl - rest.p) : rest.n };
		rest = span_skip(rest, line.n + (nl != NULL));
		if (text_trim(line).n == 0)
			continue;
		/* order is written once: a second list ends the walk */
		if (lists == 0)
			count = read_unit(line, n, order, &labelled);
		else
			count = read_unit(line, 0, NULL, &labelled);
		if (count != NO_LIST && ++lists > 1)
			return -1;
		if (count >= 0 &&
		    (is_first || (labelled && text_trim(rest).n == 0)))
			found = count;
		is_first = 0;
	}
	return found;
}

int
ranking_read(struct span answer, int n, int *order)
{
	struct span s = text_trim(clean_text(marks_strip(answer, NULL)));
	int labelled, count = read_unit(s, n, order, &labelled);

	if (count == NO_LIST)
		count = read_lines(s, n, order);
	return count < 0 ? -1 : count;
}
