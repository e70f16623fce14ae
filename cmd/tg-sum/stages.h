/*
 * stages: the counts of a run's programs, a line of JSON each, for tg-report.
 */
#pragma once

#include <jansson.h>

#include "base/buf.h"

enum { STAGES_MAX = 64 };

/* A struct of all zeros is empty. */
struct stages {
	json_t *counts[STAGES_MAX];   /* copies, n of them */
	const char *name[STAGES_MAX]; /* names of the stages, borrowed */
	size_t n;
};

/* Keep a copy of the counts that a program has written. */
void stages_keep(struct stages *, const json_t *counts);

/*
 * Add a line for each stage to the end of file, in the order of a pipeline;
 * each begins with the run, a name that no other run has, and the stage. A new
 * file is the user's alone. Return 0, or -1 with errno.
 */
int stages_append(const struct stages *, const char *file);

void stages_free(struct stages *);

/*
 * Append a blank and the command that makes a page of the run's files: report,
 * the program, as the user types it, and the files, where NULL means that there
 * is none, or that its name is not known.
 */
void stages_command(struct buf *, const char *report, const char *rejects,
    const char *stats, const char *triplets);
