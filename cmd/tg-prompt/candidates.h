/*
 * candidates: a pair's positive and negatives, with copies of the positive that
 * were planted, in the orders in which an LLM is asked about them.
 */
#pragma once

#include "base/buf.h"
#include "record/rec.h"

struct candidates {
	/* texts, escaped: the positive, the negatives, then tg.planted */
	struct span *texts;
	int *order; /* indexes of texts in the order drawn */
	size_t n;   /* number of texts */
};

/*
 * Gather the positive given and the negatives of a record, and draw their
 * order, with the purpose "verify", by the record's id, or its query if it has
 * none. All is in the record's memory. Return 0; -1 if neg or tg.planted is not
 * a list of strings.
 */
int candidates_gather(
    struct candidates *, struct rec *, struct span positive, long long seed);

/* Turn the order round, so that each text is once before each other. */
void candidates_turn(struct candidates *);
