/* copy: an answer repeats the other side of its pair */
#include "base/text.h"
#include "blocks.h"
#include "gate.h"
#include "layout.h"
#include "shingles.h"

enum {
	RUNS_MIN = 6,    /* runs of code that tell enough, at least */
	RUNS_QUERY = 20, /* runs of a text that may be key words and names */
	RUNS_HELD = 16,  /* runs of code that a text holds, at least */
	RUNS_WORDS = 20, /* runs of words of a text, at least */
};

/* Share of the code that a text of code and little else has in common. */
#define HELD 0.85

/* Shares of a text that the code has, and of the code that the text has, without
 * regard to signs, from which the text is the code in another dress. */
#define WORDS_MINE 0.75
#define WORDS_OTHER 0.5

/* Share with signs that such a text has, too, and other texts seldom. */
#define DRESSED 0.1

/* Return the share of an answer that the other side has, 0 to 1. */
static double
overlap(const struct part *p)
{
	static struct shingles mine, other; /* static: their memory is used
					     * again */
	int text_to_code = !p->is_code && p->other_is_code;
	size_t least = text_to_code ? RUNS_QUERY : RUNS_MIN;

	shingles_read(&mine, p->code, p->is_code, 0, p->lex);
	shingles_read(&other, p->other, p->other_is_code, text_to_code, p->lex);
	if (mine.n < least || other.n < RUNS_MIN)
		return 0;
	/* the shorter of two of a kind may be part of the longer */
	if (p->is_code == p->other_is_code && other.n < mine.n)
		return shingles_share(&other, &mine);
	return shingles_share(&mine, &other);
}

/* Return whether a text that may be code holds all of the other side's code. */
static int
holds_other(const struct part *p)
{
	static struct shingles mine, other; /* static: as above */

	if (p->is_code || !p->other_is_code)
		return 0;
	shingles_read(&mine, p->text, 1, 0, p->lex);
	shingles_read(&other, p->other, 1, 0, p->lex);
	return other.n >= RUNS_HELD && mine.n < 2 * other.n &&
	       shingles_share(&other, &mine) >= HELD;
}

/*
 * Return whether a text is the other side's code in another dress: each line
 * quoted or numbered, without its brackets, or under a heading.
 */
static int
is_dressed(const struct part *p)
{
	static struct shingles mine, other; /* static: as above */

	if (p->is_code || !p->other_is_code || p->text.n < p->other.n / 3)
		return 0;
	shingles_read_words(&mine, p->text);
	shingles_read_names(&other, p->other, p->lex);
	return mine.n >= RUNS_WORDS && other.n >= RUNS_WORDS &&
	       shingles_share(&mine, &other) >= WORDS_MINE &&
	       shingles_share(&other, &mine) >= WORDS_OTHER;
}

/* Return whether an answer is a text, but for layout and comments where these are
 * no matter of the task. */
static int
is_other(const struct task *t, const struct part *p, struct span other)
{
	if ((t->allows & ALLOWS_LAYOUT) != 0)
		return span_eq(text_trim(p->text), text_trim(other));
	if (!p->is_code || p->is_diff)
		return layout_same_text(p->text, other);
	return (t->allows & ALLOWS_COMMENTS) != 0
		   ? layout_same(p->lex, p->text, other)
		   : layout_same_bare(p->lex, p->text, other);
}

/* Return whether code is a block of the other side. */
static int
is_block(const struct task *t, const struct part *p)
{
	struct blocks b = { .rest = p->other };

	while (blocks_next(&b))
		if (is_other(t, p, b.body))
			return 1;
	return 0;
}

const char *
gate_copy(struct gates *g, const struct part *p)
{
	const struct pair *pair = &g->pair;
	const struct task *t = pair->task;
	double share;

	if (p->other.p == NULL)
		return NULL;
	if (is_other(t, p, p->other))
		return gate_why(
		    g, "the %s is the other side but for layout or comments",
		    p->name);
	/* the answer to step 1 tells more than the query */
	if (p->is_code && !p->is_diff && !p->other_is_code &&
	    pair->out[0].p == NULL && is_block(t, p))
		return gate_why(
		    g, "the %s is a code block of the other side", p->name);
	if ((t->allows & ALLOWS_CODE) != 0 && holds_other(p))
		return gate_why(
		    g, "the %s holds the code of the other side", p->name);
	if (t->max_overlap >= 1)
		return NULL;
	share = overlap(p);
	if (share > DRESSED && share <= t->max_overlap && is_dressed(p))
		return gate_why(
		    g, "the %s is the code of the other side", p->name);
	if (share <= t->max_overlap)
		return NULL;
	return gate_why(g,
	    "the %s has %.0f %% in common with the other side, of %.0f %% at "
	    "most",
	    p->name, 100 * share, 100 * t->max_overlap);
}
