/* whole: the precision of a whole run, which nobody has labelled */
#include "whole.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "each.h"
#include "json/find.h"
#include "json/string.h"

struct reading {
	struct run *run;
	const struct calibration *calibration;
};

static void
add(struct whole *w, double value, int kept)
{
	w->n++;
	w->kept += (size_t)kept;
	w->values += kept ? value : 0;
}

static const char *
take(void *ctx, struct rec *r)
{
	const struct reading *g = ctx;
	struct run *run = g->run;
	struct span task = each_name(r, "task");
	const struct calibration_curve *c =
	    calibration_curve_of(g->calibration, task);
	size_t old = run->tasks.n, i;
	double p, value;
	int kept;

	if (!js_real(each_p(r), &p) || p < 0 || p > 1) {
		run->without++;
		return NULL;
	}
	value = calibration_value(c, p);
	kept = calibration_keeps(c, p);
	add(&run->all, value, kept);
	if (task.n == 0)
		return NULL;
	if (old > CALIBRATION_TASKS)
		return "there are too many tasks, more than 10000";
	i = names_add(&run->tasks, task);
	if (run->tasks.n > old) {
		run->of = mem_array(run->of, run->tasks.n, sizeof *run->of);
		run->of[i] = (struct whole){ 0 };
	}
	add(&run->of[i], value, kept);
	return NULL;
}

void
run_read(struct run *run, const struct calibration *c, const char *const *files,
    size_t max_line)
{
	struct reading g = { run, c };

	each_record(files, max_line, take, &g);
}

/* Return the variance of a share of n, with two of each kind added. */
static double
variance(double share, double n)
{
	double p = (share * n + 2) / (n + 4);

	return p * (1 - p) / (n + 4);
}

void
whole_correct(struct whole *w, const struct measure *m)
{
	const double z = 1.959963984540054;
	double se = m->tpr.rate, sp = m->tnr.rate, j = se + sp - 1;
	double q = (double)w->kept / (double)w->n, a = q + sp - 1, half;
	double by_se = a * (sp - 1) / (q * j * j);
	double by_sp = se * (se - q) / (q * j * j);
	double by_q = se * (1 - sp) / (j * q * q), f = se * a / (q * j);

	w->expected = w->kept > 0 ? w->values / (double)w->kept : NAN;
	w->precision = (struct wilson){ NAN, 0, 1 };
	if (w->kept == 0 || !(j > 0))
		return;
	half =
	    z * sqrt(by_se * by_se * variance(se, (double)m->right) +
		     by_sp * by_sp * variance(sp, (double)(m->n - m->right)) +
		     by_q * by_q * variance(q, (double)w->n));
	w->precision.rate = fmin(fmax(f, 0), 1);
	w->precision.low = fmin(fmax(f - half, 0), 1);
	w->precision.high = fmin(fmax(f + half, 0), 1);
}

void
run_free(struct run *run)
{
	names_free(&run->tasks);
	free(run->of);
}
