/*
 * eval: what a calibration is worth on held-out gold lines.
 */
#pragma once

#include "measure.h"
#include "record/calibration.h"
#include "whole.h"

/* The wrong pairs of a kind. */
struct kind {
	size_t n;
	struct wilson rejected; /* share of them that is rejected */
};

struct evaluation {
	const struct calibration *calibration; /* borrowed */
	const struct gold *gold;               /* borrowed */
	struct measure before;                 /* p as it is; a half is kept */
	struct measure after;  /* calibrated values and thresholds */
	struct measure *tasks; /* owned; one for each task of gold */
	struct kind *kinds;    /* owned; one for each kind of gold */
	const struct run *run; /* borrowed; NULL: none was given */
};

/* Measure the calibration by gold lines; the value of each of them is set. */
void evaluate(struct evaluation *, const struct calibration *, struct gold *);

/* Correct what a run kept by the rates; the run stays the caller's. */
void evaluate_run(struct evaluation *, struct run *);

void evaluation_free(struct evaluation *);

/* Append the evaluation as one object of JSON, or as text for a terminal. */
void eval_json(struct buf *, const struct evaluation *);
void eval_text(struct buf *, const struct evaluation *);

/* Append the reliability diagrams before and after the fit, a file of SVG. */
void eval_svg(struct buf *, const struct evaluation *);
