/*
 * choose: the negatives of one record, chosen among the hits of its search.
 *
 * The texts that no negative may be are guarded, the hits described as rules
 * see them, a planted copy tried beside them, and negatives picked.
 */
#pragma once

#include "batch.h"
#include "guard.h"
#include "planted.h"

/* Data that all records of a run share; the caller fills it in. */
struct chooser {
	const struct mine_opts *o;
	const struct index *ix;
	struct pick_rules rules; /* rules; without margins before a rescoring */
	struct known known;      /* positives of equal queries */
	struct sketches *sketches;
	struct near *scratch; /* scratch spaces, one for each thread */
};

/*
 * A choice: the data of one job. It begins as zeroes; the caller sets its first
 * part, and choose_free frees the rest, but not the struct.
 */
struct choice {
	/* texts, set by choose_texts: positives, then negatives that are kept;
	 * a record has a positive */
	struct span *text;
	size_t n_pos, n_kept;
	/* texts whose scores are wanted: positives, negatives that are kept if
	 * --scores is given, and the copy if one is planted */
	struct nearest_ranked *ranked;
	size_t n_ranked;        /* number of these, the copy aside */
	size_t wanted;          /* negatives to pick at most */
	struct planted planted; /* copy on trial, without its score */
	/* result */
	struct pick_query query;
	struct pick_hit *hits; /* hits of the search, as rules see them */
	size_t cap;
	struct pick_result picks;
	bool no_score; /* whether nothing is picked for want of a score */
	/* rest: for choose only */
	struct guard guard;
	bool guarded; /* whether the guard is ready */
	const struct chooser *chooser;
	const struct job *job;
	struct near *scratch;
};

/* Set the texts of a choice: those of a record, in its memory. */
void choose_texts(struct choice *, struct rec *);

/* Return how many hits to search first; texts and wanted are set. */
size_t choose_depth(const struct chooser *, const struct choice *);

/*
 * Choose among the hits of a job that was searched. Return false if more hits
 * may change the choice: the query's k is larger then, for another search.
 * Several threads call this at the same time, thread from 0, each for another
 * choice.
 */
bool choose(
    const struct chooser *, struct choice *, struct job *, unsigned thread);

void choose_free(struct choice *);
