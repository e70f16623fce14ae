/* threshold: the calibrated value from which on a pair is kept */
#include "threshold.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* How much less than the wanted precision bad luck may make it. */
#define SLACK 0.015

/* A gold line, and the calibrated value by which it is kept or not. */
struct valued {
	double value;
	const struct gold_line *gold;
};

/* Sums over the lines that a threshold keeps. */
struct kept {
	double right, value, weight, squares;
};

static int
by_value(const void *a, const void *b)
{
	const struct valued *x = a, *y = b;

	return (x->value < y->value) - (x->value > y->value);
}

/* Return the gold lines, those of the largest values first; owned. */
static struct valued *
sort_by_value(const struct calibration *c, const struct gold *g)
{
	struct valued *v = mem_new(g->n * sizeof *v);
	size_t i;

	for (i = 0; i < g->n; i++) {
		v[i].gold = &g->v[i];
		v[i].value = calibration_value(
		    calibration_curve_of(c, gold_task(g, i)), g->v[i].p);
	}
	qsort(v, g->n, sizeof *v, by_value);
	return v;
}

static double
estimate(const struct kept *k)
{
	return (k->right + k->value) / (2 * k->weight);
}

/*
 * Return the lower end of Wilson's interval around the labels' precision that
 * nine of ten cases are above. Lines of unequal weight count as fewer: the
 * square of their sum over the sum of their squares (Kish 1965).
 */
static double
lower_end(const struct kept *k)
{
	const double z = 1.281551565545;
	double n = k->weight * k->weight / k->squares, p = k->right / k->weight;

	return (p + z * z / (2 * n) -
		   z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))) /
	       (1 + z * z / n);
}

/* Return the largest precision that the kept lines bear out. */
static double
borne_out(const struct kept *k)
{
	return fmin(estimate(k), lower_end(k) + SLACK);
}

static void
keep(struct kept *k, const struct gold_line *g)
{
	k->right += g->weight * g->right;
	k->value += g->weight * g->value;
	k->weight += g->weight;
	k->squares += g->weight * g->weight;
}

/* Return the threshold that keeps the first n lines of v. */
static struct reach
keep_first(const struct valued *v, size_t n, size_t all)
{
	struct reach r = { .kept = n };
	struct kept k = { 0 };
	size_t i;

	/* lines of the last value are kept or rejected together */
	while (r.kept < all && v[r.kept].value == v[r.kept - 1].value)
		r.kept++;
	for (i = 0; i < r.kept; i++)
		keep(&k, v[i].gold);
	r.precision = borne_out(&k);
	if (r.kept < all)
		r.threshold = (v[r.kept - 1].value + v[r.kept].value) / 2;
	return r;
}

struct reach
threshold_for(
    const struct calibration *c, const struct gold *g, double precision)
{
	struct valued *v = sort_by_value(c, g);
	struct reach r;
	struct kept k = { 0 };
	size_t i, alike = 0, places = 0, best = 0;
	double most = -1;

	/*
	 * Chance makes the precision cross the wanted one several times, and
	 * the last crossing is the luckiest. The number of places that reach
	 * it lies between the first and the last.
	 */
	for (i = 0; i < g->n; i++) {
		keep(&k, v[i].gold);
		alike++;
		if (i + 1 < g->n && v[i + 1].value == v[i].value)
			continue;
		if (borne_out(&k) > most) {
			most = borne_out(&k);
			best = i + 1;
		}
		if (borne_out(&k) >= precision)
			places = places > 0 ? places + alike : i + 1;
		alike = 0;
	}
	r = keep_first(v, places > 0 ? places : best, g->n);
	r.reached = places > 0;
	free(v);
	return r;
}
