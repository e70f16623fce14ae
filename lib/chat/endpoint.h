/*
 * endpoint: a place that requests go to: its URL and headers, its dialect, its
 * health and what it did so far. It knows no job and no attempt.
 */
#pragma once

#include "chat/chat.h"
#include "pace/concurrency.h"
#include "pace/health.h"
#include "chat/secret.h"
#include "http/http.h"

/* The key at an endpoint: whether it is sent, and why not. */
enum endpoint_key {
	ENDPOINT_NO_KEY,  /* not sent: the user has none */
	ENDPOINT_KEY,     /* sent */
	ENDPOINT_UNNAMED, /* not sent: the user has not named the endpoint */
	ENDPOINT_PLAIN,   /* not sent: the connection is not encrypted */
	ENDPOINT_OTHERS,  /* not sent: the key is another host's */
};

enum { ENDPOINT_SLOTS = 2 }; /* llama.cpp's /props, and /slots */

/* A file that names endpoints. */
struct address_file {
	const char *name;
	int is_bad; /* whether the user knows that it is not as it should be */
};

struct endpoint {
	const char *url;
	const struct address_file *file; /* file that named it first; NULL: an
					  * option did */
	int is_named; /* whether an option or a file names it now */
	enum endpoint_key key;
	int is_loopback;         /* whether it is on this machine */
	unsigned long long lane; /* number among the limits */
	struct http_target *target;
	struct http_target *scores[RESCORE_FORMS]; /* targets of requests for
						    * scores */
	enum rescore_form form;     /* form in which it is asked for scores */
	struct http_target *models; /* list of its models; NULL: none */
	struct http_target *slots[ENDPOINT_SLOTS]; /* paths that tell its
						    * slots, as /props;
						    * NULL: none */
	struct dialect dialect;   /* own copy, which learns what is refused */
	unsigned inflight;        /* attempts there now */
	struct concurrency limit; /* limit of inflight */
	struct health health;
	long context;    /* tokens that the model holds; 0: not known */
	long cap_max;    /* tokens of the largest limit; 0: as asked */
	long cap_warned; /* tokens of the limit that the user knows; 0: none */
	long judge_cap;  /* raised token limit of a judge who reasons; 0: as
			  * asked */
	char why[600];   /* reason why it did not serve when it was probed */
	int knows_logprobs; /* whether it showed if it gives log probabilities
			     */
	struct chat_end did;
	long long unreachable_since; /* time since which nobody listens there,
				      * ms; 0: somebody does */
};

/*
 * Make the targets of e, whose url is set, in an engine, with headers that hold
 * the secrets that belong there; see struct chat_opts. 0; -1 with *why until
 * the next call.
 */
int endpoint_open(struct endpoint *e, const struct chat_opts *,
    const struct secrets *, struct http *, const char **why);

/*
 * Return a new target, owned by the engine, for a path of the API other than
 * that of completions, such as "/files?limit=1", below a base URL; with the
 * header Content-Type if type is not NULL. NULL with *why, a constant string.
 */
struct http_target *endpoint_path(const struct chat_opts *,
    const struct secrets *, struct http *, const char *base, const char *path,
    const char *type, const char **why);

/* Return the options of an engine for so many requests at once. */
struct http_opts endpoint_http(const struct chat_opts *, unsigned max_inflight);

/* Return the delay that a refusal asks for in any way, ms; 0: none. */
long long endpoint_asked_delay(
    const struct http_done *, const struct refusal *);

/* Return a base URL without the slashes at its end. */
struct span endpoint_base(struct span url);

/*
 * Append a URL that was refused, without what may be a secret: all before the
 * last @, and a query.
 */
void endpoint_add_refused(struct buf *, const char *url);

/* Return whether a host, as a user writes it, is that of a URL. */
int endpoint_is_host(const char *url, const char *host);

/*
 * Send an endpoint that has so many slots no more requests at once, nor more
 * than the jobs of chat_opts.
 */
void endpoint_set_slots(
    struct endpoint *, const struct chat_opts *, unsigned slots);

/* Return how many attempts may be in flight at an endpoint now. */
unsigned endpoint_limit(const struct endpoint *);

/* Note at time now whether somebody listens at an endpoint. */
void endpoint_note_up(struct endpoint *, long long now, int up);

/*
 * Return what may be the reason for an HTTP status: the form of the base URL,
 * or that the key was not sent; or "".
 */
const char *endpoint_hint(const struct endpoint *, long status);

/* Append the URL, and in brackets what becomes of the key. */
void endpoint_describe(const struct endpoint *, struct buf *);
