/* distinct: about how many different things came, in little memory */
#include "distinct.h"

#include <math.h>

enum { REGISTERS = 1 << DISTINCT_BITS };

void
distinct_add(struct distinct *d, uint64_t hash)
{
	unsigned char run = 1;
	uint64_t at;

	/* the finisher of SplitMix64 spreads what the hash lacks */
	hash = (hash ^ hash >> 30) * 0xbf58476d1ce4e5b9u;
	hash = (hash ^ hash >> 27) * 0x94d049bb133111ebu;
	hash ^= hash >> 31;
	at = hash >> (64 - DISTINCT_BITS);
	for (hash <<= DISTINCT_BITS; run <= 64 - DISTINCT_BITS && !(hash >> 63);
	     hash <<= 1)
		run++;
	d->n++;
	if (run > d->most[at])
		d->most[at] = run;
}

double
distinct_count(const struct distinct *d)
{
	double sum = 0, estimate;
	int i, zeros = 0;

	for (i = 0; i < REGISTERS; i++) {
		sum += ldexp(1, -d->most[i]);
		zeros += d->most[i] == 0;
	}
	estimate =
	    0.7213 / (1 + 1.079 / REGISTERS) * REGISTERS * REGISTERS / sum;
	if (zeros > 0 && estimate < 2.5 * REGISTERS)
		estimate = REGISTERS * log((double)REGISTERS / zeros);
	return fmin(round(estimate), (double)d->n);
}
