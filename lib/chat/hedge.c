/* hedge: requests that are out for too long are sent a second time */
#include "chat/chat-in.h"

#include "base/clock.h"
#include "llm/embed.h"

enum { STALE = 4 }; /* answers after which the percentile is found anew */

void
hedge_note(struct hedge *h, long ms)
{
	hist_add(&h->seen, ms);
	hist_add(&h->next, ms);
	if (h->seen.n == HEDGE_SEEN)
		h->seen = h->next;
	if (h->seen.n == HEDGE_SEEN / 2)
		h->next = (struct hist){ 0 };
	if (h->percentile > 0 && h->seen.n >= HEDGE_LEAST &&
	    h->seen.n % STALE == 0)
		h->after = (long)hist_at(&h->seen, h->percentile / 100);
}

/* Hedge an attempt: 1, or 0 if that cannot be now. */
static int
send_hedge(struct chat *c, struct attempt *k, long long now)
{
	struct endpoint *e = NULL;
	long long wait = -1;
	struct attempt *t;

	if (http_inflight(c->http) < c->o.jobs)
		e = balance_pick(c, k->at, now, &wait);
	/* an endpoint that fails or asks for less gets nothing twice */
	if (e == NULL || e->health.state != ENDPOINT_UP ||
	    now < e->health.slowed_until)
		return 0;
	t = mem_new(sizeof *t);
	*t = (struct attempt){ .job = k->job,
		.n = k->n,
		.seed_add = k->seed_add,
		.tries = k->tries - 1, /* the try is the same one */
		.sends = k->sends - 1,
		.delays = k->delays,
		.empty = k->empty,
		.adapted = k->adapted,
		.failing_since = k->failing_since,
		.is_hedged = 1,
		.is_hedge = 1 };
	if (attempt_reserve(c, t, e, &wait) != LIMITS_GO) {
		attempt_free(t);
		return 0;
	}
	t->hedge = k;
	k->hedge = t;
	k->is_hedged = 1;
	c->stats.hedges++;
	session_tell(&c->session,
	    "%s:%zu: %s, no answer from %s for %.1f s; asked %s, too",
	    k->job->file, k->job->lineno, k->job->kind, k->at->url,
	    (double)(now - k->sent_at) / 1000, e->url);
	attempt_send(c, t, e, now);
	return 1;
}

void
hedge_send(struct chat *c, long long now, long long *wait)
{
	long after = c->hedge.after;
	struct attempt *k;
	long long due;

	if (after == -1 || session_stops(&c->session))
		return;
	TAILQ_FOREACH (k, &c->attempts.flying, link) {
		due = k->sent_at + after + 1;
		if (due > now) {
			if (due - now < *wait)
				*wait = due - now;
			return;
		}
		if (k->is_hedged || k->job == NULL)
			continue;
		if ((c->stats.hedges + 1) * HEDGE_SHARE > c->stats.calls ||
		    !send_hedge(c, k, now))
			return;
	}
}

void
hedge_cancel_other(struct chat *c, struct attempt *k)
{
	struct attempt *other = k->hedge;

	if (other == NULL)
		return;
	k->hedge = other->hedge = NULL;
	hedge_note(&c->hedge, (long)(clock_ms() - other->sent_at));
	c->stats.hedges_won += (unsigned)k->is_hedge;
	/* a cancelled attempt must not reach its job any more */
	other->job = NULL;
	if (!http_cancel(c->http, other))
		return; /* the answer has come: hedge_count_late */
	attempt_land(&c->attempts, other);
	limits_commit(c->limits, &other->reserved, -1, 0);
	attempt_free(other);
}

void
hedge_count_late(struct chat *c, struct attempt *k, const struct http_done *d)
{
	long long tokens = -1;
	struct chat_used used = { 0 };
	struct arena mem = { 0 };
	size_t dims = 0;
	const char *why;
	struct reply r;
	int got;

	if (d->fail == HTTP_OK && d->status < 300) {
		tokens = k->reserved.tokens;
		used.cost = k->reserved.cost;
		got = k->scores > 0
			  ? rescore_read(d->body, k->scores, &mem, &r, &why)
		      : c->o.body.embed
			  ? embed_read(d->body, k->n, &dims, &mem, &r, &why)
			  : reply_read(d->body, &mem, &r, &why);
		if (got == 0 && r.prompt_tokens + r.completion_tokens > 0) {
			used = attempt_used(c, &r);
			tokens = used.prompt_tokens + used.completion_tokens;
		}
		arena_free(&mem);
		attempt_add_used(&c->stats.used, &used);
		attempt_add_used(&k->at->did.used, &used);
		c->stats.hedge_tokens += tokens;
	}
	limits_commit(c->limits, &k->reserved, tokens, used.cost);
	attempt_free(k);
}
