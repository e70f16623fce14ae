/*
 * mined: what a record is told of its negatives: the texts in neg, where they
 * are from in tg.mined, and the scores in lists of their own.
 */
#pragma once

#include <stdbool.h>

#include "index/index.h"
#include "record/rec.h"
#include "table.h"

/* Where a text is from. */
struct mined_place {
	bool is_doc; /* whether it is a document of the index */
	uint64_t doc;
	bool scored; /* whether rank and score are known */
	uint64_t rank;
	double score;
	bool rescored; /* whether a cross-encoder has given it a score */
	double rescore;
};

/* The negatives that a record got. */
struct mined_result {
	const char *by;
	const struct mined_place *pos;
	size_t n_pos;
	const struct mined_place *kept; /* negatives that were there; NULL:
					 * nothing is known of them */
	size_t n_kept;
	const struct mined_place *neg; /* negatives that it got */
	size_t n_neg;
	const size_t *dropped; /* hits, by the rule that they broke */
	size_t missing;        /* negatives that it lacks */
	struct span more;      /* further members of tg.mined; p NULL: none */
};

/*
 * Decode the texts of a member, a text or a list of texts, into *texts in the
 * record's memory, and return their number.
 */
size_t mined_texts(struct rec *, struct span member, struct span **texts);

/* Count what a record got, but for what was dropped; pos: its positives. */
void mined_count(struct table *, const struct mined_result *,
    const struct span *pos, const struct index *);

/* Set tg.mined. */
void mined_put(struct rec *, const struct mined_result *);

/* Add n texts to neg. */
void mined_put_texts(struct rec *, const struct span *texts, size_t n);

/*
 * Set pos_scores and neg_scores, if that is wanted and all are known. Lists
 * that were there say nothing of new negatives, and go.
 */
void mined_put_scores(struct rec *, const struct mined_result *, bool wanted);
