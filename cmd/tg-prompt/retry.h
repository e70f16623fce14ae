/*
 * retry: makes an ended record new again.
 *
 * A record that failed for another reason than its answers is asked just as
 * before, so that a cache answers as far as it did. Where an answer was at
 * fault, the cache would return that answer: tg.again counts by kind of request
 * how often this was so, as {"generate":1,"judge":2}, and is part of what is
 * hashed.
 */
#pragma once

#include "record/rec.h"

/*
 * Make an ended record new: only the user's members and tg.again stay. A record
 * that came as a pair, without a text of its own, is a pair again, and a mirror
 * is one without a query.
 */
void retry_record(struct rec *);

/*
 * Make a record new that the document cache has answered, unless its log tells
 * already what was asked; tg.replay says that its requests go to the response
 * cache alone, and that tg-cache knows what becomes of it.
 */
void retry_cached(struct rec *);

/* Return how often answers to requests of a kind were at fault before. */
int retry_count(const struct rec *, enum rec_kind);
