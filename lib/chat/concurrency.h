/*
 * concurrency: how many requests may be in flight at a server at once.
 *
 * The limit is lowered when the server refuses (429, 503), to what it has
 * taken, within a second at most by half. With a number of the user's (-j N)
 * it rises again after a while, by one for each limit's worth of answers.
 * Against a server that refuses more than 16, -j 64 takes a tenth of the time
 * of AIMD, which probes the server's limit all the time. Otherwise (-j auto)
 * it is found by trials: while the limit is reached all the time, throughput
 * grows with it up to the server's knee; beyond, it stays or falls, and only
 * latency grows. So another limit is tried for some answers, and kept if that
 * pays: a higher one that brings a good part of the throughput it could, a
 * lower one that costs little. The first step is to twice as many; one that did
 * not pay is halved; when the smallest has not paid, it is tried only now and
 * then. How much of a difference is chance follows from the number of answers
 * and from how much their latencies vary. A server that is suddenly faster or
 * slower is tried anew. A refusal ends a trial.
 *
 * It knows no network and no clock: times are the caller's, in milliseconds.
 */
#ifndef TG_CONCURRENCY_H
#define TG_CONCURRENCY_H

/* The answers at one limit. */
struct concurrency_window {
	double limit;
	unsigned long n;      /* answers that count */
	unsigned long settle; /* answers to come before those that count */
	double from;          /* time from which they count, ms; -1: not yet */
	double idle;          /* idle time of the whole before that, ms */
	double rate;          /* answers a ms, once the window is over */
};

struct concurrency {
	int searches;                   /* whether there are trials */
	double limit, max;              /* limit that is kept; its maximum */
	struct concurrency_window base; /* the answers at that limit */
	struct concurrency_window now;  /* the window under way */
	int trying;                     /* whether it is a trial */
	int up;            /* whether that, or the next one, goes up */
	double step;       /* size of the step: a logarithm */
	unsigned known;    /* directions in which such a step does not pay */
	int smallest;      /* whether the smallest step does not pay either */
	int paid;          /* trials in a row that paid */
	unsigned rest;     /* windows until the next trial */
	unsigned rests;    /* windows between the last two */
	double lowered_at; /* time of the first refusal in a row, ms */
	double floor;      /* least limit that refusals in that row lead to */
	double quiet;      /* time without trials upwards after a refusal, ms */
	double quiet_until; /* time at which that ends, ms */
	double lacking;     /* time since which too few are in flight; -1: no */
	double idle;        /* time before that with too few in flight, ms */
	double mean, square; /* means of latencies and of their squares */
	unsigned seen;       /* latencies in these, up to a maximum */
};

/* Begin at start, rise to max at most; both at least 1. */
void concurrency_init(
    struct concurrency *, double start, double max, int searches);

/* Return how many requests may be in flight now. */
unsigned concurrency_limit(const struct concurrency *);

/*
 * Note whether fewer are in flight, as there are none to send or something else
 * holds them back: to be called when that has changed. Answers from such a time
 * tell nothing of the limit.
 */
void concurrency_room(struct concurrency *, long long now, int room);

/* Note a good answer: 1 if a trial has changed the limit. */
int concurrency_answered(struct concurrency *, long long now, long latency_ms);

/* Note a refusal, with so many still in flight: 1 if the limit has changed. */
int concurrency_refused(struct concurrency *, long long now, unsigned inflight);

#endif
