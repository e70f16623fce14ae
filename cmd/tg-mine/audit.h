/*
 * audit: what tg-mine audit counts, and how it says so.
 */
#pragma once

#include "base/hist.h"
#include "blind.h"
#include "index/near.h"

/* Faults of a negative, by the first that holds. */
enum found {
	FOUND_NOTHING,
	FOUND_EMPTY,     /* empty, or white space */
	FOUND_POSITIVE,  /* equal to a positive of its row */
	FOUND_OTHER,     /* equal to a positive of an equal query */
	FOUND_QUERY,     /* equal to the query */
	FOUND_NEAR,      /* near copy of a positive of these */
	FOUND_DUPLICATE, /* equal to an earlier negative of its row */
	FOUND_KINDS
};

/* Names of these, in records and in JSON. */
extern const char *const audit_names[FOUND_KINDS];

struct audit_sums {
	size_t rows;      /* rows of training data */
	size_t other;     /* records that are no rows */
	size_t bad;       /* lines that are no records */
	size_t positives; /* positives of all rows */
	size_t negatives; /* negatives of all rows */
	size_t bare;      /* rows without negatives */
	size_t offending; /* rows with a negative that something was found of */
	size_t emptied;   /* rows of these that no other negative is in */
	size_t same_rows; /* rows that equal an earlier one */
	size_t same_pairs;   /* rows of an earlier one's query and positives */
	size_t same_queries; /* rows of an earlier one's query */
	struct {
		size_t negatives, rows;
	} found[FOUND_KINDS];
	size_t near[NEAR_SHINGLES + 1]; /* near copies by how they are */
	struct hist pos, neg;           /* lengths, in tokens of a model */
	struct hist ratio; /* negative's length for 1000 of the positive */
	size_t compared;   /* rows whose positive and negatives are longest
			    * and shortest or not */
	size_t longest;    /* rows whose positive is longer than all */
	size_t shortest;   /* rows whose positive is shorter than all */
	double chance;     /* rows that would be so by chance */
	bool has_blind;    /* whether blind holds a result */
	size_t blind_rows; /* rows that it was measured in */
	struct blind_result blind;
};

/* Append the sums as one line of JSON, and as a table to read. */
void audit_json(struct buf *, const struct audit_sums *);
void audit_table(struct buf *, const struct audit_sums *);
