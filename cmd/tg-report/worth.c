/* worth: what the judge's number is worth, by a calibration */
#include <stdlib.h>

#include "html.h"
#include "page.h"
#include "record/diagram.h"

/* Most curves on the page, as diagrams and as rows of the table. */
enum { DIAGRAMS = 12, ROWS = 101 };

/* Append the name of a curve's task, which may be hostile. */
static void
add_name(struct buf *b, const struct calibration_curve *c)
{
	if (c->task != NULL)
		html_text(b, span_of(c->task));
	else
		buf_adds(b, "All tasks");
}

static void
add_diagram(struct buf *b, const struct calibration_curve *c)
{
	double least = calibration_least(c);
	char mark[40];
	struct diagram d = { .title = "Reliability of the judge's number",
		.x = "p: how sure the judge was of 1",
		.bins = c->bins,
		.nbins = c->nbins,
		.curve = c,
		.mark = least,
		.mark_name = mark };

	snprintf(mark, sizeof mark, "kept from %.3g", least);
	buf_adds(b, "<figure>");
	diagram_write(b, &d, 0);
	buf_adds(b, "<figcaption>");
	add_name(b, c);
	buf_adds(b, ": ");
	report_number(b, (size_t)c->lines);
	buf_adds(b, " gold lines, ");
	report_percent(b, (size_t)c->right, (size_t)c->lines);
	buf_fmt(b, " right; %s</figcaption></figure>\n",
	    least >= 0 ? "the dotted line is the threshold"
		       : "nothing of it is kept");
}

static void
add_row(struct buf *b, const struct calibration_curve *c)
{
	double least = calibration_least(c);

	buf_adds(b, "<tr><th scope=row>");
	add_name(b, c);
	buf_adds(b, "</th><td class=num>");
	report_number(b, (size_t)c->lines);
	buf_adds(b, "</td><td class=num>");
	report_percent(b, (size_t)c->right, (size_t)c->lines);
	buf_adds(b, "</td><td class=num>");
	if (least >= 0)
		buf_fmt(b, "%.3f</td></tr>\n", least);
	else
		buf_adds(b, "none is kept</td></tr>\n");
}

static int
by_lines(const void *a, const void *b)
{
	const struct calibration_curve *x =
	    *(const struct calibration_curve *const *)a;
	const struct calibration_curve *y =
	    *(const struct calibration_curve *const *)b;

	return (x->lines < y->lines) - (x->lines > y->lines);
}

/* Return the curves, the one over all first, then those of most gold lines. */
static const struct calibration_curve **
sorted(const struct calibration *c)
{
	const struct calibration_curve **v =
	    mem_new((c->ntasks + 1) * sizeof *v);
	size_t i;

	v[0] = &c->overall;
	for (i = 0; i < c->ntasks; i++)
		v[i + 1] = &c->tasks[i];
	if (c->ntasks > 0)
		qsort(v + 1, c->ntasks, sizeof *v, by_lines);
	return v;
}

static void
add_lead(struct buf *b, const struct report *r)
{
	const struct calibration *c = &r->calibration;

	buf_adds(b, "<p>Dots are gold lines, pairs that a person labelled, "
		    "with their 95 % interval. A judge whose number means "
		    "what it says lies on the dashed line; the curve says what "
		    "it means.");
	if (c->precision > 0)
		buf_fmt(b, " Of the pairs kept, %.3g %% are to be right.",
		    100 * c->precision);
	if (r->nvalues > 0) {
		buf_fmt(b, " By the curves, %.1f %% of the ",
		    100 * r->values / (double)r->nvalues);
		report_number(b, r->nvalues);
		buf_adds(b, " kept pairs that have a number are right.");
	}
	buf_adds(b, "</p>\n");
}

void
plots_worth(struct buf *b, const struct report *r)
{
	const struct calibration *c = &r->calibration;
	const struct calibration_curve **v;
	size_t i;

	if (c->overall.n == 0)
		return;
	v = sorted(c);
	buf_adds(b, "<h3>What its number is worth</h3>\n");
	add_lead(b, r);
	buf_adds(b, "<div class=plots>");
	for (i = 0; i <= c->ntasks && i < DIAGRAMS; i++)
		add_diagram(b, v[i]);
	buf_adds(b, "</div>\n<table><thead><tr><th scope=col>Task<th scope=col "
		    "class=num>Gold lines<th scope=col class=num>Right<th "
		    "scope=col class=num>Kept from p</thead><tbody>\n");
	for (i = 0; i <= c->ntasks && i < ROWS; i++)
		add_row(b, v[i]);
	buf_adds(b, "</tbody></table>\n");
	free(v);
}
