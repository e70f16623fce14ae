/*
 * judged: the number in tg.judge, or in meta.judge of a triplet.
 */
#pragma once

#include "record/rec.h"

/* Steps of the requests to a judge. */
enum { JUDGE_FIRST = 1, JUDGE_SECOND };

/*
 * Return the raw value of p, the judge's probability of 1, of an object such as
 * tg.judge; p NULL: there is none. Earlier editions wrote it as score.
 */
struct span judged_number(struct span judge);

/* Return it as a number from 0 to 1; -1 if it is none. */
double judged_p(struct span judge);

/*
 * Return whether a first judge was unsure about a pair, and a second one has
 * not decided yet.
 */
int judged_undecided(const struct rec *);
