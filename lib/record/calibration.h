/*
 * calibration: the file that tg-calibrate fit writes, and how a judge's number
 * is read with it.
 *
 * A curve gives the share of right pairs among those that a judge gave the
 * probability p: points of p and share, both rising. Between two points it is a
 * straight line, before the first and after the last it is level. A pair is
 * kept if the share is the curve's threshold at least. There is a curve over
 * all gold lines, and one of its own for each task that had enough of them.
 *
 * The file is an object: tg_calibration, 1; precision, the one wanted, or null;
 * overall, a curve; and tasks, curves by name. A curve is an object: lines and
 * right, numbers of gold lines; threshold, null: nothing is kept; min_p, the p
 * of that threshold, for a person to read; bins, what the gold lines show
 * before the fit, [lines, mean p, share right]; curve, points [p, share].
 */
#pragma once

#include "base/buf.h"

enum {
	CALIBRATION_MAX = 64 * 1024 * 1024, /* bytes of a file */
	CALIBRATION_TASKS = 10000,          /* tasks of a file */
	CALIBRATION_BINS = 15,              /* bins of a curve */
	CALIBRATION_OWN = 200, /* gold lines for a task's own curve */
};

struct calibration_point {
	double p;     /* the judge's probability, 0 to 1 */
	double share; /* share of right pairs, 0 to 1 */
};

/* Gold lines whose p are next to each other. */
struct calibration_bin {
	double lines; /* number of lines, 1 at least */
	double p;     /* mean p, 0 to 1 */
	double share; /* share of right pairs, 0 to 1 */
};

struct calibration_curve {
	char *task;          /* task's name; NULL: all tasks */
	double threshold;    /* least share that is kept; 2: nothing is kept */
	double lines, right; /* gold lines, and those of them that are right */
	struct calibration_point
	    *points; /* owned; p rises, share never falls */
	size_t n;    /* number of points, 1 at least */
	struct calibration_bin bins[CALIBRATION_BINS];
	size_t nbins; /* number of bins; 0: the file does not say */
};

struct calibration {
	struct calibration_curve overall;
	struct calibration_curve *tasks; /* owned */
	size_t ntasks;
	double precision; /* precision wanted, 0 to 1; 0: none was */
};

/*
 * Read a file. Return 0; or -1 with *why, static, which names the file and what
 * is wrong with it, and errno, 0 if the file was read. Release the calibration
 * with calibration_free in both cases.
 */
int calibration_read(struct calibration *, const char *file, const char **why);

/* Read the text of such a file, as calibration_read does; *why has no name. */
int calibration_parse(struct calibration *, struct span text, const char **why);

void calibration_free(struct calibration *);

/* Return the curve of a task, or the one over all; task.p may be NULL. */
const struct calibration_curve *calibration_curve_of(
    const struct calibration *, struct span task);

/*
 * Return the calibrated value of p, from 0 to 1: the share of pairs like this
 * one that are right. The same bytes of p must be used to decide and be written
 * into the record, so that tg-calibrate eval decides as the judge did.
 */
double calibration_value(const struct calibration_curve *, double p);

/* Return whether a pair with the probability p is kept. */
int calibration_keeps(const struct calibration_curve *, double p);

/* Return the least p that is kept; -1: none is. */
double calibration_least(const struct calibration_curve *);

/* Append the file's text. */
void calibration_write(struct buf *, const struct calibration *);
