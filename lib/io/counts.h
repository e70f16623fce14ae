/*
 * counts: the number of times that each of a few names came.
 */
#pragma once

#include <jansson.h>
#include <stddef.h>

#include "base/buf.h"

enum { COUNTS_NAMES = 64, COUNTS_NAME_LEN = 64 };

/* A struct of all zeros is empty. */
struct counts {
	size_t total;
	json_t *names; /* number of times of each, an object; NULL: none came */
};

/*
 * Count a name once, whatever it holds: control characters are replaced, a long
 * name is cut, and once there are COUNTS_NAMES the rest is "other".
 */
void counts_add(struct counts *, struct span name);

void counts_free(struct counts *);

/* Append the counts as an object: {"name":count,...}. */
void counts_json(struct buf *, const struct counts *);

/* Append the counts in words: "3 name, 1 another". */
void counts_words(struct buf *, const struct counts *);

/*
 * Add the numbers of the object from, and of the objects in it, to those of the
 * object to.
 */
void counts_sum(json_t *to, json_t *from);
