/*
 * chat-in: what chat's files share: chat.c (jobs, and what is sent when),
 * batch-backend.c (jobs that a batch answers), outcome.c (what an answer means
 * for a request), hedge-send.c (the same request again), balance.c (which
 * endpoint, how many), endpoint.c (what an endpoint is), attempt.c (requests),
 * job.c (samples) and session.c (what concerns all). Each calls only those
 * behind it. For them alone; chat.h is for everybody.
 */
#ifndef TG_CHAT_IN_H
#define TG_CHAT_IN_H

#include "base/clock.h"
#include "chat/chat.h"
#include "chat/concurrency.h"
#include "chat/hedge.h"
#include "http/http.h"
#include "respcache/responses.h"

enum {
	DOWN_MS = 5 * 1000, /* between looks at an endpoint that is down */
	KEYS = 2,
	HEADERS_MAX = 16, /* of the user's own */
	SECRETS = KEYS + HEADERS_MAX,
	/* Shorter keys are placeholders ("EMPTY"), words an answer may hold. */
	SECRET_LEN = 20,
	ADAPT_MAX = 32, /* times a request is sent with a member less */
};

/* One of the answers that a job wants. */
struct sample {
	int have;
	struct reply_choice choice;
};

struct endpoint {
	const char *url;
	unsigned long long lane; /* in the share */
	struct http_target *target, *models;
	struct dialect dialect; /* its own, which learns what it refuses */
	unsigned inflight;
	double limit; /* of inflight: falls when there are too many, rises */
	struct tune tune; /* or this is the limit */
	long long cool_until, slowed_until;
	int failing;     /* failures since the last answer, and ... */
	int failed_jobs; /* how often another job's than the one before */
	const void *failed_job;  /* that job, maybe freed */
	long long failing_since; /* the first of them */
	int down;                /* none comes from there: one at a time */
	int told;                /* which the user knows */
	long long aside_ms;      /* until the next one, then */
	long long aside_at;      /* when it last was found so */
	long long down_since;
	int gone;           /* will not serve: not asked any more */
	long context;       /* tokens that the model holds; 0: not known */
	long cap_max;       /* tokens of the largest limit; 0: as asked */
	long cap_said;      /* tokens of the limit the user knows; 0: none */
	long judge_cap; /* raised one of a judge, who reasons; 0: as asked */
	struct chat_end did;
	long long mute_since; /* when nobody listened there; 0: somebody does */
};

/* One request: n samples of a job, from the first-th missing one on. */
struct call {
	struct call *next, *prev; /* prev only while it is in flight */
	struct chat_job *job; /* NULL: its twin has won */
	struct endpoint *at, *not_at; /* where it goes; where it failed last */
	struct buf body;
	int n, seed_add, tries, delays, empty, adapted;
	int moved;              /* failures that were no fault of the request */
	unsigned long answered; /* by others, when this was last refused */
	long cap;               /* token limit as sent */
	long cap_top;           /* tokens of its largest limit; 0: any */
	const struct endpoint *halved; /* endpoint that made it halve cap_top;
					* NULL: none */
	struct share_ask asked; /* of the limits */
	long long failing_since, not_before;
	long long sent_at;
	struct call *twin; /* the same, in flight as well; or NULL */
	int hedged;        /* it was sent a second time, and ... */
	int is_second;     /* ... is that */
};

/* Calls in a row, first in, first out. */
struct list {
	struct call *head, **tail;
};

struct chat {
	struct chat_opts o;
	struct http *http;
	struct answers *answers;
	struct endpoint *ends;
	size_t nends;
	struct list ready;
	struct call *waiting;         /* for their not_before */
	struct call *flying, *oldest; /* the last sent, the first */
	struct hedge hedge;
	struct chat_job *done, **done_tail;
	struct chat_job *held, **held_tail; /* others are asking the same */
	long long held_look; /* when to see again what became of them */
	struct share *share;
	struct spend spend;
	struct chat_stats stats;
	char *secrets[SECRETS];     /* own copies, or NULL: keys, and of */
	char *headers[HEADERS_MAX]; /* these, own copies, the last words */
	char model[512];
	char stopped[600];
	int prepared, stopping, cache_errno;
	int said_unkept; /* that answers are not stored */
	int one_at_a_time; /* a server ignores or refuses n */
	int unlucky;       /* requests that failed for good, none good since */
	int met;           /* somebody was there who speaks HTTP */
	long long out_since; /* none serves any more that did; 0: one does */
	int out_told;        /* which the user knows */
	unsigned pending, nready;
	long long last_ok;
	unsigned long long jitter;
};

/* session.c */

/* Say what goes on, for --verbose. */
void chat_tell(struct chat *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Nothing can be served any more, for a reason. The first reason stays. */
void chat_halt(struct chat *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* chat_halt with advice for somebody whose server does not run. */
void chat_nobody_there(struct chat *, const char *url, const char *what);
/* How long to wait before try number tries + 1. */
long long chat_backoff_ms(struct chat *, int tries);

/* endpoint.c */

/* The engine, for as many requests as there may be files open; or NULL. */
struct http *chat_engine(struct chat *, const char **why);
/* Take the user's own headers, a line each: 0, or -1 with *why. */
int chat_take_headers(struct chat *, const char *lines, const char **why);
/* Fill in an endpoint's targets: 0; -1 with *why until the next call. */
int chat_open_endpoint(struct chat *, struct endpoint *, const char **why);
/* An endpoint will not serve: 1 if there are others, else chat_halt. */
int chat_give_up(struct chat *, struct endpoint *, const char *what);
/* What may be wrong with a base URL, or "". */
const char *chat_url_hint(const char *url, long status);
/* Note whether somebody listens at an endpoint. */
void chat_note_up(struct endpoint *, int up);
/* The dialect of a server that cannot be looked at. */
const struct dialect *chat_unseen_dialect(const struct chat *);
/* Blank keys that a server sent back. */
void chat_redact_choice(
    const struct chat *, struct reply_choice *, struct arena *);
/* reply_error_read, without keys. */
void chat_read_error(
    const struct chat *, long status, struct span body, struct reply_error *);

/* balance.c */

/* A new endpoint's limits. */
void route_init(const struct chat *, struct endpoint *);
/* Requests that may be in flight now, at all endpoints. */
unsigned route_width(const struct chat *);
/* What a failure means for the request that met it. */
enum route_next {
	ROUTE_TRIED, /* it was its try */
	ROUTE_MOVES, /* no: others are there to take it */
	ROUTE_WAITS, /* no: nobody serves, it waits until somebody does */
};
/* It asks for less: fewer at once, and a pause of so long, 0: not told. */
enum route_next route_slow_down(struct chat *, struct endpoint *, long long ms);
/*
 * Nobody listens there; or it failed otherwise, in a way that may be the
 * request's fault. away: such as it is when nobody is behind a gateway. The
 * endpoint may be left aside; the only one that serves is waited for, which
 * ends all if it takes too long.
 */
enum route_next route_unreachable(
    struct chat *, const struct call *, const char *message);
enum route_next route_failed(
    struct chat *, const struct call *, const char *message, int away);
/* It is there, whatever it says. */
void route_is_there(struct chat *, struct endpoint *);
/* It serves. ms: what an answer took, -1: it was none. */
void route_answered(struct chat *, struct endpoint *, long ms);
/*
 * The least busy endpoint that may be asked now, rather not this one (or
 * NULL); else *wait says when, if anything does.
 */
struct endpoint *route_pick(
    struct chat *, const struct endpoint * not, long long now, long long *wait);
/* What can be sent now is. */
void route_filled(struct chat *, long long now);

/* hedge-send.c */

/* Send those once more that are in flight for too long. */
void twin_send(struct chat *, long long now, long long *wait);
/* A call is answered: its twin, if any, is of no use any more. */
void twin_wins(struct chat *, struct call *);
/* That twin has come all the same; frees it. */
void twin_late(struct chat *, struct call *, const struct http_done *);

/* cap.c: see the comments there */
long cap_of_endpoint(const struct endpoint *e, long cap);
long cap_fit(const struct chat *c, const struct call *k,
    const struct endpoint *e, long cap);
void cap_say(
    struct chat *c, struct endpoint *e, long asked, const char *why);
void cap_keep_halved(struct chat *c, const struct call *k);
int cap_lower(struct chat *c, struct call *k, struct reply_error *e);

/* attempt.c */

/* Note what an answer took, at an endpoint or (NULL) nowhere now. */
void call_took(
    struct chat *, struct endpoint *, const struct chat_used *);
/* Take a call from the allowance, before it is sent to an endpoint. */
enum share_said call_may_go(
    struct chat *, struct call *, struct endpoint *, long long *wait);
/* Send it. There must be room in http. */
void call_send(struct chat *, struct call *, struct endpoint *, long long now);
void call_add(struct list *, struct call *);
struct call *call_take(struct list *);
void call_free(struct call *);
/* Queue calls for the samples that a job lacks. */
void call_missing(struct chat *, struct chat_job *);
/* Take a call off the list of those in flight. */
void call_land(struct chat *, struct call *);
/* End a call, its job with code if all its calls are over; frees it. */
void call_fails(struct chat *, struct call *, const char *code, long status,
    const char *message);
/* A call is over, one way or another; frees it. */
void call_ends(struct chat *, struct call *);
/* A call has failed: 1, and it is freed, if its twin goes on without it. */
int twin_goes_on(struct call *);
/* Queue a call before the fresh ones: somebody waits behind it. */
void call_requeue(struct chat *, struct call *);
/* Set a call aside until then; call_wake queues those whose time has come. */
void call_wait_for(struct chat *, struct call *, long long until);
void call_wake(struct chat *, long long now, long long *wait);

/* job.c */

/* Give a job back as it is. */
void chat_job_finish(struct chat *, struct chat_job *);

/* Note why a job fails. The first reason stays. */
void chat_job_fails(struct chat_job *, const char *code, long status,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* All calls of a job are back: keep its good samples, finish it. */
void chat_job_concludes(struct chat *, struct chat_job *);
/* The samples a job has not got. */
int chat_job_missing(const struct chat_job *);
/* A sample that was cut at the token limit before it said anything. */
int chat_is_cut_off(const struct chat *, const struct reply_choice *);
/* A sample that says nothing, for no reason given. */
int chat_is_empty(const struct chat *, const struct reply_choice *);
/* Whether a sample is worth a place in the cache. */
int chat_is_kept(
    const struct chat *, const struct chat_job *, const struct reply_choice *);
/* An error code of a sample as a message. */
const char *chat_in_words(const char *code);

/*
 * Keep a sample in the cache, if there is one and it is worth it: it is there
 * after call_store, together with the others of its reply.
 */
void call_keep(struct chat *, struct chat_job *, int sample);
void call_store(struct chat *);

/* outcome.c */

/* A transfer is over: what it means for its call. Releases it. */
void call_transferred(struct chat *, struct http_done *);

/* batch-backend.c */

/* Answer a job from the results of a batch, or put it into one. */
void offline_ask(struct chat *, struct chat_job *);

#endif
