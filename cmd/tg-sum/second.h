/*
 * second: what a second judge has decided, and what that took.
 */
#pragma once

#include <jansson.h>

#include "base/buf.h"

/* A struct of all zeros has no counts. The JSON lives until the exit. */
struct second {
	json_t *judged; /* sums of the counts of each tg-judge; NULL: none */
	json_t *took;   /* sums of the counts of its tg-llm; NULL: none */
	json_t *model;  /* model that it is; NULL: nothing was asked of it */
};

/* Take the counts of a tg-judge. */
void second_judged(struct second *, json_t *counts);

/* Take the counts of a tg-llm if it has asked a second judge. */
void second_asked(struct second *, json_t *counts);

/* Return whether any pair was judged where a second judge was to be asked. */
int second_is_there(const struct second *);

/*
 * Append how many pairs a second judge decided about, what that changed, and
 * what it took.
 */
void second_words(struct buf *, const struct second *);
