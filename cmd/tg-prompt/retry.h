/*
 * retry: an ended record made new again.
 *
 * What failed for another reason than its answers is asked just as before, so
 * that a cache answers as far as it did. Where an answer was at fault that
 * would bring it back: tg.again counts, by kind of request, how often that was
 * so, as {"generate":1,"judge":2}, and goes into the names of what is asked.
 */
#ifndef TG_PROMPT_RETRY_H
#define TG_PROMPT_RETRY_H

#include "record/rec.h"

/*
 * Make an ended record new: only what the user gave stays, and tg.again. What
 * came as a pair, without a text of its own, is a pair again.
 */
void retry_record(struct rec *);

/* How often answers of a kind were at fault before. */
int retry_count(const struct rec *, enum rec_kind);

#endif
