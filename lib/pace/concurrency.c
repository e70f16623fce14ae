/* concurrency: how many requests a server is best sent at once */
#include "pace/concurrency.h"

#include <math.h>

enum {
	LEAST = 16,               /* answers that tell anything */
	RESTS_MAX = 8,            /* windows between trials */
	EPISODE_MS = 1000,        /* time in which refusals are one */
	QUIET_MS = 2000,          /* time without trials after a refusal ... */
	QUIET_MAX_MS = 60 * 1000, /* ... at first, and after many */
	SEEN = 256,     /* latencies from which their variance is known */
	WINDOW_MS = 20, /* shortest window: less is all jitter */
};

/*
 * A step pays if it brings this part of what it would below the knee: three per
 * cent more answers for ten per cent more requests at once. Less is not worth
 * the latency.
 */
static const double worth = 0.3;
static const double step_max = 0.69314718055994530942; /* log(2) */
static const double step_growth = 1.4; /* after a trial that paid */
static const double rate_change = 1.5; /* factor that is no chance any more */

/* Return the smallest step. Larger windows tell smaller ones apart. */
static double
step_min(double limit)
{
	return log(1.1 + 1.6 / limit);
}

/* Return after how many answers no more certainty is waited for. */
static double
enough(double limit)
{
	return 175 + 2 * limit;
}

/* Return the variance of the logarithm of a rate, times its answers. */
static double
variance(const struct concurrency *c)
{
	double v;

	if (c->seen < SEEN || c->mean <= 0)
		return 2;
	v = c->square / (c->mean * c->mean) - 1;
	return fmin(fmax(v, 0.1), 2);
}

/*
 * Measure at a limit, once the requests sent under the one before are over, and
 * weigh it after so many answers, or sooner.
 */
static void
open_window(struct concurrency *c, double limit, double answers)
{
	c->settle = c->current > 0 ? (unsigned)fmax(limit, c->current) : 0;
	c->current = limit;
	c->answers = answers;
	c->from = -1;
	c->n = c->idle_n = 0;
}

/* Search from the limit that is kept, with large steps. */
static void
begin_search(struct concurrency *c)
{
	c->up = 1;
	c->step = step_max;
	c->rests = 1;
	open_window(c, c->limit, fmax(2 * LEAST, c->limit));
}

/* Stay at the limit that is kept for some windows, each time for more. */
static void
begin_rest(struct concurrency *c)
{
	c->rests = fmin(2 * c->rests, RESTS_MAX);
	open_window(c, c->limit, c->rests * enough(c->limit));
}

void
concurrency_init(struct concurrency *c, double start, double max, int searches)
{
	*c = (struct concurrency){ .searches = searches,
		.limit = fmin(start, max),
		.max = max,
		.lowered_at = -EPISODE_MS };
	begin_search(c);
}

unsigned
concurrency_limit(const struct concurrency *c)
{
	return (unsigned)c->current;
}

/* Turn round, with half the step. */
static void
turn(struct concurrency *c)
{
	c->up = !c->up;
	c->step = fmax(c->step / 2, step_min(c->limit));
}

/* Try the next limit up or down; rest if there is none now. */
static void
try_next(struct concurrency *c, double now)
{
	double to = round(c->limit * exp(c->up ? c->step : -c->step));

	if (c->up)
		to = fmin(fmax(to, c->limit + 1), c->max);
	else
		to = fmax(fmin(to, c->limit - 1), 1);
	if (to == c->limit || (c->up && now < c->quiet_until)) {
		turn(c);
		begin_rest(c);
	} else {
		open_window(c, to, enough(to));
	}
}

static void
weigh_trial(struct concurrency *c, double now)
{
	double rate = c->n / (now - c->from);
	double step = log(c->current / c->limit);
	double gain = log(rate / c->base_rate) / step;
	double doubt =
	    sqrt(variance(c) * (1 / c->n + 1 / c->base_n)) / fabs(step);

	if (c->n < fmax(LEAST, c->current))
		return;
	if (c->n < c->answers && fabs(gain - worth) < 2.5 * doubt)
		return;
	if ((gain > worth) == (step > 0)) {
		c->limit = c->current;
		c->rests = 1;
		c->base_n = c->n;
		c->base_rate = rate;
		c->step = fmin(step_growth * c->step, step_max);
		if (step > 0)
			c->quiet = 0;
		try_next(c, now);
		return;
	}
	turn(c);
	if (c->step > step_min(c->limit))
		try_next(c, now);
	else
		begin_rest(c);
}

/*
 * Measure at the limit that is kept. A server that is suddenly much faster or
 * slower is tried with large steps.
 */
static void
weigh_rest(struct concurrency *c, double now)
{
	double took = now - c->from, due = c->base_rate * took;

	if (c->n < c->answers && due < 1.25 * c->answers)
		return;
	if (due > 0 && fabs(log(c->n / due)) > log(rate_change)) {
		c->step = step_max;
		c->rests = 1;
		c->up = c->n > due;
	}
	c->base_n = c->n;
	c->base_rate = c->n / took;
	try_next(c, now);
}

static void
note_latency(struct concurrency *c, double ms)
{
	if (c->seen < SEEN)
		c->seen++;
	c->mean += (ms - c->mean) / c->seen;
	c->square += (ms * ms - c->square) / c->seen;
}

/*
 * Raise the limit by one for as many answers, unless it was just lowered or a
 * queue would then time out.
 */
static void
rise(struct concurrency *c, double now, long latency_ms)
{
	if (now < c->quiet_until ||
	    (c->slow_ms > 0 && (double)latency_ms >= c->slow_ms))
		return;
	c->current = c->limit = fmin(c->limit + 1 / c->limit, c->max);
	if (c->limit == c->max)
		c->quiet = 0;
}

int
concurrency_answered(struct concurrency *c, long long at, long latency_ms)
{
	double was = c->current, now = (double)at;

	if (!c->searches) {
		rise(c, now, latency_ms);
		return 0;
	}
	note_latency(c, (double)latency_ms);
	if (c->from < 0) {
		if (c->settle == 0 || --c->settle == 0)
			c->from = now;
		return 0;
	}
	c->n++;
	c->idle_n += c->room;
	if (now - c->from < WINDOW_MS)
		return 0;
	if (c->idle_n > 0.1 * c->n)
		begin_search(c);
	else if (c->current != c->limit)
		weigh_trial(c, now);
	else
		weigh_rest(c, now);
	return c->current != was;
}

/* Lower the limit to what a refusal tells, and try none for a while. */
static void
lower_limit(struct concurrency *c, double to)
{
	if (to < c->current || c->current != c->limit) {
		c->limit = fmin(to, c->current);
		c->base_rate = 0;
	}
	c->up = 0;
	c->step = step_min(c->limit);
	begin_rest(c);
}

/* Begin a row of refusals, unless the last one is of this moment, too. */
static void
begin_episode(struct concurrency *c, double now)
{
	if (now >= c->lowered_at + EPISODE_MS) {
		c->lowered_at = now;
		c->floor = floor(c->current / 2);
		c->quiet = fmin(fmax(2 * c->quiet, QUIET_MS), QUIET_MAX_MS);
	}
	c->quiet_until = now + c->quiet;
}

int
concurrency_refused(struct concurrency *c, long long at, unsigned inflight)
{
	double was = c->current;

	begin_episode(c, (double)at);
	lower_limit(c, fmax(fmax(inflight, c->floor), 1));
	return c->current != was;
}

int
concurrency_timed_out(
    struct concurrency *c, long long at, unsigned long answered, long ms)
{
	double was = c->current;

	begin_episode(c, (double)at);
	/* the queue is then over in two thirds of the time */
	lower_limit(c,
	    fmax(answered > 0 ? floor((double)answered * 2 / 3) : c->floor, 1));
	c->slow_ms = (double)ms / 2;
	return c->current != was;
}
