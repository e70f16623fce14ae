/*
 * concurrency: how many requests may be in flight at a server at once.
 *
 * The limit is lowered when the server refuses (429, 503), to what it has
 * taken, within a second at most by half. It is lowered when requests time out
 * in the server's queue, to what is answered in that time. With a number of the
 * user's (-j N) it rises again after a while, by one for each limit's worth of
 * answers; after time-outs only while answers come in half of the time.
 * Against a server that refuses more than 16, -j 64 takes a tenth of the time
 * of AIMD, which probes the server's limit all the time. Otherwise (-j auto)
 * it is found by trials: while the limit is reached all the time, throughput
 * grows with it up to the server's knee; beyond, it stays or falls, and only
 * latency grows. So another limit is tried for some answers, and kept if that
 * pays: a higher one that brings a good part of the throughput it could, a
 * lower one that costs little. The first step is to twice as many; after one
 * that did not pay the other direction is tried with half of it; when the
 * smallest has not paid, it is tried only now and then. How much of a
 * difference is chance follows from the number of answers and from how much
 * their latencies vary. A server that is suddenly faster or slower is tried
 * anew. A refusal ends a trial.
 *
 * It knows no network and no clock: times are the caller's, in milliseconds.
 */
#pragma once

struct concurrency {
	int room;          /* whether fewer are in flight than may be, which
			    * the caller notes: answers from that time tell
			    * nothing of the limit */
	int searches;      /* whether there are trials */
	double limit, max; /* limit that is kept; its maximum */
	double base_n;     /* answers measured at that limit */
	double base_rate;  /* rate of these, answers a ms; 0: not known */
	int up;            /* whether the trial, or the next one, goes up */
	double step;       /* size of its step: a logarithm */
	double current;    /* limit in force: the one kept, or a trial's */
	unsigned settle;   /* answers to come before those that count */
	double from;       /* time from which they count, ms; -1: not yet */
	double n;          /* answers that count */
	double idle_n;     /* answers of these that came while there was room */
	double answers;    /* answers after which they are weighed */
	double rests;      /* windows between the last two trials */
	double lowered_at; /* time of the first refusal in a row, ms */
	double floor;      /* least limit that refusals in that row lead to */
	double quiet;      /* time without trials up after a refusal, ms */
	double quiet_until; /* time at which that ends, ms */
	double slow_ms; /* latency from which it does not rise, ms; 0: any */
	double mean, square; /* means of latencies and of their squares */
	unsigned seen;       /* latencies in these, up to a maximum */
};

/* Begin at start, rise to max at most; both at least 1. */
void concurrency_init(
    struct concurrency *, double start, double max, int searches);

/* Return how many requests may be in flight now. */
unsigned concurrency_limit(const struct concurrency *);

/* Note a good answer: 1 if a trial has changed the limit. */
int concurrency_answered(struct concurrency *, long long now, long latency_ms);

/* Note a refusal, with so many still in flight: 1 if the limit has changed. */
int concurrency_refused(struct concurrency *, long long now, unsigned inflight);

/*
 * Note that a request has timed out in the server's queue after ms, in which so
 * many others were answered: 1 if the limit has changed.
 */
int concurrency_timed_out(
    struct concurrency *, long long now, unsigned long answered, long ms);
