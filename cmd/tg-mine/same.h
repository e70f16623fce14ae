/*
 * same: the documents of an index whose text is a given one, to the byte.
 */
#pragma once

#include "index/index.h"

/* A table of an index's documents; 8 bytes each. */
struct same;

/* Return a new table of an index, which stays open. */
struct same *same_new(const struct index *);
void same_free(struct same *);

/*
 * Return the first document with a text that is admitted, else the first one
 * with that text, else -1. admits NULL: each is. Threads may call this at the
 * same time.
 */
int64_t same_find(const struct same *, struct span text,
    bool (*admits)(void *ctx, uint64_t doc), void *ctx);
