/*
 * body: the JSON of a chat completion request.
 *
 * A parameter comes from the command line, else from the record's request,
 * else from the defaults, in that order; --extra-body is merged last.
 */
#ifndef TG_BODY_H
#define TG_BODY_H

#include "buf.h"
#include "dialect.h"

enum body_param {
	BODY_TEMPERATURE,
	BODY_TOP_P,
	BODY_MAX_TOKENS,
	BODY_REPETITION_PENALTY,
	BODY_LOGIT_BIAS,
	BODY_SEED,
	BODY_NPARAM
};

struct body_opts {
	const char *param[BODY_NPARAM]; /* JSON from the options, or NULL */
	struct span extra;              /* JSON object, or p NULL */
};

/* A request as the record has it: raw JSON, borrowed from the record. */
struct body_ask {
	struct span messages, params;
};

/*
 * Append the body for n samples; n 1 is not written. cap_max over 0 bounds the
 * token limit. seed_add is added to the seed, where one is set.
 */
void body_write(struct buf *, const struct body_opts *,
    const struct dialect *, const char *model, const struct body_ask *,
    long cap_max, int n, int seed_add);

/* The token limit that body_write would send, without cap_max. */
long body_cap(const struct body_opts *, const struct body_ask *);

#endif
