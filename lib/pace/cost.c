/* cost: the cost of requests, past and to come */
#include "pace/cost.h"

#include <limits.h>
#include <math.h>

enum {
	LEARN = 64,      /* replies in the moving means */
	NO_CAP = 8192,   /* tokens of an answer that nothing limits */
	SOME = 400,      /* tokens of an answer while none is known */
	OVERHEAD = 32,   /* tokens that a chat template adds */
	TEXT_BYTES = 4,  /* bytes of a token, as a rule */
	LEAST_BYTES = 2, /* bytes of a token, at the least */
};

/* A million, the most that is counted; sums of some still fit. */
#define COST_MAX 1000000000000000000LL

/* A reservation is this many times the mean of the answers, which vary. */
#define MARGIN 1.25

__extension__ typedef __int128 wide;

/* Return x, a whole number, as a long long, or the most there is. */
static long long
bounded(double x)
{
	return x < (double)LLONG_MAX ? (long long)x : LLONG_MAX;
}

long long
cost_of(const struct cost *s, long long in, long long out, long long cached)
{
	wide cost;

	if (cached > in)
		cached = in;
	cost = (wide)(in - cached) * s->in + (wide)cached * s->cached +
	       (wide)out * s->out;
	return cost < COST_MAX ? (long long)cost : COST_MAX;
}

double
cost_money(long long m)
{
	return (double)m / COST_MONEY;
}

/* Return x rounded up; an error of the arithmetic does not count. */
static double
whole(double x)
{
	return ceil(x - 1e-6);
}

struct cost_tokens
cost_guess(const struct cost *s, size_t bytes, long cap, int n)
{
	struct cost_tokens t;
	double out = cap > 0 ? (double)cap : NO_CAP;

	if (s->replies == 0) {
		t.in = (long long)(bytes / LEAST_BYTES) + OVERHEAD;
	} else {
		t.in = bounded(whole(s->per_byte * (double)bytes));
		out = fmin(out, MARGIN * s->mean_out);
	}
	t.out = bounded(whole(out) * n);
	return t;
}

struct cost_tokens
cost_expect(const struct cost *s, size_t bytes, long cap, int n)
{
	struct cost_tokens t = { cost_tokens_of(bytes), 0 };
	double out = s->replies == 0 ? SOME : s->mean_out;

	if (s->replies > 0)
		t.in = bounded(whole(s->per_byte * (double)bytes));
	if (cap > 0 && out > (double)cap)
		out = (double)cap;
	t.out = bounded(whole(out * n));
	return t;
}

void
cost_learn(struct cost *s, size_t bytes, int n, struct cost_tokens t)
{
	double weight;

	if (s->replies < LEARN)
		s->replies++;
	weight = 1 / (double)s->replies;
	s->per_byte +=
	    weight *
	    ((double)t.in / (bytes > 0 ? (double)bytes : 1) - s->per_byte);
	s->mean_out += weight * ((double)t.out / n - s->mean_out);
}

long long
cost_tokens_of(size_t bytes)
{
	return (long long)((bytes + TEXT_BYTES - 1) / TEXT_BYTES);
}
