/* hedge: when a request is worth asking again */
#include "chat/hedge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STALE = 8 }; /* answers until it is found out anew */

void
hedge_init(struct hedge *h, double percentile)
{
	*h = (struct hedge){ .percentile = percentile, .after = -1 };
}

void
hedge_note(struct hedge *h, long ms)
{
	h->seen[h->n++ % HEDGE_SEEN] = ms;
	if (h->n % STALE == 0 || h->n == HEDGE_LEAST)
		h->after = -1;
}

static int
by_size(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;

	return (x > y) - (x < y);
}

long
hedge_after(struct hedge *h)
{
	size_t n = h->n < HEDGE_SEEN ? h->n : HEDGE_SEEN, i;
	long v[HEDGE_SEEN];

	if (h->percentile <= 0 || n < HEDGE_LEAST)
		return -1;
	if (h->after == -1) {
		memcpy(v, h->seen, n * sizeof *v);
		qsort(v, n, sizeof *v, by_size);
		i = (size_t)ceil((double)n * h->percentile / 100);
		h->after = v[i < 1 ? 0 : i > n ? n - 1 : i - 1];
	}
	return h->after;
}

int
hedge_may(const struct hedge *h, unsigned long hedges, unsigned long calls)
{
	return h->percentile > 0 && (hedges + 1) * HEDGE_SHARE <= calls;
}
