/* mention: marks that a text speaks of */
#include "llm/mention.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"

enum {
	STRING_MAX = 200, /* bytes on each side of a mark that may be a string
			   * of code with it */
	WORD_MAX = 16,    /* bytes of a word that is compared */
};

int
mention_is_quote(char c)
{
	return c == '"' || c == '\'' || c == '`';
}

int
mention_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Return whether c ends a sentence, or a statement of code. */
static int
ends_sentence(char c)
{
	return c != '\0' && strchr(".!?;})*", c) != NULL;
}

/* Return whether the quote at p, not before start, begins a string of code. */
static int
opens_string(const char *start, const char *p)
{
	if (p > start && p[-1] != '\0' && strchr("rRbBfFuU", p[-1]) != NULL)
		p--;
	return p == start || !isalnum((unsigned char)p[-1]);
}

/* Return whether a string of code, on one line, holds the n bytes at p in s. */
static int
in_string(struct span s, const char *p, size_t n)
{
	const char *start = p - s.p > STRING_MAX ? p - STRING_MAX : s.p;
	const char *end = span_end(s), *q;
	char quote = '\0';

	for (q = start; q < p; q++) {
		if (*q == '\n' || *q == quote)
			quote = '\0';
		else if (quote == '\0' && mention_is_quote(*q) &&
			 opens_string(start, q))
			quote = *q;
	}
	p += n;
	if (end - p > STRING_MAX)
		end = p + STRING_MAX;
	for (q = p; quote != '\0' && q < end && *q != '\n'; q++)
		if (*q == quote &&
		    (q + 1 == end || !isalnum((unsigned char)q[1])))
			return 1;
	return 0;
}

int
mention_follows(struct span rest)
{
	static const char words[] =
	    "is|are|was|and|or|tag|tags|token|tokens|block|blocks|mark|marks|"
	    "marker|markers|element|elements|section|sections|means|must|"
	    "should|ends|begins|starts|closes|opens|delimits|delimit|surround|"
	    "enclose";
	struct span word = { rest.p + 1, 0 };

	if (rest.n > 0 && (rest.p[0] == ',' || rest.p[0] == ':'))
		return 1;
	if (rest.n < 2 || !mention_is_blank(rest.p[0]))
		return 0;
	while (word.n + 1 < rest.n && word.n < WORD_MAX &&
	       islower((unsigned char)word.p[word.n]))
		word.n++;
	return word.n > 0 && text_is_one_of(word, span_of(words));
}

/* Return whether a sentence or a comment goes on with rest. */
static int
goes_on(struct span rest)
{
	if (rest.n < 2 || !mention_is_blank(rest.p[0]))
		return 0;
	return islower((unsigned char)rest.p[1]) ||
	       (rest.n > 2 && memcmp(rest.p + 1, "*/", 2) == 0) ||
	       (rest.n > 3 && memcmp(rest.p + 1, "-->", 3) == 0);
}

int
mention_is_apart(struct span s, const char *p)
{
	while (p > s.p && mention_is_blank(p[-1]))
		p--;
	return p == s.p || p[-1] == '\n' || p[-1] == '\r' ||
	       ends_sentence(p[-1]);
}

int
mention_ends_block(struct span s, const char *p, size_t n, int opened)
{
	struct span rest = { p + n, (size_t)(span_end(s) - p) - n };
	char prev = p > s.p ? p[-1] : '\n';
	char next = rest.n > 0 ? rest.p[0] : '\n';

	if (mention_follows(rest) || (prev != '\n' && in_string(s, p, n)))
		return 0;
	if (prev == '\n' || mention_is_blank(prev))
		return mention_is_apart(s, p) && !goes_on(rest);
	if (mention_is_quote(prev))
		return opened && next != prev;
	if (mention_is_quote(next) && p[n - 2] != '|') /* no special token */
		return opened || ends_sentence(prev) ||
		       (rest.n > 2 && memcmp(rest.p, "```", 3) == 0);
	return next == '\0' || strchr(",:;)]}", next) == NULL;
}

int
mention_ends_turn(struct span s, const char *p, int at_end)
{
	char prev = p > s.p ? p[-1] : '\n';

	if (mention_is_blank(prev))
		return mention_is_apart(s, p);
	return at_end || !mention_is_quote(prev);
}
