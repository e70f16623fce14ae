/*
 * cost: the cost of requests, past and to come.
 *
 * Money is counted in whole 1e-12ths of its unit, so that sums are exact: a
 * price has six decimals for a million tokens. A sum that does not fit is
 * LLONG_MAX.
 */
#ifndef TG_COST_H
#define TG_COST_H

#include <stddef.h>

struct spend {
	long long in, out;     /* price of a token in and out; 0: free */
	long long cached;      /* price of a token in the server's cache */
	unsigned long replies; /* replies learned from */
	double per_byte;       /* tokens a byte of messages, mean */
	double mean_out;       /* tokens an answer, mean */
};

struct spend_tokens {
	long long in, out;
};

/* Return the price of one token, given that of a million. */
long long spend_price(double a_million);

/* Return the cost of tokens; cached of the in ones came from a cache. */
long long spend_cost(
    const struct spend *, long long in, long long out, long long cached);

/* Convert money from and to a decimal number. */
long long spend_amount(double);
double spend_money(long long);

/*
 * Estimate the tokens of a request with messages of so many bytes for n answers
 * of at most cap tokens each, 0: unlimited. The request takes a little less as
 * a rule, and surely less while no reply was learned from.
 */
struct spend_tokens spend_guess(
    const struct spend *, size_t bytes, long cap, int n);

/* Learn the tokens that such a request has taken. */
void spend_learn(struct spend *, size_t bytes, int n, struct spend_tokens);

/* Estimate the tokens of a text, for replies that do not tell. */
long long spend_tokens_of(size_t bytes);

#endif
