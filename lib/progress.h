/*
 * progress: how far it is, on stderr.
 *
 * On a terminal one line, drawn anew up to five times a second; elsewhere a
 * line a minute. NO_COLOR or TERM=dumb: no escape sequences.
 */
#ifndef TG_PROGRESS_H
#define TG_PROGRESS_H

#include "buf.h"

struct progress {
	const char *tool;
	int tty, escapes;
	size_t shown;          /* columns taken by the line on the terminal */
	long long start, next; /* ms of the monotonic clock */
};

/* Starts the clock too. tool is borrowed. */
void progress_init(struct progress *, const char *tool);

double progress_seconds(const struct progress *);

/* Whether it is time to show a line. */
int progress_due(struct progress *);

/* Show "tool: text", cut to the width of the terminal. */
void progress_show(struct progress *, const char *text);

/* Take the line off the terminal, before anything else is written there. */
void progress_clear(struct progress *);

/* Show the last line, which stays. */
void progress_end(struct progress *, const char *text);

/* Append seconds as "1h02m", "3m04s" or "5s". */
void progress_time(struct buf *, double seconds);

#endif
