/*
 * measure: what became of the records by task, and what triplets are like, for
 * the file of --summary.
 *
 * Tokens and words are counted for the first 2000 triplets, and then for one in
 * sixteen: that takes less than a microsecond a triplet.
 */
#pragma once

#include <jansson.h>

#include "record/rec.h"
#include "record/triplet.h"

/* A struct of all zeros is empty. */
struct measure {
	json_t *tasks;       /* counts by task and languages; NULL: none */
	size_t triplets;     /* triplets that were written */
	size_t measured;     /* triplets whose texts were measured */
	size_t query_over;   /* queries of these over 512 tokens */
	size_t pos_over;     /* positives of these over 512 tokens */
	size_t shared;       /* queries of these that have words */
	size_t percent[101]; /* these by the share in the positive */
};

/* Count a triplet that is written. */
void measure_triplet(struct measure *, struct rec *, const struct triplet *);

/* Count a duplicate. */
void measure_duplicate(struct measure *, struct rec *);

/* Count a record that has ended; what is "rejected" or "errors". */
void measure_ended(
    struct measure *, struct rec *, const char *what, struct span code);

/* Append the members "tasks" and "measured", each behind a comma. */
void measure_json(struct buf *, const struct measure *);

void measure_free(struct measure *);
