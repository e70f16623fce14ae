/*
 * judged: the number in tg.judge, or in meta.judge of a triplet.
 */
#pragma once

#include "record/rec.h"

/* Steps of the requests to a judge. */
enum { JUDGE_FIRST = 1, JUDGE_SECOND };

/* Return a number of JSON from 0 to 1; -1: it is none. */
double judged_share(struct span number);

/*
 * Return p, the judge's probability of 1, from 0 to 1, of an object such as
 * tg.judge; -1 if it has none. Earlier editions wrote it as score.
 */
double judged_p(struct span judge);

/*
 * Return whether a first judge was unsure about a pair, and a second one has
 * not decided yet.
 */
int judged_undecided(const struct rec *);
