/* svg: plots as inline SVG, with axes and units */
#include "svg.h"

/* The plot's place within the picture, in units of the picture. */
enum {
	WIDTH = 520,
	HEIGHT = 270,
	LEFT = 58,
	RIGHT = 508,
	TOP = 46,
	BASE = 216
};

/* Return a round number, 1, 2 or 5 times a power of ten, that is not below n.
 */
static size_t
round_up(size_t n)
{
	static const size_t steps[] = { 1, 2, 5 };
	size_t power = 1, i;

	for (;; power *= 10)
		for (i = 0; i < 3; i++)
			if (steps[i] * power >= n || power > (size_t)-1 / 100)
				return steps[i] * power;
}

/* Append a count that a narrow axis has room for: 950, 12k, 3.5M. */
static void
add_short(struct buf *b, size_t n)
{
	if (n < 10000)
		buf_fmt(b, "%zu", n);
	else if (n < 1000000)
		buf_fmt(b, "%.3gk", (double)n / 1000);
	else
		buf_fmt(b, "%.3gM", (double)n / 1000000);
}

/* Append the lines and numbers of the vertical axis. */
static void
add_scale(struct buf *b, size_t step, size_t top)
{
	size_t at;
	double y;

	for (at = 0; at <= top; at += step) {
		y = BASE - (BASE - TOP) * (double)at / (double)top;
		buf_fmt(b,
		    "<line class=%s x1=%d x2=%d y1=%.1f y2=%.1f />"
		    "<text class=r x=%d y=%.1f>",
		    at == 0 ? "axis" : "grid", LEFT, RIGHT, y, y, LEFT - 7,
		    y + 4);
		add_short(b, at);
		buf_adds(b, "</text>");
	}
}

/* Append the labels of the horizontal axis. */
static void
add_ticks(struct buf *b, const struct svg_bars *p, double wide)
{
	size_t i;
	char label[32];

	for (i = 0; i < p->n + (p->between ? 1 : 0); i++) {
		label[0] = '\0';
		p->tick(i, label);
		if (label[0] != '\0')
			buf_fmt(b, "<text class=m x=%.1f y=%d>%s</text>",
			    LEFT + wide * ((double)i + (p->between ? 0 : 0.5)),
			    BASE + 18, label);
	}
}

/* Append a bar whose text the pointer shows. */
static void
add_bar(struct buf *b, const struct svg_bars *p, size_t i, double wide,
    size_t all, size_t top)
{
	double tall = (BASE - TOP) * (double)p->count[i] / (double)top;
	char name[64] = "";

	if (p->count[i] == 0)
		return;
	if (tall < 1)
		tall = 1; /* one of a million is seen, too */
	p->name(i, name);
	buf_fmt(b,
	    "<rect class=%s x=%.1f y=%.1f width=%.1f height=%.1f>"
	    "<title>%s: %zu of %zu</title></rect>",
	    p->mark > 0 && i >= p->mark ? "\"bar far\"" : "bar",
	    LEFT + wide * (double)i + 1, BASE - tall, wide - 2, tall, name,
	    p->count[i], all);
}

void
svg_bars(struct buf *b, const struct svg_bars *p)
{
	size_t i, most = 1, all = 0, step, top;
	double wide = (double)(RIGHT - LEFT) / (double)(p->n > 0 ? p->n : 1);

	for (i = 0; i < p->n; i++) {
		all += p->count[i];
		if (p->count[i] > most)
			most = p->count[i];
	}
	step = round_up((most + 3) / 4);
	top = (most + step - 1) / step * step;
	buf_fmt(b,
	    "<svg viewBox=\"0 0 %d %d\" role=img aria-label=\"%s\">"
	    "<title>%s</title>",
	    WIDTH, HEIGHT, p->title, p->title);
	add_scale(b, step, top);
	for (i = 0; i < p->n; i++)
		add_bar(b, p, i, wide, all, top);
	add_ticks(b, p, wide);
	if (p->mark > 0 && p->mark <= p->n)
		buf_fmt(b,
		    "<line class=mark x1=%.1f x2=%.1f y1=%d y2=%d />"
		    "<text class=\"%s\" x=%.1f y=%d>%s</text>",
		    LEFT + wide * (double)p->mark,
		    LEFT + wide * (double)p->mark, TOP - 8, BASE,
		    p->mark > p->n / 2 ? "limit r" : "limit",
		    LEFT + wide * (double)p->mark +
			(p->mark > p->n / 2 ? -6 : 6),
		    TOP, p->mark_text);
	buf_fmt(b,
	    "<text class=l x=8 y=17>%s</text>"
	    "<text class=m x=%d y=%d>%s</text></svg>\n",
	    p->y, (LEFT + RIGHT) / 2, BASE + 42, p->x);
}
