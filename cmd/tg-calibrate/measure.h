/*
 * measure: how good decisions and probabilities are, by gold lines.
 */
#pragma once

#include "base/wilson.h"
#include "gold.h"
#include "record/calibration.h"

enum { MEASURE_BINS = CALIBRATION_BINS };

/* A line as it is measured. */
struct measured {
	double value;  /* probability that the pair is right */
	double share;  /* mean label of the lines of this value; set here */
	double weight; /* pairs that the line stands for */
	int right;     /* 1: the pair is right */
	int kept;      /* 1: the pair is kept */
};

/* Lines of values that are next to each other. */
struct bin {
	size_t n;            /* lines; 0: the bin is empty */
	double value;        /* mean probability */
	struct wilson right; /* share of right pairs */
};

struct measure {
	size_t n, right, kept;
	/*
	 * mean distance between probability and share in bins of equal count,
	 * the expected calibration error (Naeini, Cooper, Hauskrecht 2015)
	 */
	double ece;
	struct bin bins[MEASURE_BINS];
	struct wilson tpr;       /* share of right pairs that are kept */
	struct wilson tnr;       /* share of wrong pairs that are not kept */
	struct wilson precision; /* share of kept pairs that are right */
};

/*
 * Measure n lines, which are sorted by value. Lines of one value that fall into
 * several bins count in each with their mean label, so that the order of the
 * input changes nothing. A rate over no lines is NAN, from 0 to 1. Lines of
 * unequal weight have the interval of fewer ones, the square of the sum of
 * weights over the sum of squares (Kish 1965).
 */
void measure(struct measure *, struct measured *v, size_t n);

/* Measure p of the gold lines of a task, NO_NAME: all; a half is kept. */
void measure_gold(struct measure *m, const struct gold *g, int task);

/*
 * Write the bins of a measure that have lines to to, which has room for
 * CALIBRATION_BINS; return their number.
 */
size_t measure_bins(struct calibration_bin *to, const struct measure *);
