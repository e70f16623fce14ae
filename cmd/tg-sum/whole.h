/*
 * whole: what all documents would take, as the requests of a sample show it.
 */
#pragma once

#include <jansson.h>

#include "base/buf.h"

/* Sums over the tg-llm of a run, as if the cache had answered nothing. */
struct whole {
	double calls, prompt, completion, cost;
	double seconds; /* time of the slowest stage with all of its requests in
			 * flight, s; 0: not known */
	double answer, at_once, jobs; /* of this stage: the median time of an
				       * answer, s, the most requests of the
				       * sample in flight, and the most that
				       * may be */
	int unknown; /* whether a stage has asked nothing but the cache */
};

/* Add the counts that a tg-llm has written with --stats. */
void whole_add(struct whole *, json_t *counts);

/*
 * Append a line of words: what all of that many documents take, going by the
 * lines of a sample, which gave so many triplets in so many seconds.
 */
void whole_words(struct buf *, const struct whole *, long long all,
    long long lines, double triplets, double seconds);
