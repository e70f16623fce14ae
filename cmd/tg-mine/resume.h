/*
 * resume: a file that gets the output, which a later run goes on with.
 *
 * Each line of the input gives one line of output, so the number of whole lines
 * in the file tells how many lines of the input need no work any more.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"

struct resume {
	const char *file; /* borrowed */
	int fd;
	size_t lines;    /* number of whole lines that were there */
	off_t end;       /* offset behind them */
	bool started;    /* whether what is behind them was cut off */
	struct buf last; /* the last of them */
};

/*
 * Open or make a file, and count its whole lines. Exit with TG_EX_IO if that
 * fails, or if another process has the file. Its bytes stay until resume_put or
 * resume_close cuts off a torn last line.
 */
void resume_open(struct resume *, const char *file);

/* Return whether a line of input has the query of the last line. */
int resume_matches(const struct resume *, struct span line);

/* Append lines, or exit with TG_EX_IO. */
void resume_put(struct resume *, struct span lines);

/* Close the file, or exit with TG_EX_IO. */
void resume_close(struct resume *);
