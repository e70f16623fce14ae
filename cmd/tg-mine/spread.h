/*
 * spread: mean and quantiles of real numbers, in 256 KiB whatever their number.
 *
 * Numbers are counted in classes that are 0.8 % wide; those of either sign, and
 * those near 0, have classes of their own.
 */
#pragma once

#include <stdint.h>

enum { SPREAD_CLASSES = 1 << 16 };

/* A zeroed struct is empty. */
struct spread {
	uint64_t n;
	double sum, min, max; /* meaningless while n is 0 */
	uint32_t count[SPREAD_CLASSES];
};

/* Count a number; NaN is not counted. */
void spread_add(struct spread *, double);

/* Return the mean; 0: there is none. */
double spread_mean(const struct spread *);

/*
 * Return the number that this share of all (0 to 1) does not exceed, at most
 * 0.8 % too near to 0; whole numbers up to 256 are exact, and so are shares 0
 * and 1, the least and the largest. 0: there is none.
 */
double spread_at(const struct spread *, double share);
