/*
 * attempt: single requests for the samples of a job: queued, sent, landed and
 * ended.
 *
 * An attempt is in one of three places: ready to be sent, waiting for its time,
 * or in flight. A hedge is the same request a second time; the one of the two
 * that loses is cancelled and has no job from then on.
 */
#ifndef TG_ATTEMPT_H
#define TG_ATTEMPT_H

#include <sys/queue.h>

#include "base/buf.h"
#include "chat/limits.h"

struct chat;
struct chat_job;
struct chat_used;
struct endpoint;
struct reply;

enum { ADAPT_MAX = 32 }; /* times a request is sent anew, changed */

struct attempt {
	TAILQ_ENTRY(attempt) link;
	struct chat_job *job;    /* NULL: it is cancelled */
	struct endpoint *at;     /* where it is, or was last */
	struct endpoint *not_at; /* where it failed last; or NULL */
	struct buf body;
	int n;        /* samples it asks for */
	int seed_add; /* number of the first of these in its job */
	int tries;    /* times it was sent, but for those that do not count */
	int delays;   /* times it waited for another try */
	int empty;    /* times its answer was empty */
	int adapted;  /* times it was sent with a member less */
	int moved;    /* failures that were no fault of the request */
	unsigned long answered;        /* answers to others at its last 429 */
	long cap;                      /* token limit as sent; 0: none */
	long cap_top;                  /* tokens of its largest limit; 0: any */
	const struct endpoint *halved; /* endpoint that made it halve cap_top;
					* NULL: none */
	struct reservation reserved;
	long long failing_since; /* time of its first failure, ms; 0: none */
	long long not_before;    /* time until which it waits, ms */
	long long sent_at;       /* time at which it was sent, ms */
	struct attempt *hedge;   /* the same request in flight; or NULL */
	int is_hedged;           /* whether it was sent a second time ... */
	int is_hedge;            /* ... and is that */
};

TAILQ_HEAD(attempt_list, attempt);

/* All attempts. */
struct attempts {
	struct attempt_list ready;
	struct attempt_list waiting;
	struct attempt_list flying; /* attempts in flight, the oldest first */
	unsigned nready;            /* attempts in ready */
};

void attempt_init(struct attempts *);

/* Queue an attempt behind all others. */
void attempt_append(struct attempts *, struct attempt *);
/* Queue an attempt that somebody waits for before all others. */
void attempt_prepend(struct attempts *, struct attempt *);
/* Take the first attempt that is ready; NULL if there is none. */
struct attempt *attempt_take(struct attempts *);

/* Queue attempts for the samples that a job lacks. */
void attempt_queue(struct chat *, struct chat_job *);

/* Let an attempt wait until a time. */
void attempt_delay(struct attempts *, struct attempt *, long long until);
/* Queue those whose time has come, or all; lower *wait to the next one's, ms.
 */
void attempt_wake(struct attempts *, long long now, int all, long long *wait);

/*
 * Reserve what an attempt may take at an endpoint: what the limits say, with
 * *wait in ms.
 */
enum limits_said attempt_reserve(
    struct chat *, struct attempt *, struct endpoint *, long long *wait);
/* Send an attempt, for which http has a place. */
void attempt_send(
    struct chat *, struct attempt *, struct endpoint *, long long now);
/* Take an attempt off those in flight. */
void attempt_land(struct attempts *, struct attempt *);

/*
 * End an attempt and free it. The job is topped up or concluded with its last
 * one; attempt_fail makes it fail with code, unless a hedge of this attempt is
 * in flight.
 */
void attempt_end(struct chat *, struct attempt *);
void attempt_fail(struct chat *, struct attempt *, const char *code,
    long status, const char *message);
/* Queue a failed attempt anew, or free it if its hedge is in flight. */
void attempt_requeue(struct chat *, struct attempt *);
/* Free a failed attempt if its hedge is in flight: 1 if so. */
int attempt_leave_to_hedge(struct attempt *);
void attempt_free(struct attempt *);

/* Return what a reply tells of its tokens, and their cost. */
struct chat_used attempt_used(const struct chat *, const struct reply *);
/* Add what an answer took to a sum. */
void attempt_add_used(struct chat_used *sum, const struct chat_used *);

#endif
