/*
 * table: the table of all rows that are to be written, and their lines on disk.
 *
 * The lines lie in a file without a name in the output folder. A row takes
 * about 90 bytes of memory, and 4 for each negative if the rows are split.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "example.h"
#include "io/counts.h"

enum part { PART_TRAIN, PART_DEV, PART_TEST, PARTS, PART_NONE };

/* Marks of a row, each of which gives it a file apart from others. */
enum {
	ROW_CUT = 1,    /* a text is longer than --max-tokens */
	ROW_SCORED = 2, /* each passage has a score */
	ROW_BARE = 4,   /* no prompt */
	ROW_FILLED = 8, /* its negatives are positives of other rows */
};

/* The place of a line in the file. */
struct row_line {
	off_t at;   /* offset, bytes */
	size_t len; /* length, bytes */
};

struct row {
	struct row_line line;
	uint64_t draw; /* random number that depends on query and positive */
	double
	    place; /* place in its file, of 0 to 1, by which rows are sorted */
	size_t first;   /* index of its first number */
	uint32_t group; /* node of what must not be split */
	uint32_t pos, near,
	    query;       /* nodes of the first positive and the query */
	uint32_t base;   /* index of its task and languages */
	uint32_t file;   /* index of its file */
	uint32_t listed; /* numbers that it has */
	uint32_t negs;   /* negatives that are written */
	uint8_t part, marks;
};

/* A number that stands for no negative. */
#define ROWS_NO_NUMBER UINT32_MAX

struct table {
	struct row *v;
	size_t n, cap;
	/* nodes of the negatives of a row; or rows that give it negatives */
	uint32_t *numbers;
	size_t nnumbers, numbers_cap;
	struct row_line *givers; /* lines of the rows that numbers name; NULL:
				  * numbers are nodes */
	int fd;                  /* file of the lines */
	off_t size;              /* bytes written to it */
	struct buf out;
	size_t read;        /* rows read, kept or not */
	struct counts left; /* rows left out, by the reason */
};

/* Append a line to the file, and return its new row; NULL with errno. */
struct row *table_add(struct table *, struct span line);

/* Append a number to the last row that has one. */
void table_number(struct table *, struct row *, uint32_t number);

/* Leave out a row that was added. */
void table_leave(struct table *, struct row *, const char *why);

/*
 * Read a line again into r and e; text holds its bytes. Return 0, or -1 with
 * errno.
 */
int table_read(struct table *, const struct row_line *, struct buf *text,
    struct rec *r, struct example *e);

void table_free(struct table *);
