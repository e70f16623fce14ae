/*
 * isotonic: rising curves by the pool of adjacent violators.
 *
 * Ayer, Brunk, Ewing, Reid and Silverman (1955). The share of each pool stands
 * at the mean p of the pool, with straight lines between, which is centred
 * isotonic regression by Oron and Flournoy (2017); or at both ends of the pool.
 */
#pragma once

#include "record/calibration.h"

/* Pairs of one p or of several. */
struct pool {
	double p;           /* sum of p times weight */
	double right;       /* sum of what is to be fitted, times weight */
	double weight;      /* sum of weights, over 0 */
	double first, last; /* the least p and the largest */
};

/*
 * Pool the n pools of v, which are in order of their p, each p once, until
 * their shares rise. Return the number of pools left.
 */
size_t isotonic_pool(struct pool *v, size_t n);

/*
 * Return the points of n pools that rise, and their number in *n. The share of
 * a pool stands at its mean p, or if level is 1, at its first and its last p,
 * so that the curve is level between. Points that lie on a straight line with
 * their neighbours are left out. The caller frees them.
 */
struct calibration_point *isotonic_points(
    const struct pool *v, size_t *n, int level);
