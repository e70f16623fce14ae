/*
 * hist: percentiles of durations, in little memory whatever their number.
 *
 * Values are counted in classes, 32 for each doubling, so that a percentile
 * is at most 3 % too large.
 */
#pragma once

#include <stdint.h>

enum {
	HIST_STEPS = 32,                         /* classes a doubling */
	HIST_CLASSES = HIST_STEPS * (36 - 5 + 2) /* values below 2^36 */
};

/* A zeroed struct is empty. */
struct hist {
	uint64_t n;
	long long max;
	uint32_t count[HIST_CLASSES];
};

/* Count a value, a negative one as 0 and one over 2^36 as 2^36. */
void hist_add(struct hist *, long long value);

/*
 * Return the value that this share of all (0 to 1) does not exceed; share 1 is
 * the largest. 0: there is none.
 */
long long hist_at(const struct hist *, double share);
