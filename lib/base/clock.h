/* clock: a clock that never jumps. */
#pragma once

#include <time.h>

/* Return the milliseconds since some moment in the past. */
static inline long long
clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}
