/*
 * distinct: about how many different things came, in little memory.
 *
 * A HyperLogLog sketch of 4096 registers: the estimate is within 1.6 % of the
 * number, as its standard error.
 */
#pragma once

#include <stdint.h>

enum { DISTINCT_BITS = 12 };

/* A struct of all zeros is empty. */
struct distinct {
	uint64_t n; /* things that came, equal ones included */
	unsigned char most[1 << DISTINCT_BITS]; /* longest run of zeros + 1 */
};

/* Note a thing by its hash, whose bits are as good as random. */
void distinct_add(struct distinct *, uint64_t hash);

/* Estimate the number of different things; never more than came. */
double distinct_count(const struct distinct *);
