/* batch-backend: jobs that no server is asked, but a batch */
#include "chat/chat-in.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "batch/batch.h"

enum got {
	ABSENT,  /* no result */
	LATER,   /* one that says nothing for good */
	SETTLED, /* answered, or refused for good */
};

static enum got
later(struct chat *c, const char *why)
{
	struct batch *b = c->o.batch;

	if (b->passed++ == 0)
		snprintf(b->reason, sizeof b->reason, "%s", why);
	return LATER;
}

static void
count(struct chat *c, struct chat_job *j, const struct reply *r)
{
	struct chat_used used = { r->prompt_tokens, r->completion_tokens,
		r->cached_tokens,
		cost_of(&c->spend, r->prompt_tokens, r->completion_tokens,
		    r->cached_tokens) };

	j->prompt_tokens += r->prompt_tokens;
	j->completion_tokens += r->completion_tokens;
	j->cached_tokens += r->cached_tokens;
	call_took(c, NULL, &used);
}

/* Put a choice where a sample is missing. */
static void
fill(struct chat *c, struct chat_job *j, int i, const struct reply_choice *r)
{
	const struct dialect *d = chat_unseen_dialect(c);
	struct span words;

	if (j->samples[i].have)
		return;
	j->samples[i].have = 1;
	j->samples[i].choice = *r;
	if (d->how == CHOICE_SCHEMA &&
	    body_constrains(&c->o.body, d, &j->ask, &words))
		reply_unquote(&j->samples[i].choice, &j->mem);
	chat_redact_choice(c, &j->samples[i].choice, &j->mem);
	call_keep(c, j, i);
}

/* The answers of a result for the n samples from the first-th on. */
static enum got
answered(struct chat *c, struct chat_job *j, int first, int n,
    const struct result *result)
{
	struct reply r;
	const char *why;
	char msg[480];
	int i;

	if (reply_read(result->body, &j->mem, &r, &why) == -1) {
		snprintf(
		    msg, sizeof msg, "a result is no completion (%s)", why);
		return later(c, msg);
	}
	/* what answers many records was paid for once */
	if (!result->again) {
		c->stats.answered_calls++;
		count(c, j, &r);
	}
	for (i = 0; i < n && i < r.nchoices; i++)
		fill(c, j, first + i, &r.choices[i]);
	call_store(c);
	if (r.nchoices >= n)
		return SETTLED;
	snprintf(msg, sizeof msg,
	    "the server gave %d of %d answers; --single asks for each",
	    r.nchoices, n);
	return later(c, msg);
}

static enum got
refused(struct chat *c, struct chat_job *j, int n, const struct result *result)
{
	struct reply_error e;
	char msg[480];

	chat_read_error(
	    c, result->status ? result->status : 500, result->body, &e);
	if (result->status)
		snprintf(msg, sizeof msg, "status %ld: %s", result->status,
		    e.message);
	else
		snprintf(msg, sizeof msg, "%s", e.message);
	/* it may be n that is refused */
	if (e.end != REPLY_RECORD ||
	    (n > 1 && strcmp(e.code, "bad_request") == 0))
		return later(c, msg);
	chat_job_fails(j, e.code, result->status, "%s", msg);
	return SETTLED;
}

static enum got
settle(struct chat *c, struct chat_job *j, int first, int n)
{
	char id[BATCH_OUT_ID];
	struct result r;

	batch_out_id(id, j->cache_key, first, n);
	if (!batch_in_get(c->o.batch->results, id, &j->mem, &r))
		return ABSENT;
	j->attempts++;
	c->stats.calls += !r.again;
	return r.status == 200 ? answered(c, j, first, n, &r)
			       : refused(c, j, n, &r);
}

/* What the results have for a job. 0 if that leaves none of it open. */
static int
take_results(struct chat *c, struct chat_job *j)
{
	enum got got;
	int i, n, open = 0;

	for (i = 0; i < j->want; i += n ? n : 1) {
		n = 0;
		if (j->samples[i].have)
			continue;
		got = ABSENT;
		/* who asked for it may have had others of them already */
		for (n = j->want - i; n > 0; n--)
			if ((got = settle(c, j, i, n)) != ABSENT)
				break;
		open |= got != SETTLED;
	}
	return open;
}

/* One request for the n samples from the first-th on: 0, or -1. */
static int export(struct chat *c, struct chat_job *j, int first, int n)
{
	struct batch_out *r = c->o.batch->requests;
	struct buf body = { 0 };
	char id[BATCH_OUT_ID];
	int failed;

	batch_out_id(id, j->cache_key, first, n);
	body_write(&body, &c->o.body, chat_unseen_dialect(c), c->model, &j->ask,
	    0, n, first);
	failed = batch_out_add(r, id,
	    c->o.azure ? "/chat/completions" : "/v1/chat/completions",
	    buf_span(&body));
	if (failed && errno == EFBIG) {
		chat_job_fails(j, "request_too_large", 0,
		    "the request has %zu bytes, more than a batch file may "
		    "have",
		    body.n);
	} else if (failed && c->cache_errno == 0) {
		c->cache_errno = errno;
		chat_halt(c, "%s: cannot write a request: %s", c->o.batch->file,
		    strerror(errno));
	}
	buf_free(&body);
	return failed;
}

/* Requests for what a job lacks. */
static void
export_missing(struct chat *c, struct chat_job *j)
{
	int single = c->o.single || chat_unseen_dialect(c)->one_choice;
	int i, n;

	for (i = 0; i < j->want; i += n) {
		for (n = 0; i + n < j->want && !j->samples[i + n].have; n++)
			if (n == 1 && single)
				break;
		if (n > 0 && export(c, j, i, n) == -1)
			return;
		n += n == 0;
	}
}

void
offline_ask(struct chat *c, struct chat_job *j)
{
	struct batch *b = c->o.batch;

	if (b->results == NULL || take_results(c, j) != 0) {
		j->code = NULL;
		j->left = chat_job_missing(j) > 0;
	}
	if (j->left && b->requests != NULL && !c->stopping) {
		export_missing(c, j);
		j->left = j->code == NULL;
	}
	b->left += (unsigned)j->left;
	if (j->left)
		chat_job_finish(c, j);
	else
		chat_job_concludes(c, j);
}
