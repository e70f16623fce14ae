/* diagram: a reliability diagram, as SVG */
#include "record/diagram.h"

#include "base/wilson.h"

/* The square that shows 0 to 1 on both axes. */
enum { LEFT = 62, RIGHT = 442, TOP = 36, BASE = 376 };

static const char style[] =
    "<style>"
    "text{font:13px sans-serif;fill:#333}.m{text-anchor:middle}"
    ".r{text-anchor:end}.t{font-weight:600}"
    ".axis{stroke:#555}.grid{stroke:#e2e2e2}"
    ".ideal{stroke:#888;stroke-dasharray:5 4}"
    ".curve{stroke:#1f6fb2;stroke-width:2;fill:none}"
    ".bin{stroke:#b8480b;fill:#b8480b;stroke-width:1.5}"
    ".mark{stroke:#2e7d32;stroke-width:1.5;stroke-dasharray:2 3}"
    "</style><rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n";

static double
at_x(double p)
{
	return LEFT + (RIGHT - LEFT) * p;
}

static double
at_y(double share)
{
	return BASE - (BASE - TOP) * share;
}

static void
put_line(struct buf *b, const char *class, double x1, double y1, double x2,
    double y2)
{
	buf_fmt(b,
	    "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" "
	    "y2=\"%.1f\"/>",
	    class, at_x(x1), at_y(y1), at_x(x2), at_y(y2));
}

static void
put_axes(struct buf *b, const struct diagram *d)
{
	int i;

	for (i = 0; i <= 5; i++) {
		put_line(b, i > 0 ? "grid" : "axis", 0, i / 5., 1, i / 5.);
		put_line(b, i > 0 ? "grid" : "axis", i / 5., 0, i / 5., 1);
		buf_fmt(b,
		    "<text class=\"r\" x=\"%d\" y=\"%.1f\">%.1f</text>"
		    "<text class=\"m\" x=\"%.1f\" y=\"%d\">%.1f</text>",
		    LEFT - 7, at_y(i / 5.) + 4, i / 5., at_x(i / 5.), BASE + 18,
		    i / 5.);
	}
	buf_fmt(b,
	    "\n<text class=\"m t\" x=\"%d\" y=\"20\">%s</text>"
	    "<text class=\"m\" x=\"%d\" y=\"%d\">%s</text>"
	    "<text class=\"m\" transform=\"translate(16 %d) rotate(-90)\">"
	    "share of right pairs</text>\n",
	    (LEFT + RIGHT) / 2, d->title, (LEFT + RIGHT) / 2, BASE + 40, d->x,
	    (TOP + BASE) / 2);
}

static void
put_curve(struct buf *b, const struct calibration_curve *c)
{
	size_t i;

	/* the curve is level before its first point and after its last */
	buf_fmt(b, "<polyline class=\"curve\" points=\"%.1f,%.1f", at_x(0),
	    at_y(c->points[0].share));
	for (i = 0; i < c->n; i++)
		buf_fmt(b, " %.1f,%.1f", at_x(c->points[i].p),
		    at_y(c->points[i].share));
	buf_fmt(
	    b, " %.1f,%.1f\"/>\n", at_x(1), at_y(c->points[c->n - 1].share));
}

static void
put_bin(struct buf *b, const struct calibration_bin *bin)
{
	struct wilson w = wilson_interval(
	    (size_t)(bin->share * bin->lines + .5), (size_t)bin->lines);

	put_line(b, "bin", bin->p, w.low, bin->p, w.high);
	buf_fmt(b,
	    "<circle class=\"bin\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"><title>"
	    "%.0f lines: mean %.3f, %.1f %% right (%.1f to %.1f)</title>"
	    "</circle>\n",
	    at_x(bin->p), at_y(bin->share), bin->lines, bin->p,
	    100 * bin->share, 100 * w.low, 100 * w.high);
}

static void
put_mark(struct buf *b, const struct diagram *d)
{
	int left = d->mark > .5;

	put_line(b, "mark", d->mark, 0, d->mark, 1);
	buf_fmt(b, "<text class=\"%s\" x=\"%.1f\" y=\"%d\">%s</text>\n",
	    left ? "r" : "l", at_x(d->mark) + (left ? -5 : 5), BASE - 8,
	    d->mark_name);
}

void
diagram_write(struct buf *b, const struct diagram *d, int left)
{
	size_t i;

	buf_fmt(b,
	    "<svg class=\"plot\" role=\"img\" aria-label=\"%s\" x=\"%d\" "
	    "viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\">",
	    d->title, left, DIAGRAM_WIDTH, DIAGRAM_HEIGHT, DIAGRAM_WIDTH,
	    DIAGRAM_HEIGHT);
	put_axes(b, d);
	put_line(b, "ideal", 0, 0, 1, 1);
	if (d->curve != NULL)
		put_curve(b, d->curve);
	for (i = 0; i < d->nbins; i++)
		put_bin(b, &d->bins[i]);
	if (d->mark >= 0 && d->mark <= 1)
		put_mark(b, d);
	buf_adds(b, "</svg>\n");
}

void
diagram_file(struct buf *b, const struct diagram *d, size_t n)
{
	size_t i;

	buf_fmt(b,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%zu\" "
	    "height=\"%d\">",
	    n * DIAGRAM_WIDTH, DIAGRAM_HEIGHT);
	buf_adds(b, style);
	for (i = 0; i < n; i++)
		diagram_write(b, &d[i], (int)i * DIAGRAM_WIDTH);
	buf_adds(b, "</svg>\n");
}
