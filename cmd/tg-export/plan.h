/*
 * plan: decides for each row whether, in which part and file, with which
 * negatives and at which place it is written, once all rows have been read.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "record/names.h"
#include "table.h"
#include "ties.h"

enum empty_negs { EMPTY_APART, EMPTY_FILL, EMPTY_DROP };

extern const char *const part_names[PARTS];

/* A file of each part. */
struct plan_file {
	uint32_t name;      /* index of its name */
	uint8_t marks;      /* marks of its rows, ROW_CUT ... */
	uint32_t most;      /* most negatives of a row; 0: none has any */
	size_t rows[PARTS]; /* number of rows */
	size_t near; /* fewest rows from one positive to the same again; 0: no
		      * positive comes twice */
};

struct plan {
	/* set by the caller */
	struct table *rows;
	struct ties *ties;
	struct names *names; /* bases, then files, too */
	double share[PARTS]; /* of each part; their sum is 1 */
	int split;           /* 0: all rows belong to share's only part */
	int drop_shared;     /* 1: see plan_rows */
	enum empty_negs empty;
	int by_count; /* 1: a file for each number of negatives */
	int one_file; /* 1: no files, as all rows go into one */
	long long seed;
	/* set by plan_rows */
	struct plan_file *files;
	size_t nfiles;
	size_t sizes[PARTS]; /* rows of each part */
	size_t groups;       /* groups that rows hang together in */
	size_t largest;      /* rows of the largest group */
	size_t shared;       /* negatives dropped as drop_shared says */
	size_t filled;       /* rows given negatives */
};

/*
 * Plan all rows and sort them by part, file and place. Rows whose groups are
 * joined get one part. With drop_shared, a negative that stands in another
 * part, too, is dropped from its row. A row without negatives is treated as
 * empty says.
 */
void plan_rows(struct plan *);

void plan_free(struct plan *);
