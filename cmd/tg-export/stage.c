/* stage: the files that one training takes together */
#include "stage.h"

int
stage_has(const struct stage *stage, const struct plan_file *file)
{
	return file->rows[PART_TRAIN] > 0 && !(file->marks & ROW_CUT) &&
	       (file->marks & (ROW_SCORED | ROW_BARE)) == stage->marks &&
	       (file->most == 0) == stage->empty;
}

size_t
stage_batch(const struct stage *stage)
{
	return stage->widest < STAGE_BATCH ? stage->widest : STAGE_BATCH;
}

/* Add the files of the plan to a stage. */
static void
add_files(struct stage *stage, const struct plan *p)
{
	const struct plan_file *file;
	size_t i;

	for (i = 0; i < p->nfiles; i++) {
		file = &p->files[i];
		if (!stage_has(stage, file))
			continue;
		stage->rows += file->rows[PART_TRAIN];
		if (file->rows[PART_TRAIN] > stage->widest)
			stage->widest = file->rows[PART_TRAIN];
		if (file->most > stage->most)
			stage->most = file->most;
	}
}

size_t
stages_of(const struct plan *p, struct stage stages[STAGES])
{
	/* Rows that teach least come first, a teacher's scores last. */
	static const struct stage order[STAGES] = {
		{ .marks = ROW_BARE, .empty = 1 },
		{ .marks = 0, .empty = 1 },
		{ .marks = ROW_BARE },
		{ .marks = 0 },
		{ .marks = ROW_SCORED | ROW_BARE },
		{ .marks = ROW_SCORED },
	};
	size_t i, n = 0;

	for (i = 0; i < STAGES; i++) {
		stages[n] = order[i];
		add_files(&stages[n], p);
		n += stages[n].rows > 0;
	}
	return n;
}
