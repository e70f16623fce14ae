/* attempt: single requests, queued, sent, landed and ended */
#include "chat/chat-in.h"

#include <stdlib.h>

void
attempt_append(struct attempts *a, struct attempt *k)
{
	TAILQ_INSERT_TAIL(&a->ready, k, link);
	a->nready++;
}

void
attempt_prepend(struct attempts *a, struct attempt *k)
{
	TAILQ_INSERT_HEAD(&a->ready, k, link);
	a->nready++;
}

struct attempt *
attempt_take(struct attempts *a)
{
	struct attempt *k = TAILQ_FIRST(&a->ready);

	if (k == NULL)
		return NULL;
	TAILQ_REMOVE(&a->ready, k, link);
	a->nready--;
	return k;
}

void
attempt_free(struct attempt *k)
{
	buf_free(&k->body);
	free(k);
}

/* Queue an attempt for n samples of a job. */
static void
queue_one(struct chat *c, struct chat_job *j, int n, int seed_add)
{
	struct attempt *k = mem_new(sizeof *k);

	k->job = j;
	k->n = n;
	k->seed_add = seed_add;
	attempt_append(&c->attempts, k);
	j->pending++;
}

void
attempt_queue(struct chat *c, struct chat_job *j)
{
	int i, n = job_missing(j);

	job_gather(j);
	if (n > 1 && !c->one_at_a_time) {
		queue_one(c, j, n, j->want - n);
		return;
	}
	for (i = 0; i < j->want; i++)
		if (!j->samples[i].have)
			queue_one(c, j, 1, i);
}

void
attempt_end(struct chat *c, struct attempt *k)
{
	struct chat_job *j = k->job;

	attempt_free(k);
	if (--j->pending > 0)
		return;
	if (j->code == NULL && job_missing(j) > 0 && j->topped < j->want &&
	    !session_stops(&c->session)) {
		j->topped++;
		attempt_queue(c, j);
		return;
	}
	job_conclude(&c->jobs, j);
}

int
attempt_leave_to_hedge(struct attempt *k)
{
	if (k->hedge == NULL)
		return 0;
	k->hedge->hedge = NULL;
	attempt_free(k);
	return 1;
}

void
attempt_fail(struct chat *c, struct attempt *k, const char *code, long status,
    const char *message)
{
	if (attempt_leave_to_hedge(k))
		return;
	job_fail(k->job, code, status, message);
	attempt_end(c, k);
}

void
attempt_requeue(struct chat *c, struct attempt *k)
{
	if (!attempt_leave_to_hedge(k))
		attempt_prepend(&c->attempts, k);
}

void
attempt_delay(struct attempts *a, struct attempt *k, long long until)
{
	k->not_before = until;
	TAILQ_INSERT_HEAD(&a->waiting, k, link);
}

void
attempt_wake(struct attempts *a, long long now, int all, long long *wait)
{
	struct attempt *k, *next;

	for (k = TAILQ_FIRST(&a->waiting); k != NULL; k = next) {
		next = TAILQ_NEXT(k, link);
		if (k->not_before <= now || all) {
			TAILQ_REMOVE(&a->waiting, k, link);
			/* attempts put off twice let others go first */
			if (k->delays > 1)
				attempt_append(a, k);
			else
				attempt_prepend(a, k);
		} else if (k->not_before - now < *wait) {
			*wait = k->not_before - now;
		}
	}
}

int
attempt_is_own(const struct attempt *k)
{
	return k->is_slow ||
	       (k->failed_by > 0 && k->at->health.proven_by > k->failed_by);
}

struct chat_used
attempt_used(const struct chat *c, const struct reply *r)
{
	return (struct chat_used){ r->prompt_tokens, r->completion_tokens,
		r->cached_tokens,
		cost_of(&c->spend, r->prompt_tokens, r->completion_tokens,
		    r->cached_tokens),
		r->reasoning_tokens };
}

void
attempt_add_used(struct chat_used *sum, const struct chat_used *used)
{
	sum->prompt_tokens += used->prompt_tokens;
	sum->completion_tokens += used->completion_tokens;
	sum->cached_tokens += used->cached_tokens;
	sum->cost += used->cost;
	sum->reasoning_tokens += used->reasoning_tokens;
}

void
attempt_land(struct attempts *a, struct attempt *k)
{
	k->at->inflight--;
	TAILQ_REMOVE(&a->flying, k, link);
}

void
attempt_send(
    struct chat *c, struct attempt *k, struct endpoint *e, long long now)
{
	struct request_ask ask = k->job->ask;

	k->scores = job_scores(k->job);
	ask.form = k->form = e->form;
	k->at = e;
	k->number = ++c->attempts.sent;
	k->sent_at = now;
	k->answered_before = e->did.answered;
	k->crowd = e->inflight;
	buf_clear(&k->body);
	request_write(&k->body, &c->o.body, &e->dialect, c->model, &ask, k->cap,
	    k->n, k->seed_add);
	k->tries++;
	k->sends++;
	if (k->job->started == 0)
		k->job->started = now;
	k->job->attempts++;
	c->stats.calls++;
	e->did.calls++;
	e->inflight++;
	TAILQ_INSERT_TAIL(&c->attempts.flying, k, link);
	/* the caller has seen that there is a place */
	(void)http_post(c->http, k->scores > 0 ? e->scores[k->form] : e->target,
	    buf_span(&k->body), c->o.timeout_ms, k);
}

enum limits_said
attempt_reserve(
    struct chat *c, struct attempt *k, struct endpoint *e, long long *wait)
{
	size_t bytes = request_bytes(&k->job->ask);
	/* vectors and scores are no tokens */
	int n = job_has_words(k->job) ? k->n : 0;
	struct cost_tokens t, likely;

	cap_set(c, k, e);
	t = cost_guess(&c->spend, bytes, k->cap, n);
	likely = cost_expect(&c->spend, bytes, k->cap, n);
	k->reserved = (struct reservation){
		.cost = cost_of(&c->spend, t.in, t.out, 0),
		.tokens = t.in + t.out,
		.lane = e->lane,
		.likely_cost = cost_of(&c->spend, likely.in, likely.out, 0),
		.likely_tokens = likely.in + likely.out,
	};
	return limits_reserve(c->limits, &k->reserved, wait);
}
