/*
 * metrics: counts what tg-llm does, and shows it.
 */
#pragma once

#include "chat/chat.h"
#include "io/progress.h"
#include "record/rec.h"

struct metrics {
	struct progress progress;
	int on;        /* 1: progress is shown */
	char name[64]; /* name of the program and the kinds that it serves */
	unsigned long long
	    kinds;             /* kinds in name: a bit for each kind and step */
	long long asked_at;    /* time of the first request, ms; 0: none yet */
	unsigned long records; /* records that ask something */
	/* counts that the caller keeps; it frees errors */
	unsigned jobs;          /* requests that may be in flight; 0: auto */
	unsigned long answered; /* records that were answered */
	unsigned long cached;   /* records all of whose answers the cache had */
	struct counts errors;   /* records in error, by code */
};

/* Make metrics, which show progress if on is 1. */
void metrics_init(struct metrics *, int on);

/* Note that a record asks something of a kind, in a step from 1. */
void metrics_asked(struct metrics *, enum rec_kind, int step);

/* Note that a line asks for vectors. */
void metrics_embed(struct metrics *);

/* Return the time until something is to be shown, ms; -1: never. */
int metrics_wait(const struct metrics *);

/* Show progress if it is time, or progress.last is set. */
void metrics_show(struct metrics *, struct chat *);

/* Write all counts to file as one JSON object; return 0, or -1 with errno. */
int metrics_write(const struct metrics *, const char *file, struct chat *);
