/*
 * lengths: how many tokens, or words, the texts of one kind have.
 */
#pragma once

#include <stddef.h>

#include "base/hist.h"

enum { LENGTHS_BINS = 30, LENGTHS_LIMIT = 512 };

/* A struct of all zeros is empty. */
struct lengths {
	struct hist hist;          /* for percentiles */
	size_t n;                  /* texts */
	size_t over;               /* texts of more than LENGTHS_LIMIT */
	size_t bins[LENGTHS_BINS]; /* texts by length; see lengths_edge */
	unsigned long long sum;    /* length of all texts */
};

/* Count a text of a length. */
void lengths_add(struct lengths *, size_t length);

/* Return the largest length of a bin; the last bin takes all that is longer. */
size_t lengths_edge(size_t bin);

/* Return the number of bins up to the last one that holds a text. */
size_t lengths_used(const struct lengths *);
