/*
 * stats: what the stages of runs took, as the programs have counted it.
 */
#pragma once

#include <jansson.h>

#include "base/buf.h"

/* A struct of all zeros is empty. */
struct stats {
	json_t *stages; /* name of a stage -> sums of its counts; NULL: none */
	json_t *runs;   /* names of the runs, an object; NULL: none */
	json_t *emit;   /* counts of the last tg-emit; NULL: none */
	json_t *verified; /* words of the last tg-negs that verified; or NULL */
	size_t bad;       /* lines that are no counts */
};

/*
 * Read a file that tg-run --stats, tg-llm --stats or tg-emit --summary wrote.
 * What is none of these is counted and named on stderr. Return 0, or -1 with
 * errno.
 */
int stats_read(struct stats *, const char *file);

void stats_free(struct stats *);

/* Return the number called name in the object, 0 if there is none. */
double stats_number(const json_t *object, const char *name);

/* Return the sum over all stages of the number called name. */
double stats_sum(const struct stats *, const char *name);
