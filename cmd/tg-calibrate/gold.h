/*
 * gold: lines that a person has labelled, each with the probability that a
 * judge gave the pair.
 *
 * Memory grows by 40 bytes a line, and by 88 more while a curve is fitted.
 */
#pragma once

#include <stddef.h>

#include "base/buf.h"
#include "record/names.h"

enum { NO_NAME = -1 };

struct gold_line {
	double p;      /* the judge's probability, 0 to 1 */
	double weight; /* pairs that the line stands for, over 0 */
	int right;     /* 1: the pair is right */
	int task;      /* number in tasks, or NO_NAME */
	int kind;      /* number in kinds, or NO_NAME */
	int made;      /* 1: tg-calibrate sample made the pair */
	double value;  /* calibrated value; set by whoever calibrates */
};

struct gold {
	struct gold_line *v; /* owned */
	size_t n, cap;
	struct names tasks, kinds;
	size_t right; /* lines that are right */
};

/* Return the name of line i's task; p NULL: none. */
struct span gold_task(const struct gold *, size_t i);

/* Append a line; task and kind may have p NULL. */
void gold_add(struct gold *, double p, int right, double weight,
    struct span task, struct span kind);

/*
 * Read gold lines from files, which end in NULL; none: stdin. max_line is the
 * longest line in bytes. Exit with one message if a file cannot be read; and,
 * with file, line and reason and the status TG_EX_SOME, after a line that is
 * none of gold, and unless some lines are right and some are wrong.
 */
void gold_read(struct gold *, const char *const *files, size_t max_line);

void gold_free(struct gold *);
