/*
 * triplet: reads and writes the finished members of a pair or triplet.
 */
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "record/rec.h"

/* The raw values of the members; p NULL: absent. */
struct triplet {
	struct span prompt, query, pos, neg;
	struct span first; /* first positive; pos itself if that is one text */
	size_t rest;       /* offset in pos of what follows first; 0: nothing */
};

/* Return the members of a record, or of a checked JSON object, borrowed. */
struct triplet triplet_of(const struct rec *);
struct triplet triplet_in(struct span object);

/*
 * Return NULL if a triplet can train a model, else what is wrong. query must be
 * a string; pos a string or a list of at least one; neg absent, a string or a
 * list of strings; prompt absent or a string.
 */
const char *triplet_wrong(const struct triplet *);

/*
 * Append "prompt":..,"query":..,"pos":[..],"neg":[..] on one line. An absent
 * prompt becomes "", an absent neg [], a single string a list of it.
 */
void triplet_write(struct buf *, const struct triplet *);

/* Return how many negatives a raw neg holds: a list, one text, or nothing. */
size_t triplet_negatives(struct span neg);

/*
 * Return a count of tg.verified of a record or an entry, raw or absent; 0 if it
 * is none. triplet_taken_out returns how many negatives were taken out.
 */
size_t triplet_verified(struct span verified, const char *name);
size_t triplet_taken_out(struct span verified);

/* Reject a record that has fewer negatives than least: return whether it has.
 */
bool triplet_reject_few(struct rec *, size_t has, size_t least);

/* Append a checked JSON value without its line breaks. */
void triplet_flat(struct buf *, struct span);
