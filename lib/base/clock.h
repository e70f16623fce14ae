/*
 * clock: a clock that never jumps.
 */
#pragma once

/*
 * Return the milliseconds since some moment in the past, less the time for
 * which this process was stopped (Ctrl-Z) or was not let run: what could not
 * be seen to be done in that time is not late. A second between two calls is
 * such a time, so a program that waits by this clock looks at it once in
 * CLOCK_LOOK_MS.
 */
long long clock_ms(void);

enum { CLOCK_LOOK_MS = 500 };

/* Return the milliseconds since some moment in the past. */
long long clock_real_ms(void);
