/*
 * metrics: counts what tg-llm does, and shows it.
 */
#ifndef TG_LLM_METRICS_H
#define TG_LLM_METRICS_H

#include "chat/chat.h"
#include "io/progress.h"

struct metrics {
	struct progress progress;
	int on;
	char name[64]; /* name of the tool and the kinds of request it serves */
	long long asked_at; /* time of the first request, ms; 0: none yet */
	unsigned long records, answered;
	struct counts errors; /* records in error, by code */
};

/* Make metrics of tool, which show progress if on is 1. */
void metrics_init(struct metrics *, const char *tool, int on);
void metrics_free(struct metrics *);

/* Note that a record asks something of a kind, or that its job has finished. */
void metrics_asked(struct metrics *, const char *kind, int step);
void metrics_job(struct metrics *, const struct chat_job *);
/* Note that a record ended in error without having been a job. */
void metrics_error(struct metrics *, const char *code);

/* Clear the status line before something else is written to stderr. */
void metrics_clear(struct metrics *);

/* Return the time until something is to be shown, ms; -1: never. */
int metrics_wait(const struct metrics *);

/* Show progress if it is time, or at the end in any case. */
void metrics_show(struct metrics *, const struct chat *);
void metrics_end(struct metrics *, const struct chat *);

/* Write all counts to file as one JSON object; return 0, or -1 with errno. */
int metrics_write(const struct metrics *, const char *file, struct chat *);

#endif
