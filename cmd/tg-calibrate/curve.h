/*
 * curve: a curve fitted to gold lines.
 *
 * Labels alone leave an isotonic curve rough: a step has the noise of the few
 * lines in it. Each label is therefore mixed with the value of a smooth curve,
 * a logistic one over the ranks of p (Platt 1999), before the pools are made.
 * How much of it is mixed in, none to all, is what predicts lines that were
 * left out best (cross-validation in ten parts, by the square of the error).
 * Where none is mixed in, the judge's shares go in steps, and each pool is
 * level between its first p and its last.
 */
#pragma once

#include "gold.h"
#include "record/calibration.h"

enum { CURVE_PARTS = 10 };

struct curve_line {
	struct gold_line *gold; /* borrowed */
	double smooth;          /* value of the smooth curve */
	double value[8]; /* value by the curve of each mixture without the part
			  */
	int part;        /* part of the cross-validation */
};

/* Gold lines of a curve, in order of p. */
struct curve_lines {
	struct curve_line *v; /* owned */
	size_t n;
};

/*
 * Take the lines of a task, or all for NO_NAME. Free them with
 * curve_lines_free.
 */
struct curve_lines curve_lines_of(const struct gold *, int task);
void curve_lines_free(struct curve_lines *);

/*
 * Fit a curve's points to one line at least; lines, right and points of *c are
 * set, and value of each gold line becomes what a curve says that has not seen
 * the part of the line.
 */
void curve_fit(struct calibration_curve *c, struct curve_lines *);
