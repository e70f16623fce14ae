/* fit: the curves and the threshold of gold lines */
#include "fit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "curve.h"
#include "measure.h"

/* Note what gold lines of a task, NO_NAME: of all, show before the fit. */
static void
set_bins(struct calibration_curve *c, const struct gold *g, int task)
{
	struct measure m;

	measure_gold(&m, g, task);
	c->nbins = measure_bins(c->bins, &m);
}

/* Fit a task's own curve. */
static void
fit_task(struct calibration *c, const struct gold *g, int task)
{
	struct curve_lines l = curve_lines_of(g, task);
	const char *name = g->tasks.v[task];

	curve_fit(&c->tasks[c->ntasks], &l);
	set_bins(&c->tasks[c->ntasks], g, task);
	c->tasks[c->ntasks++].task = mem_dup(name, strlen(name));
	curve_lines_free(&l);
}

/* Fit the curves of the tasks that have lines enough. */
static void
fit_tasks(struct calibration *c, const struct gold *g)
{
	size_t *lines = mem_new((g->tasks.n + 1) * sizeof *lines), i;

	for (i = 0; i < g->n; i++)
		if (g->v[i].task != NO_NAME)
			lines[g->v[i].task]++;
	c->tasks = mem_new((g->tasks.n + 1) * sizeof *c->tasks);
	for (i = 0; i < g->tasks.n; i++)
		if (lines[i] >= CALIBRATION_OWN)
			fit_task(c, g, (int)i);
	free(lines);
}

struct reach
fit(struct calibration *c, struct gold *g)
{
	struct curve_lines all = curve_lines_of(g, NO_NAME);
	struct reach r = { .threshold = .5, .reached = 1 };
	size_t i;

	curve_fit(&c->overall, &all);
	set_bins(&c->overall, g, NO_NAME);
	curve_lines_free(&all);
	fit_tasks(c, g);
	if (c->precision > 0)
		r = threshold_for(c, g, c->precision);
	c->overall.threshold = r.threshold;
	for (i = 0; i < c->ntasks; i++)
		c->tasks[i].threshold = r.threshold;
	return r;
}
