/* hist: percentiles of durations, in little memory whatever their number */
#include "base/hist.h"

#include <math.h>

/* Return the class of a value; each below HIST_STEPS has its own. */
static unsigned
class_of(uint64_t v)
{
	unsigned shift = 0;

	while (v >> shift >= 2 * HIST_STEPS)
		shift++;
	return (unsigned)(shift * HIST_STEPS + (v >> shift));
}

/* Return the largest value of a class. */
static long long
top_of(unsigned class)
{
	unsigned shift = class < 2 * HIST_STEPS ? 0 : class / HIST_STEPS - 1;
	uint64_t first = class - shift * HIST_STEPS;

	return (long long)(((first + 1) << shift) - 1);
}

void
hist_add(struct hist *h, long long value)
{
	const long long most = (1LL << 36) - 1;

	if (value < 0)
		value = 0;
	if (value > most)
		value = most;
	if (value > h->max)
		h->max = value;
	h->n++;
	h->count[class_of((uint64_t)value)]++;
}

long long
hist_at(const struct hist *h, double share)
{
	uint64_t below = 0, want = (uint64_t)ceil(share * (double)h->n);
	long long top;
	unsigned i;

	if (share >= 1 || h->n == 0)
		return h->max;
	for (i = 0; i < HIST_CLASSES; i++) {
		below += h->count[i];
		if (below >= want && below > 0)
			break;
	}
	top = top_of(i);
	return top < h->max ? top : h->max;
}
