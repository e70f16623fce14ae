/*
 * counts: how often each of a few names came.
 */
#ifndef TG_COUNTS_H
#define TG_COUNTS_H

#include <stddef.h>

#include "base/buf.h"

enum { TALLY_NAMES = 64, TALLY_NAME_LEN = 64 };

/* All zero is empty. */
struct tally {
	size_t total, n;
	struct {
		char *name;
		size_t count;
	} v[TALLY_NAMES];
};

/*
 * Count one. The name may be anybody's: control characters are made harmless,
 * what is too long is cut, and when there are too many the rest is "other".
 */
void tally_add(struct tally *, struct span name);

void tally_free(struct tally *);

/* Append an object: {"name":count,...}. */
void tally_json(struct buf *, const struct tally *);

/* Append "3 name, 1 another". */
void tally_words(struct buf *, const struct tally *);

#endif
