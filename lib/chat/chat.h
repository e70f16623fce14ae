/*
 * lib/chat asks LLM services many questions at once: it chooses the endpoint,
 * keeps to the limits, retries, and stores answers in lib/respcache. Only
 * tg-llm uses it. It never reads a record and never writes to stdout: jobs go
 * in and come back finished.
 *
 * chat: asks an LLM service, many questions at once.
 *
 * A job is one record's question, asked for a number of samples. Jobs are
 * queued, sent as far as the limits allow, retried, topped up where a server
 * gives fewer samples than asked, answered from the cache where it can, and
 * come back finished, in any order. What to do with the answers is the
 * caller's business.
 *
 * An answer is cached under the SHA-256 of what body_name writes: the request
 * in neutral terms, the same for any server that speaks of it in its own.
 * What another job, here or in another process with that cache, is asking at
 * the time is not asked: the job waits for that answer, a request's timeout at
 * most.
 * Several endpoints share the work, the least busy first, and what failed at
 * one rather another. One that is down or fails again and again is tried with
 * one request every few seconds; one that will not serve (a bad key, no such
 * path) is asked no more. When the last one goes away that served, all wait for
 * it, retry_ms at most. When none is left, or requests have failed in every
 * attempt and nothing else was answered meanwhile, all stops.
 */
#ifndef TG_CHAT_H
#define TG_CHAT_H

#include <poll.h>

#include "base/hash.h"
#include "base/hist.h"
#include "chat/limits.h"
#include "io/counts.h"
#include "llm/cost.h"
#include "llm/reply.h"
#include "llm/request.h"

struct chat;
struct batch;

struct chat_opts {
	const char *tool;
	const char *const *urls; /* NULL-terminated; base URLs, ".../v1" */
	int azure;
	const char *api_version;       /* NULL: Azure's v1, which has none */
	const char *key, *ad_token;    /* or NULL; copied */
	const char *org, *project;     /* OpenAI's, or NULL */
	const char *headers;           /* more, a "Name: value" a line, maybe
					* secret; or NULL; copied */
	const char *model;             /* NULL: the first of /models */
	const struct dialect *dialect; /* NULL: by what /models tells */
	struct body_opts body;
	unsigned jobs;     /* requests in flight at most; fewer if the limit on
			    * open files demands it */
	int jobs_auto;     /* as many of them as are worth while */
	int retries;       /* of one request, after its first attempt */
	long retry_ms;     /* from its first failure to the last attempt; also
			    * how long a service that has gone is waited for */
	long timeout_ms;   /* of one attempt */
	double hedge;      /* ask again what takes longer than so many per cent
			    * of requests; 0: nothing */
	const char *share; /* whom the limits are shared with, or NULL */
	struct limits_max limits; /* cost in the unit of prices */
	struct spend prices;        /* nothing learned yet */
	int keep_thinking, allow_plain_key, proxy_env;
	int single;        /* ask for one sample a request */
	int verbose;       /* say on stderr what each retry is about */
	const char *cache; /* folder of answers, or NULL */
	int cache_read_only;
	/* not NULL: nobody is asked, see batch.h; urls may be none, the model
	 * must be there */
	struct batch *batch;
	const char *ca_file; /* PEM; whom to trust, NULL: the system's */
	int (*cancelled)(void); /* whether to stop looking for a service */
};

struct chat_job {
	/* the caller's, to be left alone until the job is finished */
	void *ctx;
	struct body_ask ask;
	int want;                /* samples, at least 1 */
	int length_ok;           /* an answer cut at the token limit will do */
	const char *file, *kind; /* for messages, as is lineno */
	size_t lineno;

	/* the result, valid until chat_job_free */
	struct reply_choice *choices; /* the good ones, in order */
	int nchoices;
	const char *code; /* NULL: answered; else why not, as in tg.error */
	char message[480];
	long status;     /* HTTP status of the last failure, or 0 */
	int attempts;    /* requests sent for it */
	int cached;      /* samples that came from the cache */
	int left;        /* of a batch: neither answered nor failed yet */
	long latency_ms; /* from its first request to its last answer */
	long long prompt_tokens, completion_tokens, cached_tokens;

	/* chat's own */
	struct chat_job *next;
	struct arena mem;
	struct sample *samples;
	char cache_key[SHA256_HEX];
	int pending, topped, split;
	int claimed; /* nobody else is to ask it now */
	long long started, held_since;
};

/* What answers took, hedges among them; cost in the unit of prices. */
struct chat_used {
	long long prompt_tokens, completion_tokens, cached_tokens, cost;
};

/* What an endpoint did so far. */
struct chat_end {
	const char *url, *dialect;
	unsigned long calls, answered, retries, limited; /* limited: 429s */
	struct tally failures; /* calls that failed, by code */
	struct hist latency;   /* ms, of calls that were answered */
	struct chat_used used;
	long long down_ms; /* nothing listened there */
};

struct chat_stats {
	unsigned long calls, retries, answered_calls, cached, slowed;
	struct chat_used used;
	struct hist latency; /* ms, of calls that were answered */
	unsigned long hedges, hedges_won; /* asked again; to good effect */
	long long hedge_tokens; /* of answers that came when one was there */
	int estimated;          /* a reply did not tell its tokens */
};

/*
 * New, nothing is sent yet. NULL with *why until the next call, and *status:
 * TG_EX_USAGE for a URL or key that will not do, else TG_EX_IO.
 */
struct chat *chat_new(const struct chat_opts *, int *status, const char **why);

/*
 * Close the cache, free all. 0; -1 with errno if the cache could not be
 * written. Unfinished jobs are forgotten.
 */
int chat_free(struct chat *);

/*
 * Find out what serves: which endpoints answer, the model, the dialect. Called
 * by chat_ask when first needed, that is not for what the cache has under a
 * model given; later calls do nothing. 0, or -1 when the service can't serve,
 * chat_stopped says why.
 */
int chat_prepare(struct chat *);
const char *chat_model(const struct chat *);

/* Queue a job (borrowed). It may be finished at once, from the cache. */
void chat_ask(struct chat *, struct chat_job *);

/* Requests that may be in flight now. */
unsigned chat_width(const struct chat *);

/* How long nobody has served any more who did, ms; 0: somebody does. */
long long chat_waits(const struct chat *);

/* Whether another job would be sent soon; ask no more than that. */
int chat_hungry(const struct chat *);

/*
 * Send what may be sent, move transfers on, and wait up to timeout_ms for one
 * of them or of extra. 0; -1 with *why if polling fails.
 */
int chat_poll(struct chat *, struct pollfd *extra, unsigned nextra,
    int timeout_ms, const char **why);

/* The next finished job, or NULL. */
struct chat_job *chat_next(struct chat *);

/* Release a finished job's result. */
void chat_job_free(struct chat_job *);

/* Jobs asked and not yet given back. */
unsigned chat_pending(const struct chat *);

/*
 * Send nothing more: what is not in flight ends as "stopped" for the reason
 * why (copied). With now set, what is in flight too.
 */
void chat_stop(struct chat *, const char *why, int now);

/* Why the service can't serve or chat_stop was called; NULL if neither. */
const char *chat_stopped(const struct chat *);

/* errno of a failed cache write, or 0. */
int chat_cache_failed(const struct chat *);

const struct chat_stats *chat_stats(const struct chat *);

/* The i-th endpoint's; NULL if there are not so many. */
const struct chat_end *chat_end(struct chat *, size_t i);

/* What was spent by all that share the limits. */
struct limits_sums chat_sums(const struct chat *);

#endif
