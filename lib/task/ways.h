/*
 * ways: the ways in which negatives of a task go wrong, and how many are asked
 * for in each.
 */
#pragma once

#include "base/buf.h"

/* The bound of a row's list, and of a way's `most`. */
enum { WAYS = 100, WAY_MOST = 1000 };

struct way {
	const char *text; /* imperative without a full stop, escaped */
	int most;         /* negatives of a pair at most; 0: no bound */
};

/* The negatives that are asked for in one way. */
struct way_share {
	const struct way *way;
	int n;
};

/* Facts that decide how the negatives of a pair are spread. */
struct ways_wish {
	int n;  /* negatives to ask for, 1 at least */
	int of; /* negatives that the pair shall have in the end */
	long long seed;
	struct span id;
	int draw; /* number of the pair among those of its document */
};

/*
 * Spread negatives over the ways, which are drawn: one way for up to three
 * negatives, else a way for each three that the pair shall have in the end, as
 * far as there are ways; of the bounded ones a second only where no other is
 * left. One way at least must have no bound. Write the shares,
 * of one negative at least each, and return their number.
 */
size_t ways_spread(const struct way *, size_t nways, const struct ways_wish *,
    struct way_share shares[WAYS]);
