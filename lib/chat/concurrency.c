/* concurrency: how many requests a server is best sent at once */
#include "chat/concurrency.h"

#include <math.h>

enum { UP = 1, DOWN = 2 };
enum {
	LEAST = 16,               /* answers that tell anything */
	RESTS_MAX = 8,            /* windows between trials */
	EPISODE_MS = 1000,        /* refusals within are one */
	QUIET_MS = 2000,          /* no more requests after one, at first ... */
	QUIET_MAX_MS = 60 * 1000, /* ... and after many */
	SEEN = 256,     /* latencies from which their variance is known */
	WINDOW_MS = 20, /* less is all jitter */
};

/*
 * What a step has to bring, of what it would below the knee: three per cent
 * more answers for ten per cent more requests at once. Less is not worth the
 * latency.
 */
static const double worth = 0.3;

static double
step_max(void)
{
	return log(2);
}

/* The smallest step. Larger windows tell smaller ones apart. */
static double
step_min(double limit)
{
	return log(1.1 + 1.6 / limit);
}

/* Answers after which no more certainty is waited for. */
static double
enough(double limit)
{
	return 100 + 2 * limit;
}

/* Variance of the logarithm of a rate, times the answers it is from. */
static double
variance(const struct tune *t)
{
	double v;

	if (t->seen < SEEN || t->mean <= 0)
		return 2;
	v = t->square / (t->mean * t->mean) - 1;
	return fmin(fmax(v, 0.1), 2);
}

/* Measure at a limit, once what was sent under the one before is through. */
static void
open_window(struct tune *t, double limit)
{
	double most = limit > t->now.limit ? limit : t->now.limit;

	t->now = (struct tune_window){ .limit = limit,
		.settle = t->now.limit > 0 ? (unsigned long)most : 0,
		.from = -1 };
}

static double
idle(const struct tune *t, double now)
{
	return t->idle + (t->lacking < 0 ? 0 : now - t->lacking);
}

static void
begin_window(struct tune *t, double now)
{
	t->now.from = now;
	t->now.idle = idle(t, now);
	t->now.n = 0;
}

void
tune_init(struct tune *t, double start, double max)
{
	*t = (struct tune){ .limit = start < max ? start : max,
		.max = max,
		.up = 1,
		.step = step_max(),
		.lowered_at = -EPISODE_MS,
		.lacking = -1 };
	open_window(t, t->limit);
}

unsigned
tune_limit(const struct tune *t)
{
	return (unsigned)t->now.limit;
}

/* Trials. */

/* Try the next limit up or down. 0 if there is none now. */
static int
try_next(struct tune *t, double now)
{
	double to = round(t->limit * exp(t->up ? t->step : -t->step));

	if (t->up && now < t->quiet_until)
		return 0;
	if (t->up)
		to = fmin(fmax(to, t->limit + 1), t->max);
	else
		to = fmax(fmin(to, t->limit - 1), 1);
	if (to == t->limit)
		return 0;
	t->trying = 1;
	open_window(t, to);
	return 1;
}

/* Stay where the limit is for some windows, each time for more. */
static void
rest(struct tune *t)
{
	t->rests = t->rests == 0 ? 2 : 2 * t->rests;
	if (t->rests > RESTS_MAX)
		t->rests = RESTS_MAX;
	t->rest = t->rests;
	t->trying = 0;
	open_window(t, t->limit);
}

/*
 * A trial does not pay: the other direction; if that is known, too, half the
 * step; and if that is the smallest, not before a rest.
 */
static void
give_in(struct tune *t, double now)
{
	t->paid = 0;
	t->known |= t->up ? UP : DOWN;
	t->up = !t->up;
	if (t->known == (UP | DOWN)) {
		t->known = 0;
		t->step /= 2;
	}
	if (t->step < step_min(t->limit)) {
		t->step = step_min(t->limit);
		t->smallest = 1;
	}
	if (t->smallest || !try_next(t, now))
		rest(t);
}

static void
keep(struct tune *t, double now, double rate)
{
	t->limit = t->now.limit;
	t->base = t->now;
	t->base.rate = rate;
	t->rests = 0;
	t->smallest = 0;
	t->known = t->up ? DOWN : UP;
	if (t->up)
		t->quiet = 0;
	if (t->paid++ > 0)
		t->step = fmin(2 * t->step, step_max());
	if (!try_next(t, now))
		give_in(t, now);
}

static void
judge_trial(struct tune *t, double now)
{
	double n = (double)t->now.n, rate = n / (now - t->now.from);
	double step = log(t->now.limit / t->base.limit);
	double gain = log(rate / t->base.rate) / step;
	double doubt =
	    sqrt(variance(t) * (1 / n + 1 / (double)t->base.n)) / fabs(step);

	if (n < LEAST || n < t->now.limit)
		return;
	if (n < enough(t->now.limit) && fabs(gain - worth) < 2.5 * doubt)
		return;
	if ((gain > worth) == (step > 0))
		keep(t, now, rate);
	else
		give_in(t, now);
}

/* Resting. */

/* Whether the answers come faster (1) or slower (-1) than they did. */
static int
change(const struct tune *t, double n, double took)
{
	double due = t->base.rate * took, doubt;

	if (t->base.n == 0 || fmax(n, due) < fmax(LEAST, t->limit))
		return 0;
	doubt = sqrt(variance(t) * (due + n * n / (double)t->base.n));
	return n - due > 4 * doubt ? 1 : due - n > 4 * doubt ? -1 : 0;
}

/* Add a window to the base, which does not look back for ever. */
static void
merge(struct tune *t, double n, double took)
{
	double old = fmin((double)t->base.n, 4 * n);

	if (old > 0)
		took += old / t->base.rate;
	t->base = t->now;
	t->base.n = (unsigned long)(old + n);
	t->base.rate = (old + n) / took;
}

static void
judge_rest(struct tune *t, double now)
{
	double n = (double)t->now.n, took = now - t->now.from;
	int changed = change(t, n, took);

	if (changed != 0) {
		t->base.n = 0;
		t->rest = t->rests = t->known = 0;
		t->smallest = 0;
		t->step = step_max();
		t->up = changed > 0;
	} else if (n < (t->base.n > 0 ? enough(t->limit)
				      : fmax(2 * LEAST, t->limit))) {
		return;
	}
	merge(t, n, took);
	begin_window(t, now);
	if (t->rest > 0 && --t->rest > 0)
		return;
	if (!try_next(t, now))
		give_in(t, now);
}

/* What the caller sees. */

void
tune_room(struct tune *t, long long now, int room)
{
	if (room == (t->lacking >= 0))
		return;
	t->idle = idle(t, (double)now);
	t->lacking = room ? (double)now : -1;
}

static void
note_latency(struct tune *t, double ms)
{
	if (t->seen < SEEN)
		t->seen++;
	t->mean += (ms - t->mean) / t->seen;
	t->square += (ms * ms - t->square) / t->seen;
}

int
tune_answered(struct tune *t, long long at, long latency_ms)
{
	double was = t->now.limit, now = (double)at;

	note_latency(t, (double)latency_ms);
	if (t->now.from < 0) {
		if (t->now.settle == 0 || --t->now.settle == 0)
			begin_window(t, now);
		return 0;
	}
	t->now.n++;
	if (now - t->now.from < WINDOW_MS)
		return 0;
	if (idle(t, now) - t->now.idle > 0.1 * (now - t->now.from)) {
		t->trying = 0;
		open_window(t, t->limit);
	} else if (t->trying) {
		judge_trial(t, now);
	} else {
		judge_rest(t, now);
	}
	return t->now.limit != was;
}

int
tune_refused(struct tune *t, long long at, unsigned inflight)
{
	double was = t->now.limit, now = (double)at, to;

	if (now >= t->lowered_at + EPISODE_MS) {
		t->lowered_at = now;
		t->floor = floor(was / 2);
		t->quiet = fmin(fmax(2 * t->quiet, QUIET_MS), QUIET_MAX_MS);
	}
	t->quiet_until = now + t->quiet;
	to = fmax(fmax(inflight, t->floor), 1);
	if (t->trying || to < was) {
		t->limit = fmin(to, was);
		t->base.n = 0;
	}
	t->trying = 0;
	t->paid = 0;
	t->known = 0;
	t->up = 0;
	t->step = step_min(t->limit);
	t->smallest = 1;
	t->rest = t->rests = 4;
	open_window(t, t->limit);
	return t->now.limit != was;
}
