/*
 * chat-in: a whole run, made of the parts that session, secret, job, attempt,
 * endpoint, limits and hedge define. Only the files that join them include it:
 * attempt, cap, balance, probe, hedge, outcome, batch-backend and chat; each
 * calls only those before it.
 */
#ifndef TG_CHAT_IN_H
#define TG_CHAT_IN_H

#include "chat/attempt.h"
#include "chat/endpoint.h"
#include "chat/hedge.h"
#include "chat/job.h"
#include "chat/secret.h"
#include "chat/session.h"

struct chat {
	struct chat_opts o;
	struct session session;
	struct secrets secrets;
	struct jobs jobs;
	struct attempts attempts;
	struct hedge hedge;
	struct limits *limits;
	struct http *http;
	struct endpoint *ends;
	size_t nends;
	struct cost spend;
	struct chat_stats stats;
	char model[512];      /* "": not known yet */
	int one_at_a_time;    /* whether a server ignores or refuses n */
	struct job_list held; /* jobs that another process is asking */
	long long held_look;  /* time of the next look at those, ms */
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

/* Meaning of a failure for the attempt that met it. */
enum balance_next {
	BALANCE_TRIED, /* the try is over */
	BALANCE_MOVES, /* no try: others are there to take it */
	BALANCE_WAITS, /* no try: it waits until an endpoint serves */
};

/*
 * Eject an endpoint for the reason message, or note that its probe has failed.
 * is_odd: it listens, so that its probes come less and less often.
 */
void balance_eject(
    struct chat *, struct endpoint *, const char *message, int is_odd);

/* An endpoint asks for less, and for a pause of ms; 0: of no given length. */
enum balance_next balance_slow(struct chat *, struct endpoint *, long long ms);

/*
 * Nobody listens where an attempt went; or it failed in another way, maybe by
 * its own fault. is_away: it looks as if no server is behind a gateway. The
 * endpoint may be ejected; the only one is waited for, which ends the session
 * if it takes too long.
 */
enum balance_next balance_unreachable(
    struct chat *, const struct attempt *, const char *message);
enum balance_next balance_failed(
    struct chat *, const struct attempt *, const char *message, int is_away);

/* An endpoint is there, whatever it says. */
void balance_present(struct chat *, struct endpoint *);

/* An endpoint serves. latency_ms: of an answer; -1: it was none. */
void balance_answered(struct chat *, struct endpoint *, long latency_ms);

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

/*
 * Read a completion as reply_read does, for a job that was asked in a dialect:
 * words without the quotes that hold them to a few, secrets blanked.
 */
int outcome_read(struct chat *, struct chat_job *, const struct dialect *,
    struct span body, struct reply *, const char **why);

/* Judge a finished transfer, say what follows, and release it. */
void outcome_judge(struct chat *, struct http_done *);

/* Answer a job from the results of a batch, or put it into one. */
void batch_backend_ask(struct chat *, struct chat_job *);

#endif
