/* route: which endpoint a request goes to, and what is left to each */
#include "chat-in.h"

#include <stdarg.h>
#include <stdio.h>

#include "io.h"

enum {
	PAUSE_MS = 250, /* when too much was asked, without a time named */
	FAILING = 3,    /* failures in a row before one is left aside */
	ASIDE_MAX = 60 * 1000, /* between looks at one that goes on failing */
	AUTO_START = 8,
};

void
chat_tell(struct chat *c, const char *fmt, ...)
{
	char text[1200];
	va_list ap;

	if (!c->o.verbose)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	io_warn(c->o.tool, "%s", text);
}

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

static void
tell_limit(struct chat *c, const struct endpoint *e, const char *why)
{
	chat_tell(c, "%s: %u requests at once, %s", e->url,
	    tune_limit(&e->tune), why);
}

void
route_slow_down(struct chat *c, struct endpoint *e, long long ms)
{
	long long now = clock_ms(), until = now + (ms > 0 ? ms : PAUSE_MS);

	if (e->cool_until < until)
		e->cool_until = until;
	share_pause(c->share, e->lane, until - now);
	if (c->o.jobs_auto && tune_refused(&e->tune, now, e->inflight))
		tell_limit(c, e, "it was asked too much");
	if (now < e->slowed_until)
		return; /* these were all sent before */
	e->limit = 0.75 * (e->inflight + 1);
	if (e->limit < 1)
		e->limit = 1;
	e->slowed_until = until > now + 1000 ? until : now + 1000;
	c->stats.slowed++;
	chat_tell(c, "%s: asked too much, pauses %.1f s", e->url,
	    (double)(e->cool_until - now) / 1000);
}

/* Ask an endpoint no more than one request, and that after a while. */
static void
leave_aside(struct chat *c, struct endpoint *e, const char *message)
{
	if (!e->down)
		io_warn(
		    c->o.tool, "%s: %s; left aside for now", e->url, message);
	e->aside_ms = e->down ? 2 * e->aside_ms : DOWN_MS;
	if (e->aside_ms > ASIDE_MAX)
		e->aside_ms = ASIDE_MAX;
	e->down = 1;
	e->cool_until = clock_ms() + e->aside_ms;
}

int
route_unreachable(struct chat *c, struct endpoint *e, const char *message)
{
	if (c->nends == 1)
		return 0;
	leave_aside(c, e, message);
	e->aside_ms = DOWN_MS / 2; /* looking there costs nothing */
	e->cool_until = clock_ms() + DOWN_MS;
	return others(c, e);
}

int
route_failed(struct chat *c, struct endpoint *e, const char *message)
{
	e->failing++;
	if (!others(c, e) || (e->failing < FAILING && !e->down))
		return 0;
	leave_aside(c, e, message);
	return 1;
}

void
route_answered(struct chat *c, struct endpoint *e, long ms)
{
	e->failing = 0;
	if (e->down && c->nends > 1)
		io_warn(c->o.tool, "%s: answers again", e->url);
	e->down = 0;
	if (e->limit < c->o.jobs)
		e->limit += 1 / e->limit;
	if (ms >= 0 && c->o.jobs_auto &&
	    tune_answered(&e->tune, clock_ms(), ms))
		tell_limit(c, e, "to see how that goes");
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
		if (e->inflight >= (e->down ? 1 : limit(c, e)))
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
