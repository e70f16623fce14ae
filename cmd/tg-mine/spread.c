/* spread: mean and quantiles of real numbers, in little memory */
#include "spread.h"

#include <math.h>
#include <string.h>

/* Return the class of a number: the first bits of a float, in its order. */
static uint32_t
class_of(double x)
{
	float f = (float)x;
	uint32_t bits;

	memcpy(&bits, &f, sizeof bits);
	bits ^= bits >> 31 ? 0xffffffff : 0x80000000;
	return bits >> 16;
}

/* Return the number of a class that is nearest to 0. */
static double
least_of(uint32_t class)
{
	uint32_t bits = class << 16;
	float f;

	bits ^= bits >> 31 ? 0x80000000 : 0xffff0000;
	memcpy(&f, &bits, sizeof f);
	return (double)f;
}

void
spread_add(struct spread *s, double x)
{
	if (isnan(x))
		return;
	if (s->n == 0 || x < s->min)
		s->min = x;
	if (s->n == 0 || x > s->max)
		s->max = x;
	s->n++;
	s->sum += x;
	s->count[class_of(x)]++;
}

double
spread_mean(const struct spread *s)
{
	return s->n > 0 ? s->sum / (double)s->n : 0;
}

double
spread_at(const struct spread *s, double share)
{
	double want = share * (double)s->n, x;
	uint64_t sum = 0;
	uint32_t i;

	if (s->n == 0)
		return 0;
	if (share <= 0)
		return s->min;
	for (i = 0; i < SPREAD_CLASSES - 1; i++) {
		sum += s->count[i];
		if ((double)sum >= want)
			break;
	}
	x = least_of(i);
	if (share >= 1 || x > s->max)
		return s->max;
	return x < s->min ? s->min : x;
}
