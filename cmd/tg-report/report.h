/*
 * report: everything that a page or a text shows.
 */
#pragma once

#include "kept.h"
#include "record/calibration.h"
#include "read.h"
#include "sample.h"
#include "stats.h"
#include "tally.h"

struct report {
	struct reading reading;
	struct tally tally;
	struct kept kept;
	struct stats stats;
	struct sample sample;
	int has_stats; /* flag: --stats was given */
	struct calibration calibration; /* overall.n 0: none was given */
	double values;   /* sum of the calibrated values of kept pairs */
	size_t nvalues;  /* number of kept pairs that have a number */
};

/* How a figure is to be taken. */
enum grade { GRADE_NONE, GRADE_GOOD, GRADE_LOOK, GRADE_POOR };

/* One of the figures at the top that answer whether the data is good. */
struct figure {
	const char *title;
	struct buf value; /* "66 %", or a dash */
	struct buf of;    /* of how many, in words */
	enum grade grade;
	const char *hint; /* what it means, and what to do */
};

enum { REPORT_FIGURES = 8 };

/* Make the figures; the caller frees their buffers. */
void report_figures(const struct report *, struct figure[REPORT_FIGURES]);

/* Return the word of a grade; "" for GRADE_NONE. */
const char *report_grade(enum grade);

/* Append n with commas: "1,234,567". */
void report_number(struct buf *, size_t n);

/* Append the share of n in all as "12 %", "0.4 %", or a dash if all is 0. */
void report_percent(struct buf *, size_t n, size_t all);

/* Append " drawn" if not all triplets were measured. */
void report_drawn(struct buf *, const struct kept *);

/* Return the kept records that costs are divided by; 0: none is known. */
double report_kept(const struct report *);

/* Append the report as a page, or as text. */
void page_write(struct buf *, const struct report *);
void text_write(struct buf *, const struct report *);

/* Append a record as it is shown on the page, or in the text. */
void card_write(struct buf *, const struct item *);
void text_sample(struct buf *, const struct item *);
