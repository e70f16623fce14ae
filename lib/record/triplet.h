/*
 * triplet: the finished members of a pair or triplet, as raw JSON.
 */
#ifndef TG_TRIPLET_H
#define TG_TRIPLET_H

#include "base/buf.h"
#include "base/mem.h"
#include "record/rec.h"

/* Absent ones have p NULL. */
struct triplet {
	struct span prompt, query, pos, neg;
	struct span first; /* of the positives: pos itself if it is one text */
	size_t rest;       /* offset in pos of what follows first; 0: none */
};

struct triplet triplet_of(const struct rec *);

/* Likewise of an accepted object that need not be a record. */
struct triplet triplet_in(struct span object);

/*
 * NULL if it can train a model: query a string, pos a string or a list of at
 * least one, neg absent, a string or a list of any, prompt absent or a
 * string. Otherwise what is wrong.
 */
const char *triplet_wrong(const struct triplet *);

/*
 * Append "prompt":..,"query":..,"pos":[..],"neg":[..] on one line. The absent
 * prompt is "", the absent neg [], a single string a list of it.
 */
void triplet_write(struct buf *, const struct triplet *);

/* Append an accepted value without its line breaks. */
void triplet_flat(struct buf *, struct span);

#endif
