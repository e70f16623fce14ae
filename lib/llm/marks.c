/* marks: what chat templates put around an answer */
#include "llm/marks.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/clean.h"
#include "base/text.h"
#include "llm/marks-table.h"
#include "llm/mention.h"

enum {
	THROUGH_MAX = 64, /* bytes of an opening mark between its two parts */
	BLOCKS_MAX = 32,  /* blocks of reasoning that are taken off */
	TOKEN_MAX = 40,   /* bytes of a special token's name */
	SPOKEN_MAX = 40,  /* bytes between two marks that a sentence names */
	SPACES_MAX = 8,   /* blanks before the end of a tag */
};

#define WIDE_BAR "\xef\xbd\x9c"

/* Return whether s may begin with word: nearly all differ in three bytes. */
static int
may_begin_with(struct span s, const char *word)
{
	/* no mark is shorter */
	return word != NULL && s.n >= 3 && (s.p[0] | ' ') == (word[0] | ' ') &&
	       (s.p[1] | ' ') == (word[1] | ' ') &&
	       (s.p[2] | ' ') == (word[2] | ' ');
}

/*
 * Return the length of word if s begins with it, whatever the case; else 0. A
 * tag may have blanks before its end.
 */
static size_t
begins(struct span s, const char *word)
{
	size_t n, i;

	if (!may_begin_with(s, word))
		return 0;
	n = strlen(word);
	if (s.n < n || strncasecmp(s.p, word, n - 1) != 0)
		return 0;
	for (i = n - 1; word[n - 1] == '>' && i < n + SPACES_MAX && i < s.n;
	     i++)
		if (!mention_is_blank(s.p[i]))
			break;
	return i < s.n && strncasecmp(s.p + i, word + n - 1, 1) == 0 ? i + 1
								     : 0;
}

static struct span
from(struct span s, const char *p)
{
	return (struct span){ p, (size_t)(span_end(s) - p) };
}

static struct span
skip_space(struct span s)
{
	while (s.n > 0 && isspace((unsigned char)s.p[0]))
		s = from(s, s.p + 1);
	return s;
}

/* Return the first place in s where word stands, in any case; or NULL. */
static const char *
find(struct span s, const char *word)
{
	int letter = isalpha((unsigned char)word[0]);
	const char *p;

	for (p = s.p; p < span_end(s); p++) {
		if (!letter)
			p = memchr(p, word[0], (size_t)(span_end(s) - p));
		if (p == NULL)
			return NULL;
		if ((*p | ' ') == (word[0] | ' ') &&
		    begins(from(s, p), word) > 0)
			return p;
	}
	return NULL;
}

/* A search for the bytes that begin a mark in the middle of a text. */
struct search {
	struct span s;
	const char *next[3]; /* next places of '<', '[' and \xe2, or the end */
};

/*
 * Return whether a mark that counts in the middle of a text, or one that it
 * goes with, may begin with the bytes at p.
 */
static int
may_begin(struct span s, const char *p)
{
	if (span_end(s) - p < 2 || p[1] == '\0')
		return 0;
	return strchr(*p == '<'   ? "|/abcelmoprstuABCELMOPRSTU\xef"
		      : *p == '[' ? "|/tuTU"
				  : "\x97",
		   p[1]) != NULL;
}

/* Return the first place from p on where a mark may begin; or the end. */
static const char *
next_mark(struct search *f, const char *p)
{
	static const char firsts[3] = { '<', '[', '\xe2' };
	const char *end = span_end(f->s), *first;
	int i;

	for (;; p = first + 1) {
		first = end;
		for (i = 0; i < 3; i++) {
			if (f->next[i] == NULL || f->next[i] < p)
				f->next[i] =
				    memchr(p, firsts[i], (size_t)(end - p));
			if (f->next[i] == NULL)
				f->next[i] = end;
			if (f->next[i] < first)
				first = f->next[i];
		}
		if (first == end || may_begin(f->s, first))
			return first;
	}
}

/*
 * Return the mark that ends the reasoning which s begins with: the first that
 * surely ends a block, outside of a code fence if there is one, or a mark that
 * is the only one. One in quotes does not count. NULL if there is none, or
 * nobody can tell which.
 */
static const char *
find_end(struct span s, const struct mark *m)
{
	const char *p, *fenced = NULL, *only = NULL;
	struct clean_walk walk = { .rest = s };
	struct span rest = s;
	size_t n, found = 0;

	for (; (p = find(rest, m->close)) != NULL; rest = from(s, p + n)) {
		n = begins(from(s, p), m->close);
		if (p > s.p && mention_is_quote(p[-1]) && p + n < span_end(s) &&
		    p[n] == p[-1])
			continue;
		found++;
		only = p;
		if (!mention_ends_block(s, p, n, 1))
			continue;
		if (!clean_in_fence(&walk, p))
			return p;
		if (fenced == NULL)
			fenced = p;
	}
	return fenced != NULL ? fenced : found == 1 ? only : NULL;
}

/*
 * Return the length of the opening mark of reasoning, as a tag with attributes,
 * that s begins with; 0: it is none.
 */
static size_t
begins_tag(struct span s, const char *open)
{
	size_t n, i, has_value = 0;

	if (!may_begin_with(s, open))
		return 0;
	n = strlen(open) - 1;
	if (open[n] != '>' || s.n <= n || !mention_is_blank(s.p[n]) ||
	    strncasecmp(s.p, open, n) != 0)
		return 0;
	for (i = n; i < s.n && i < THROUGH_MAX && s.p[i] != '\n'; i++) {
		has_value |= s.p[i] == '=';
		if (s.p[i] == '>')
			return has_value ? i + 1 : 0;
	}
	return 0;
}

/* Return the text behind the opening mark that s begins with; p NULL: none. */
static struct span
behind_opening(struct span s, const struct mark *m)
{
	const struct span none = { NULL, 0 };
	size_t n = begins(s, m->open);
	const char *through;
	struct span head;

	if (n == 0 && m->kind == REASONING)
		n = begins_tag(s, m->open);
	if (n == 0)
		return none;
	s = from(s, s.p + n);
	if (mention_follows(s) ||
	    ((m->flags & TIGHT) && s.n > 0 && mention_is_blank(s.p[0])))
		return none;
	head = s;
	head.n = s.n < THROUGH_MAX ? s.n : THROUGH_MAX;
	if (m->through == NULL || (through = memmem(head.p, head.n, m->through,
				       strlen(m->through))) == NULL)
		return s;
	s = from(s, through + strlen(m->through));
	return mention_follows(s) ? none : s;
}

/*
 * Return the text behind the end of reasoning whose start stood in the prompt:
 * the first end that no start precedes and no code fence holds; p NULL: none.
 * Reasoning may lack the end of a fence, but then the text behind it is whole.
 */
static struct span
behind_lone_end(struct span s)
{
	struct clean_walk walk = { .rest = s };
	unsigned char opened[MARKS_STARTS_MAX] = { 0 };
	struct span fenced = { NULL, 0 };
	struct search f = { .s = s };
	const struct mark *m;
	struct span rest;
	const char *p;
	size_t n;

	for (p = s.p; (p = next_mark(&f, p)) < span_end(s); p++)
		for (m = marks_starts; m->kind == REASONING; m++) {
			if ((m->flags & ALONE) == 0 || opened[m - marks_starts])
				continue;
			rest = from(s, p);
			opened[m - marks_starts] =
			    begins(rest, m->open) > 0 ||
			    begins_tag(rest, m->open) > 0;
			n = begins(rest, m->close);
			if (n == 0 || !mention_ends_block(s, p, n, 0))
				continue;
			if ((m->flags & KEEP) == 0)
				rest = from(s, p + n);
			if (!clean_in_fence(&walk, p))
				return rest;
			if (fenced.p == NULL && p > s.p && p[-1] == '\n')
				fenced = rest;
		}
	return fenced.p != NULL && clean_closes_fences(fenced)
		   ? fenced
		   : (struct span){ NULL, 0 };
}

/* Return whether s ends with the first word that it holds. */
static int
ends_with_first(struct span s, const char *word)
{
	const char *p = find(s, word);

	return p != NULL && skip_space(from(s, p + strlen(word))).n == 0;
}

/* Marks that were taken off the start of a text. */
struct start {
	int blocks;   /* blocks of reasoning */
	int answer;   /* flag: a mark that begins the answer */
	int whole;    /* flag: a mark that begins the whole text */
	int unclosed; /* flag: a block of reasoning has no end */
};

/*
 * Return the text behind the block of reasoning whose opening mark precedes s:
 * an empty one if nothing closes it; p NULL if it is no block, but text.
 */
static struct span
behind_block(struct span s, const struct mark *m, int *unclosed)
{
	const char *end = find_end(s, m);
	struct span rest;

	if (end == NULL && (m->flags & PAIR))
		return (struct span){ NULL, 0 };
	*unclosed = end == NULL;
	if (end == NULL)
		return from(s, span_end(s));
	rest = from(s, end + begins(from(s, end), m->close));
	/* "<think>...</think> blocks" */
	if ((mention_follows(rest) && end - s.p <= SPOKEN_MAX &&
		memchr(s.p, '\n', (size_t)(end - s.p)) == NULL) ||
	    ((m->flags & LEAVES) && skip_space(rest).n == 0))
		return (struct span){ NULL, 0 };
	return m->flags & KEEP ? from(s, end) : rest;
}

/* Take one mark, or a block, off the start of *s: 1 if there was one. */
static int
strip_start(struct span *s, struct start *did)
{
	struct span t = skip_space(*s), rest;
	const struct mark *m;
	const char *end;

	for (m = marks_starts; m->open != NULL; m++) {
		if (((m->flags & TAG) && did->blocks == 0) ||
		    (m->kind == ANSWER && did->answer) ||
		    ((m->flags & WHOLE) && did->whole++) ||
		    (rest = behind_opening(t, m)).p == NULL)
			continue;
		if ((m->flags & WHOLE) && !ends_with_first(rest, m->close))
			continue;
		if (m->kind == REASONING) {
			rest = behind_block(rest, m, &did->unclosed);
			if (rest.p == NULL)
				continue;
			did->blocks++;
		} else if (m->kind == ANSWER && m->close != NULL &&
			   (end = find(rest, m->close)) != NULL) {
			rest.n = (size_t)(end - rest.p);
		}
		did->answer |= m->kind == ANSWER;
		*s = clean_first_line(rest);
		return !did->unclosed;
	}
	return 0;
}

/* Return whether a turn begins after the special token before s. */
static int
begins_turn(struct span s)
{
	const struct mark *m;

	if (begins(s, "assistant\n") > 0 || begins(s, "user\n") > 0)
		return 1;
	for (m = marks_ends; m->close != NULL; m++)
		if (begins(skip_space(s), m->open) > 0)
			return 1;
	return 0;
}

/*
 * Cut s where the model's turn ends and another one follows, if no turn begins
 * before; note in opened[] which marks of beginning turns s has.
 */
static struct span
cut_next_turn(struct span s, unsigned char *opened)
{
	struct clean_walk walk = { .rest = s };
	struct search f = { .s = s };
	const struct mark *m;
	const char *p;
	size_t n;

	for (p = s.p; (p = next_mark(&f, p)) < span_end(s); p++)
		for (m = marks_ends; m->close != NULL; m++) {
			if (opened[m - marks_ends])
				continue;
			opened[m - marks_ends] =
			    begins(from(s, p), m->open) > 0;
			n = begins(from(s, p), m->close);
			if (n > 0 && m->open != NULL &&
			    begins_turn(from(s, p + n)) &&
			    mention_ends_turn(s, p, 0) &&
			    !clean_in_fence(&walk, p))
				s.n = (size_t)(p - s.p);
		}
	return s;
}

/* Take a mark off the end of s, which no space ends: 1 if one was there. */
static int
strip_mark(struct span *s, const unsigned char *opened)
{
	const struct mark *m;
	const char *p;
	size_t n;

	/* the last bytes of all of them */
	if (s->n == 0 || strchr(">][", s->p[s->n - 1]) == NULL)
		return 0;
	for (m = marks_ends; m->close != NULL; m++) {
		n = strlen(m->close);
		p = span_end(*s) - n;
		if (opened[m - marks_ends] || s->n < n ||
		    begins(from(*s, p), m->close) == 0 ||
		    !mention_ends_turn(*s, p, 1))
			continue;
		/* a type of code has another case: "List<Eos>" */
		if ((m->flags & TAG) && !mention_is_apart(*s, p) &&
		    !(islower((unsigned char)p[1]) &&
			memcmp(p, m->close, n) == 0))
			continue;
		s->n -= n;
		return 1;
	}
	return 0;
}

/* Take the marks off the end of s, and then the white space before them. */
static struct span
strip_end(struct span s)
{
	unsigned char opened[MARKS_ENDS_MAX] = { 0 };
	struct span t;

	s = cut_next_turn(s, opened);
	for (t = text_trim_end(s); strip_mark(&t, opened); s = t)
		t = text_trim_end(t);
	return s;
}

/* Return the length of word if it stands at p, before end; else 0. */
static size_t
bytes_at(const char *p, const char *end, const char *word)
{
	size_t n = strlen(word);

	return (size_t)(end - p) >= n && memcmp(p, word, n) == 0 ? n : 0;
}

/*
 * Return the length of the special token, of any name, that s begins with; 0:
 * there is none. The bars of DeepSeek's are wide.
 */
static size_t
special_at(struct span s)
{
	const char *p = s.p, *end = span_end(s), *name;
	size_t n = bytes_at(p, end, "<|") + bytes_at(p, end, "<" WIDE_BAR);

	for (name = p += n; n > 0 && p < end && p - name < TOKEN_MAX; p++) {
		n = bytes_at(p, end, "|>") + bytes_at(p, end, WIDE_BAR ">");
		if (n > 0)
			return p > name ? (size_t)(p - s.p) + n : 0;
		n = isalnum((unsigned char)*p) || (unsigned char)*p >= 0x80 ||
		    memchr("_-./:", *p, 5) != NULL;
	}
	return 0;
}

/* Return the length of the special token that s ends with; 0: there is none. */
static size_t
special_before_end(struct span s)
{
	size_t max = s.n < 2 * TOKEN_MAX ? s.n : 2 * TOKEN_MAX;
	const char *p;

	if (s.n == 0 || s.p[s.n - 1] != '>')
		return 0;
	p = memrchr(span_end(s) - max, '<', max);
	if (p == NULL || special_at(from(s, p)) != from(s, p).n)
		return 0;
	return mention_ends_turn(s, p, 1) ? from(s, p).n : 0;
}

/*
 * Take special tokens that are in no table off both ends of s, unless another
 * one stands within: a text about templates has such.
 */
static struct span
strip_special(struct span s)
{
	struct span in = s, t;
	size_t n;

	for (t = skip_space(s); (n = special_at(t)) > 0; t = skip_space(in)) {
		in = from(t, t.p + n);
		if (in.n > 1 && mention_is_blank(in.p[0]) &&
		    islower((unsigned char)in.p[1]))
			return s;
	}
	for (t = text_trim_end(in); (n = special_before_end(t)) > 0; in = t)
		t = text_trim_end((struct span){ t.p, t.n - n });
	if (in.n == s.n || memmem(in.p, in.n, "<|", 2) != NULL ||
	    memmem(in.p, in.n, "<" WIDE_BAR, strlen("<" WIDE_BAR)) != NULL)
		return s;
	return clean_first_line(in);
}

struct span
marks_strip(struct span s, int *reasoned)
{
	struct start did = { 0 };
	struct span rest;

	if (reasoned != NULL)
		*reasoned = 0;
	if (s.n == 0)
		return s;
	while (did.blocks < BLOCKS_MAX) {
		if (strip_start(&s, &did))
			continue;
		rest = behind_lone_end(s);
		if (rest.p == NULL)
			break;
		did.blocks++;
		did.answer = 0;
		s = clean_first_line(rest);
	}
	/* so many blocks are no answer */
	if (did.blocks == BLOCKS_MAX)
		s = from(s, span_end(s));
	if (reasoned != NULL)
		*reasoned = did.blocks > 0;
	return strip_special(strip_end(s));
}
