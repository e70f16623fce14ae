/*
 * svg: plots as inline SVG, with axes and units.
 */
#pragma once

#include "base/buf.h"

struct svg_bars {
	const char *title;   /* what is plotted, for those who do not see it */
	const char *x, *y;   /* what the axes show, with units */
	const size_t *count; /* height of each bar */
	size_t n;            /* number of bars */
	/* Writes the label of the edge before bar i, or below bar i; or "" */
	void (*tick)(size_t i, char label[32]);
	/* Writes what bar i counts, for the pointer: "65 to 96 tokens" */
	void (*name)(size_t i, char name[64]);
	int between; /* flag: labels stand at edges, n + 1 of them */
	size_t mark; /* edge with a line; 0: none */
	const char *mark_text;
};

/* Append a bar chart of counts. */
void svg_bars(struct buf *, const struct svg_bars *);
