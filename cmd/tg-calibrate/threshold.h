/*
 * threshold: the calibrated value from which on a pair is kept.
 */
#pragma once

#include "gold.h"
#include "record/calibration.h"

/* The precision that a threshold reaches, as the gold lines tell. */
struct reach {
	double precision; /* largest precision that the lines kept bear out */
	double threshold; /* least calibrated value that is kept */
	size_t kept;      /* gold lines kept */
	int reached;      /* 1: precision is what was wanted */
};

/*
 * Return the lowest threshold that reaches a precision, over 0; or if none
 * does, the one that reaches most. value of each gold line must be that of a
 * curve that has not seen the line.
 *
 * The precision is estimated by the mean of the labels and the mean of the
 * values of the lines kept, half each: labels alone have more chance in them,
 * values alone more of what is wrong with a curve. A threshold counts only if
 * the lines kept are enough of evidence: so many that the labels' precision
 * would not be less than the one wanted, less 1.5 points, in nine cases of ten.
 */
struct reach threshold_for(
    const struct calibration *, const struct gold *, double precision);
