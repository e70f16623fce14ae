/* hedge-send: a request that is out for too long is asked a second time */
#include "chat/chat-in.h"

/* Of a second request that could go now, where to; NULL if it can't. */
static struct endpoint *
where(struct chat *c, const struct call *k, long long now)
{
	long long wait = -1;
	struct endpoint *e;

	if (http_inflight(c->http) >= c->o.jobs)
		return NULL;
	e = route_pick(c, k->at, now, &wait);
	/* who has asked for less gets nothing twice */
	return e != NULL && (e->down || now < e->slowed_until) ? NULL : e;
}

/* 0 if none can go now. */
static int
send_twin(struct chat *c, struct call *k, long long now)
{
	struct endpoint *e = where(c, k, now);
	long long wait;
	struct call *t;

	if (e == NULL)
		return 0;
	t = mem_new(sizeof *t);
	t->job = k->job;
	t->n = k->n;
	t->seed_add = k->seed_add;
	t->tries = k->tries - 1; /* it is the same one */
	t->delays = k->delays;
	t->empty = k->empty;
	t->adapted = k->adapted;
	t->failing_since = k->failing_since;
	t->is_second = 1;
	t->hedged = k->hedged = 1;
	if (call_may_go(c, t, e, &wait) != SHARE_GO) {
		k->hedged = 0;
		call_free(t);
		return 0;
	}
	t->twin = k;
	k->twin = t;
	c->stats.hedges++;
	chat_tell(c, "%s:%zu: %s, no answer from %s for %.1f s; asked %s, too",
	    k->job->file, k->job->lineno, k->job->kind, k->at->url,
	    (double)(now - k->sent_at) / 1000, e->url);
	call_send(c, t, e, now);
	return 1;
}

void
twin_send(struct chat *c, long long now, long long *wait)
{
	long after = hedge_after(&c->hedge);
	struct call *k;
	long long due;

	if (after == -1 || c->stopping)
		return;
	for (k = c->oldest; k != NULL; k = k->prev) {
		due = k->sent_at + after + 1;
		if (due > now) {
			if (*wait == -1 || due - now < *wait)
				*wait = due - now;
			return;
		}
		if (k->hedged || k->job == NULL)
			continue;
		if (!hedge_may(&c->hedge, c->stats.hedges, c->stats.calls) ||
		    !send_twin(c, k, now))
			return;
	}
}

void
twin_wins(struct chat *c, struct call *k)
{
	struct call *other = k->twin;

	if (other == NULL)
		return;
	k->twin = other->twin = NULL;
	hedge_note(&c->hedge, (long)(clock_ms() - other->sent_at));
	c->stats.hedges_won += (unsigned)k->is_second;
	/* from here on, nothing reaches the job through it */
	other->job = NULL;
	if (!http_cancel(c->http, other))
		return; /* it has come by now: twin_late */
	call_land(c, other);
	share_settle(c->share, &other->asked, -1, 0);
	call_free(other);
}

void
twin_late(struct chat *c, struct call *k, const struct http_done *d)
{
	long long tokens = k->asked.tokens;
	struct chat_used used = { .cost = k->asked.cost };
	struct arena mem = { 0 };
	const char *why;
	struct reply r;

	if (d->fail != HTTP_OK || d->status >= 300) {
		share_settle(c->share, &k->asked, -1, 0);
		call_free(k);
		return;
	}
	if (reply_read(d->body, &mem, &r, &why) == 0 && r.usage.p != NULL) {
		tokens = r.prompt_tokens + r.completion_tokens;
		used = (struct chat_used){ r.prompt_tokens,
			r.completion_tokens, r.cached_tokens,
			spend_cost(&c->spend, r.prompt_tokens,
			    r.completion_tokens, r.cached_tokens) };
	}
	arena_free(&mem);
	call_took(c, k->at, &used);
	c->stats.hedge_tokens += tokens;
	share_settle(c->share, &k->asked, tokens, used.cost);
	call_free(k);
}
