/* eval-json: an evaluation as one object of JSON */
#include "eval.h"

#include <math.h>

#include "json/string.h"

/* Append , "name": and a number, null if it is none. */
static void
put_number(struct buf *b, const char *name, double x)
{
	if (isfinite(x))
		buf_fmt(b, ", \"%s\": %.6g", name, x);
	else
		buf_fmt(b, ", \"%s\": null", name);
}

/* Append a share and its interval, "name" and "name_ci". */
static void
put_share(struct buf *b, const char *name, const struct wilson *w)
{
	put_number(b, name, w->rate);
	buf_fmt(b, ", \"%s_ci\": [%.6g, %.6g]", name, w->low, w->high);
}

static void
put_rates(struct buf *b, const struct measure *m)
{
	put_number(b, "ece", m->ece);
	put_share(b, "tpr", &m->tpr);
	put_share(b, "tnr", &m->tnr);
	put_share(b, "precision", &m->precision);
	buf_fmt(b, ", \"right\": %zu, \"kept\": %zu", m->right, m->kept);
}

static void
put_bins(struct buf *b, const struct measure *m)
{
	const char *comma = "";
	const struct bin *bin;

	buf_adds(b, ", \"bins\": [");
	for (bin = m->bins; bin < m->bins + MEASURE_BINS; bin++) {
		if (bin->n == 0)
			continue;
		buf_fmt(b, "%s{\"n\": %zu", comma, bin->n);
		put_number(b, "mean", bin->value);
		put_share(b, "right", &bin->right);
		buf_addc(b, '}');
		comma = ", ";
	}
	buf_addc(b, ']');
}

/* Append the least share that a curve keeps; 2 means nothing. */
static void
put_threshold(struct buf *b, const struct calibration_curve *c)
{
	put_number(b, "threshold", c->threshold <= 1 ? c->threshold : NAN);
}

static void
put_tasks(struct buf *b, const struct evaluation *e)
{
	const struct calibration_curve *c;
	struct span name;
	size_t i;

	buf_adds(b, ", \"tasks\": {");
	for (i = 0; i < e->gold->tasks.n; i++) {
		name = span_of(e->gold->tasks.v[i]);
		c = calibration_curve_of(e->calibration, name);
		buf_adds(b, i > 0 ? ", " : "");
		js_quote(b, name);
		buf_fmt(b, ": {\"n\": %zu, \"own_curve\": %s", e->tasks[i].n,
		    c->task != NULL ? "true" : "false");
		put_threshold(b, c);
		put_rates(b, &e->tasks[i]);
		buf_addc(b, '}');
	}
	buf_addc(b, '}');
}

static void
put_kinds(struct buf *b, const struct evaluation *e)
{
	size_t i, n = 0;

	buf_adds(b, ", \"kinds\": {");
	for (i = 0; i < e->gold->kinds.n; i++) {
		if (e->kinds[i].n == 0)
			continue;
		buf_adds(b, n++ > 0 ? ", " : "");
		js_quote(b, span_of(e->gold->kinds.v[i]));
		buf_fmt(b, ": {\"n\": %zu", e->kinds[i].n);
		put_share(b, "rejected", &e->kinds[i].rejected);
		buf_addc(b, '}');
	}
	buf_addc(b, '}');
}

static void
put_whole(struct buf *b, const struct whole *w)
{
	buf_fmt(b, "{\"n\": %zu, \"kept\": %zu", w->n, w->kept);
	put_share(b, "precision", &w->precision);
	put_number(b, "mean_calibrated", w->expected);
}

static void
put_run(struct buf *b, const struct run *run)
{
	size_t i;

	buf_adds(b, ", \"run\": ");
	put_whole(b, &run->all);
	buf_fmt(b, ", \"without_p\": %zu, \"tasks\": {", run->without);
	for (i = 0; i < run->tasks.n; i++) {
		buf_adds(b, i > 0 ? ", " : "");
		js_quote(b, span_of(run->tasks.v[i]));
		buf_adds(b, ": ");
		put_whole(b, &run->of[i]);
		buf_addc(b, '}');
	}
	buf_adds(b, "}}");
}

void
eval_json(struct buf *b, const struct evaluation *e)
{
	buf_fmt(b, "{\"n\": %zu", e->after.n);
	put_rates(b, &e->after);
	put_threshold(b, &e->calibration->overall);
	put_number(b, "wanted",
	    e->calibration->precision > 0 ? e->calibration->precision : NAN);
	put_bins(b, &e->after);
	buf_fmt(b, ", \"before\": {\"threshold\": 0.5");
	put_rates(b, &e->before);
	put_bins(b, &e->before);
	buf_addc(b, '}');
	put_tasks(b, e);
	put_kinds(b, e);
	if (e->run != NULL)
		put_run(b, e->run);
	buf_adds(b, "}\n");
}
