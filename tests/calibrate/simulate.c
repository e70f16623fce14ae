/*
 * simulate: what tg-calibrate makes of judges whose worth is known.
 *
 *	simulate [seeds [lines [precision]]]
 *
 * Each pair has odds e^z of being right, z drawn from a normal distribution. A
 * judge sees z, and gives a p that is wrong in one of many shapes. The curves
 * are fitted to some lines and measured by as many others. A table says, for
 * each shape and over all seeds: the calibration error of the true
 * probabilities themselves, which chance alone makes; that of the fit, mean and
 * largest, by labels; and the mean by the true probabilities, which has no
 * chance in it; then the lines kept and how far their true precision is from
 * the one wanted, mean and root of the mean square, in points; the share of the
 * seeds whose labels say that it is hit within 1.5 points; and the seeds that
 * do not reach it.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "tg-calibrate/fit.h"
#include "tg-calibrate/measure.h"

/* Forms of p besides 1 / (1 + e^-x). */
enum form {
	PLAIN,
	POWER,  /* the third power's root */
	VOTES,  /* share of votes that are each 1 with that probability */
	NARROW, /* squeezed into .99 to 1 */
	FEW,    /* the same with four decimals */
	SIX,    /* with six decimals */
	STEP,   /* two kinds of pairs alone, .97 and .08 right */
	BENT,   /* pairs over .97 are right less often than those below */
};

enum { TASKS = 4 };

/* A judge: x is slope times z plus shift, by task. */
struct shape {
	const char *name;
	double mean, deviation;                         /* of z */
	double slope[TASKS], shift[TASKS], base[TASKS]; /* base is added to z */
	enum form form;
	int parameter; /* votes; or number of tasks, if over TASKS */
};

#define ALL(x)                                                                 \
	{                                                                      \
		x, x, x, x                                                     \
	}

static const struct shape shapes[] = {
	{ "right", 0, 3, ALL(1), ALL(0), ALL(0), PLAIN, 0 },
	{ "too sure", 0, 3, ALL(3), ALL(0), ALL(0), PLAIN, 0 },
	{ "not sure enough", 0, 3, ALL(.3), ALL(0), ALL(0), PLAIN, 0 },
	{ "lenient", 0, 3, ALL(1), ALL(2), ALL(0), PLAIN, 0 },
	{ "strict", 0, 3, ALL(1), ALL(-2), ALL(0), PLAIN, 0 },
	{ "root", 0, 3, ALL(1), ALL(0), ALL(0), POWER, 0 },
	{ "each task its own", 0, 3, { 3, 1, .4, 2 }, { 3, -3, 0, 1 }, ALL(0),
	    PLAIN, 0 },
	{ "one task turned round", 0, 3, { 2, 2, 2, -1 }, ALL(0), ALL(0), PLAIN,
	    0 },
	{ "one task shifted back", 0, 3, { 2, 2, 2, 1 }, { 2, 2, 2, -3 },
	    ALL(0), PLAIN, 0 },
	{ "five votes", 0, 3, ALL(1.5), ALL(0), ALL(0), VOTES, 5 },
	{ "three votes", 0, 3, ALL(1.5), ALL(0), ALL(0), VOTES, 3 },
	{ "digit alone", 0, 3, ALL(1.5), ALL(1), ALL(0), VOTES, 1 },
	{ "all over .99", 0, 3, ALL(1.3), ALL(0), ALL(0), NARROW, 0 },
	{ "over .99, 4 digits", 0, 3, ALL(1.3), ALL(0), ALL(0), FEW, 0 },
	{ "20 tasks of 200", 0, 3, ALL(2), { -3, -1, 1, 3 }, ALL(0), PLAIN,
	    20 },
	{ "63 tasks", 0, 3, ALL(2), ALL(1), ALL(0), PLAIN, 63 },
	{ "tasks of unlike shares", 0, 3, ALL(2), ALL(1), { -3, -1, 1, 3 },
	    PLAIN, 0 },
	{ "knows little", 1, 1.2, ALL(3), ALL(0), ALL(0), PLAIN, 0 },
	{ "knows less", 0, 1, ALL(3), ALL(0), ALL(0), PLAIN, 0 },
	{ "nine of ten right", 3.2, 2, ALL(1), ALL(2), ALL(0), PLAIN, 0 },
	{ "one of ten right", -3.5, 2.5, ALL(1), ALL(2), ALL(0), PLAIN, 0 },
	{ "six digits, too sure", 0, 3, ALL(6), ALL(0), ALL(0), SIX, 0 },
	{ "two kinds of pairs", 0, 3, ALL(1), ALL(0), ALL(0), STEP, 0 },
	{ "falls at the top", 0, 3, ALL(1), ALL(0), ALL(0), BENT, 0 },
	{ "sharp and too sure", 0, 5, ALL(2), ALL(3), ALL(0), PLAIN, 0 },
	{ "mostly right, lenient", 1, 2.2, ALL(4), ALL(3), ALL(0), PLAIN, 0 },
};

enum { SHAPES = sizeof shapes / sizeof *shapes };

/* A pair whose truth is known. */
struct pair {
	double p, truth; /* the judge's number, and the probability */
	int right, task;
};

static uint64_t state; /* of the draws */

/* Return a number drawn from 0 to 1, neither of them. */
static double
draw(void)
{
	state += 0x9e3779b97f4a7c15;
	return ((double)(hash_mix(state, state >> 7) >> 11) + .5) / 0x1p53;
}

static double
normal(void)
{
	double length = sqrt(-2 * log(draw()));

	return length * cos(2 * M_PI * draw());
}

static double
odds(double x)
{
	return 1 / (1 + exp(-x));
}

static double
votes(int n, double p)
{
	int i, hits = 0;

	for (i = 0; i < n; i++)
		hits += draw() < p;
	return (double)hits / n;
}

/* Return p in the shape's form, and change *z where the form does. */
static double
shaped(const struct shape *s, double x, double *z)
{
	double p = odds(x), good, share;

	switch (s->form) {
	case POWER:
		return pow(p, .3);
	case VOTES:
		return votes(s->parameter, p);
	case NARROW:
		return .99 + .01 * p;
	case FEW:
		return round((.99 + .01 * p) * 1e4) / 1e4;
	case SIX:
		return round(p * 1e6) / 1e6;
	case STEP:
		p = draw() < .5 ? pow(draw(), 1. / 20)
				: 1 - pow(draw(), 1. / 3);
		/* the densities of p of the two kinds */
		good = 20 * pow(p, 19);
		good /= good + 3 * (1 - p) * (1 - p);
		share = .97 * good + .08 * (1 - good);
		*z = log(share / (1 - share));
		return p;
	case BENT:
		*z -= p > .97 ? 2 : 0;
		return p;
	case PLAIN:
		break;
	}
	return p;
}

/* Return pair i of n. */
static struct pair
pair_of(const struct shape *s, int i)
{
	int tasks = s->form != VOTES && s->parameter > TASKS ? s->parameter : 0;
	struct pair q = { .task =
			      tasks > 0 ? i % tasks : (int)(draw() * TASKS) };
	int k = q.task % TASKS;
	double z = s->mean + s->deviation * normal() + s->base[k];

	q.p = shaped(s, s->slope[k] * z + s->shift[k], &z);
	q.truth = odds(z);
	q.right = draw() < q.truth;
	return q;
}

static struct span
name_of(int task)
{
	static char name[16];

	snprintf(name, sizeof name, "task%d", task);
	return span_of(name);
}

/* Figures of one seed. */
struct figures {
	double chance, by_labels, by_truth; /* calibration errors */
	double kept, precision, true_precision;
	int reached;
};

static int
by_value(const void *a, const void *b)
{
	const struct measured *x = a, *y = b;

	return (x->value > y->value) - (x->value < y->value);
}

/* Return the error against true probabilities, which stand in weight. */
static double
true_error(struct measured *v, size_t n)
{
	size_t bin, i;
	double value, truth, error = 0;

	qsort(v, n, sizeof *v, by_value);
	for (bin = 0; bin < MEASURE_BINS; bin++) {
		value = truth = 0;
		for (i = bin * n / MEASURE_BINS;
		     i < (bin + 1) * n / MEASURE_BINS; i++) {
			value += v[i].value;
			truth += v[i].weight;
		}
		error += fabs(value - truth);
	}
	return error / (double)n;
}

/* Measure the calibration by pairs that it has not seen. */
static void
held_out(struct figures *f, const struct calibration *c, const struct shape *s,
    size_t n)
{
	struct measured *fitted = mem_new(n * sizeof *fitted);
	struct measured *truth = mem_new(n * sizeof *truth);
	struct measure m;
	const struct calibration_curve *curve;
	struct pair q;
	size_t i;

	for (i = 0; i < n; i++) {
		q = pair_of(s, (int)i);
		curve = calibration_curve_of(c, name_of(q.task));
		fitted[i].value = calibration_value(curve, q.p);
		fitted[i].kept = calibration_keeps(curve, q.p);
		fitted[i].right = q.right;
		fitted[i].weight = 1;
		truth[i] = fitted[i];
		truth[i].value = q.truth;
		f->true_precision += fitted[i].kept * q.truth;
	}
	measure(&m, truth, n);
	f->chance = m.ece;
	measure(&m, fitted, n);
	f->by_labels = m.ece;
	f->kept = (double)m.kept;
	f->precision = m.precision.rate;
	f->true_precision /= f->kept;
	free(fitted);
	free(truth);
}

/* Return the calibration error of the fit by true probabilities. */
static double
fit_error(const struct calibration *c, const struct shape *s, size_t n)
{
	struct measured *v = mem_new(n * sizeof *v);
	struct pair q;
	size_t i;
	double error;

	for (i = 0; i < n; i++) {
		q = pair_of(s, (int)i);
		v[i].value = calibration_value(
		    calibration_curve_of(c, name_of(q.task)), q.p);
		v[i].weight = q.truth;
	}
	error = true_error(v, n);
	free(v);
	return error;
}

static struct figures
one_seed(const struct shape *s, size_t n, double precision)
{
	struct calibration c = { .precision = precision };
	struct gold g = { 0 };
	struct figures f = { 0 };
	struct pair q;
	size_t i;

	for (i = 0; i < n; i++) {
		q = pair_of(s, (int)i);
		gold_add(&g, q.p, q.right, 1, name_of(q.task),
		    (struct span){ NULL, 0 });
	}
	f.reached = fit(&c, &g).reached;
	held_out(&f, &c, s, n);
	f.by_truth = fit_error(&c, s, n);
	calibration_free(&c);
	gold_free(&g);
	return f;
}

/* Sums over seeds. */
struct sums {
	double chance, by_labels, largest, by_truth, kept, off, square;
	int hit, reached;
};

static void
sum_up(struct sums *t, const struct figures *f, double precision)
{
	double off = f->true_precision - precision;

	t->chance += f->chance;
	t->by_labels += f->by_labels;
	t->by_truth += f->by_truth;
	t->largest = fmax(t->largest, f->by_labels);
	if (!f->reached || f->kept == 0)
		return;
	t->kept += f->kept;
	t->off += off;
	t->square += off * off;
	t->hit += fabs(f->precision - precision) <= .015;
	t->reached++;
}

/*
 * Print the row of a shape. Return whether the fit is as right as it is to be:
 * the error by the truth is .02 at most, that by labels half of this over what
 * chance alone makes at most, and the precision is within 1.5 points on
 * average; where fewer than 500 are kept, it may be higher.
 */
static int
row(const struct shape *s, const struct sums *t, int seeds)
{
	double reached = t->reached > 0 ? t->reached : 1;
	/* no curve that rises can follow one that falls */
	double most = s->form == BENT ? .03 : .02;

	printf(
	    "# %-24s %.4f  %.4f %.4f  %.4f %6.0f %+6.2f %5.2f %4.0f %% %3d\n",
	    s->name, t->chance / seeds, t->by_labels / seeds, t->largest,
	    t->by_truth / seeds, t->kept / reached, 100 * t->off / reached,
	    100 * sqrt(t->square / reached), 100 * t->hit / reached,
	    seeds - t->reached);
	return t->by_truth / seeds <= most &&
	       t->by_labels / seeds <= t->chance / seeds + most / 2 &&
	       (t->kept / reached < 500 ? t->off / reached >= -.015
					: fabs(t->off / reached) <= .015);
}

int
main(int argc, char *argv[])
{
	int seeds = argc > 1 ? atoi(argv[1]) : 20, seed, failed = 0;
	size_t n = argc > 2 ? strtoul(argv[2], NULL, 10) : 4000, i;
	double precision = argc > 3 ? strtod(argv[3], NULL) : .9;
	struct figures f;
	struct sums t;
	int good;

	printf("# %-24s %-6s  %-13s  %-6s %6s %6s %5s %6s %3s\n", "shape",
	    "chance", "error, worst", "true", "kept", "off", "rms", "hit",
	    "not");
	for (i = 0; i < SHAPES; i++) {
		t = (struct sums){ 0 };
		for (seed = 0; seed < seeds; seed++) {
			state = hash_mix((uint64_t)seed + 1, i + 1);
			f = one_seed(&shapes[i], n, precision);
			sum_up(&t, &f, precision);
		}
		good = row(&shapes[i], &t, seeds);
		failed += !good;
		printf("%sok %zu - %s: the error and the precision hold\n",
		    good ? "" : "not ", i + 1, shapes[i].name);
		fflush(stdout);
	}
	printf("1..%d\n", SHAPES);
	return failed > 0;
}
