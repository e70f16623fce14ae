/*
 * verify: what an LLM's rankings make of the negatives of a pair.
 */
#pragma once

#include "record/rec.h"

/* Why a record stays unverified; code p NULL: it is verified. */
struct verify_fault {
	struct span code, why; /* code for the counts, words for a message */
};

/*
 * Read the answered request of kind verify. A negative that each of its orders
 * names answers the query: it leaves neg, and with promote it joins pos if each
 * order also ranks it above the positive. Of tg.planted, which is removed, just
 * count how many are named so. Set tg.verify and, unless the answer is
 * unusable, tg.verified.
 */
struct verify_fault verify_record(struct rec *, int promote);
