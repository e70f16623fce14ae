/*
 * one-record: the record that a unit test reads, changes and writes.
 */
#pragma once

#include "record/rec.h"
#include "tap.h"

static struct rec r;
static struct buf out; /* the record as it was written last */

/* Read a line into the record; a line that is no record ends the test. */
static void
load(struct span line)
{
	const char *why;

	if (rec_read(&r, line, &why) == -1) {
		printf("Bail out! %s: %.*s\n", why, (int)line.n, line.p);
		exit(3);
	}
}

/* Return the line that the record is written as. */
static struct span
written(void)
{
	out.n = 0;
	rec_write(&r, &out);
	return buf_span(&out);
}
