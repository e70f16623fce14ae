/*
 * whole: the precision of a whole run, which nobody has labelled.
 */
#pragma once

#include "measure.h"
#include "record/calibration.h"

/* Records of a run, of one task or of all. */
struct whole {
	size_t n, kept;
	double values;   /* sum of the calibrated values of those kept */
	double expected; /* mean of them; NAN: none is kept */
	/*
	 * corrected share of right pairs among those kept; NAN: the judge is
	 * no better than chance, or keeps nothing
	 */
	struct wilson precision;
};

struct run {
	struct whole all;
	struct names tasks;
	struct whole *of; /* owned; one for each task */
	size_t without; /* records that have no p, and are in no other count */
};

/*
 * Read the records of a run from files, which end in NULL, and decide about
 * each as the calibration says. Exit with a message if a file can't be read or
 * a line is no record.
 */
void run_read(struct run *, const struct calibration *,
    const char *const *files, size_t max_line);

/*
 * Set precision from the rates of a judge that gold lines have shown: the share
 * of right pairs by Rogan and Gladen (1978), and its interval by the delta
 * method with the adjusted counts of Lang and Reiczigel (2014).
 */
void whole_correct(struct whole *, const struct measure *);

void run_free(struct run *);
