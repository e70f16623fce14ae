/*
 * strata: records drawn from what a run kept and rejected, by task.
 */
#pragma once

#include <stdint.h>

#include "base/buf.h"

enum side { KEPT, REJECTED, SIDES };

/* A record that is drawn so far. */
struct drawn {
	uint64_t draw; /* its number by chance: the smallest ones stay */
	char *line;    /* text; owned */
	size_t n;      /* bytes of line */
};

/* The records of a task that were kept, or those that were rejected. */
struct stratum {
	char *task; /* owned; "": not known */
	enum side side;
	size_t seen;     /* records read */
	struct drawn *v; /* n of them, by their draws once strata_end is called
			  */
	size_t n, cap;
	int full;       /* 1: it had most records when it was last sorted */
	uint64_t bound; /* the largest draw of these */
	size_t taken;   /* first of them that the sample takes */
};

struct strata {
	struct stratum *v;
	size_t n;
	size_t most;    /* records that a stratum holds at most */
	long long seed; /* seed of the draws */
	size_t other;   /* records read that no judge decided about */
};

/*
 * Read the records of files, which end in NULL (none: stdin), into strata whose
 * most and seed are set. A record is rejected if tg-judge ended it or its
 * verdict is not 1, and kept if it has a query and a positive. Exit with a
 * message if a file can't be read or a line is no record.
 */
void strata_read(struct strata *, const char *const *files, size_t max_line);

/*
 * Take n records: half of them kept and half rejected if there are so many, and
 * of each the same number from every task that has them. Return how many are
 * taken.
 */
size_t strata_take(struct strata *, size_t n);

/*
 * Return how many records of the run one that is taken from a stratum stands
 * for, so that the mean over all that are taken is 1.
 */
double strata_weight(const struct strata *, const struct stratum *);

void strata_free(struct strata *);
