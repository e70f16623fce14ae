/* bucket: a limit a minute */
#include "bucket.h"

#include "clock.h"

void
bucket_init(struct bucket *b, double a_minute)
{
	*b = (struct bucket){ .rate = a_minute / 60000, .at = clock_ms() };
	b->max = a_minute / 10 > 1 ? a_minute / 10 : 1;
	b->level = b->max;
}

long long
bucket_wait(struct bucket *b, double units)
{
	long long now = clock_ms();

	if (b->rate <= 0)
		return 0;
	b->level += (double)(now - b->at) * b->rate;
	if (b->level > b->max)
		b->level = b->max;
	b->at = now;
	if (units > b->max)
		units = b->max;
	if (b->level >= units)
		return 0;
	return (long long)((units - b->level) / b->rate) + 1;
}
