/* attempt: single requests, queued, sent, landed and ended */
#include "chat/chat-in.h"

#include <stdlib.h>

void
call_add(struct list *l, struct call *c)
{
	c->next = NULL;
	*l->tail = c;
	l->tail = &c->next;
}

struct call *
call_take(struct list *l)
{
	struct call *c = l->head;

	if (c != NULL && (l->head = c->next) == NULL)
		l->tail = &l->head;
	return c;
}

void
call_free(struct call *k)
{
	buf_free(&k->body);
	free(k);
}

static void
queue_call(struct chat *c, struct chat_job *j, int n, int seed_add)
{
	struct call *k = mem_new(sizeof *k);

	k->job = j;
	k->n = n;
	k->seed_add = seed_add;
	call_add(&c->ready, k);
	c->nready++;
	j->pending++;
}

/* Queue calls for the samples that a job lacks. */
void
call_missing(struct chat *c, struct chat_job *j)
{
	int i, n = chat_job_missing(j);

	if (n > 1 && !c->one_at_a_time) {
		queue_call(c, j, n, j->want - n);
		return;
	}
	for (i = 0; i < j->want; i++)
		if (!j->samples[i].have)
			queue_call(c, j, 1, i);
}

/* A call is over, one way or another. */
void
call_ends(struct chat *c, struct call *k)
{
	struct chat_job *j = k->job;

	call_free(k);
	if (--j->pending > 0)
		return;
	if (j->code == NULL && chat_job_missing(j) > 0 && j->topped < j->want &&
	    !c->stopping) {
		j->topped++;
		call_missing(c, j);
		return;
	}
	chat_job_concludes(c, j);
}

int
twin_goes_on(struct call *k)
{
	if (k->twin == NULL)
		return 0;
	k->twin->twin = NULL;
	call_free(k);
	return 1;
}

void
call_fails(struct chat *c, struct call *k, const char *code, long status,
    const char *message)
{
	if (twin_goes_on(k))
		return;
	chat_job_fails(k->job, code, status, "%s", message);
	call_ends(c, k);
}

/* Before the fresh ones: somebody waits behind it. */
void
call_requeue(struct chat *c, struct call *k)
{
	if (twin_goes_on(k))
		return;
	if ((k->next = c->ready.head) == NULL)
		c->ready.tail = &k->next;
	c->ready.head = k;
	c->nready++;
}

void
call_wait_for(struct chat *c, struct call *k, long long until)
{
	k->not_before = until;
	k->next = c->waiting;
	c->waiting = k;
}

void
call_took(struct chat *c, struct endpoint *e, const struct chat_used *took)
{
	struct chat_used *to[] = { &c->stats.used, e ? &e->did.used : NULL };
	size_t i;

	for (i = 0; i < 2 && to[i] != NULL; i++) {
		to[i]->prompt_tokens += took->prompt_tokens;
		to[i]->completion_tokens += took->completion_tokens;
		to[i]->cached_tokens += took->cached_tokens;
		to[i]->cost += took->cost;
	}
}

/* Into and out of the list of calls in flight. */
static void
fly(struct chat *c, struct call *k)
{
	k->at->inflight++;
	k->prev = NULL;
	if ((k->next = c->flying) != NULL)
		k->next->prev = k;
	else
		c->oldest = k;
	c->flying = k;
}

void
call_land(struct chat *c, struct call *k)
{
	k->at->inflight--;
	if (k->next != NULL)
		k->next->prev = k->prev;
	else
		c->oldest = k->prev;
	if (k->prev != NULL)
		k->prev->next = k->next;
	else
		c->flying = k->next;
}

void
call_wake(struct chat *c, long long now, long long *wait)
{
	struct call **p = &c->waiting, *k;

	while ((k = *p) != NULL) {
		if (k->not_before > now && !c->stopping) {
			if (*wait == -1 || k->not_before - now < *wait)
				*wait = k->not_before - now;
			p = &k->next;
			continue;
		}
		*p = k->next;
		call_requeue(c, k);
	}
}

void
call_send(struct chat *c, struct call *k, struct endpoint *e, long long now)
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
	fly(c, k);
	/* there is room: send_ready has looked */
	(void)http_post(
	    c->http, e->target, buf_span(&k->body), c->o.timeout_ms, k);
}

enum share_said
call_may_go(struct chat *c, struct call *k, struct endpoint *e, long long *wait)
{
	struct cost_tokens t;

	k->cap = body_cap(&c->o.body, &k->job->ask);
	if (k->job->length_ok && k->cap > 0 && k->cap < e->judge_cap)
		k->cap = e->judge_cap;
	cap_say(c, e, k->cap, "its context is no larger than that");
	k->cap = cap_fit(c, k, e, k->cap);
	t = cost_guess(&c->spend, k->job->ask.messages.n, k->cap, k->n);
	k->asked = (struct share_ask){ cost_of(&c->spend, t.in, t.out, 0),
		t.in + t.out, e->lane };
	return share_take(c->share, &k->asked, wait);
}

