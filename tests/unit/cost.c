/* cost: prices and estimates out of all bounds */
#include "pace/cost.h"

#include <limits.h>
#include <math.h>

#include "tap.h"

/* A million of money, which no cost exceeds. */
static const long long million = 1000000000000000000;

/* What replies take is learned as a mean, the last 64 of them at most. */
static void
learning(void)
{
	struct cost s = { 0 };
	struct cost_tokens t;
	int i;

	t = cost_guess(&s, 100, 0, 1);
	is_int(t.in, 82, "an unknown prompt has a token for two bytes, and 32");
	is_int(t.out, 8192, "an unlimited answer has 8192 tokens");
	cost_learn(&s, 100, 2, (struct cost_tokens){ 50, 20 });
	t = cost_guess(&s, 100, 0, 1);
	is_int(t.in, 50, "a prompt is as long as the one before");
	is_int(t.out, 13, "an answer is a quarter longer than the one before");
	t = cost_guess(&s, 200, 11, 3);
	is_int(t.in, 100, "a prompt twice as long has twice the tokens");
	is_int(t.out, 33, "three answers are no longer than their limits");
	cost_learn(&s, 100, 2, (struct cost_tokens){ 150, 60 });
	t = cost_guess(&s, 100, 0, 1);
	is_int(t.in, 100, "two replies count the same for the prompt");
	is_int(t.out, 25, "two replies count the same for the answer");
	cost_learn(&s, 0, 1, (struct cost_tokens){ 1, 1 });
	ok(isfinite(s.per_byte), "a request without messages does no harm");
	for (i = 0; i < 100; i++)
		cost_learn(&s, 1, 1, (struct cost_tokens){ 1, 1 });
	is_int((long long)s.replies, 64, "64 replies are counted");
	is_int(cost_tokens_of(4), 1, "four bytes are a token");
	is_int(cost_tokens_of(5), 2, "a token that has begun counts");
}

static void
cached(void)
{
	const struct cost s = { .in = 2, .cached = 1, .out = 3 };

	is_int(cost_of(&s, 10, 5, 4), 31, "cached tokens have their own price");
	is_int(cost_of(&s, 10, 0, 11), 10, "no more are cached than came in");
}

int
main(void)
{
	struct cost s = { .in = million / 1000000, .out = million / 1000000 };
	struct cost_tokens t;

	is_int(cost_of(&s, 1000000, 0, 0), million, "a cost of a million is exact");
	is_int(cost_of(&s, 1000000000, 0, 0), million,
	    "a price that does not fit counts as a million");
	is_int(cost_of(&s, 9000000, 9000000, 0), million,
	    "a sum that does not fit counts as a million");
	t = cost_guess(&s, 1, LONG_MAX, 7);
	is_int(t.out, LLONG_MAX,
	    "seven answers of any length count as the largest number");
	s.replies = 1;
	s.per_byte = 1e30;
	t = cost_guess(&s, 1, 1, 1);
	is_int(
	    t.in, LLONG_MAX, "a mean that does not fit is the largest number");
	is_int(t.out, 0, "an answer is as long as its mean");
	learning();
	cached();
	return done();
}
