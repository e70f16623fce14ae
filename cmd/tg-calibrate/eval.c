/* eval: what a calibration is worth on held-out gold lines */
#include "eval.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "record/diagram.h"

/* Fewest right lines, and wrong ones, whose rates correct a run's precision. */
enum { CORRECT_MIN = 20 };

/*
 * Measure the lines of a task, NO_NAME: all, as the calibration decides;
 * without those that were made up, if natural is 1.
 */
static void
measure_lines(
    struct measure *m, const struct evaluation *e, int task, int natural)
{
	const struct gold *g = e->gold;
	struct measured *v = mem_new(g->n * sizeof *v);
	const struct calibration_curve *c;
	size_t i, n = 0;

	for (i = 0; i < g->n; i++) {
		if ((task != NO_NAME && g->v[i].task != task) ||
		    (natural && g->v[i].made))
			continue;
		c = calibration_curve_of(e->calibration, gold_task(g, i));
		v[n++] = (struct measured){ .value = g->v[i].value,
			.weight = g->v[i].weight,
			.right = g->v[i].right,
			.kept = calibration_keeps(c, g->v[i].p) };
	}
	measure(m, v, n);
	free(v);
}

/* Count the wrong pairs of each kind, and those rejected. */
static void
count_kinds(struct evaluation *e)
{
	const struct gold *g = e->gold;
	size_t *rejected = mem_new(g->kinds.n * sizeof *rejected), i;
	const struct gold_line *l;

	for (i = 0; i < g->n; i++) {
		l = &g->v[i];
		if (l->right || l->kind == NO_NAME)
			continue;
		e->kinds[l->kind].n++;
		rejected[l->kind] += !calibration_keeps(
		    calibration_curve_of(e->calibration, gold_task(g, i)),
		    l->p);
	}
	for (i = 0; i < g->kinds.n; i++)
		e->kinds[i].rejected =
		    wilson_interval(rejected[i], e->kinds[i].n);
	free(rejected);
}

void
evaluate(struct evaluation *e, const struct calibration *c, struct gold *g)
{
	size_t i;

	*e = (struct evaluation){ .calibration = c, .gold = g };
	for (i = 0; i < g->n; i++)
		g->v[i].value = calibration_value(
		    calibration_curve_of(c, gold_task(g, i)), g->v[i].p);
	measure_gold(&e->before, g, NO_NAME);
	measure_lines(&e->after, e, NO_NAME, 0);
	e->tasks = mem_new(g->tasks.n * sizeof *e->tasks);
	for (i = 0; i < g->tasks.n; i++)
		measure_lines(&e->tasks[i], e, (int)i, 0);
	e->kinds = mem_new(g->kinds.n * sizeof *e->kinds);
	count_kinds(e);
}

/* Correct a part of a run by the rates of a task, NO_NAME: of all lines. */
static void
correct(struct whole *w, const struct evaluation *e, int task)
{
	struct measure m;

	measure_lines(&m, e, task, 1);
	if (m.right < CORRECT_MIN || m.n - m.right < CORRECT_MIN)
		m.tpr.rate = NAN;
	whole_correct(w, &m);
}

void
evaluate_run(struct evaluation *e, struct run *run)
{
	const struct names *tasks = &e->gold->tasks;
	size_t i, j;

	correct(&run->all, e, NO_NAME);
	for (i = 0; i < run->tasks.n; i++) {
		for (j = 0; j < tasks->n; j++)
			if (strcmp(run->tasks.v[i], tasks->v[j]) == 0)
				break;
		/* no line has the number of a task that gold lacks */
		correct(&run->of[i], e, (int)j);
	}
	e->run = run;
}

void
eval_svg(struct buf *b, const struct evaluation *e)
{
	struct calibration_bin before[CALIBRATION_BINS];
	struct calibration_bin after[CALIBRATION_BINS];
	char title[2][80], mark[40];
	struct diagram d[] = {
		{ .title = title[0],
		    .x = "p, the judge&apos;s probability",
		    .bins = before,
		    .nbins = measure_bins(before, &e->before),
		    .curve = &e->calibration->overall,
		    .mark = -1 },
		{ .title = title[1],
		    .x = "calibrated value",
		    .bins = after,
		    .nbins = measure_bins(after, &e->after),
		    .mark = e->calibration->overall.threshold,
		    .mark_name = mark },
	};

	snprintf(title[0], sizeof title[0], "before: calibration error %.3f",
	    e->before.ece);
	snprintf(title[1], sizeof title[1], "after: calibration error %.3f",
	    e->after.ece);
	snprintf(mark, sizeof mark, "kept from %.2f",
	    e->calibration->overall.threshold);
	diagram_file(b, d, 2);
}

void
evaluation_free(struct evaluation *e)
{
	free(e->tasks);
	free(e->kinds);
}
