/* batch-backend: answers jobs from a batch instead of asking a server */
#include "chat/chat-in.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "batch/batch.h"

enum got {
	ABSENT,  /* no result is there */
	LATER,   /* the result decides nothing */
	SETTLED, /* the result is an answer, or a refusal for good */
};

/* Pass over a result for a reason, of which the first is kept. */
static enum got
pass_over(struct chat *c, const char *why)
{
	struct batch *b = c->o.batch;

	if (b->passed++ == 0)
		snprintf(b->reason, sizeof b->reason, "%s", why);
	return LATER;
}

static const struct dialect *
dialect_unseen(const struct chat *c)
{
	return c->o.dialect ? c->o.dialect : dialect_of_model(c->model);
}

/* Take the answers of a result for the n samples from the first-th on. */
static enum got
take_answers(struct chat *c, struct chat_job *j, int first, int n,
    const struct result *result)
{
	struct chat_used used;
	struct reply r;
	const char *why;
	char msg[480];
	int i;

	if (outcome_read(c, j, dialect_unseen(c), result->body, &r, &why) ==
	    -1) {
		snprintf(
		    msg, sizeof msg, "a result is no completion (%s)", why);
		return pass_over(c, msg);
	}
	if (!c->knows_logprobs)
		c->knows_logprobs = outcome_tell_bare(c, "the batch", &r);
	/* a result that answers many records was paid for once */
	if (!result->again) {
		used = attempt_used(c, &r);
		attempt_add_used(&j->used, &used);
		attempt_add_used(&c->stats.used, &used);
		c->stats.answered_calls++;
	}
	for (i = 0; i < n && i < r.nchoices; i++)
		job_fill(&c->jobs, j, first + i, &r.choices[i]);
	job_store(&c->jobs);
	if (r.nchoices >= n)
		return SETTLED;
	snprintf(msg, sizeof msg,
	    "the server gave %d of %d answers; --single asks for each",
	    r.nchoices, n);
	return pass_over(c, msg);
}

/* Take the refusal of a request for n samples. */
static enum got
take_refusal(
    struct chat *c, struct chat_job *j, int n, const struct result *result)
{
	struct refusal e;
	char msg[480];

	secret_read_error(&c->secrets, result->status ? result->status : 500,
	    result->body, &e);
	if (result->status)
		snprintf(msg, sizeof msg, "status %ld: %s", result->status,
		    e.message);
	else
		snprintf(msg, sizeof msg, "%s", e.message);
	/* n may be the reason */
	if (e.end != REFUSAL_RECORD ||
	    (n > 1 && strcmp(e.code, "bad_request") == 0))
		return pass_over(c, msg);
	job_fail(j, e.code, result->status, msg);
	return SETTLED;
}

/* Take the result for the n samples from the first-th on, if there is one. */
static enum got
take_result(struct chat *c, struct chat_job *j, int first, int n)
{
	char id[BATCH_OUT_ID];
	struct result r;

	batch_out_id(id, j->cache_key, first, n);
	if (!batch_in_get(c->o.batch->results, id, &j->mem, &r))
		return ABSENT;
	j->attempts++;
	c->stats.calls += !r.again;
	return r.status == 200 ? take_answers(c, j, first, n, &r)
			       : take_refusal(c, j, n, &r);
}

/* Take all results for a job: whether that leaves some of it open. */
static int
take_results(struct chat *c, struct chat_job *j)
{
	enum got got;
	int i, n, open = 0;

	for (i = 0; i<j->want; i += n> 0 ? n : 1) {
		n = j->samples[i].have ? 0 : j->want - i;
		got = n > 0 ? ABSENT : SETTLED;
		/* the run that asked may have had later ones already */
		while (n > 0 && (got = take_result(c, j, i, n)) == ABSENT)
			n--;
		open |= got != SETTLED;
	}
	return open;
}

/* Return the path that a batch asks for the answers to a job. */
static const char *
path_of(const struct chat *c, const struct chat_job *j)
{
	if (job_has_words(j))
		return c->o.azure ? "/chat/completions"
				  : "/v1/chat/completions";
	return c->o.rescore == RESCORE_SCORE ? "/v1/score" : "/v1/rerank";
}

/* Write a request for the n samples from the first-th on: 0, or -1. */
static int
export_request(struct chat *c, struct chat_job *j, int first, int n)
{
	struct batch_out *r = c->o.batch->requests;
	struct buf body = { 0 };
	struct request_ask ask = j->ask;
	char id[BATCH_OUT_ID], msg[120];
	int failed;

	ask.form = c->o.rescore;

	batch_out_id(id, j->cache_key, first, n);
	request_write(
	    &body, &c->o.body, dialect_unseen(c), c->model, &ask, 0, n, first);
	failed = batch_out_add(r, id, path_of(c, j), buf_span(&body));
	if (failed && errno == EFBIG) {
		snprintf(msg, sizeof msg,
		    "the request has %zu bytes, more than a batch file may "
		    "have",
		    body.n);
		job_fail(j, "request_too_large", 0, msg);
	} else if (failed) {
		c->jobs.write_failed = 1;
		session_halt(&c->session, "%s: cannot write a request: %s",
		    c->o.batch->file, strerror(errno));
	}
	buf_free(&body);
	return failed;
}

/* Write requests for the samples that a job lacks. */
static void
export_missing(struct chat *c, struct chat_job *j)
{
	int single = c->o.single || dialect_unseen(c)->one_choice;
	int i, n;

	for (i = 0; i<j->want; i += n> 0 ? n : 1) {
		for (n = 0; i + n < j->want && !j->samples[i + n].have; n++)
			if (n == 1 && single)
				break;
		if (n > 0 && export_request(c, j, i, n) == -1)
			return;
	}
}

void
batch_backend_ask(struct chat *c, struct chat_job *j)
{
	struct batch *b = c->o.batch;

	if (b->results == NULL || take_results(c, j) != 0) {
		j->code = NULL;
		j->left = job_missing(j) > 0;
	}
	if (j->left && b->requests != NULL && !session_stops(&c->session)) {
		export_missing(c, j);
		j->left = j->code == NULL;
	}
	b->left += (unsigned)j->left;
	if (j->left)
		job_finish(&c->jobs, j);
	else
		job_conclude(&c->jobs, j);
}
