/* pick: rules, whatever the sign of scores, and the choice among what passes */
#include "index/pick.h"

#include <math.h>

#include "tap.h"

static const struct pick_rules no_rules = { .min_score = -INFINITY,
	.max_score = INFINITY,
	.margin = NAN,
	.relative_margin = NAN,
	.take = PICK_TOP,
	.from = 60 };

/* Return the name of the rule that a hit of a score breaks. */
static const char *
broken(const struct pick_rules *r, double positive, double score)
{
	const struct pick_query q = { .score = positive, .scored = true };
	const struct pick_hit h = { .score = score, .rank = 5 };

	return pick_names[pick_rule_of(r, &q, &h)];
}

static void
test_bounds(void)
{
	struct pick_rules r = no_rules;

	is_str(broken(&r, 1, 2), "passed", "without a rule every hit passes");
	r.min_score = -.5;
	is_str(broken(&r, 1, -.6), "min_score", "a score may be too small");
	is_str(broken(&r, 1, -.5), "passed", "the least score is allowed");
	r.max_score = .5;
	is_str(broken(&r, 1, .6), "max_score", "a score may be too large");
	is_str(broken(&r, 1, .5), "passed", "the largest score is allowed");
	r.rank_min = 6;
	is_str(broken(&r, 1, .5), "rank_min", "a rank may be too low");
	r.rank_min = 5;
	is_str(broken(&r, 1, .5), "passed", "the least rank is allowed");
}

/* Margins shrink the bound, also where scores are negative. */
static void
test_margins(void)
{
	struct pick_rules margin = no_rules, relative = no_rules,
			  perc = no_rules;

	margin.margin = .1;
	relative.relative_margin = .1;
	perc.perc_pos = .95;
	is_str(broken(&margin, .8, .71), "margin",
	    "a score within the margin is dropped");
	is_str(broken(&margin, .8, .69), "passed", "one below it passes");
	is_str(broken(&margin, -.8, -.89), "margin",
	    "a margin is one below a negative score, too");
	is_str(broken(&margin, -.8, -.91), "passed",
	    "below it a negative score passes");
	is_str(broken(&relative, 2, 1.81), "relative_margin",
	    "a relative margin is a share of the score");
	is_str(broken(&relative, 2, 1.79), "passed", "below it a score passes");
	is_str(broken(&relative, -2, -2.19), "relative_margin",
	    "a relative margin is a share of a negative score's size");
	is_str(broken(&relative, -2, -2), "relative_margin",
	    "an equal negative score is within the margin");
	is_str(broken(&relative, -2, -2.21), "passed",
	    "below it a negative score passes");
	is_str(broken(&perc, 10, 9.51), "perc_pos",
	    "95 %% of the positive's score is the bound");
	is_str(broken(&perc, 10, 9.49), "passed", "below it a score passes");
	is_str(broken(&perc, -10, -10.49), "perc_pos",
	    "the bound is below a negative score, not above");
	is_str(broken(&perc, -10, -9.5), "perc_pos",
	    "a hit nearer than a negative positive is dropped");
	is_str(broken(&perc, -10, -10.51), "passed",
	    "below it a negative score passes");
	is_str(broken(&perc, 0, 0), "passed", "a score of 0 has no share");
	is_str(broken(&perc, 0, .1), "perc_pos",
	    "above a positive of score 0 nothing passes");
	margin.margin = 0;
	is_str(
	    broken(&margin, -.8, -.79), "margin", "a margin of 0 is a margin");
	is_str(broken(&margin, -.8, -.8), "passed",
	    "a margin of 0 takes the positive's score");
	ok(pick_needs_score(&perc) && pick_needs_score(&margin) &&
		pick_needs_score(&relative) && !pick_needs_score(&no_rules),
	    "margins need the positive's score, other rules do not");
}

enum { HITS = 100 };

static struct pick_hit hits[HITS];
static size_t asked[HITS + 1]; /* hits that the guard was asked of */

/* Drop every third hit. */
static enum pick_rule
guard_thirds(void *ctx, size_t i)
{
	size_t *n = ctx;

	asked[(*n)++] = i;
	return i % 3 == 0 ? PICK_NEAR_COPY : PICK_PASSED;
}

/* Write the indexes that were picked as words. */
static const char *
words(const struct pick_result *out)
{
	static char text[400];
	size_t i, n = 0;

	text[0] = '\0';
	for (i = 0; i < out->n; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "%s%zu",
		    i > 0 ? " " : "", out->picked[i]);
	return text;
}

static void
make_hits(void)
{
	size_t i;

	for (i = 0; i < HITS; i++)
		hits[i] = (struct pick_hit){ .score = 50 - (double)i,
			.rank = i + 1,
			.length = 100 * (i % 7),
			.draw = i * 37 % HITS };
}

static void
test_choice(void)
{
	struct pick_rules r = no_rules;
	struct pick_query q = { .scored = true, .length = 310, .wanted = 3 };
	struct pick_result out = { 0 };

	pick(&out, &r, &q, hits, HITS);
	is_str(words(&out), "0 1 2", "top takes the first");
	r.rank_max = 2;
	pick(&out, &r, &q, hits, HITS);
	is_str(words(&out), "0 1", "no rank above the last is taken");
	ok(out.enough, "beyond the last rank nothing is looked for");
	r.rank_max = 0;
	r.take = PICK_LENGTH;
	r.from = 20;
	pick(&out, &r, &q, hits, HITS);
	is_str(words(&out), "3 10 17", "length takes the nearest in length");
	q.wanted = 4;
	pick(&out, &r, &q, hits, HITS);
	is_str(words(&out), "3 4 10 17", "the first comes first in a tie");
	r.take = PICK_RANDOM;
	pick(&out, &r, &q, hits, HITS);
	is_str(words(&out), "0 3 11 19", "random takes the least draws");
	ok(out.enough, "the first hits are enough");
	r.from = 2;
	pick(&out, &r, &q, hits, HITS);
	is_str(words(&out), "0 1 2 3", "as many pass as are wanted");
	q.wanted = 0;
	pick(&out, &r, &q, hits, HITS);
	ok(out.n == 0 && out.enough, "no negative is wanted");
	pick_free(&out);
}

static void
test_drops(void)
{
	struct pick_rules r = no_rules;
	size_t n = 0;
	struct pick_query q = { .score = 50,
		.scored = true,
		.wanted = 4,
		.guard = guard_thirds,
		.ctx = &n };
	struct pick_result out = { 0 };

	r.perc_pos = .9;
	r.rank_min = 2;
	hits[2].positive = true;
	pick(&out, &r, &q, hits, HITS);
	is_str(words(&out), "5 7 8 10", "what breaks a rule is not taken");
	is_int((long long)out.dropped[PICK_RANK], 1, "ranks are counted");
	is_int(
	    (long long)out.dropped[PICK_POSITIVE], 1, "positives are counted");
	is_int((long long)out.dropped[PICK_PERC_POS], 3,
	    "scores above the bound are counted");
	is_int((long long)out.dropped[PICK_NEAR_COPY], 2,
	    "what the guard drops is counted");
	is_int((long long)n, 6, "the guard is asked of what passes the rest");
	pick(&out, &r, &q, hits, 7);
	ok(out.n == 1 && !out.enough, "a list that ends is not enough");
	r.min_score = 42;
	pick(&out, &r, &q, hits, HITS);
	ok(out.n == 3 && out.enough && out.dropped[PICK_MIN_SCORE] == 1,
	    "the first score that is too small ends the search");
	q.scored = false;
	r.min_score = -INFINITY;
	pick(&out, &r, &q, hits, HITS);
	is_str(words(&out), "1 4 5 7", "without a score no margin holds");
	pick_free(&out);
}

int
main(void)
{
	make_hits();
	test_bounds();
	test_margins();
	test_choice();
	test_drops();
	return done();
}
