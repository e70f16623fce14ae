/* eval-text: an evaluation as text for a terminal */
#include "eval.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

/* The plot, in characters. */
enum { WIDE = 61, HIGH = 21 };

/* Append "93.1 % (91.0 to 94.8)", or a dash for a share of nothing. */
static void
put_share(struct buf *b, const struct wilson *w)
{
	if (isnan(w->rate))
		buf_fmt(b, "%-23s", "-");
	else
		buf_fmt(b, "%5.1f %% (%.1f to %.1f)", 100 * w->rate,
		    100 * w->low, 100 * w->high);
}

static void
put_named(struct buf *b, const char *name, const struct wilson *w)
{
	buf_fmt(b, "  %-28s", name);
	put_share(b, w);
	buf_addc(b, '\n');
}

static void
put_rates(struct buf *b, const char *title, const struct measure *m)
{
	buf_fmt(b, "%s: calibration error %.4f, %zu of %zu kept\n", title,
	    m->ece, m->kept, m->n);
	put_named(b, "right pairs kept (tpr)", &m->tpr);
	put_named(b, "wrong pairs rejected (tnr)", &m->tnr);
	put_named(b, "kept pairs right (precision)", &m->precision);
}

/* Put c where x and y, 0 to 1, lie in the plot. */
static void
plot(char grid[HIGH][WIDE + 1], double x, double y, char c)
{
	grid[HIGH - 1 - (int)round(y * (HIGH - 1))]
	    [(int)round(x * (WIDE - 1))] = c;
}

static void
put_plot(struct buf *b, const struct evaluation *e)
{
	char grid[HIGH][WIDE + 1];
	const struct bin *bin;
	double x;
	int i;

	memset(grid, ' ', sizeof grid);
	for (i = 0; i < HIGH; i++)
		grid[i][WIDE] = '\0';
	for (i = 0; i < WIDE; i++)
		plot(grid, i / (WIDE - 1.), i / (WIDE - 1.), '.');
	for (i = 0; i < WIDE; i++) {
		x = i / (WIDE - 1.);
		plot(grid, x, calibration_value(&e->calibration->overall, x),
		    '-');
	}
	for (i = 0; i < MEASURE_BINS; i++) {
		bin = &e->before.bins[i];
		if (bin->n > 0)
			plot(grid, bin->value, bin->right.rate, 'o');
	}
	for (i = 0; i < MEASURE_BINS; i++) {
		bin = &e->after.bins[i];
		if (bin->n > 0)
			plot(grid, bin->value, bin->right.rate, '*');
	}
	buf_adds(b, "\nShare of right pairs by probability: o before, * after "
		    "the fit, - the curve, . ideal\n");
	for (i = 0; i < HIGH; i++)
		buf_fmt(b, "%5s |%s\n",
		    i == 0                ? "1.0"
		    : i == (HIGH - 1) / 2 ? "0.5"
		    : i == HIGH - 1       ? "0.0"
					  : "",
		    grid[i]);
	buf_adds(b, "      +");
	for (i = 0; i < WIDE; i++)
		buf_addc(b, '-');
	buf_fmt(
	    b, "\n       0.0%*s%*s\n", WIDE / 2, "0.5", WIDE / 2 - 2, "1.0");
}

/* Append one row a bin: before the fit on the left, after it on the right. */
static void
put_bins(struct buf *b, const struct evaluation *e)
{
	const struct bin *o, *n;
	int i;

	buf_fmt(b, "\n%6s  %-8s%-26s%-8s%s\n", "lines", "p", "right", "fitted",
	    "right");
	for (i = 0; i < MEASURE_BINS; i++) {
		o = &e->before.bins[i];
		n = &e->after.bins[i];
		if (o->n == 0)
			continue;
		buf_fmt(b, "%6zu  %-8.4f", o->n, o->value);
		put_share(b, &o->right);
		buf_fmt(b, "   %-8.4f", n->value);
		put_share(b, &n->right);
		buf_addc(b, '\n');
	}
}

/* Append a name from the input, cut so that the columns stay. */
static void
put_name(struct buf *b, const char *name)
{
	struct buf shown = { 0 };

	text_printable(&shown, span_of(name), 34);
	buf_fmt(b, "%-35s ", buf_cstr(&shown));
	buf_free(&shown);
}

static void
put_tasks(struct buf *b, const struct evaluation *e)
{
	size_t i;

	if (e->gold->tasks.n == 0)
		return;
	buf_fmt(b, "\n%-35s %6s %6s  %s\n", "task (+: a curve of its own)",
	    "lines", "kept", "precision");
	for (i = 0; i < e->gold->tasks.n; i++) {
		buf_adds(b, calibration_curve_of(
				e->calibration, span_of(e->gold->tasks.v[i]))
					->task != NULL
				? "+"
				: " ");
		put_name(b, e->gold->tasks.v[i]);
		b->n--;
		buf_fmt(b, "%6zu %6zu  ", e->tasks[i].n, e->tasks[i].kept);
		put_share(b, &e->tasks[i].precision);
		buf_addc(b, '\n');
	}
}

static void
put_kinds(struct buf *b, const struct evaluation *e)
{
	size_t i, n = 0;

	for (i = 0; i < e->gold->kinds.n; i++) {
		if (e->kinds[i].n == 0)
			continue;
		if (n++ == 0)
			buf_fmt(b, "\n%-35s %6s  %s\n", "kind of wrong pair",
			    "lines", "rejected");
		put_name(b, e->gold->kinds.v[i]);
		buf_fmt(b, "%6zu  ", e->kinds[i].n);
		put_share(b, &e->kinds[i].rejected);
		buf_addc(b, '\n');
	}
}

static void
put_whole(struct buf *b, const char *name, const struct whole *w)
{
	put_name(b, name);
	buf_fmt(b, "%6zu %6zu  ", w->n, w->kept);
	put_share(b, &w->precision);
	buf_addc(b, '\n');
}

static void
put_run(struct buf *b, const struct run *run)
{
	size_t i;

	buf_fmt(b, "\n%-35s %6s %6s  %s\n", "the run, corrected", "pairs",
	    "kept", "precision");
	put_whole(b, "all", &run->all);
	for (i = 0; i < run->tasks.n; i++)
		put_whole(b, run->tasks.v[i], &run->of[i]);
	if (run->without > 0)
		buf_fmt(b, "%zu records have no p and are not counted\n",
		    run->without);
}

void
eval_text(struct buf *b, const struct evaluation *e)
{
	double threshold = e->calibration->overall.threshold;

	put_rates(b, "before the fit, kept from p 0.5", &e->before);
	buf_addc(b, '\n');
	put_rates(b, "after the fit", &e->after);
	if (threshold <= 1)
		buf_fmt(
		    b, "  kept from a calibrated value of %.4f\n", threshold);
	put_plot(b, e);
	put_bins(b, e);
	put_tasks(b, e);
	put_kinds(b, e);
	if (e->run != NULL)
		put_run(b, e->run);
}
