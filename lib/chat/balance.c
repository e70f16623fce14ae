/* balance: which endpoint an attempt goes to, and what is left to each */
#include "chat/chat-in.h"

#include <limits.h>

#include "base/clock.h"
#include "io/io.h"
#include "io/once.h"

enum {
	PAUSE_MS = 250, /* pause of an endpoint that asks for less, if it does
			 * not say */
	WAITING_S = 30, /* time in which one program of a run says that it
			 * waits, s */
	FAILURES = 3,   /* failures in a row before an endpoint is ejected */
	PROBE_MS = 5 * 1000,      /* time between probes at first, */
	PROBE_MAX_MS = 60 * 1000, /* and at last */
	LAST_PROBE_MS = 1000,     /* the same for the only endpoint */
	LAST_PROBE_MAX_MS = 15 * 1000,
};

/* Return whether another endpoint serves whose pause is over at time now. */
static int
is_other_free(const struct chat *c, const struct endpoint *e, long long now)
{
	const struct endpoint *o;

	for (o = c->ends; o < c->ends + c->nends; o++)
		if (o != e && o->health.state == ENDPOINT_UP &&
		    o->health.pause_until <= now)
			return 1;
	return 0;
}

int
balance_has_other(const struct chat *c, const struct endpoint *e)
{
	return is_other_free(c, e, LLONG_MAX);
}

static void
tell_limit(struct chat *c, const struct endpoint *e, const char *why)
{
	session_tell(&c->session, "%s: %u requests at once, %s", e->url,
	    concurrency_limit(&e->limit), why);
}

/* Return whether an attempt was sent before its endpoint was ejected. */
static int
is_old_news(const struct attempt *k)
{
	const struct health *h = &k->at->health;

	return h->state == ENDPOINT_EJECTED && k->sent_at <= h->since;
}

void
balance_eject(
    struct chat *c, struct endpoint *e, const char *message, int listens)
{
	struct health *h = &e->health;
	int is_new = h->state != ENDPOINT_EJECTED;

	if (!health_eject(
		h, clock_ms(), PROBE_MS, listens ? PROBE_MAX_MS : PROBE_MS))
		return;
	if (is_new)
		io_warn("%s: %s; %s", e->url, message,
		    c->nends == 1 ? "trying again" : "ejected for now");
	h->warned |= is_new;
}

/*
 * Eject the only endpoint that serves, which is that of an attempt, and wait
 * until it is back; halt if that takes too long.
 */
static void
await_endpoint(struct chat *c, const struct attempt *k, const char *message)
{
	struct session *s = &c->session;
	struct health *h = &k->at->health;
	long long now = clock_ms(), end;
	int is_new = h->state != ENDPOINT_EJECTED;

	if (is_old_news(k) || health_is_out(h))
		return;
	session_enter(s, SESSION_WAITING, now);
	end = s->since + c->o.retry_ms;
	if (now >= end) {
		session_halt(s, "%s: %s, for %lld s", k->at->url, message,
		    (now - s->since) / 1000);
		return;
	}
	health_eject(h, now, LAST_PROBE_MS, LAST_PROBE_MAX_MS);
	if (h->pause_until > end)
		h->pause_until = end;
	if (is_new)
		return; /* the first probe may end it */
	if (!s->warned_waiting && once_due("waiting", WAITING_S))
		io_warn(
		    "%s: %s; waiting, trying again every few seconds for up "
		    "to %lld s (--retry-time)",
		    k->at->url, message, (long long)c->o.retry_ms / 1000);
	s->warned_waiting = h->warned = 1;
}

enum balance_next
balance_unreachable(
    struct chat *c, const struct attempt *k, const char *message)
{
	struct endpoint *e = k->at;
	/* a server of a file may be about to start, or to be replaced there */
	int is_awaited = c->session.met || c->nfiles > 0;

	if (balance_has_other(c, e) || (!is_awaited && c->nends > 1)) {
		if (!is_old_news(k))
			balance_eject(c, e, message, 0);
		return balance_has_other(c, e) ? BALANCE_MOVES : BALANCE_TRIED;
	}
	if (!is_awaited)
		return BALANCE_TRIED;
	await_endpoint(c, k, message);
	return BALANCE_WAITS;
}

/* Return how many attempts in flight to an endpoint were sent after a time. */
static unsigned
sent_after(const struct chat *c, const struct endpoint *e, long long time)
{
	const struct attempt *k;
	unsigned n = 0;

	TAILQ_FOREACH (k, &c->attempts.flying, link)
		n += k->at == e && k->sent_at > time;
	return n;
}

/*
 * Return whether there is no server behind the endpoint of an attempt: it fails
 * for all jobs, and not just for some over and over, while requests that were
 * sent later are answered.
 */
static int
is_serverless(const struct chat *c, const struct attempt *k)
{
	struct health *h = &k->at->health;

	if (attempt_is_own(k) && h->state != ENDPOINT_EJECTED)
		return 0;
	if (!health_blame(h, k->job, k->failing_since == 0) ||
	    c->session.last_answer == 0)
		return 0;
	/* all that was there when it began to fail must be back */
	return h->state == ENDPOINT_EJECTED ||
	       (h->failed_jobs >= FAILURES &&
		   sent_after(c, k->at, h->failing_since) == k->at->inflight);
}

static void
readmit(struct chat *c, struct endpoint *e)
{
	struct health *h = &e->health;
	long long now = clock_ms();

	if (h->state != ENDPOINT_EJECTED)
		return;
	if (h->warned && once_due("back", WAITING_S))
		io_warn("%s: answers again after %lld s", e->url,
		    (now - h->ejected_since) / 1000);
	health_enter(h, ENDPOINT_UP, now);
	session_enter(&c->session, SESSION_SERVING, now);
}

enum balance_next
balance_failed(
    struct chat *c, const struct attempt *k, const char *message, int away)
{
	struct health *h = &k->at->health;

	health_fail(h, clock_ms());
	if (balance_has_other(c, k->at)) {
		if (h->failures < FAILURES && h->state != ENDPOINT_EJECTED)
			return BALANCE_TRIED;
		if (!is_old_news(k))
			balance_eject(c, k->at, message, 1);
		return BALANCE_MOVES;
	}
	if (!is_old_news(k)) {
		if (!away)
			balance_present(c, k->at);
		away = away && is_serverless(c, k);
		if (away || h->state == ENDPOINT_EJECTED)
			await_endpoint(c, k, message);
	}
	return away ? BALANCE_WAITS : BALANCE_TRIED;
}

enum balance_next
balance_slow(struct chat *c, struct endpoint *e, long long ms)
{
	long long now = clock_ms(), pause = ms > 0 ? ms : PAUSE_MS;

	session_note_limited(&c->session, e->url);
	limits_pause(c->limits, e->lane, pause);
	if (concurrency_refused(&e->limit, now, e->inflight) && c->o.jobs_auto)
		tell_limit(c, e, "it was asked too much");
	if (health_slow(&e->health, now, pause)) {
		c->stats.slowed++;
		session_tell(&c->session, "%s: asked too much, pauses %.1f s",
		    e->url, (double)(e->health.pause_until - now) / 1000);
	}
	return is_other_free(c, e, now) ? BALANCE_MOVES : BALANCE_TRIED;
}

void
balance_crowded(struct chat *c, struct endpoint *e, unsigned long answered)
{
	if (concurrency_timed_out(
		&e->limit, clock_ms(), answered, c->o.timeout_ms))
		tell_limit(c, e, "as more of them time out");
}

void
balance_present(struct chat *c, struct endpoint *e)
{
	if (!balance_has_other(c, e))
		readmit(c, e);
}

void
balance_answered(struct chat *c, struct endpoint *e, long latency_ms)
{
	health_forget_failures(&e->health);
	readmit(c, e);
	if (latency_ms >= 0 &&
	    concurrency_answered(&e->limit, clock_ms(), latency_ms))
		tell_limit(c, e, "to see how that goes");
}

int
balance_disable(struct chat *c, struct endpoint *e, const char *why)
{
	const struct endpoint *o = c->ends, *end = c->ends + c->nends;
	int is_new;

	if (session_stops(&c->session))
		return 0;
	while (o < end && (o == e || health_is_out(&o->health)))
		o++;
	is_new = health_enter(&e->health, ENDPOINT_DISABLED, clock_ms());
	if (o == end)
		session_halt(&c->session, "%s: %s", e->url, why);
	else if (is_new)
		io_warn("%s: %s; not asked any more", e->url, why);
	return o < end;
}

/* Return whether an endpoint has as many attempts as it may. */
static int
is_full(const struct chat *c, const struct endpoint *e)
{
	if (e->health.state == ENDPOINT_EJECTED)
		return sent_after(c, e, e->health.since) > 0;
	/* attempts in flight show whether a suspect is to blame */
	return e->inflight >=
	       (health_is_suspect(&e->health) ? 1 : endpoint_limit(e));
}

struct endpoint *
balance_pick(struct chat *c, const struct endpoint *avoid, long long now,
    long long *wait)
{
	struct endpoint *best = NULL, *e;
	long long pause;

	for (e = c->ends; e < c->ends + c->nends; e++) {
		if (health_is_out(&e->health))
			continue;
		pause = e->health.pause_until - now;
		if (pause > 0) {
			if (*wait == -1 || pause < *wait)
				*wait = pause;
			continue;
		}
		if (is_full(c, e))
			continue; /* until an attempt comes back */
		if (best == NULL || best == avoid ||
		    (e != avoid && e->inflight < best->inflight))
			best = e;
	}
	if (best != NULL)
		*wait = -1;
	return best;
}

void
balance_note_room(struct chat *c)
{
	struct endpoint *e;

	for (e = c->ends; e < c->ends + c->nends; e++)
		e->limit.room = e->inflight < concurrency_limit(&e->limit);
}
