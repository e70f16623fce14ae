/* attempt: single requests, queued, sent, landed and ended */
#include "chat/attempt.h"

#include <stdlib.h>

#include "chat/cap.h"
#include "chat/chat-in.h"

void
attempt_init(struct attempts *a)
{
	*a = (struct attempts){ 0 };
	a->ready.tail = &a->ready.head;
}

void
attempt_append(struct attempts *a, struct attempt *k)
{
	k->next = NULL;
	*a->ready.tail = k;
	a->ready.tail = &k->next;
	a->nready++;
}

void
attempt_prepend(struct attempts *a, struct attempt *k)
{
	if ((k->next = a->ready.head) == NULL)
		a->ready.tail = &k->next;
	a->ready.head = k;
	a->nready++;
}

struct attempt *
attempt_take(struct attempts *a)
{
	struct attempt *k = a->ready.head;

	if (k == NULL)
		return NULL;
	if ((a->ready.head = k->next) == NULL)
		a->ready.tail = &a->ready.head;
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
	job_fail(k->job, code, status, "%s", message);
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
	k->next = a->waiting;
	a->waiting = k;
}

void
attempt_wake(struct attempts *a, long long now, int all, long long *wait)
{
	struct attempt **p = &a->waiting, *k;

	while ((k = *p) != NULL) {
		if (k->not_before > now && !all) {
			if (*wait == -1 || k->not_before - now < *wait)
				*wait = k->not_before - now;
			p = &k->next;
			continue;
		}
		*p = k->next;
		attempt_prepend(a, k);
	}
}

void
attempt_count(struct chat *c, struct endpoint *e, const struct chat_used *used)
{
	struct chat_used *to[] = { &c->stats.used, e ? &e->did.used : NULL };
	size_t i;

	for (i = 0; i < 2 && to[i] != NULL; i++) {
		to[i]->prompt_tokens += used->prompt_tokens;
		to[i]->completion_tokens += used->completion_tokens;
		to[i]->cached_tokens += used->cached_tokens;
		to[i]->cost += used->cost;
	}
}

/* Put an attempt among those in flight. */
static void
take_off(struct attempts *a, struct attempt *k)
{
	k->at->inflight++;
	k->prev = NULL;
	if ((k->next = a->newest) != NULL)
		k->next->prev = k;
	else
		a->oldest = k;
	a->newest = k;
}

void
attempt_land(struct attempts *a, struct attempt *k)
{
	k->at->inflight--;
	if (k->next != NULL)
		k->next->prev = k->prev;
	else
		a->oldest = k->prev;
	if (k->prev != NULL)
		k->prev->next = k->next;
	else
		a->newest = k->next;
}

void
attempt_send(
    struct chat *c, struct attempt *k, struct endpoint *e, long long now)
{
	k->at = e;
	k->sent_at = now;
	buf_clear(&k->body);
	body_write(&k->body, &c->o.body, &e->dialect, c->model, &k->job->ask,
	    k->cap, k->n, k->seed_add);
	k->tries++;
	if (k->job->started == 0)
		k->job->started = now;
	k->job->attempts++;
	c->stats.calls++;
	e->did.calls++;
	take_off(&c->attempts, k);
	/* the caller has seen that there is a place */
	(void)http_post(
	    c->http, e->target, buf_span(&k->body), c->o.timeout_ms, k);
}

enum limits_said
attempt_reserve(
    struct chat *c, struct attempt *k, struct endpoint *e, long long *wait)
{
	struct cost_tokens t;

	k->cap = body_cap(&c->o.body, &k->job->ask);
	if (k->job->length_ok && k->cap > 0 && k->cap < e->judge_cap)
		k->cap = e->judge_cap;
	cap_warn(c, e, k->cap, "its context is no larger than that");
	k->cap = cap_fit(c, k, e, k->cap);
	t = cost_guess(&c->spend, k->job->ask.messages.n, k->cap, k->n);
	k->reserved = (struct reservation){ cost_of(&c->spend, t.in, t.out, 0),
		t.in + t.out, e->lane };
	return limits_reserve(c->limits, &k->reserved, wait);
}
