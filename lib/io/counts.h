/*
 * counts: the number of times that each of a few names came.
 */
#ifndef TG_COUNTS_H
#define TG_COUNTS_H

#include <stddef.h>

#include "base/buf.h"

enum { TALLY_NAMES = 64, TALLY_NAME_LEN = 64 };

/* A tally of all zeros is empty. */
struct tally {
	size_t total, n;
	struct {
		char *name;
		size_t count;
	} v[TALLY_NAMES];
};

/*
 * Count a name once, whatever it holds: control characters are replaced, a long
 * name is cut, and once there are TALLY_NAMES the rest is "other".
 */
void tally_add(struct tally *, struct span name);

void tally_free(struct tally *);

/* Append the counts as an object: {"name":count,...}. */
void tally_json(struct buf *, const struct tally *);

/* Append the counts in words: "3 name, 1 another". */
void tally_words(struct buf *, const struct tally *);

#endif
