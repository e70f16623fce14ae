/*
 * set-clock: a clock that stands still until the test moves it.
 */
#pragma once

#include <time.h>

#include "base/clock.h"

static long long now = 1000000; /* ms */

/* Tell the time that the test has set, whatever the clock. */
int
clock_gettime(clockid_t clock, struct timespec *t)
{
	(void)clock;
	t->tv_sec = now / 1000;
	t->tv_nsec = now % 1000 * 1000000;
	return 0;
}

/* Jump as far as the test says; clock_ms would take that for a stop. */
long long
clock_ms(void)
{
	return now;
}

long long
clock_real_ms(void)
{
	return now;
}
