/*
 * pool: the documents of an index that a record's negatives come from.
 *
 * They are of the positive's own kind and origin, so that the negatives differ
 * from the positive in nothing but what they say. The task's row tells where
 * its positive comes from: a text of the corpus, or something made for it.
 */
#pragma once

#include "index/index.h"
#include "record/rec.h"

/* All pools of an index; for the functions below only. */
struct pools;

/* A pool: documents of at most two origins, or all. */
struct pool {
	const struct index *ix;
	bool all;
	uint32_t origin[2];
	int n; /* origins; 0: no document is in the pool, unless all are */
};

/*
 * Return the pools of an index, which stays open. all: each record has all
 * documents. code_language is the key for records that name none, borrowed.
 * tasks is the file of --tasks, or NULL.
 */
struct pools *pools_new(const struct index *, bool all,
    const char *code_language, const char *tasks);
void pools_free(struct pools *);

/*
 * Return the pool of a record. doc is a document that equals its positive; -1:
 * none. A record of no task has the documents of that one's origin.
 */
struct pool pools_of(const struct pools *, struct rec *, int64_t doc);

/* Return whether a document is in the pool that ctx points to. */
bool pool_admits(void *ctx, uint64_t doc);
