/*
 * planted: copies of positives that are put among the documents on trial.
 *
 * A copy (see plant.h) answers the query of its positive for certain, so one
 * that is chosen is a false negative. It is tried beside the documents, by the
 * same rules; what the record gets is what it would get without the copy.
 */
#pragma once

#include "guard.h"

/* A copy on trial. */
struct planted {
	struct span text; /* the copy; p NULL: none is on trial */
	double score;     /* score of the copy */
	bool chosen;      /* result: whether it would be a negative */
};

/* Return the share that a word names, "1%" or ".01", or exit. */
double planted_share(const char *word);

/* Return whether a query is one of the share that get a copy. */
bool planted_is_drawn(double share, long long seed, struct span query);

/*
 * Try a copy among n hits, which are all there are if whole is true, and set
 * chosen; return false if more hits may change that. The query's guard has to
 * be as it is before a pick; scratch is for the copy.
 */
bool planted_try(struct planted *, const struct pick_rules *,
    const struct pick_query *, const struct pick_hit *, size_t n, bool whole,
    struct guard *, struct near *scratch);
