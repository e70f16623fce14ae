/*
 * endpoint: a place that requests go to: its URL and headers, its dialect, its
 * health and what it did so far. It knows no job and no attempt.
 */
#pragma once

#include "chat/chat.h"
#include "chat/concurrency.h"
#include "chat/health.h"
#include "chat/secret.h"
#include "http/http.h"

struct endpoint {
	const char *url;
	unsigned long long lane; /* number among the limits */
	struct http_target *target;
	struct http_target *models; /* list of its models; NULL: none */
	struct dialect dialect;     /* own copy, which learns what is refused */
	unsigned inflight;          /* attempts there now */
	struct concurrency limit;   /* limit of inflight */
	struct health health;
	long context;    /* tokens that the model holds; 0: not known */
	long cap_max;    /* tokens of the largest limit; 0: as asked */
	long cap_warned; /* tokens of the limit that the user knows; 0: none */
	long judge_cap;  /* raised token limit of a judge who reasons; 0: as
			  * asked */
	char why[600];   /* reason why it did not serve when it was probed */
	struct chat_end did;
	long long unreachable_since; /* time since which nobody listens there,
				      * ms; 0: somebody does */
};

/*
 * Make the targets of e, whose url is set, in an engine, with headers that hold
 * the secrets: 0; -1 with *why until the next call.
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

/* Note at time now whether somebody listens at an endpoint. */
void endpoint_note_up(struct endpoint *, long long now, int up);

/* Return what may be wrong with a base URL that got an HTTP status, or "". */
const char *endpoint_url_hint(const char *url, long status);
