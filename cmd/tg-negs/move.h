/*
 * move: takes negatives out of a record, with what is said of each of them.
 */
#pragma once

#include "record/rec.h"

/* Verdict on a negative: it stays, maybe in doubt, or leaves neg. */
enum fate { STAYS, DOUBTFUL, DROPPED, PROMOTED };

/*
 * Take the negatives that are DROPPED or PROMOTED out of neg, and append the
 * promoted ones to pos; fates has one for each of the n negatives. Lists that
 * have an element for each negative are changed alike: neg_scores and any other
 * neg_NAME, whose promoted elements join pos_NAME if that has one for each
 * positive, and the neg and pos of tg.mined.
 */
void move_negatives(struct rec *, const enum fate *fates, size_t n);
