/*
 * diagram: a reliability diagram, as SVG.
 *
 * The probability that a judge gave runs to the right, the share of pairs that
 * are right upward; a judge whose number means what it says lies on the
 * diagonal. Each bin is a dot with its 95 % interval.
 */
#pragma once

#include "record/calibration.h"

struct diagram {
	const char *title;                  /* title, borrowed */
	const char *x;                      /* name of the x axis, borrowed */
	const struct calibration_bin *bins; /* borrowed */
	size_t nbins;                       /* number of bins */
	const struct calibration_curve *curve; /* line to draw; NULL: none */
	double mark;           /* place of a vertical line, 0 to 1; -1: none */
	const char *mark_name; /* words beside the line, borrowed */
};

/* Size of a diagram, in units of the picture. */
enum { DIAGRAM_WIDTH = 460, DIAGRAM_HEIGHT = 430 };

/*
 * Append an <svg> element. Its parts have the classes plot, axis, grid, ideal,
 * curve, bin, mark, t, m and r, which the page styles. left is the x of the
 * element within another, 0 for one that stands alone.
 */
void diagram_write(struct buf *, const struct diagram *, int left);

/* Append a file of n diagrams side by side, with its own style. */
void diagram_file(struct buf *, const struct diagram *, size_t n);
