/* isotonic: rising curves by the pool of adjacent violators */
#include "isotonic.h"

#include <math.h>

#include "base/mem.h"

/* Largest distance of a point that is left out from the line, as a share. */
static const double flat = 1e-3;

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

struct calibration_point *
isotonic_points(const struct pool *v, size_t *n)
{
	struct calibration_point *points = mem_new(*n * sizeof *points);
	size_t i, made = 0;
	double p;

	for (i = 0; i < *n; i++) {
		p = fmin(fmax(v[i].p / v[i].weight, 0), 1);
		/* two pools may have one mean when their p hardly differ */
		if (made > 0 && p <= points[made - 1].p)
			made--;
		points[made].p = p;
		points[made++].share = fmin(fmax(share(&v[i]), 0), 1);
	}
	*n = thin(points, made);
	return points;
}
