/* emit: the state of tg-emit, which its parts share */
#pragma once

#include "append.h"
#include "duplicates.h"
#include "io/counts.h"
#include "io/progress.h"
#include "measure.h"
#include "record/filter.h"

struct emit {
	int debug, meta; /* 1: add more to each triplet */
	struct duplicates seen;
	const char *rejects, *summary; /* files to write; NULL: none */
	const char *file; /* file to append triplets to; NULL: stdout */
	struct option_list earlier; /* files of --against, and of --append */
	size_t against;             /* number of files of --against */
	struct append append;
	int rejects_fd;
	size_t triplets, duplicates;
	long long enough; /* triplets that are wanted; 0: all */
	long long had;    /* triplets that --append's file has had */
	struct counts rejected, errors;
	struct measure measure; /* counts for the summary */
	int show_progress;
	long long expected; /* number of documents; 0: unknown */
	struct progress progress;
	struct buf out; /* scratch space */
};

/* Return how many triplets are still wanted; -1: any number. */
static inline long long
emit_wanted(const struct emit *e)
{
	long long left = e->enough - e->had - (long long)e->triplets;

	return e->enough == 0 ? -1 : left > 0 ? left : 0;
}
