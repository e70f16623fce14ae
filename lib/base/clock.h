/* clock: a clock that never jumps. */
#ifndef TG_CLOCK_H
#define TG_CLOCK_H

/* Return the milliseconds since some moment in the past. */
long long clock_ms(void);

#endif
