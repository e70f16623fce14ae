/*
 * rates: how many of the negatives answer their query, over all records.
 */
#pragma once

#include "base/buf.h"
#include "io/counts.h"
#include "record/rec.h"

struct rates {
	size_t pairs;             /* pairs that were verified */
	size_t negatives;         /* negatives that they had before */
	size_t promoted, dropped; /* false negatives among these */
	size_t doubtful;          /* negatives that one order of two names */
	size_t planted; /* copies of positives that were asked about */
	size_t found;   /* copies that are named as answers */
	size_t unnamed; /* pairs whose positive the rankings do not name */
	struct counts unverified; /* pairs without a usable answer, by reason */
};

/* Add what tg.verified of a record tells, if it is there. */
void rates_add(struct rates *, const struct rec *);

/* Append all as a JSON object, the words as well. */
void rates_json(struct buf *, const struct rates *);

/* Append the rates as words, without a line break. */
void rates_words(struct buf *, const struct rates *);

void rates_free(struct rates *);
