/* isotonic: rising curves by the pool of adjacent violators */
#include "isotonic.h"

#include <math.h>

#include "base/mem.h"

/* Largest distance of a point that is left out from the line, as a share. */
static const double flat = 1e-3;

/* Rise of a level pool from its middle to an end: a threshold can lie within.
 */
static const double tilt = 1e-4;

/* Least rise between two pools: less is the rounding of equal shares. */
static const double rise = 1e-9;

static double
share(const struct pool *p)
{
	return p->right / p->weight;
}

size_t
isotonic_pool(struct pool *v, size_t n)
{
	size_t i, kept = 0;

	for (i = 0; i < n; i++) {
		v[kept++] = v[i];
		while (kept > 1 &&
		       share(&v[kept - 2]) >= share(&v[kept - 1]) - rise) {
			kept--;
			v[kept - 1].p += v[kept].p;
			v[kept - 1].right += v[kept].right;
			v[kept - 1].weight += v[kept].weight;
			v[kept - 1].last = v[kept].last;
		}
	}
	return kept;
}

/* Return whether the points between a and b lie on the line from a to b. */
static int
is_straight(
    const struct calibration_point *a, const struct calibration_point *b)
{
	double slope = (b->share - a->share) / (b->p - a->p);
	const struct calibration_point *c;

	for (c = a + 1; c < b; c++)
		if (fabs(a->share + slope * (c->p - a->p) - c->share) > flat)
			return 0;
	return 1;
}

/* Leave out points of n on straight lines; return the number of those left. */
static size_t
thin(struct calibration_point *v, size_t n)
{
	/* a line over more points would cost their square */
	enum { LONGEST = 200 };
	size_t kept = 1, from = 0, to;

	/* v[kept - 1] was v[from]; the places from kept to from are free */
	for (to = 2; to < n; to++) {
		if (to - from <= LONGEST && is_straight(&v[from], &v[to]))
			continue;
		from = to - 1;
		v[kept++] = v[from];
	}
	if (n > 1)
		v[kept++] = v[n - 1];
	return kept;
}

/* Add a point behind the *n of v, unless it has the p of the last one. */
static void
add(struct calibration_point *v, size_t *n, double p, double share)
{
	p = fmin(fmax(p, 0), 1);
	/* two pools may have one mean when their p hardly differ */
	if (*n > 0 && p <= v[*n - 1].p)
		--*n;
	v[*n].p = p;
	v[(*n)++].share = fmin(fmax(share, 0), 1);
}

struct calibration_point *
isotonic_points(const struct pool *v, size_t *n, int level)
{
	struct calibration_point *points = mem_new(2 * *n * sizeof *points);
	size_t i, made = 0;
	double low, high;

	for (i = 0; i < *n; i++) {
		if (!level) {
			add(points, &made, v[i].p / v[i].weight, share(&v[i]));
			continue;
		}
		low = i > 0 ? share(&v[i]) - share(&v[i - 1]) : 1;
		high = i + 1 < *n ? share(&v[i + 1]) - share(&v[i]) : 1;
		add(points, &made, v[i].first,
		    share(&v[i]) - fmin(tilt, low / 4));
		if (v[i].last > v[i].first)
			add(points, &made, v[i].last,
			    share(&v[i]) + fmin(tilt, high / 4));
	}
	*n = thin(points, made);
	return points;
}
