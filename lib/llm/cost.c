/* cost: what requests cost, and what one will */
#include "llm/cost.h"

#include <math.h>

enum {
	LEARN = 64,      /* replies that the means are about */
	NO_CAP = 8192,   /* an answer's tokens where nothing limits them */
	OVERHEAD = 32,   /* tokens that a chat template adds */
	TEXT_BYTES = 4,  /* a token, as a rule */
	LEAST_BYTES = 2, /* hardly any text has fewer */
};

/* A million, the most that is counted; sums of some still fit. */
#define COST_MAX 1000000000000000000LL

/* Answers vary: reserve this many times their mean. */
#define MARGIN 1.25

long long
spend_price(double a_million)
{
	return llround(a_million * 1e6);
}

/* n tokens at a price each, COST_MAX at most. */
static long long
price_of(long long n, long long price)
{
	long long cost;

	if (__builtin_mul_overflow(n, price, &cost) || cost > COST_MAX)
		return COST_MAX;
	return cost;
}

long long
spend_cost(const struct spend *s, long long in, long long out, long long cached)
{
	long long cost;

	if (cached > in)
		cached = in;
	cost = price_of(in - cached, s->in) + price_of(cached, s->cached) +
	       price_of(out, s->out);
	return cost < COST_MAX ? cost : COST_MAX;
}

long long
spend_amount(double x)
{
	return llround(x * 1e12);
}

double
spend_money(long long m)
{
	return (double)m / 1e12;
}

/* Rounded up, but for what is not exact in the arithmetic. */
static long long
whole(double x)
{
	return (long long)ceil(x - 1e-6);
}

struct spend_tokens
spend_guess(const struct spend *s, size_t bytes, long cap, int n)
{
	struct spend_tokens t;
	double out = cap > 0 ? (double)cap : NO_CAP;

	if (s->replies == 0) {
		t.in = (long long)(bytes / LEAST_BYTES) + OVERHEAD;
	} else {
		t.in = whole(s->per_byte * (double)bytes);
		out = fmin(out, MARGIN * s->mean_out);
	}
	t.out = whole(out) * n;
	return t;
}

void
spend_learn(struct spend *s, size_t bytes, int n, struct spend_tokens t)
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
spend_tokens_of(size_t bytes)
{
	return (long long)((bytes + TEXT_BYTES - 1) / TEXT_BYTES);
}
