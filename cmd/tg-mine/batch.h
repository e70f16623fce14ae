/*
 * batch: lines that are searched together, and leave in their order.
 *
 * serve of a command calls batch_add for each record, and fills in the job that
 * it returns. Jobs that ask for a search are searched once there are BATCH jobs
 * or no lines any more; then threads finish them, and all are written. Lines
 * that pass are jobs, too, so that the order stays; batch_open has bad lines
 * served for that. Each line of input gives one line of output.
 *
 * All input is read twice, so nothing waits for a slow pipe.
 */
#pragma once

#include "io/progress.h"
#include "mine.h"
#include "nearest.h"
#include "resume.h"

enum { BATCH = 512 };

/* A line that waits. */
struct job {
	struct rec rec;             /* record of the line; written at the end */
	struct buf line;            /* bytes of the line */
	const char *file;           /* file that it is from, borrowed */
	size_t lineno;              /* number of its line there */
	bool asks;                  /* set by serve: whether it is searched */
	struct nearest_query query; /* search; row is set by batch_add */
	void *data;                 /* data of the command, which frees it */
};

struct batch {
	/*
	 * function that finishes a job that was searched; the hits are freed
	 * when it returns. false: search again, for the query was changed.
	 * Several threads call it at the same time, thread from 0, each for
	 * another job.
	 */
	bool (*finish)(struct batch *, struct job *, unsigned thread);
	/* function called for each job before it is written, in their order,
	 * by one thread; or NULL */
	void (*leave)(struct batch *, struct job *);
	void *ctx; /* data of the command */
	/* the rest is to be read only */
	struct mine *mine;
	struct index ix;
	size_t lines; /* number of lines of all input */
	unsigned threads;
	struct nearest *nearest;
	struct job *jobs;
	size_t n, bytes;      /* number of jobs, and the memory they need */
	struct resume resume; /* file that gets the output; file NULL: none */
	size_t first;         /* number of lines before the first to be done */
	struct progress progress;
	bool shows; /* whether progress is shown */
	bool shown; /* whether it was */
};

/*
 * Open the index, count the lines, choose those of --shard and --resume, and
 * prepare the search; what of files cannot be read twice is replaced. Exit if
 * the options or files do not allow it. The caller may read files before
 * batch_run, by twice_keep, which returns at once now, and twice_rewind.
 */
void batch_open(struct batch *, struct mine *, char **files);

/*
 * Run the filter of the mine, whose serve is set, and return the exit status;
 * free all of the batch.
 */
int batch_run(struct batch *, char **files);

/*
 * Add a copy of a record as a job, to be filled in by the caller: its record is
 * read anew, and it does not ask. The caller returns FILTER_TAKE.
 */
struct job *batch_add(struct batch *, const struct rec *);
