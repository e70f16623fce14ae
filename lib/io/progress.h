/*
 * progress: how far a program is, on stderr.
 *
 * On a terminal progress is one status line, drawn anew up to five times a
 * second: a message of any program, see io_warn, takes its place, and the
 * status line is drawn anew below. One program of a pipeline shows its progress
 * there. Elsewhere progress is a message every five seconds in the first 40 s,
 * then at longer intervals, up to a minute.
 */
#pragma once

#include "base/buf.h"

struct progress {
	const char *name;      /* name before each line, borrowed */
	int last;              /* set by the caller, 1: the next line stays */
	long long start, next; /* times of start and next line, monotonic ms */
};

/* Start p and its clock. The text of name may change while p is in use. */
void progress_init(struct progress *p, const char *name);

/* Return the seconds since p was started. */
double progress_seconds(const struct progress *p);

/*
 * Return 1 if it is time to show a line, which sets the next time, or the last
 * line is due; else 0.
 */
int progress_due(struct progress *p);

/* Show "name: text", on a terminal as the status line. */
void progress_show(const struct progress *, const char *text);

/* Append seconds to b as "1h02m", "3m04s" or "5s". */
void progress_time(struct buf *b, double seconds);
