/* clock: a clock that never jumps */
#include "base/clock.h"

#include <time.h>

enum { STOP_MS = 2 * CLOCK_LOOK_MS }; /* time between looks that is a stop */

long long
clock_real_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

long long
clock_ms(void)
{
	static long long last, stopped;
	long long now = clock_real_ms();

	if (last != 0 && now - last > STOP_MS)
		stopped += now - last - CLOCK_LOOK_MS;
	last = now;
	return now - stopped;
}
