/* concurrency: how many requests a server is best sent at once */
#include "chat/concurrency.h"

#include <math.h>

enum { UP = 1, DOWN = 2 };
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
	return 100 + 2 * limit;
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

/* Measure at a limit, once the requests sent under the one before are over. */
static void
open_window(struct concurrency *c, double limit)
{
	double most = limit > c->now.limit ? limit : c->now.limit;

	c->now = (struct concurrency_window){ .limit = limit,
		.settle = c->now.limit > 0 ? (unsigned long)most : 0,
		.from = -1 };
}

static double
idle_time(const struct concurrency *c, double now)
{
	return c->idle + (c->lacking < 0 ? 0 : now - c->lacking);
}

static void
begin_window(struct concurrency *c, double now)
{
	c->now.from = now;
	c->now.idle = idle_time(c, now);
	c->now.n = 0;
}

void
concurrency_init(struct concurrency *c, double start, double max, int searches)
{
	*c = (struct concurrency){ .searches = searches,
		.limit = start < max ? start : max,
		.max = max,
		.up = 1,
		.step = step_max,
		.lowered_at = -EPISODE_MS,
		.lacking = -1 };
	open_window(c, c->limit);
}

unsigned
concurrency_limit(const struct concurrency *c)
{
	return (unsigned)c->now.limit;
}

/* Trials. */

/* Try the next limit up or down: 1, or 0 if there is none now. */
static int
try_next(struct concurrency *c, double now)
{
	double to = round(c->limit * exp(c->up ? c->step : -c->step));

	if (c->up && now < c->quiet_until)
		return 0;
	if (c->up)
		to = fmin(fmax(to, c->limit + 1), c->max);
	else
		to = fmax(fmin(to, c->limit - 1), 1);
	if (to == c->limit)
		return 0;
	c->trying = 1;
	open_window(c, to);
	return 1;
}

/* Stay where the limit is for some windows, each time for more. */
static void
begin_rest(struct concurrency *c)
{
	c->rests = c->rests == 0 ? 2 : 2 * c->rests;
	if (c->rests > RESTS_MAX)
		c->rests = RESTS_MAX;
	c->rest = c->rests;
	c->trying = 0;
	open_window(c, c->limit);
}

/*
 * A trial does not pay: try the other direction; if that is known not to pay
 * either, half the step; and if that is the smallest, rest before.
 */
static void
give_in(struct concurrency *c, double now)
{
	c->paid = 0;
	c->known |= c->up ? UP : DOWN;
	c->up = !c->up;
	if (c->known == (UP | DOWN)) {
		c->known = 0;
		c->step /= 2;
	}
	if (c->step < step_min(c->limit)) {
		c->step = step_min(c->limit);
		c->smallest = 1;
	}
	if (c->smallest || !try_next(c, now))
		begin_rest(c);
}

/* A trial pays: keep its limit, and try the next one. */
static void
keep_trial(struct concurrency *c, double now, double rate)
{
	c->limit = c->now.limit;
	c->base = c->now;
	c->base.rate = rate;
	c->rests = 0;
	c->smallest = 0;
	c->known = c->up ? DOWN : UP;
	if (c->up)
		c->quiet = 0;
	if (c->paid++ > 0)
		c->step = fmin(2 * c->step, step_max);
	if (!try_next(c, now))
		give_in(c, now);
}

static void
judge_trial(struct concurrency *c, double now)
{
	double n = (double)c->now.n, rate = n / (now - c->now.from);
	double step = log(c->now.limit / c->base.limit);
	double gain = log(rate / c->base.rate) / step;
	double doubt =
	    sqrt(variance(c) * (1 / n + 1 / (double)c->base.n)) / fabs(step);

	if (n < LEAST || n < c->now.limit)
		return;
	if (n < enough(c->now.limit) && fabs(gain - worth) < 2.5 * doubt)
		return;
	if ((gain > worth) == (step > 0))
		keep_trial(c, now, rate);
	else
		give_in(c, now);
}

/* Resting. */

/* Return whether answers come faster (1) or slower (-1) than they did, or 0. */
static int
find_change(const struct concurrency *c, double n, double took)
{
	double due = c->base.rate * took, doubt;

	if (c->base.n == 0 || fmax(n, due) < fmax(LEAST, c->limit))
		return 0;
	doubt = sqrt(variance(c) * (due + n * n / (double)c->base.n));
	return n - due > 4 * doubt ? 1 : due - n > 4 * doubt ? -1 : 0;
}

/* Add a window to the base, where old answers count less. */
static void
merge(struct concurrency *c, double n, double took)
{
	double old = fmin((double)c->base.n, 4 * n);

	if (old > 0)
		took += old / c->base.rate;
	c->base = c->now;
	c->base.n = (unsigned long)(old + n);
	c->base.rate = (old + n) / took;
}

static void
judge_rest(struct concurrency *c, double now)
{
	double n = (double)c->now.n, took = now - c->now.from;
	int changed = find_change(c, n, took);

	if (changed != 0) {
		c->base.n = 0;
		c->rest = c->rests = c->known = 0;
		c->smallest = 0;
		c->step = step_max;
		c->up = changed > 0;
	} else if (n < (c->base.n > 0 ? enough(c->limit)
				      : fmax(2 * LEAST, c->limit))) {
		return;
	}
	merge(c, n, took);
	begin_window(c, now);
	if (c->rest > 0 && --c->rest > 0)
		return;
	if (!try_next(c, now))
		give_in(c, now);
}

/* Calls from outside. */

void
concurrency_room(struct concurrency *c, long long now, int room)
{
	if (room == (c->lacking >= 0))
		return;
	c->idle = idle_time(c, (double)now);
	c->lacking = room ? (double)now : -1;
}

static void
note_latency(struct concurrency *c, double ms)
{
	if (c->seen < SEEN)
		c->seen++;
	c->mean += (ms - c->mean) / c->seen;
	c->square += (ms * ms - c->square) / c->seen;
}

/* Raise the limit by one for as many answers, unless it was just lowered. */
static void
rise(struct concurrency *c, double now)
{
	if (now < c->quiet_until)
		return;
	c->limit = fmin(c->limit + 1 / c->limit, c->max);
	c->now.limit = c->limit;
	if (c->limit == c->max)
		c->quiet = 0;
}

int
concurrency_answered(struct concurrency *c, long long at, long latency_ms)
{
	double was = c->now.limit, now = (double)at;

	if (!c->searches) {
		rise(c, now);
		return 0;
	}
	note_latency(c, (double)latency_ms);
	if (c->now.from < 0) {
		if (c->now.settle == 0 || --c->now.settle == 0)
			begin_window(c, now);
		return 0;
	}
	c->now.n++;
	if (now - c->now.from < WINDOW_MS)
		return 0;
	if (idle_time(c, now) - c->now.idle > 0.1 * (now - c->now.from)) {
		c->trying = 0;
		open_window(c, c->limit);
	} else if (c->trying) {
		judge_trial(c, now);
	} else {
		judge_rest(c, now);
	}
	return c->now.limit != was;
}

int
concurrency_refused(struct concurrency *c, long long at, unsigned inflight)
{
	double was = c->now.limit, now = (double)at, to;

	if (now >= c->lowered_at + EPISODE_MS) {
		c->lowered_at = now;
		c->floor = floor(was / 2);
		c->quiet = fmin(fmax(2 * c->quiet, QUIET_MS), QUIET_MAX_MS);
	}
	c->quiet_until = now + c->quiet;
	to = fmax(fmax(inflight, c->floor), 1);
	if (c->trying || to < was) {
		c->limit = fmin(to, was);
		c->base.n = 0;
	}
	c->trying = 0;
	c->paid = 0;
	c->known = 0;
	c->up = 0;
	c->step = step_min(c->limit);
	c->smallest = 1;
	c->rest = c->rests = 4;
	open_window(c, c->limit);
	return c->now.limit != was;
}
