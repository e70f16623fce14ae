/*
 * chat-in: a whole run, made of the parts that session, secret, job, attempt,
 * endpoint, limits and hedge define. Only the files that join them include it:
 * attempt, balance, hedge, probe, outcome, batch-backend and chat; each calls
 * only those before it.
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
