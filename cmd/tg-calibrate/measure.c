/* measure: how good decisions and probabilities are, by gold lines */
#include "measure.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

/* Sums over lines of which some are counted. */
struct sums {
	double hits, all, squares; /* of weights */
};

static void
add(struct sums *s, double weight, double hit)
{
	s->hits += weight * hit;
	s->all += weight;
	s->squares += weight * weight;
}

static struct wilson
rate(const struct sums *s)
{
	struct wilson w = { NAN, 0, 1 };
	double n, share;

	if (s->all <= 0)
		return w;
	n = round(s->all * s->all / s->squares);
	share = fmin(s->hits / s->all, 1);
	w = wilson_interval((size_t)round(share * n), (size_t)n);
	w.rate = share;
	w.low = fmin(w.low, share);
	w.high = fmax(w.high, share);
	return w;
}

static int
by_value(const void *a, const void *b)
{
	const struct measured *x = a, *y = b;

	return (x->value > y->value) - (x->value < y->value);
}

/* Give all lines of one value their mean label. */
static void
set_shares(struct measured *v, size_t n)
{
	struct sums s;
	size_t i, j, k;

	for (i = 0; i < n; i = j) {
		s = (struct sums){ 0 };
		for (j = i; j < n && v[j].value == v[i].value; j++)
			add(&s, v[j].weight, v[j].right);
		for (k = i; k < j; k++)
			v[k].share = s.hits / s.all;
	}
}

static void
fill_bin(struct bin *b, const struct measured *v, size_t n)
{
	struct sums s = { 0 };
	double value = 0;
	size_t i;

	*b = (struct bin){ .n = n };
	for (i = 0; i < n; i++) {
		add(&s, v[i].weight, v[i].share);
		value += v[i].weight * v[i].value;
	}
	b->value = n > 0 ? value / s.all : 0;
	b->right = rate(&s);
}

void
measure(struct measure *m, struct measured *v, size_t n)
{
	struct sums tpr = { 0 }, tnr = { 0 }, precision = { 0 };
	size_t i, from, to;

	*m = (struct measure){ .n = n };
	if (n > 0)
		qsort(v, n, sizeof *v, by_value);
	set_shares(v, n);
	for (i = 0; i < MEASURE_BINS; i++) {
		from = i * n / MEASURE_BINS;
		to = (i + 1) * n / MEASURE_BINS;
		fill_bin(&m->bins[i], v + from, to - from);
		if (to > from)
			m->ece +=
			    (double)(to - from) / (double)n *
			    fabs(m->bins[i].value - m->bins[i].right.rate);
	}
	for (i = 0; i < n; i++) {
		m->right += (size_t)v[i].right;
		m->kept += (size_t)v[i].kept;
		if (v[i].right)
			add(&tpr, v[i].weight, v[i].kept);
		else
			add(&tnr, v[i].weight, !v[i].kept);
		if (v[i].kept)
			add(&precision, v[i].weight, v[i].right);
	}
	m->tpr = rate(&tpr);
	m->tnr = rate(&tnr);
	m->precision = rate(&precision);
}

void
measure_gold(struct measure *m, const struct gold *g, int task)
{
	struct measured *v = mem_new(g->n * sizeof *v);
	size_t i, n = 0;

	for (i = 0; i < g->n; i++)
		if (task == NO_NAME || g->v[i].task == task)
			v[n++] = (struct measured){ .value = g->v[i].p,
				.weight = g->v[i].weight,
				.right = g->v[i].right,
				.kept = g->v[i].p >= .5 };
	measure(m, v, n);
	free(v);
}

size_t
measure_bins(struct calibration_bin *to, const struct measure *m)
{
	size_t i, n = 0;

	for (i = 0; i < MEASURE_BINS; i++)
		if (m->bins[i].n > 0)
			to[n++] =
			    (struct calibration_bin){ (double)m->bins[i].n,
				    m->bins[i].value, m->bins[i].right.rate };
	return n;
}
