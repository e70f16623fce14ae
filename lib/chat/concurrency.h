/*
 * concurrency: how many requests a server is best sent at once, found out by
 * trying.
 *
 * While the limit is reached all the time, throughput grows with it up to the
 * server's knee; beyond, it stays or falls, and only latency grows. So another
 * limit is tried for some answers, and kept if that pays: a higher one that
 * brings a good part of the throughput it could, a lower one that costs little.
 * The first step is to twice as many; one that did not pay is halved; when the
 * smallest has not paid, it is tried only now and then. How much of a
 * difference is chance follows from the number of answers and from how much
 * their latencies vary. A server that is suddenly faster or slower is looked
 * at anew. A refusal (429, 503) ends a trial and lowers the limit to what the
 * server has taken, within a second at most by half.
 *
 * Knows no network and no clock: times are the caller's, in milliseconds.
 */
#ifndef TG_CONCURRENCY_H
#define TG_CONCURRENCY_H

/* The answers at one limit. */
struct tune_window {
	double limit;
	unsigned long n, settle; /* those that count; those to come before */
	double from, idle; /* when it began to count, -1: not yet; its t.idle */
	double rate;       /* answers a ms, when it is over */
};

struct tune {
	double limit, max; /* the one that is kept; never more than max */
	struct tune_window base, now; /* at that limit; under way */
	int trying;                   /* now is a trial */
	int up;                       /* the direction of it, or of the next */
	double step;                  /* its size: a logarithm */
	unsigned known;       /* directions in which such a step does not pay */
	int smallest;         /* of steps has not paid either */
	int paid;             /* trials in a row that did */
	unsigned rest, rests; /* windows until the next trial; their number */
	double lowered_at, floor, quiet, quiet_until; /* by refusals */
	double lacking, idle; /* since when, -1; for how long before */
	double mean, square;  /* of latencies */
	unsigned seen;        /* latencies, of the last 64 */
};

/* Begin at start, go up to max; both at least 1. */
void tune_init(struct tune *, double start, double max);

/* Requests that may be in flight now. */
unsigned tune_limit(const struct tune *);

/*
 * Whether fewer are in flight, as there are none to send or something else
 * holds them back. To be called when that has changed. Answers from such a
 * time tell nothing of the limit.
 */
void tune_room(struct tune *, long long now, int room);

/* A good answer. 1 if the limit is another now. */
int tune_answered(struct tune *, long long now, long latency_ms);

/* The server asks for less, with so many still in flight. 1 as above. */
int tune_refused(struct tune *, long long now, unsigned inflight);

#endif
