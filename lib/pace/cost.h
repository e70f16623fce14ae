/*
 * cost: the cost of requests, past and to come.
 *
 * Money is counted in whole 1e-12ths of its unit, so that sums are exact: a
 * price has six decimals for a million tokens. A sum that does not fit is
 * LLONG_MAX.
 */
#pragma once

#include <stddef.h>

/* Factors that make money of a number, and a price of that of 10^6 tokens. */
#define COST_MONEY 1e12
#define COST_PRICE 1e6

struct cost {
	long long in, out;     /* price of a token in and out; 0: free */
	long long cached;      /* price of a token in the server's cache */
	unsigned long replies; /* replies learned from */
	double per_byte;       /* tokens a byte of messages, mean */
	double mean_out;       /* tokens an answer, mean */
};

struct cost_tokens {
	long long in, out;
};

/* Return the cost of tokens; cached of the in ones came from a cache. */
long long cost_of(
    const struct cost *, long long in, long long out, long long cached);

/* Convert money to a decimal number. */
double cost_money(long long);

/*
 * Estimate the tokens of a request with messages of so many bytes for n answers
 * of at most cap tokens each, 0: unlimited. The request takes a little less as
 * a rule, and surely less while no reply was learned from.
 */
struct cost_tokens cost_guess(
    const struct cost *, size_t bytes, long cap, int n);

/* Estimate the tokens that such a request is likely to take, on average. */
struct cost_tokens cost_expect(
    const struct cost *, size_t bytes, long cap, int n);

/* Learn the tokens that such a request has taken. */
void cost_learn(struct cost *, size_t bytes, int n, struct cost_tokens);

/* Estimate the tokens of a text, for replies that do not tell. */
long long cost_tokens_of(size_t bytes);
