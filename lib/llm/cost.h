/*
 * cost: what requests cost, and what one will, to the best of our knowledge.
 *
 * Money is counted in whole 1e-12ths of its unit, so that sums are exact: a
 * price has six decimals for a million tokens.
 */
#ifndef TG_COST_H
#define TG_COST_H

#include <stddef.h>

struct spend {
	/* a token's price: in, out, in but from the server's prefix cache */
	long long in, out, cached;
	/* learned from replies */
	unsigned long replies;
	double per_byte; /* tokens a byte of messages */
	double mean_out; /* tokens an answer */
};

struct spend_tokens {
	long long in, out;
};

/* A price for a million tokens as that of one. */
long long spend_price(double a_million);

/* What tokens cost; the cached ones are among in. */
long long spend_cost(
    const struct spend *, long long in, long long out, long long cached);

/* Money from and to a decimal number, up to a million. */
long long spend_amount(double);
double spend_money(long long);

/*
 * What a request for n answers of at most cap tokens each (0: unlimited) takes
 * with messages of so many bytes: as a rule a little less than this. Before
 * the first reply has taught anything it is surely less.
 */
struct spend_tokens spend_guess(
    const struct spend *, size_t bytes, long cap, int n);

/* What such a request has taken. */
void spend_learn(struct spend *, size_t bytes, int n, struct spend_tokens);

/* About so many tokens are in text, for replies that do not tell. */
long long spend_tokens_of(size_t bytes);

#endif
