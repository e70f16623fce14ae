/* balance: which endpoint a request goes to, and what is left to each */
#include "chat/chat-in.h"

#include "io/io.h"

enum {
	PAUSE_MS = 250, /* when too much was asked, without a time named */
	FAILING = 3,    /* failures in a row before one is left aside */
	ASIDE_MAX = 60 * 1000, /* between looks at one that goes on failing */
	LOOK_MS = 1000,        /* until the first look at the only one, ... */
	LOOK_MAX = 15 * 1000,  /* and between later ones */
	AUTO_START = 8,
};

void
route_init(const struct chat *c, struct endpoint *e)
{
	e->limit = c->o.jobs;
	tune_init(&e->tune, AUTO_START, c->o.jobs);
}

static unsigned
limit(const struct chat *c, const struct endpoint *e)
{
	return c->o.jobs_auto ? tune_limit(&e->tune) : (unsigned)e->limit;
}

unsigned
route_width(const struct chat *c)
{
	unsigned n = 0;
	size_t i;

	if (c->nends == 0)
		return c->o.jobs; /* nobody is asked */
	for (i = 0; i < c->nends; i++)
		if (!c->ends[i].gone)
			n += c->ends[i].down ? 1 : limit(c, &c->ends[i]);
	return n < c->o.jobs ? n : c->o.jobs;
}

/* Whether there are endpoints to take the work of one. */
static int
others(const struct chat *c, const struct endpoint *e)
{
	size_t i;

	for (i = 0; i < c->nends; i++)
		if (&c->ends[i] != e && !c->ends[i].down && !c->ends[i].gone)
			return 1;
	return 0;
}

/* Whether one of them may be asked now. */
static int
others_free(const struct chat *c, const struct endpoint *e, long long now)
{
	size_t i;

	for (i = 0; i < c->nends; i++)
		if (&c->ends[i] != e && !c->ends[i].down && !c->ends[i].gone &&
		    c->ends[i].cool_until <= now)
			return 1;
	return 0;
}

static void
tell_limit(struct chat *c, const struct endpoint *e, const char *why)
{
	chat_tell(c, "%s: %u requests at once, %s", e->url,
	    tune_limit(&e->tune), why);
}

/* What an endpoint that is left aside has failed at is known already. */
static int
is_known(const struct endpoint *e, const struct call *k)
{
	return e->down && k->sent_at <= e->aside_at;
}

/*
 * Ask an endpoint no more than one request, and that after a while: first,
 * then twice as long after each failure, up to most.
 */
static void
set_aside(struct endpoint *e, long long first, long long most)
{
	long long now = clock_ms();

	if (!e->down)
		e->down_since = now;
	e->aside_ms = e->down && e->aside_ms > 0 ? 2 * e->aside_ms : first;
	if (e->aside_ms > most)
		e->aside_ms = most;
	e->down = 1;
	e->aside_at = now;
	e->cool_until = now + e->aside_ms;
}

/* The others have its work. */
static void
leave_aside(struct chat *c, struct endpoint *e, const struct call *k,
    const char *message, long long most)
{
	if (is_known(e, k))
		return;
	if (!e->down) {
		io_warn(
		    c->o.tool, "%s: %s; left aside for now", e->url, message);
		e->told = 1;
	}
	set_aside(e, DOWN_MS, most);
}

/*
 * There are no others: wait until it is back, or all is over because that
 * takes too long.
 */
static void
look_again(struct chat *c, struct endpoint *e, const struct call *k,
    const char *message)
{
	long long now = clock_ms(), end;
	int again = e->down;

	if (is_known(e, k))
		return;
	if (c->out_since == 0)
		c->out_since = now;
	end = c->out_since + c->o.retry_ms;
	if (now >= end) {
		chat_halt(c, "%s: %s, for %lld s", e->url, message,
		    (now - c->out_since) / 1000);
		return;
	}
	set_aside(e, LOOK_MS, LOOK_MAX);
	if (e->cool_until > end)
		e->cool_until = end;
	/* not of what is over at the first look */
	if (again && !c->out_told) {
		io_warn(c->o.tool,
		    "%s: %s; waiting, trying again every few seconds for up "
		    "to %lld s",
		    e->url, message, (long long)c->o.retry_ms / 1000);
		c->out_told = 1;
	}
	e->told |= again;
}

enum route_next
route_unreachable(struct chat *c, const struct call *k, const char *message)
{
	struct endpoint *e = k->at;

	if (others(c, e) || (!c->met && c->nends > 1)) {
		leave_aside(c, e, k, message, DOWN_MS);
		return others(c, e) ? ROUTE_MOVES : ROUTE_TRIED;
	}
	if (!c->met)
		return ROUTE_TRIED;
	look_again(c, e, k, message);
	return ROUTE_WAITS;
}

/* Whether all that was with an endpoint when it began to fail has come back. */
static int
all_back(const struct chat *c, const struct endpoint *e)
{
	const struct call *k;

	for (k = c->oldest; k != NULL; k = k->prev)
		if (k->at == e)
			return k->sent_at > e->failing_since;
	return 1;
}

/*
 * Whether there is no server behind a failing endpoint: it fails whoever asks,
 * not just one request over and over.
 */
static int
is_away(const struct chat *c, struct endpoint *e, const struct call *k)
{
	int another = e->failed_job != k->job;

	e->failed_job = k->job;
	e->failed_jobs += another;
	if (c->last_ok == 0)
		return 0;
	return e->down ? another
		       : another && e->failed_jobs >= FAILING && all_back(c, e);
}

static void
comes_back(struct chat *c, struct endpoint *e)
{
	if (!e->down)
		return;
	if (e->told)
		io_warn(c->o.tool, "%s: answers again after %lld s", e->url,
		    (clock_ms() - e->down_since) / 1000);
	e->down = e->told = 0;
	e->aside_ms = e->cool_until = 0;
	c->out_since = c->out_told = 0;
}

enum route_next
route_failed(
    struct chat *c, const struct call *k, const char *message, int away)
{
	struct endpoint *e = k->at;

	if (e->failing++ == 0)
		e->failing_since = clock_ms();
	if (others(c, e)) {
		if (e->failing < FAILING && !e->down)
			return ROUTE_TRIED;
		leave_aside(c, e, k, message, ASIDE_MAX);
		return ROUTE_MOVES;
	}
	if (!is_known(e, k)) {
		if (!away)
			route_is_there(c, e);
		away = away && is_away(c, e, k);
		if (away || e->down)
			look_again(c, e, k, message);
	}
	return away ? ROUTE_WAITS : ROUTE_TRIED;
}

enum route_next
route_slow_down(struct chat *c, struct endpoint *e, long long ms)
{
	long long now = clock_ms(), until = now + (ms > 0 ? ms : PAUSE_MS);

	if (e->cool_until < until)
		e->cool_until = until;
	share_pause(c->share, e->lane, until - now);
	if (c->o.jobs_auto && tune_refused(&e->tune, now, e->inflight))
		tell_limit(c, e, "it was asked too much");
	if (now >= e->slowed_until) { /* else these were all sent before */
		e->limit = 0.75 * (e->inflight + 1);
		if (e->limit < 1)
			e->limit = 1;
		e->slowed_until = until > now + 1000 ? until : now + 1000;
		c->stats.slowed++;
		chat_tell(c, "%s: asked too much, pauses %.1f s", e->url,
		    (double)(e->cool_until - now) / 1000);
	}
	return others_free(c, e, now) ? ROUTE_MOVES : ROUTE_TRIED;
}

void
route_is_there(struct chat *c, struct endpoint *e)
{
	if (!others(c, e))
		comes_back(c, e);
}

void
route_answered(struct chat *c, struct endpoint *e, long ms)
{
	e->failing = e->failed_jobs = 0;
	e->failed_job = NULL;
	comes_back(c, e);
	if (e->limit < c->o.jobs)
		e->limit += 1 / e->limit;
	if (ms >= 0 && c->o.jobs_auto &&
	    tune_answered(&e->tune, clock_ms(), ms))
		tell_limit(c, e, "to see how that goes");
}

/* Whether a request has gone to an endpoint since it was left aside. */
static int
is_looked_at(const struct chat *c, const struct endpoint *e)
{
	const struct call *k;

	for (k = c->flying; k != NULL; k = k->next)
		if (k->at == e)
			return k->sent_at > e->aside_at;
	return 0;
}

struct endpoint *
route_pick(
    struct chat *c, const struct endpoint * not, long long now, long long *wait)
{
	struct endpoint *best = NULL, *e;
	size_t i;

	for (i = 0; i < c->nends; i++) {
		e = &c->ends[i];
		if (e->gone)
			continue;
		if (e->cool_until > now) {
			if (*wait == -1 || e->cool_until - now < *wait)
				*wait = e->cool_until - now;
			continue;
		}
		if (e->down ? is_looked_at(c, e) : e->inflight >= limit(c, e))
			continue; /* until one comes back */
		if (best == NULL || best == not ||
		    (e != not &&e->inflight < best->inflight))
			best = e;
	}
	if (best != NULL)
		*wait = -1;
	return best;
}

void
route_filled(struct chat *c, long long now)
{
	struct endpoint *e;
	size_t i;

	if (!c->o.jobs_auto)
		return;
	for (i = 0; i < c->nends; i++) {
		e = &c->ends[i];
		tune_room(&e->tune, now, e->inflight < tune_limit(&e->tune));
	}
}
