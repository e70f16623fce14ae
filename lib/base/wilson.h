/*
 * wilson: the interval in which a share lies, as far as a count tells.
 */
#pragma once

#include <stddef.h>

/* Confidence of the interval, for messages. */
#define WILSON_CONFIDENCE "95 %"

/* A share from 0 to 1, and the two ends of its interval. */
struct wilson {
	double rate, low, high;
};

/*
 * Return the share k of n, 0 where n is 0, with Wilson's score interval, at the
 * quantile 1.959964 of the normal distribution and without a correction for
 * continuity. Of n 0 the interval is all of 0 to 1. k may be n at most.
 */
struct wilson wilson_interval(size_t k, size_t n);
