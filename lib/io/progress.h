/*
 * progress: how far it is, on stderr.
 *
 * On a terminal a line, drawn anew up to five times a second; elsewhere a line
 * a minute. The programs of one pipeline share the terminal: each has a line
 * of a block that one of them draws, the cursor left at its beginning. So a
 * message of any of them takes the block's place, and it is drawn anew below.
 *
 * NO_COLOR or TERM=dumb: no escape sequences, and all share one line.
 */
#ifndef TG_PROGRESS_H
#define TG_PROGRESS_H

#include "base/buf.h"

struct board;

struct progress {
	const char *tool;
	int tty, escapes;
	struct board *board;   /* NULL until something is shown, or alone */
	int alone, shown;      /* columns on the terminal, of one alone */
	long long start, next; /* ms of the monotonic clock */
};

/* Starts the clock too. tool is borrowed, and may be changed. */
void progress_init(struct progress *, const char *tool);

double progress_seconds(const struct progress *);

/* Whether it is time to show a line. */
int progress_due(struct progress *);

/* Show "tool: text", cut to the width of the terminal. */
void progress_show(struct progress *, const char *text);

/* Take everything off the terminal, before anything else is written there. */
void progress_clear(struct progress *);

/* Show the last line, which stays; NULL: there is none. */
void progress_end(struct progress *, const char *text);

/* Append seconds as "1h02m", "3m04s" or "5s". */
void progress_time(struct buf *, double seconds);

#endif
