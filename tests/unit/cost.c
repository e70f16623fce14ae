/* cost: prices and estimates out of all bounds */
#include "llm/cost.h"

#include <limits.h>

#include "tap.h"

/* A million of money, which no cost exceeds. */
static const long long million = 1000000000000000000;

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
	return done();
}
