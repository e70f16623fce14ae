/*
 * chat-in: a whole run, its attempts and its hedges, joined with the parts that
 * session, secret, job, endpoint and limits define. Only the files of a whole
 * run include it: cap, attempt, discover, balance, probe, hedge, watch,
 * retry, outcome, batch-backend and chat; each calls only those before it.
 */
#pragma once

#include "chat/endpoint.h"
#include "chat/job.h"
#include "chat/secret.h"
#include "chat/session.h"

/*
 * An attempt is a single request for the samples of a job. It is in one of
 * four places: ready to be sent, waiting for its time, in flight, or refused
 * and to be judged. A hedge
 * is the same request a second time; the one of the two that loses is cancelled
 * and has no job from then on.
 */
enum { ADAPT_MAX = 32 }; /* times a request is sent anew, changed */

struct attempt {
	TAILQ_ENTRY(attempt) link;
	struct chat_job *job;    /* NULL: it is cancelled */
	struct endpoint *at;     /* where it is, or was last */
	struct endpoint *not_at; /* where it failed last; or NULL */
	struct buf body;
	int n;                  /* samples it asks for */
	int seed_add;           /* number of the first of these in its job */
	int scores;             /* scores that it asks for; 0: something else */
	enum rescore_form form; /* form in which it has asked for scores */
	int tries;   /* times it was sent, but for those that do not count */
	int sends;   /* times it was sent */
	int delays;  /* times it waited for another try */
	int empty;   /* times its answer was empty */
	int adapted; /* times it was sent with a member less */
	int moved;   /* failures that were no fault of the request */
	unsigned long answered_before; /* answers of its endpoint until then */
	unsigned crowd;                /* attempts in flight there until then */
	int is_slow; /* whether twice as many were answered meanwhile */
	int refused; /* times that the service refused it */
	unsigned long refused_first;   /* number at the first refusal */
	const char *refused_code;      /* meaning of the last refusal, static */
	const char *refused_message;   /* words of it, in the job's memory */
	long refused_status;           /* status of it */
	int is_refused_for_all;        /* whether these words are about all */
	long cap;                      /* token limit as sent; 0: none */
	long cap_top;                  /* tokens of its largest limit; 0: any */
	const struct endpoint *halved; /* endpoint that made it halve cap_top;
					* NULL: none */
	struct reservation reserved;
	long long failing_since; /* time of its first failure, ms; 0: none */
	unsigned long failed_by; /* requests sent until then; 0: none */
	long long not_before;    /* time until which it waits, ms */
	long long sent_at;       /* time at which it was sent, ms */
	unsigned long number;    /* requests sent until then, with it */
	struct attempt *hedge;   /* the same request in flight; or NULL */
	int is_hedged;           /* whether it was sent a second time ... */
	int is_hedge;            /* ... and is that */
};

TAILQ_HEAD(attempt_list, attempt);

/* All attempts. */
struct attempts {
	struct attempt_list ready;
	struct attempt_list waiting;
	struct attempt_list flying;  /* attempts in flight, the oldest first */
	struct attempt_list refused; /* attempts that had their tries, until it
				      * shows whose fault their refusals are */
	unsigned nready;             /* attempts in ready */
	unsigned long sent;          /* requests sent so far */
	unsigned long answered; /* number of the last sent of those answered */
};

/*
 * A hedge is sent for a request that is out for longer than all but a few of
 * the last answers took. Only one request in ten is hedged, since both may be
 * paid for. The first answer wins, and the other attempt is cancelled.
 */
enum {
	HEDGE_SEEN = 256, /* last answers that count; at least half of them */
	HEDGE_LEAST = 20, /* answers that are needed */
	HEDGE_SHARE = 10, /* calls for each hedge */
};

struct hedge {
	double percentile; /* percentile that is too long; 0: never hedge */
	struct hist seen;  /* times that the last answers took, ms */
	struct hist next;  /* the newer half of them, or fewer */
	long after;        /* time that is too long, ms; -1: not known */
};

struct chat {
	struct chat_opts o;
	struct session session;
	struct secrets secrets;
	struct jobs jobs;
	struct attempts attempts;
	struct hedge hedge;
	struct limits *limits;
	struct http *http;
	struct endpoint *ends; /* endpoints, which never move */
	size_t nends, room;    /* endpoints that are, and that can be */
	struct address_file *files;
	size_t nfiles;
	struct arena addresses; /* URLs that stood in files */
	long long read_at;      /* time at which the files were read, ms */
	struct cost spend;
	struct chat_stats stats;
	char model[512];        /* "": not known yet */
	int is_default_model;   /* whether the list of a server named it */
	int for_scores;         /* whether scores were asked for first */
	char proxy_advice[100]; /* words about a proxy that is not used */
	int knows_logprobs;     /* whether the results of a batch showed if they
				 * have log probabilities */
	int one_at_a_time;      /* whether a server ignores or refuses n */
	struct job_list held;   /* jobs that another process is asking */
	long long held_look;    /* time of the next look at those, ms */
	long long silence_ms;   /* time without an answer that is told next, ms;
				 * 0: the usual one */
};

/*
 * Set the token limit that an attempt gets at an endpoint: as asked, but fitted
 * to what is known of the model and estimated of the prompt.
 */
void cap_set(struct chat *, struct attempt *, struct endpoint *);

/*
 * Keep for its endpoint the limit that an answered attempt has found by
 * halving, unless its own prompt explains why twice as much was refused.
 */
void cap_keep_halved(struct chat *, const struct attempt *);

/*
 * Return whether a refusal is about the token limit and the attempt can go
 * again with a lower one, now set: half of it where no number helps. What a
 * refusal tells of the model holds for all that goes to the endpoint; what it
 * tells of the prompt, for that attempt alone.
 */
int cap_lower(struct chat *, struct attempt *, struct refusal *);

/*
 * Return whether a judge has spent the few tokens for its verdict on reasoning,
 * and gets more, as do all that judge at this endpoint from now on.
 */
int cap_raise(struct chat *, struct attempt *, const struct reply *);

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
/* Queue those that are due, or all; lower *wait to the next one's time, ms. */
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
/*
 * Return whether the failures of an attempt are its own, as far as is known:
 * others were answered that came later.
 */
int attempt_is_own(const struct attempt *);
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

/*
 * Make the endpoints that options name, and files that options name: 0, or -1
 * with *why until the next call. A file that is missing or empty names none.
 */
int discover_open(struct chat *, const char **why);

/*
 * Read the files again: endpoints join that are new there, and those leave that
 * are named no more, once others do their work. A file that is missing or empty
 * changes nothing. An endpoint that joins a run that is served is taken to be
 * like the others; it is ejected, and its first request is its probe.
 */
void discover_read(struct chat *);

/*
 * Read them if it is time: soon while an endpoint is away, else now and then.
 * Lower *wait to the next time, ms.
 */
void discover_look(struct chat *, long long now, long long *wait);

/* Meaning of a failure for the attempt that met it. */
enum balance_next {
	BALANCE_TRIED, /* the try is over */
	BALANCE_MOVES, /* no try: others are there to take it */
	BALANCE_WAITS, /* no try: it waits until an endpoint serves */
};

/*
 * Eject an endpoint for the reason message, or note that its probe has failed.
 * listens: whether a server listens there; its probes become rarer.
 */
void balance_eject(
    struct chat *, struct endpoint *, const char *message, int listens);

/* An endpoint asks for less, and for a pause of ms; 0: of no given length. */
enum balance_next balance_slow(struct chat *, struct endpoint *, long long ms);

/*
 * No server listens where an attempt went; or the attempt failed in another
 * way, maybe by its own fault. is_away: it looks as if no server is behind a
 * gateway. The endpoint may be ejected; the only one is waited for, which ends
 * the session if it takes too long.
 */
enum balance_next balance_unreachable(
    struct chat *, const struct attempt *, const char *message);
enum balance_next balance_failed(
    struct chat *, const struct attempt *, const char *message, int is_away);

/*
 * An attempt has timed out in the queue of its endpoint, which has answered so
 * many others since it was sent: send fewer at once.
 */
void balance_crowded(struct chat *, struct endpoint *, unsigned long answered);

/* An endpoint is there, whatever it says. */
void balance_present(struct chat *, struct endpoint *);

/* An endpoint serves. latency_ms: of an answer; -1: it was none. */
void balance_answered(struct chat *, struct endpoint *, long latency_ms);

/* Return whether another endpoint serves that can take the work of one. */
int balance_has_other(const struct chat *, const struct endpoint *);

/* Disable an endpoint: 1 if others are left, else the session is halted. */
int balance_disable(struct chat *, struct endpoint *, const char *why);

/*
 * Return the least busy endpoint that may be asked now, if possible another one
 * than avoid (or NULL); NULL, and *wait in ms if a time is known, if none may.
 */
struct endpoint *balance_pick(struct chat *, const struct endpoint *avoid,
    long long now, long long *wait);

/* All that can be sent now is sent: note who has room for more. */
void balance_note_room(struct chat *);

/* Probe all endpoints; again, a few times, while none answers: 0, or -1. */
int probe_all(struct chat *);

/* Note that an answer took ms, or that there was none yet after so long. */
void hedge_note(struct hedge *, long ms);

/* Hedge the attempts that are due; lower *wait to the next one's time, ms. */
void hedge_send(struct chat *, long long now, long long *wait);

/* Cancel the hedge of an attempt that is answered, or what it hedges. */
void hedge_cancel_other(struct chat *, struct attempt *);

/* Count a cancelled attempt whose answer was there already, and free it. */
void hedge_count_late(
    struct chat *, struct attempt *, const struct http_done *);

/* Say that an endpoint took long, ms, for the first answer of the run. */
void watch_first(struct chat *, const struct endpoint *, long ms);

/*
 * Say what is waited for if requests are in flight and nothing was answered for
 * long; lower *wait to the time when that is to be said, ms.
 */
void watch_silence(struct chat *, long long now, long long *wait);

/*
 * Read a completion as reply_read does, for a job that was asked in a dialect:
 * words without the quotes that hold them to a few, secrets blanked.
 */
int outcome_read(struct chat *, struct chat_job *, const struct dialect *,
    struct span body, struct reply *, const char **why);

/*
 * Say, once for a run, that who, a server, gives no log probabilities, if the
 * options ask for them and the answers of the reply have none. Return whether
 * the reply shows if it gives any.
 */
int outcome_tell_bare(
    const struct chat *, const char *who, const struct reply *);

/* Say with -v that an attempt goes again after a delay, ms, and why. */
void retry_tell(
    struct chat *, const struct attempt *, const char *what, long long delay);

/*
 * Retry a failed attempt later, or end it with code when it has had its tries.
 * asked_ms: the delay that the server asks for, 0: none.
 */
void retry_failed(struct chat *, struct attempt *, const char *code,
    const struct http_done *, const char *message, long long asked_ms);

/*
 * Handle a refusal that may be the fault of its attempt or of all: try again,
 * end its record with the code of the refusal, or give up its endpoint.
 */
void retry_refused(struct chat *, struct attempt *, const struct refusal *,
    long status, const char *message);

/* Judge the attempts that had their tries at being refused. */
void retry_judge(struct chat *);

/* Give up the endpoint of an attempt: others get it, or the session halts. */
void retry_elsewhere(
    struct chat *, struct attempt *, long status, const char *why);

/* Do what follows from a finished transfer, and release it. */
void outcome_handle(struct chat *, struct http_done *);

/* Answer a job from the results of a batch, or put it into one. */
void batch_backend_ask(struct chat *, struct chat_job *);
