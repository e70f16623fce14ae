/*
 * lib/chat asks LLM services many questions at once: it chooses the endpoint,
 * keeps to the limits, retries, and stores answers in lib/respcache. Only
 * tg-llm uses it. It never reads a record and never writes to stdout: jobs go
 * in and come back finished, in any order.
 *
 * A job is one record's question, asked for a number of samples. They come from
 * the cache where it can be, else from requests, one or more: a server may give
 * fewer samples than asked. With body.embed set, a job has texts, and each of
 * its samples is the vector of one of them, as embed.h holds it; it fails
 * unless it gets all of them. A job whose ask has a query asks for scores, see
 * rescore.h; all scores of a job come from one reply.
 *
 * An answer is cached under the SHA-256 of what request_name writes, the same
 * for any server. A question that another job, here or in another process with
 * that cache, is asking is not asked again: the job is held until that answer
 * has come, a request's timeout at most.
 *
 * Several endpoints share the work, the least busy first; a retry goes to
 * another one. health.h says what becomes of an endpoint that fails. When the
 * last one is ejected that served, all attempts wait for it, retry_ms at most.
 * Endpoints that a file names come and go as it changes; see chat-in.h.
 * When none is left, or requests have failed in every attempt and nothing else
 * was answered meanwhile, the session stops; see session.h.
 */
#pragma once

#include <poll.h>
#include <sys/queue.h>

#include "base/hash.h"
#include "base/hist.h"
#include "chat/limits.h"
#include "io/counts.h"
#include "pace/cost.h"
#include "llm/reply.h"
#include "llm/request.h"

struct chat;
struct batch;

struct secret_key;

struct chat_opts {
	/* base URLs, ".../v1", or @FILE for those in a file; NULL ends them */
	const char *const *urls;
	int azure;               /* whether the service is Azure's */
	const char *api_version; /* Azure's; NULL: v1, which has none */
	/*
	 * The keys of the environment, and its headers, go to the host of
	 * key_url alone; where that is NULL, to each server over https or on
	 * this machine. Keys from files come before them, and go over http to
	 * another machine with allow_plain_key. No key goes to a server that
	 * nobody named.
	 */
	const char *key, *ad_token;        /* or NULL; copied */
	const char *key_url;               /* or NULL */
	const struct secret_key *own_keys; /* or NULL; copied; see secret.h */
	int unnamed;                   /* whether urls was named by nobody */
	const char *const *only_hosts; /* hosts that may be asked; NULL ends
					* them; NULL: any host */
	const char *unused_proxy;  /* proxy variable that is set but not used;
				    * or NULL */
	const char *org, *project; /* OpenAI's; or NULL */
	const char *headers;       /* more headers, a "Name: value" a line,
				    * maybe secret; or NULL; copied */
	const char *model;         /* NULL: the first of /models */
	const struct dialect *dialect; /* NULL: what /models tells */
	struct request_opts body;
	enum rescore_form
	    rescore;    /* form in which scores are asked for first */
	unsigned jobs;  /* requests in flight at most; fewer if the limit on
			 * open files demands it */
	int jobs_auto;  /* whether to find the number, up to that one, that
			 * gives the most answers */
	int jobs_given; /* whether that is the user's number */
	unsigned ollama_slots; /* slots of an Ollama server; 0: not known */
	int retries;           /* tries of a request after its first */
	long retry_ms;     /* time from its first failure to the last try, and
			    * for which a service that has gone is awaited */
	long timeout_ms;   /* bound of one attempt */
	double hedge;      /* percentage of requests that are faster than one
			    * that is hedged; 0: never hedge */
	const char *share; /* name under which limits are shared; or NULL */
	struct limits_max limits; /* cost in the unit of prices */
	const char *budget_dir;   /* folder that keeps what is spent; or NULL */
	struct cost prices;       /* prices with nothing learned yet */
	int keep_thinking, allow_plain_key, proxy_env;
	int single;        /* whether a request asks for one sample only */
	int verbose;       /* whether stderr is told what each retry is about */
	int quiet;         /* whether stderr is not told who gets text */
	const char *cache; /* folder of the response cache; or NULL */
	int cache_read_only;
	struct batch *batch;    /* batch that stands for a server, see batch.h;
				 * then the model is given, and urls may be none;
				 * or NULL */
	const char *ca_file;    /* PEM file of trusted certificates; NULL: the
				 * system's */
	int (*cancelled)(void); /* whether to stop looking for a service */
};

/* Sums of what answers took, late hedges too; cost in the unit of prices. */
struct chat_used {
	long long prompt_tokens, completion_tokens, cached_tokens, cost;
	long long reasoning_tokens; /* part of completion_tokens */
};

struct chat_job {
	/* set by the caller, and left alone until the job is finished */
	void *ctx;
	struct request_ask ask;
	/* texts whose vectors are asked for, raw strings of JSON, one for each
	 * sample; chat then sets ask. NULL: ask is the question */
	const struct span *texts;
	int want;           /* samples up to the last asked for, >= 1 */
	int skip;           /* samples before the first asked for */
	int length_ok;      /* whether an answer may be cut at the limit */
	int keep_reasoning; /* whether the cache keeps an answer's reasoning */
	int stored_only;    /* whether the job is left unless the cache has
			     * all of its samples */
	const char *file, *kind; /* names for messages, as lineno is */
	size_t lineno;

	/* the result, valid until chat_job_free */
	struct reply_choice *choices; /* good samples, in order */
	int nchoices;
	const char *code; /* code of the failure as in tg.error; NULL: none */
	char message[480];
	long status;  /* HTTP status of the last failure; 0: none */
	int attempts; /* requests sent */
	int cached;   /* samples that came from the cache */
	int left;     /* whether it is neither answered nor failed: by a batch,
		       * or by the cache where that alone may answer */
	long latency_ms;       /* time from first request to last answer, ms */
	struct chat_used used; /* tokens and cost of the answers */

	/* chat's own */
	STAILQ_ENTRY(chat_job) next;
	struct arena mem;
	struct sample *samples;
	char cache_key[SHA256_HEX];
	char (*keys)[SHA256_HEX]; /* keys of the texts; NULL: no part needs
				   * them, or there are none */
	int pending;              /* attempts that are not over */
	int topped;             /* times that missing samples were asked for */
	int split;              /* whether n was refused, maybe */
	int claimed;            /* whether nobody else is to ask it now */
	const void *refused_at; /* endpoint that refused it last; or NULL */
	long long started;      /* time of its first request, ms; 0: none */
	long long held_since;   /* time since which it is held, ms; 0: never */
};

/* Figures of an endpoint. */
struct chat_end {
	const char *url, *dialect;
	unsigned long calls, answered, retries;
	unsigned long limited;  /* answers with status 429 */
	struct counts failures; /* attempts that failed, by code */
	struct hist latency; /* latencies of attempts that were answered, ms */
	struct chat_used used;
	long long down_ms; /* time in which nobody listened there */
};

struct chat_stats {
	const char *model; /* "": not known yet */
	unsigned pending;  /* jobs asked and not yet given back */
	long long waits;   /* time since no server is left, ms; 0: one is */
	unsigned long calls, retries, answered_calls;
	unsigned long cached; /* samples that came from the cache */
	unsigned long slowed; /* times that an endpoint was slowed */
	struct chat_used used;
	struct hist latency; /* latencies of attempts that were answered, ms */
	unsigned long hedges, hedges_won;
	long long hedge_tokens; /* tokens of hedges whose answer was late */
	int estimated;          /* whether a reply did not tell its tokens */
	int write_failed;       /* whether something could not be stored */
	struct limits_sums all; /* spending of all that share the limits */
};

/*
 * Return a new chat that has sent nothing yet; NULL with *why until the next
 * call, and *status: TG_EX_USAGE for a URL or key that will not do, else
 * TG_EX_IO. Free it with chat_free.
 */
struct chat *chat_new(const struct chat_opts *, int *status, const char **why);

/*
 * Close the cache and free all; unfinished jobs are forgotten. 0; -1 with errno
 * if the cache could not be written.
 */
int chat_free(struct chat *);

/*
 * Find out what serves: which endpoints answer, the model, the dialect.
 * chat_ask calls it when it is first needed, which is not for what the cache
 * has under a model given; later calls do nothing. A message says who gets
 * text, unless quiet is set. 0, or -1 when the service
 * can't serve; chat_stopped says why.
 */
int chat_prepare(struct chat *);

/*
 * Append who gets text, with what is to be known of the keys, and what model is
 * asked, if that is known.
 */
void chat_describe(const struct chat *, struct buf *);

/* Queue a job, borrowed. It may be finished at once, from the cache. */
void chat_ask(struct chat *, struct chat_job *);

/* Return how many requests may be in flight now. */
unsigned chat_width(const struct chat *);

/* Return whether another job would be sent soon; ask no more than that. */
int chat_hungry(const struct chat *);

/*
 * Send every attempt that the limits allow, move transfers on, and wait up to
 * timeout_ms for one of them or of extra: 0; -1 with *why if polling fails.
 */
int chat_poll(struct chat *, struct pollfd *extra, unsigned nextra,
    int timeout_ms, const char **why);

/* Return the next finished job, or NULL. */
struct chat_job *chat_next(struct chat *);

/* Add what a finished job took, and what the cache had, to another's. */
void chat_job_add(struct chat_job *, const struct chat_job *other);

/* Free a finished job's result. */
void chat_job_free(struct chat_job *);

/*
 * Send nothing more: jobs that are not in flight end as "stopped" for the
 * reason given (copied). With now set, those in flight do, too.
 */
void chat_stop(struct chat *, const char *why, int now);

/* Return why the service can't serve or was stopped; NULL: neither. */
const char *chat_stopped(const struct chat *);

/* Return the figures of the run as of now, borrowed. */
const struct chat_stats *chat_stats(struct chat *);

/* Return the figures of the i-th endpoint; NULL if there are not so many. */
const struct chat_end *chat_end(struct chat *, size_t i);
