/*
 * metrics: what tg-llm counts, shows and writes down.
 */
#ifndef TG_LLM_METRICS_H
#define TG_LLM_METRICS_H

#include "chat/chat.h"
#include "io/progress.h"

struct meter {
	struct progress progress;
	int on;
	char name[64];      /* the tool, and what kinds it serves */
	long long asked_at; /* ms, the first record; 0: none yet */
	unsigned long records, answered;
	struct tally errors; /* by code */
};

/* on: show progress. */
void meter_init(struct meter *, const char *tool, int on);
void meter_free(struct meter *);

/* A record asks something of this kind. */
void meter_asked(struct meter *, const char *kind, int step);
void meter_job(struct meter *, const struct chat_job *);
/* A record ended in error without having been a job. */
void meter_error(struct meter *, const char *code);

/* Erase the status line, before anything but io_warn writes to stderr. */
void meter_clear(struct meter *);

/* Return the time until the status line is to be shown, ms; -1: never. */
int meter_wait(const struct meter *);

/* Show progress if it is time; meter_end shows it whatever the time. */
void meter_show(struct meter *, const struct chat *);
void meter_end(struct meter *, const struct chat *);

/* Write all as one JSON object: 0, or -1 with errno. */
int meter_write(const struct meter *, const char *file, struct chat *);

#endif
