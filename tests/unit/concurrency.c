/*
 * concurrency, against servers that exist only on paper: a client that always
 * has work (or not), a clock that jumps from event to event, lognormal
 * latencies.
 */
#include "pace/concurrency.h"

#include <math.h>
#include <string.h>

#include "tap.h"

enum { SLOTS = 2048 };

enum kind {
	QUEUE,  /* serves knee at once, the others wait */
	THRASH, /* every request is slower if there are more than knee */
	REFUSE, /* answers requests over knee with 429 */
};

struct server {
	enum kind kind;
	double knee, falloff; /* falloff: for THRASH */
	double then, at;      /* then: knee from time at on, if at > 0 */
	double supply;        /* requests that come in a ms; 0: no limit */
};

static const double p50 = 1000, p99 = 10000, refusal_ms = 10, pause_ms = 250;

/* One request: its work left, in ms, and when it was sent. */
struct request {
	enum { FREE, WORK, WAIT, REFUSED } is;
	double left, sent, turn;
};

struct world {
	const struct server *s;
	struct concurrency *t; /* NULL: the limit is fixed */
	unsigned fixed;
	struct request r[SLOTS];
	unsigned used, inflight, working; /* used: slots of r */
	double now, turns, supplied, paused;
	unsigned long answers, refusals;
	unsigned highest;
};

static unsigned long long seed;

static double
chance(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return ((double)(seed >> 11) + 0.5) / 0x1p53;
}

static double
service_ms(void)
{
	double z = sqrt(-2 * log(chance())) * cos(2 * 3.14159265 * chance());

	return p50 * exp(z * log(p99 / p50) / 2.3263);
}

/* Return the mean latency, ms. */
static double
mean_ms(void)
{
	double sigma = log(p99 / p50) / 2.3263;

	return p50 * exp(sigma * sigma / 2);
}

static double
knee(const struct world *w)
{
	return w->s->at > 0 && w->now >= w->s->at ? w->s->then : w->s->knee;
}

static unsigned
limit(const struct world *w)
{
	return w->t != NULL ? concurrency_limit(w->t) : w->fixed;
}

static void
send(struct world *w)
{
	struct request *r = w->r;

	while (r->is != FREE)
		r++;
	if (r == w->r + w->used)
		w->used++;
	*r = (struct request){ WORK, service_ms(), w->now, w->turns++ };
	w->inflight++;
	if (w->s->kind == THRASH || w->working < knee(w))
		w->working++;
	else if (w->s->kind == QUEUE)
		r->is = WAIT;
	else
		*r = (struct request){ REFUSED, refusal_ms, w->now, 0 };
}

/* Send what may be sent; 0 if there was room for more. */
static int
fill(struct world *w)
{
	int room;

	while (w->inflight < limit(w) && w->now >= w->paused &&
	       (w->s->supply <= 0 || w->supplied < w->now * w->s->supply)) {
		w->supplied++;
		send(w);
	}
	if (w->inflight > w->highest)
		w->highest = w->inflight;
	room = w->inflight < limit(w);
	if (w->t != NULL)
		w->t->room = room;
	return !room;
}

/* Begin work on the next request in the queue. */
static void
next_turn(struct world *w)
{
	struct request *first = NULL, *r;

	for (r = w->r; r < w->r + w->used; r++)
		if (r->is == WAIT && (first == NULL || r->turn < first->turn))
			first = r;
	if (first == NULL || w->working >= knee(w))
		return;
	first->is = WORK;
	w->working++;
}

/* Give a request back to its sender. */
static void
come_back(struct world *w, struct request *r)
{
	long long now = (long long)w->now;

	w->inflight--;
	if (r->is == REFUSED) {
		w->refusals++;
		w->paused = w->now + pause_ms;
		if (w->t != NULL)
			concurrency_refused(w->t, now, w->inflight);
	} else {
		w->answers++;
		w->working--;
		if (w->t != NULL)
			concurrency_answered(
			    w->t, now, (long)(w->now - r->sent));
		next_turn(w);
	}
	r->is = FREE;
}

/* Let time pass to the next event, or to until. */
static void
step(struct world *w, double until)
{
	double speed = 1, best = until - w->now, left;
	int full = fill(w);
	struct request *r, *first = NULL;

	if (w->s->kind == THRASH && w->working > knee(w))
		speed = pow(knee(w) / w->working, 1 + w->s->falloff);
	if (!full && w->now < w->paused && w->paused - w->now < best)
		best = w->paused - w->now;
	else if (!full && w->s->supply > 0 && 1 / w->s->supply < best)
		best = 1 / w->s->supply;
	for (r = w->r; r < w->r + w->used; r++) {
		if (r->is == FREE || r->is == WAIT)
			continue;
		left = r->is == WORK ? r->left / speed : r->left;
		if (left < best) {
			best = left;
			first = r;
		}
	}
	for (r = w->r; r < w->r + w->used; r++)
		if (r->is == WORK || r->is == REFUSED)
			r->left -= r->is == WORK ? best * speed : best;
	w->now += best;
	if (first != NULL)
		come_back(w, first);
}

static void
start(struct world *w, const struct server *s, struct concurrency *t,
    unsigned fixed)
{
	*w = (struct world){ .s = s, .t = t, .fixed = fixed, .now = 1 };
	if (t != NULL)
		concurrency_init(t, 8, 1024, 1);
}

static double
run_until(struct world *w, double until)
{
	unsigned long before = w->answers;
	double from = w->now;

	while (w->now < until)
		step(w, until);
	return (double)(w->answers - before) / (until - from);
}

static struct world w;

/* Return the throughput of the best fixed limit. */
static double
best_fixed(const struct server *s, double end)
{
	static const double of_knee[] = { 0.5, 0.8, 1, 1.25, 2 };
	double best = 0, x;
	size_t i;

	for (i = 0; i < sizeof of_knee / sizeof *of_knee; i++) {
		seed = 99;
		start(&w, s, NULL, (unsigned)ceil(of_knee[i] * s->knee));
		run_until(&w, 20 * mean_ms()); /* past the start */
		x = run_until(&w, end);
		best = x > best ? x : best;
	}
	return best;
}

/* The number of runs that are averaged: valgrind takes its time. */
static int
seeds(void)
{
	return getenv("TG_VALGRIND") ? 1 : 3;
}

/*
 * Throughput against that of the best fixed limit: all of a run, and after its
 * first quarter. It is so long that the knee is filled 400 times, and at least
 * 12000 are answered.
 */
static void
compare(const char *name, const struct server *s)
{
	double fills = fmax(400, 12000 / s->knee), end = fills * mean_ms();
	double best = best_fixed(s, fmax(200, 8000 / s->knee) * mean_ms()),
	       first, rest, all = 0, later = 0;
	struct concurrency t;
	int i;

	for (i = 1; i <= seeds(); i++) {
		seed = 101ULL * i;
		start(&w, s, &t, 0);
		first = run_until(&w, end / 4);
		rest = run_until(&w, end);
		all += (first + 3 * rest) / 4 / best / seeds();
		later += rest / best / seeds();
	}
	ok(all >= 0.87,
	    "%s: the run gets %.3f of the answers of the best fixed limit, "
	    "start included",
	    name, all);
	ok(later >= 0.9,
	    "%s: the run gets %.3f of these answers once the limit is found",
	    name, later);
}

static void
test_knees(void)
{
	static const double knees[] = { 4, 16, 64, 200 };
	struct server s;
	char name[80];
	size_t i;

	for (i = 0; i < sizeof knees / sizeof *knees; i++) {
		s = (struct server){ QUEUE, .knee = knees[i] };
		snprintf(name, sizeof name, "flat from %.0f", s.knee);
		compare(name, &s);
		s = (struct server){ THRASH, .knee = knees[i], .falloff = 0.5 };
		snprintf(name, sizeof name, "slower from %.0f", s.knee);
		compare(name, &s);
		s.falloff = 1;
		snprintf(name, sizeof name, "much slower from %.0f", s.knee);
		compare(name, &s);
		s = (struct server){ REFUSE, .knee = knees[i] };
		snprintf(name, sizeof name, "refusing from %.0f", s.knee);
		compare(name, &s);
		ok(w.refusals < w.answers / 50,
		    "%s: few requests are refused (%lu of %lu)", name,
		    w.refusals, w.answers);
	}
}

/* Test a knee that moves in the middle of a run. */
static void
test_change(enum kind kind, double from, double to)
{
	double when = 400 * mean_ms();
	struct server s = { kind, from, 1, to, when, 0 };
	struct server after = { kind, to, 1, 0, 0, 0 };
	double best = best_fixed(&after, when), got = 0;
	struct concurrency t;
	int i;

	for (i = 1; i <= seeds(); i++) {
		seed = 101ULL * i;
		start(&w, &s, &t, 0);
		run_until(&w, 2 * when);
		got += run_until(&w, 3 * when) / best / seeds();
	}
	ok(got >= 0.85, "a knee that moves from %.0f to %.0f is followed: %.3f",
	    from, to, got);
}

/* Test a producer with too little work: the limit must not grow. */
static void
test_slow_producer(void)
{
	struct server s = { QUEUE, .knee = 1000 };
	struct concurrency t;

	/* The producer has work for five requests at a time. */
	s.supply = 5 / mean_ms();
	seed = 12;
	start(&w, &s, &t, 0);
	run_until(&w, 2000 * mean_ms());
	ok(concurrency_limit(&t) <= 16,
	    "a slow producer does not raise the limit (%u)",
	    concurrency_limit(&t));
	s.supply = 0;
	run_until(&w, 2100 * mean_ms());
	ok(concurrency_limit(&t) > 100,
	    "a producer that becomes fast raises the limit (%u)",
	    concurrency_limit(&t));
}

static void
test_bounds(void)
{
	struct server s = { QUEUE, .knee = 1000 };
	struct concurrency t;
	int i;

	seed = 5;
	start(&w, &s, &t, 0);
	t.max = 40;
	run_until(&w, 200 * mean_ms());
	is_int(w.highest, 40,
	    "there are never more requests in flight than the maximum");
	is_int((int)t.limit, 40, "the limit that is kept reaches the maximum");

	concurrency_init(&t, 8, 4, 1);
	is_int(concurrency_limit(&t), 4,
	    "the limit does not exceed the maximum at the start");
	concurrency_init(&t, 64, 1024, 1);
	for (i = 0; i < 20; i++)
		concurrency_refused(&t, 100, (unsigned)(40 - i));
	is_int(concurrency_limit(&t), 32,
	    "several refusals at once halve the limit at most once");
	concurrency_refused(&t, 1200, 0);
	is_int(
	    concurrency_limit(&t), 16, "later refusals halve the limit again");
	for (i = 2; i < 20; i++)
		concurrency_refused(&t, i * 2000, 0);
	is_int(concurrency_limit(&t), 1,
	    "refusals lower the limit to one at least");

	/* Answers take no time at all. */
	concurrency_init(&t, 8, 1024, 1);
	for (i = 0; i < 100000; i++)
		concurrency_answered(&t, i / 1000, 0);
	ok(concurrency_limit(&t) >= 1 && concurrency_limit(&t) <= 1024,
	    "answers that take no time keep the limit in its range (%u)",
	    concurrency_limit(&t));
}

/* Test a fixed limit: there are no trials. */
static void
test_fixed(void)
{
	struct concurrency t;
	int i;

	concurrency_init(&t, 64, 64, 0);
	for (i = 0; i < 5000; i++)
		concurrency_answered(&t, i * 10, 10 + i % 7);
	is_int(concurrency_limit(&t), 64, "a fixed limit stays as it is");
	for (i = 0; i < 20; i++)
		concurrency_refused(&t, 60000, (unsigned)(60 - i));
	is_int(concurrency_limit(&t), 41,
	    "refusals lower a fixed limit to what the server has taken");
	for (i = 0; i < 1000; i++)
		concurrency_answered(&t, 61000 + i, 10);
	is_int(concurrency_limit(&t), 41,
	    "a lowered fixed limit is not raised for two seconds");
	for (i = 0; i < 41; i++)
		concurrency_answered(&t, 62000 + i, 10);
	is_int(concurrency_limit(&t), 41,
	    "a lowered fixed limit is not raised before a limit's worth of "
	    "answers");
	concurrency_answered(&t, 62100, 10);
	is_int(concurrency_limit(&t), 42,
	    "a lowered fixed limit is raised after a limit's worth of answers");
	for (i = 0; i < 5000; i++)
		concurrency_answered(&t, 62000 + i, 10);
	is_int(concurrency_limit(&t), 64,
	    "a fixed limit is not raised above its number");
}

/* Test time-outs in a queue: with ten answers in the time, six are sent. */
static void
test_timed_out(void)
{
	struct concurrency t;
	int i;

	concurrency_init(&t, 64, 64, 0);
	ok(concurrency_timed_out(&t, 60000, 10, 60000),
	    "a time-out in a queue lowers the limit");
	is_int(concurrency_limit(&t), 6,
	    "the limit is lowered to two thirds of what was answered");
	for (i = 0; i < 20; i++)
		concurrency_timed_out(&t, 60000 + i, 10 + (unsigned)i, 60000);
	is_int(concurrency_limit(&t), 6,
	    "others that time out then do not lower it again");
	for (i = 0; i < 500; i++)
		concurrency_answered(&t, 70000 + i * 100, 30000);
	is_int(concurrency_limit(&t), 6,
	    "answers that take half of the time do not raise it");
	for (i = 0; i < 5000; i++)
		concurrency_answered(&t, 130000 + i * 100, 29999);
	is_int(concurrency_limit(&t), 64, "faster answers raise it");
	concurrency_timed_out(&t, 900000, 0, 60000);
	concurrency_timed_out(&t, 900001, 0, 60000);
	is_int(concurrency_limit(&t), 32,
	    "time-outs while nothing is answered halve it, at once only once");
	for (i = 1; i < 20; i++)
		concurrency_timed_out(&t, 900000 + i * 2000, 0, 60000);
	is_int(concurrency_limit(&t), 1, "time-outs lower it to one at least");
	concurrency_init(&t, 64, 64, 0);
	concurrency_timed_out(&t, 60000, 1, 60000);
	is_int(concurrency_limit(&t), 1, "a single answer lowers it to one");
}

/*
 * With 64 asked for and room for 16 the requests refused are few, and the
 * server is full.
 */
static void
test_fixed_refused(void)
{
	struct server s = { REFUSE, .knee = 16 };
	double best = best_fixed(&s, 400 * mean_ms()), got;
	struct concurrency t;

	seed = 31;
	start(&w, &s, &t, 0);
	concurrency_init(&t, 64, 64, 0);
	got = run_until(&w, 1000 * mean_ms()) / best;
	ok(got >= 0.85 && w.refusals < w.answers / 40,
	    "a fixed limit of four times the knee gets %.3f of the best, with "
	    "%lu of %lu refused",
	    got, w.refusals, w.answers);
}

int
main(void)
{
	test_fixed();
	test_timed_out();
	test_fixed_refused();
	test_knees();
	test_change(QUEUE, 16, 64);
	test_change(THRASH, 64, 16);
	test_change(QUEUE, 64, 8);
	test_change(THRASH, 8, 64);
	test_change(REFUSE, 64, 16);
	test_change(REFUSE, 16, 64);
	test_slow_producer();
	test_bounds();
	return done();
}
