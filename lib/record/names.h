/*
 * names: a table of names that many lines share, numbered from 0 in the order
 * they came.
 */
#pragma once

#include <stdint.h>

#include "base/keyset.h"

/* Zero-initialise it. */
struct names {
	struct keyset ids; /* for names.c only */
	char **v;          /* owned */
	size_t n;
};

/* Return the number of a name, which is added to the table if need be. */
uint32_t names_add(struct names *, struct span name);

void names_free(struct names *);
