/* curve: a curve fitted to gold lines */
#include "curve.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "isotonic.h"

/* Weights of the smooth curve beside a label's 1; -1: no label at all. */
static const double mixtures[] = { 0, 0.5, 2, 8, 32, -1 };

enum { MIXTURES = sizeof mixtures / sizeof *mixtures, NO_PART = -1 };

static int
by_p(const void *a, const void *b)
{
	const struct gold_line *x = ((const struct curve_line *)a)->gold;
	const struct gold_line *y = ((const struct curve_line *)b)->gold;

	if (x->p != y->p)
		return x->p < y->p ? -1 : 1;
	if (x->right != y->right)
		return x->right - y->right;
	return (x->weight > y->weight) - (x->weight < y->weight);
}

/*
 * Give each ten neighbours the ten parts, in an order drawn by chance that is
 * the same every time.
 */
static void
set_parts(struct curve_lines *l)
{
	int parts[CURVE_PARTS], i, j, swap;
	uint64_t state = 0;
	size_t k;

	for (i = 0; i < CURVE_PARTS; i++)
		parts[i] = i;
	for (k = 0; k < l->n; k++) {
		if (k % CURVE_PARTS == 0)
			for (i = CURVE_PARTS - 1; i > 0; i--) {
				j = (int)(hash_next(&state) %
					  (uint64_t)(i + 1));
				swap = parts[i];
				parts[i] = parts[j];
				parts[j] = swap;
			}
		l->v[k].part = parts[k % CURVE_PARTS];
	}
}

struct curve_lines
curve_lines_of(const struct gold *g, int task)
{
	struct curve_lines l = { mem_new(g->n * sizeof *l.v), 0 };
	size_t i;

	for (i = 0; i < g->n; i++)
		if (task == NO_NAME || g->v[i].task == task)
			l.v[l.n++].gold = &g->v[i];
	qsort(l.v, l.n, sizeof *l.v, by_p);
	set_parts(&l);
	return l;
}

void
curve_lines_free(struct curve_lines *l)
{
	free(l->v);
}

/* Return the place behind the lines that have the p of line i. */
static size_t
same_p(const struct curve_lines *l, size_t i)
{
	size_t j = i + 1;

	while (j < l->n && l->v[j].gold->p == l->v[i].gold->p)
		j++;
	return j;
}

/* Return the weight of the lines from i to j - 1 that are not in a part. */
static double
weigh(const struct curve_lines *l, size_t i, size_t j, int without)
{
	double sum = 0;

	for (; i < j; i++)
		if (l->v[i].part != without)
			sum += l->v[i].gold->weight;
	return sum;
}

/*
 * Set smooth of each line to the logarithm of the odds of its rank among the
 * lines that are not in a part; lines of one p share the middle of their ranks.
 */
static void
set_ranks(struct curve_lines *l, int without)
{
	double all = weigh(l, 0, l->n, without), below = 0, here, rank;
	double least = all / (2 * (double)l->n);
	size_t i, j, k;

	for (i = 0; i < l->n; i = j) {
		j = same_p(l, i);
		here = weigh(l, i, j, without);
		rank = fmin(fmax(below + here / 2, least), all - least);
		for (k = i; k < j; k++)
			l->v[k].smooth = log(rank / (all - rank));
		below += here;
	}
}

static double
logistic(double x)
{
	return 1 / (1 + exp(-x));
}

/* A logistic curve: level and slope over the ranks. */
struct logistic {
	double level, slope;
};

/*
 * Move the curve a step of Newton's method nearer to the labels, and return the
 * length of the step. A slope costs a little, so that it stays finite where p
 * separates right from wrong.
 */
static double
improve(struct logistic *c, const struct curve_lines *l, int without)
{
	const double cost = 0.01;
	double g0 = 0, g1 = -cost * c->slope, a = 1e-9, b = 0, d = cost;
	double x, q, w, det, step0, step1;
	size_t i;

	for (i = 0; i < l->n; i++) {
		if (l->v[i].part == without)
			continue;
		x = l->v[i].smooth;
		q = logistic(c->level + c->slope * x);
		w = l->v[i].gold->weight;
		g0 += w * (l->v[i].gold->right - q);
		g1 += w * (l->v[i].gold->right - q) * x;
		w *= q * (1 - q);
		a += w;
		b += w * x;
		d += w * x * x;
	}
	det = a * d - b * b;
	step0 = (d * g0 - b * g1) / det;
	step1 = (a * g1 - b * g0) / det;
	if (!isfinite(step0) || !isfinite(step1))
		return 0;
	step0 = fmin(fmax(step0, -2), 2);
	step1 = fmin(fmax(step1, -2), 2);
	c->level += step0;
	c->slope += step1;
	return fabs(step0) + fabs(step1);
}

/* Set smooth of each line to the curve of the lines that are not in a part. */
static void
set_smooth(struct curve_lines *l, int without)
{
	struct logistic c = { 0, 1 };
	double right = 0, all = 0;
	size_t i;
	int turn;

	set_ranks(l, without);
	for (turn = 0; turn < 50 && improve(&c, l, without) > 1e-7; turn++)
		;
	for (i = 0; i < l->n; i++) {
		if (l->v[i].part == without)
			continue;
		right += l->v[i].gold->weight * l->v[i].gold->right;
		all += l->v[i].gold->weight;
	}
	for (i = 0; i < l->n; i++)
		/* a curve that falls is no curve: take the mean */
		l->v[i].smooth =
		    c.slope > 0 ? logistic(c.level + c.slope * l->v[i].smooth)
				: right / all;
}

/*
 * Make the points of a mixture for the lines that are not in a part. smooth of
 * the lines must be of the same part.
 */
static void
make_points(struct calibration_curve *c, const struct curve_lines *l,
    double mixture, int without)
{
	struct pool *pools = mem_new(l->n * sizeof *pools);
	double label;
	size_t i, j, k, n = 0;

	for (i = 0; i < l->n; i = j) {
		j = same_p(l, i);
		pools[n] = (struct pool){ .first = l->v[i].gold->p,
			.last = l->v[i].gold->p };
		for (k = i; k < j; k++) {
			if (l->v[k].part == without)
				continue;
			label = l->v[k].gold->right;
			if (mixture < 0)
				label = l->v[k].smooth;
			else
				label = (label + mixture * l->v[k].smooth) /
					(1 + mixture);
			pools[n].p += l->v[k].gold->weight * l->v[k].gold->p;
			pools[n].right += l->v[k].gold->weight * label;
			pools[n].weight += l->v[k].gold->weight;
		}
		n += pools[n].weight > 0;
	}
	free(c->points);
	c->n = isotonic_pool(pools, n);
	/* labels alone are left to curves with steps */
	c->points = isotonic_points(pools, &c->n, mixture == 0);
	free(pools);
}

/* Set the values of the lines in a part, by curves without that part. */
static void
try_part(struct curve_lines *l, int part)
{
	struct calibration_curve c = { 0 };
	size_t i, m;

	set_smooth(l, part);
	for (m = 0; m < MIXTURES; m++) {
		make_points(&c, l, mixtures[m], part);
		for (i = 0; i < l->n; i++)
			if (l->v[i].part == part)
				l->v[i].value[m] =
				    calibration_value(&c, l->v[i].gold->p);
	}
	free(c.points);
}

/* Return the loss of a line by the curve of a mixture. */
static double
loss(const struct curve_line *l, size_t m)
{
	double error = l->value[m] - l->gold->right;

	return l->gold->weight * error * error;
}

/* Return by how many of its standard errors the loss of m is over that of k. */
static double
worse(const struct curve_lines *l, size_t m, size_t k)
{
	double sum = 0, squares = 0, x;
	size_t i;

	for (i = 0; i < l->n; i++) {
		x = loss(&l->v[i], m) - loss(&l->v[i], k);
		sum += x;
		squares += x * x;
	}
	return squares > 0 ? sum / sqrt(squares) : 0;
}

/*
 * Return the mixture that is smoothest of those whose loss is not over the
 * least by more than a standard error (Breiman et al. 1984).
 */
static size_t
choose_mixture(const struct curve_lines *l)
{
	size_t m, best = 0;

	if (l->n < 2 * CURVE_PARTS)
		return MIXTURES - 1;
	for (m = 1; m < MIXTURES; m++)
		if (worse(l, m, best) <= 0)
			best = m;
	for (m = MIXTURES - 1; m > best; m--)
		if (worse(l, m, best) <= 1)
			break;
	return m;
}

void
curve_fit(struct calibration_curve *c, struct curve_lines *l)
{
	size_t i, m;
	int part;

	for (part = 0; part < CURVE_PARTS; part++)
		try_part(l, part);
	m = choose_mixture(l);
	set_smooth(l, NO_PART);
	make_points(c, l, mixtures[m], NO_PART);
	c->lines = (double)l->n;
	c->right = 0;
	for (i = 0; i < l->n; i++) {
		l->v[i].gold->value = l->v[i].value[m];
		c->right += l->v[i].gold->right;
	}
}
