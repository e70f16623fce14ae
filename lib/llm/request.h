/*
 * lib/llm writes the requests of the chat completions API and reads its
 * replies, in the dialect that each server speaks. lib/chat uses it for every
 * request; tg-llm uses it to read options and to estimate tokens, and tg-judge
 * to read logprobs. It never opens a connection or a file: bytes go in and
 * bytes come out.
 *
 * request: the JSON of a chat completion request.
 *
 * A parameter comes from the command line, else from the record's request,
 * else from the defaults, in that order; --extra-body is merged last. Further
 * members of the request's params are sent as they are, but for messages,
 * model, n and stream, which are not theirs to say.
 */
#pragma once

#include "base/buf.h"
#include "llm/dialect.h"
#include "llm/rescore.h"

struct request_opts {
	const char *param[REQUEST_NPARAM]; /* JSON of the options, or NULL */
	const char *logprobs;              /* logprobs a token, or NULL */
	struct span extra;                 /* --extra-body; p NULL: none */
	int no_stream; /* flag: "stream":false is sent, as some servers send
			* a stream to whoever does not say */
	int embed;     /* flag: messages are texts, an array of strings, whose
			* vectors are asked for */
};

/* An ask is the request of a record: raw JSON, borrowed from the record. */
struct request_ask {
	/* messages, or documents whose scores for the query are asked for */
	struct span messages, params;
	struct span query;      /* string; p NULL: no scores are asked for */
	enum rescore_form form; /* form in which scores are asked for */
	int again; /* times that its answers were at fault before */
};

/* Return the ask of a record's request. */
struct request_ask request_ask_of(struct span request);

/* Return the bytes that a server reads: a query once for each document. */
size_t request_bytes(const struct request_ask *);

/*
 * Return the member of the params that is malformed, a constant string; NULL if
 * none is. An endpoint that refuses such a member would be taken not to know
 * it, and no other request would get it any more.
 */
const char *request_bad_param(const struct request_ask *);

/*
 * Append the body for n samples; n 1 is not written. cap over 0 stands in for
 * the token limit. seed_add is added to the seed, where one is set, and so is
 * 1000 for each time it is asked again.
 */
void request_write(struct buf *, const struct request_opts *,
    const struct dialect *, const char *model, const struct request_ask *,
    long cap, int n, int seed_add);

/*
 * Append the name that the answers have in a cache: the members of
 * request_write by their neutral names (temperature, top_p, max_tokens,
 * repetition_penalty, logit_bias, seed, choice), logprobs if the options ask
 * for them, "extra", and "again" if it is over 0. Endpoint, dialect, refused
 * members, count and lowered limits are not in it. Scores are named by query,
 * documents, model and "extra".
 */
void request_name(struct buf *, const struct request_opts *, const char *model,
    const struct request_ask *);

/*
 * Return whether request_write decides on a member, and so may leave it out: it
 * is neither of --extra-body nor the record's own.
 */
int request_owns(
    const struct request_opts *, const struct request_ask *, struct span name);

/* Return the words that request_write holds the answer to; p NULL: any. */
struct span request_constrains(const struct request_opts *,
    const struct dialect *, const struct request_ask *);

/* Return whether name is that of the parameter, in any dialect. */
int request_is_param(enum request_param, struct span name);

/* Return the token limit that request_write sends if cap is 0. */
long request_cap(const struct request_opts *, const struct request_ask *);

/* Return whether the user set the limit, by an option or --extra-body. */
int request_cap_is_given(const struct request_opts *);
