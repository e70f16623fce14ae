/*
 * stage: the files that one training takes together.
 *
 * FlagEmbedding and Tevatron take rows without negatives, with negatives and
 * with scores in trainings of their own. Each stage trains the model that the
 * stage before it made.
 */
#pragma once

#include "plan.h"

/* Most stages, and most rows of a batch unless the user says otherwise. */
enum { STAGES = 6, STAGE_BATCH = 8 };

struct stage {
	int marks;     /* ROW_SCORED and ROW_BARE of its files */
	int empty;     /* 1: its rows have no negatives */
	size_t rows;   /* rows of all its files */
	size_t widest; /* rows of its largest file */
	uint32_t most; /* most negatives of a row; 0: none has any */
};

/* Fill in the stages that have files, in the order of training: their number.
 */
size_t stages_of(const struct plan *, struct stage stages[STAGES]);

/* Return whether a file is part of a stage. */
int stage_has(const struct stage *, const struct plan_file *);

/*
 * Return the rows of a batch of FlagEmbedding, which takes each batch from one
 * file and fails if no file has that many.
 */
size_t stage_batch(const struct stage *);
