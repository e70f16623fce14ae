/*
 * read: the records of a data set, whatever program wrote them.
 */
#pragma once

#include "base/buf.h"
#include "base/mem.h"

enum outcome { KEPT, REJECTED, FAILED, OUTCOMES };

/* One record. Texts are decoded and borrowed for the call; p NULL: absent. */
struct item {
	enum outcome outcome;
	struct span task, language, code_language;
	struct span query, pos; /* pos is the first positive */
	struct span text;       /* document of a record without a pair */
	struct span id, path;
	struct span raw_pos;  /* JSON of the first positive */
	struct span *raw_neg; /* JSON of the negatives */
	struct span *neg;     /* for item_negatives */
	size_t nneg;
	struct arena *mem;               /* memory of the record */
	struct span tool, code, message; /* reason why it is not kept */
	struct span answer;              /* answer of the judge */
	int verdict;                     /* verdict; -1: none */
	double p;                        /* first judge's p, 0 to 1; -1: none */
	int had_second;                  /* whether a second judge decided */
	const char *file;                /* name of its file */
	size_t line;                     /* number of its line, from 1 */
};

/* Return the negatives, which are decoded at the first call only. */
const struct span *item_negatives(const struct item *);

enum { READ_BAD_MAX = 20 };

/* A line that is no record, or lacks what a triplet needs. */
struct bad_line {
	char *file;
	size_t line;
	char *why;
};

struct reading {
	size_t max_line; /* most bytes of a line; 0: LINES_LIMIT */
	int has_rejects; /* flag: rejected pairs stand in files of their own */
	void (*take)(void *ctx, const struct item *);
	void *ctx;
	size_t lines; /* lines read, without blank ones */
	size_t bad;   /* lines of these that are no records */
	size_t twice; /* rejected pairs left out, as has_rejects says */
	struct bad_line first[READ_BAD_MAX]; /* the first bad lines */
};

/*
 * Read files, which end in NULL, and hand each record to take. With rejects a
 * record that gives no reason is rejected, too. A bad line is counted, and the
 * first ones are named on stderr. Return 0, or -1 with errno and *name, the
 * file that could not be read.
 */
int read_files(
    struct reading *, const char *const *files, int rejects, const char **name);

void read_free(struct reading *);
