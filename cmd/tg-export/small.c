/* small: warnings about training data that is too small for its trainer */
#include "small.h"

#include "io/io.h"
#include "stage.h"

/* An epoch of so few steps is worth repeating so often. */
enum { EPOCHS = 10 };

/* The training data, as a trainer takes it in batches. */
struct batches {
	size_t rows, files;
	size_t steps;  /* batches of an epoch */
	size_t alone;  /* rows that are a batch of one, without negatives */
	size_t passed; /* rows of files that fill no batch, and are not used */
	size_t passed_files,
	    passed_least; /* number, and rows of the smallest */
	size_t small;     /* files with fewer rows than a batch */
};

static const char *
plural(size_t n)
{
	return n == 1 ? "" : "s";
}

/* Count the batches of FlagEmbedding: whole ones, each from one file. */
static void
count_flag(struct batches *b, const struct stage *stage, size_t rows)
{
	size_t batch = stage_batch(stage);

	b->steps += rows / batch;
	if (batch == 1 && stage->empty)
		b->alone += rows;
	if (rows >= batch)
		return;
	b->passed += rows;
	b->passed_files++;
	if (b->passed_least == 0 || rows < b->passed_least)
		b->passed_least = rows;
}

/* Count the batches of rows that come in their order, the last perhaps short.
 */
static void
count_short(struct batches *b, const struct stage *stage, size_t rows)
{
	b->steps += (rows + STAGE_BATCH - 1) / STAGE_BATCH;
	if (rows == 1 && stage->empty)
		b->alone++;
}

static void
count_stage(struct batches *b, const struct plan *p, const struct stage *stage,
    enum target target)
{
	size_t i, rows;

	b->rows += stage->rows;
	if (target == FOR_TEVATRON)
		count_short(b, stage, stage->rows);
	for (i = 0; i < p->nfiles; i++) {
		if (!stage_has(stage, &p->files[i]))
			continue;
		rows = p->files[i].rows[PART_TRAIN];
		b->files++;
		b->small += rows < STAGE_BATCH;
		if (target == FOR_FLAG)
			count_flag(b, stage, rows);
		else if (target == FOR_ST)
			count_short(b, stage, rows);
	}
}

static void
report_batches(const struct batches *b, enum target target)
{
	if (b->passed > 0)
		io_warn("%zu row%s in %zu file%s for training would be passed "
			"over: FlagEmbedding takes a batch from one file, and "
			"these "
			"fill none; --per_device_train_batch_size %zu behind "
			"the command takes them",
		    b->passed, plural(b->passed), b->passed_files,
		    plural(b->passed_files), b->passed_least);
	if (b->alone > 0)
		io_warn("%zu row%s without negatives will be a batch of one, "
			"which teaches nothing: it has nothing to be compared "
			"with; add triplets of the task, or leave it out with "
			"--empty-neg drop",
		    b->alone, plural(b->alone));
	if (b->rows < STAGE_BATCH)
		io_warn(
		    "train has %zu row%s, fewer than a batch of %d: %zu "
		    "step%s an epoch; --num_train_epochs %d behind the "
		    "command makes %zu, but only more triplets make a model",
		    b->rows, plural(b->rows), STAGE_BATCH, b->steps,
		    plural(b->steps), EPOCHS, EPOCHS * b->steps);
	else if (b->small > 0 && target == FOR_ST)
		io_warn("%zu of %zu files for training have fewer rows than a "
			"batch of %d, which sentence-transformers takes from "
			"one file; such rows are compared with few others "
			"until there are more triplets of their tasks",
		    b->small, b->files, STAGE_BATCH);
}

/* Say how many rows are written for no training. */
static void
report_cut(const struct plan *p)
{
	size_t i, n = 0;

	for (i = 0; i < p->nfiles; i++)
		if (p->files[i].marks & ROW_CUT)
			n += p->files[i].rows[PART_TRAIN];
	if (n > 0)
		io_warn("%zu row%s for training %s too long, and in -cut files "
			"that the command does not take",
		    n, plural(n), n == 1 ? "is" : "are");
}

/* Name the parts that were to have rows, and got none. */
static void
report_parts(const struct plan *p)
{
	int part;

	if (!p->split || p->sizes[0] + p->sizes[1] + p->sizes[2] == 0)
		return;
	for (part = 0; part < PARTS; part++)
		if (p->share[part] > 0 && p->sizes[part] == 0)
			io_warn("%s got no rows: give it a larger share with "
				"--split, or add triplets",
			    part_names[part]);
}

void
small_report(const struct plan *p, enum target target)
{
	struct stage stages[STAGES];
	struct batches b = { 0 };
	size_t i, n;

	report_parts(p);
	if (target == FOR_BEIR) {
		if (p->sizes[PART_TEST] == 0)
			io_warn("there are no rows to test with, which is all "
				"that the program will say");
		return;
	}
	report_cut(p);
	n = stages_of(p, stages);
	for (i = 0; i < n; i++)
		count_stage(&b, p, &stages[i], target);
	if (b.rows > 0)
		report_batches(&b, target);
	else
		io_warn("there are no rows to train on, which is all that the "
			"command will say");
}
