/* chat: asks an LLM service, many questions at once */
#include "chat/chat-in.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Between looks at what others are asking: each takes a system call a job that
 * waits, and there may be a window of thousands.
 */
enum { HELD_MS = 100 };

static char *
copy_secret(const char *s)
{
	return s != NULL && *s != '\0' ? mem_dup(s, strlen(s)) : NULL;
}

static void
drop_secret(char *s)
{
	if (s != NULL)
		explicit_bzero(s, strlen(s));
	free(s);
}

static void
chat_release(struct chat *c)
{
	size_t i;

	http_free(c->http);
	for (i = 0; i < SECRETS; i++)
		drop_secret(c->secrets[i]);
	for (i = 0; i < HEADERS_MAX; i++)
		drop_secret(c->headers[i]);
	for (i = 0; i < c->nends; i++)
		tally_free(&c->ends[i].did.failures);
	free(c->ends);
	share_free(c->share);
	free(c);
}

struct chat *
chat_new(const struct chat_opts *o, int *status, const char **why)
{
	struct chat *c = mem_new(sizeof *c);
	int bad_name;
	size_t i;

	c->o = *o;
	c->secrets[0] = copy_secret(o->key);
	c->secrets[1] = copy_secret(o->ad_token);
	c->ready.tail = &c->ready.head;
	c->done_tail = &c->done;
	c->held_tail = &c->held;
	hedge_init(&c->hedge, o->hedge);
	c->one_at_a_time = o->single;
	c->jitter = (unsigned long long)clock_ms() | 1;
	c->spend = o->prices;
	if (o->model != NULL)
		snprintf(c->model, sizeof c->model, "%s", o->model);
	c->share = share_new(o->share, &o->limits, &bad_name, why);
	*status = bad_name ? TG_EX_USAGE : TG_EX_IO;
	if (c->share == NULL)
		goto bad;
	*status = TG_EX_IO;
	if ((c->http = chat_engine(c, why)) == NULL)
		goto bad;
	while (o->urls[c->nends] != NULL)
		c->nends++;
	c->ends = mem_new(c->nends * sizeof *c->ends);
	*status = TG_EX_USAGE;
	if (o->headers != NULL && chat_take_headers(c, o->headers, why) == -1)
		goto bad;
	for (i = 0; i < c->nends; i++) {
		c->ends[i] = (struct endpoint){ .url = o->urls[i],
			.lane = share_lane(o->urls[i]),
			.dialect = o->dialect ? *o->dialect
					      : *dialect_find("generic") };
		route_init(c, &c->ends[i]);
		if (chat_open_endpoint(c, &c->ends[i], why) == -1)
			goto bad;
	}
	*status = TG_EX_IO;
	if (o->cache != NULL &&
	    (c->answers = answers_new(
		 o->cache, o->cache_read_only, why)) == NULL)
		goto bad;
	return c;
bad:
	chat_release(c);
	return NULL;
}

int
chat_free(struct chat *c)
{
	struct call *k;
	int failed, error;

	while ((k = call_take(&c->ready)) != NULL)
		call_free(k);
	while ((k = c->waiting) != NULL) {
		c->waiting = k->next;
		call_free(k);
	}
	http_cancel_all(c->http);
	while ((k = c->flying) != NULL) {
		c->flying = k->next;
		call_free(k);
	}
	failed = answers_free(c->answers);
	error = errno;
	chat_release(c);
	errno = error;
	return failed;
}

static void
from_cache(struct chat *c, struct chat_job *j)
{
	struct buf b = { 0 };
	struct span held;
	int i;

	for (i = 0; i < j->want; i++) {
		b.n = 0;
		if (j->samples[i].have)
			continue;
		if (!answers_get(c->answers, j->cache_key, i, &b))
			continue;
		held = (struct span){ arena_dup(&j->mem, b.p, b.n), b.n };
		if (reply_choice_read(held, &j->mem, &j->samples[i].choice) ==
			-1 ||
		    !chat_is_kept(c, j, &j->samples[i].choice))
			continue;
		j->samples[i].have = 1;
		j->cached++;
		c->stats.cached++;
	}
	buf_free(&b);
}

/* The samples the cache has; the request as such names them. */
static void
look_up(struct chat *c, struct chat_job *j)
{
	struct buf b = { 0 };

	body_name(&b, &c->o.body, c->model, &j->ask);
	hash_sha256(buf_span(&b), j->cache_key);
	buf_free(&b);
	if (c->answers != NULL)
		from_cache(c, j);
}

static void
hold(struct chat *c, struct chat_job *j)
{
	j->next = NULL;
	*c->held_tail = j;
	c->held_tail = &j->next;
}

/*
 * Ask for what the cache lacks, unless somebody else is at it. Once nobody is,
 * it may be there.
 */
static void
ask_or_hold(struct chat *c, struct chat_job *j, long long now)
{
	/* nothing comes of waiting for an answer that is not stored */
	if (c->answers != NULL && !c->o.cache_read_only &&
	    chat_job_missing(j) > 0) {
		j->claimed = answers_claim(c->answers, j->cache_key);
		if (j->held_since == 0)
			j->held_since = now;
		if (!j->claimed && now < j->held_since + c->o.timeout_ms) {
			hold(c, j);
			return;
		}
		answers_look(c->answers);
		from_cache(c, j);
	}
	if (chat_job_missing(j) == 0)
		chat_job_concludes(c, j);
	else
		call_missing(c, j);
}

/* Jobs that waited for others, and need not any more; *wait: for the rest. */
static void
chat_wake_held(struct chat *c, long long now, long long *wait)
{
	struct chat_job *next, *j = c->held;

	if (j == NULL)
		return;
	if (now >= c->held_look || c->stopping) {
		c->held = NULL;
		c->held_tail = &c->held;
		c->held_look = now + HELD_MS;
		for (; j != NULL; j = next) {
			next = j->next;
			if (!c->stopping) {
				ask_or_hold(c, j, now);
				continue;
			}
			chat_job_fails(j, "stopped", 0, "%s", c->stopped);
			chat_job_finish(c, j);
		}
	}
	if (c->held != NULL && (*wait < 0 || *wait > c->held_look - now))
		*wait = c->held_look > now ? c->held_look - now : 0;
}

void
chat_ask(struct chat *c, struct chat_job *j)
{
	int looked = 0;

	c->pending++;
	j->samples = arena_get(&j->mem, (size_t)j->want * sizeof *j->samples);
	memset(j->samples, 0, (size_t)j->want * sizeof *j->samples);
	if (c->o.batch != NULL) {
		look_up(c, j);
		offline_ask(c, j);
		return;
	}
	/* what is stored needs no service */
	if (c->answers != NULL && c->model[0] != '\0') {
		looked = 1;
		look_up(c, j);
		if (chat_job_missing(j) == 0) {
			chat_job_concludes(c, j);
			return;
		}
	}
	if (chat_prepare(c) == -1) {
		chat_job_fails(j, "stopped", 0, "%s", c->stopped);
		chat_job_finish(c, j);
		return;
	}
	if (c->answers != NULL && !looked)
		look_up(c, j);
	ask_or_hold(c, j, clock_ms());
}

void
chat_job_free(struct chat_job *j)
{
	arena_free(&j->mem);
}

unsigned
chat_pending(const struct chat *c)
{
	return c->pending;
}

unsigned
chat_width(const struct chat *c)
{
	return route_width(c);
}

long long
chat_waits(const struct chat *c)
{
	return c->out_since != 0 ? clock_ms() - c->out_since : 0;
}

int
chat_hungry(const struct chat *c)
{
	unsigned width = route_width(c);

	/* what can go at once, and some for those that come back meanwhile */
	return !c->stopping &&
	       c->nready + http_inflight(c->http) < width + (width + 3) / 4;
}

struct chat_job *
chat_next(struct chat *c)
{
	struct chat_job *j = c->done;

	if (j == NULL)
		return NULL;
	if ((c->done = j->next) == NULL)
		c->done_tail = &c->done;
	c->pending--;
	return j;
}

void
chat_stop(struct chat *c, const char *why, int now)
{
	struct http_done *d;
	struct call *k;

	chat_halt(c, "%s", why);
	if (!now)
		return;
	http_cancel_all(c->http);
	/* some may have come back just now */
	while ((d = http_next(c->http)) != NULL)
		call_transferred(c, d);
	while ((k = c->flying) != NULL) {
		call_land(c, k);
		share_settle(c->share, &k->asked, -1, 0);
		if (k->job == NULL)
			call_free(k);
		else
			call_fails(c, k, "stopped", 0, c->stopped);
	}
}

const char *
chat_stopped(const struct chat *c)
{
	return c->stopping ? c->stopped : NULL;
}

int
chat_cache_failed(const struct chat *c)
{
	return c->cache_errno;
}

struct share_sums
chat_sums(const struct chat *c)
{
	return share_sums(c->share);
}

const struct chat_stats *
chat_stats(const struct chat *c)
{
	return &c->stats;
}

const struct chat_end *
chat_end(struct chat *c, size_t i)
{
	struct endpoint *e = &c->ends[i];

	if (i >= c->nends)
		return NULL;
	e->did.url = e->url;
	e->did.dialect = e->dialect.name;
	chat_note_up(e, e->mute_since == 0);
	return &e->did;
}

/* The next request does not fit into what may be spent. */
static void
out_of_budget(struct chat *c, const struct share_ask *a)
{
	struct share_sums s = share_sums(c->share);
	const char *whose = s.members > 1 ? " (all that share it)" : "";

	if (s.limits.tokens > 0 && s.tokens + a->tokens > s.limits.tokens)
		chat_halt(c,
		    "the budget is spent: %lld of %lld tokens%s, and the next "
		    "request may take %lld",
		    s.tokens, s.limits.tokens, whose, a->tokens);
	else
		chat_halt(c,
		    "the budget is spent: %.4f of %.4f%s, and the next request "
		    "may cost %.4f",
		    spend_money(s.cost), spend_money(s.limits.cost), whose,
		    spend_money(a->cost));
}

/* The same for one that is to go: 0, and *wait, if it may not go now. */
static int
may_go(struct chat *c, struct call *k, struct endpoint *e, long long *wait)
{
	enum share_said said = call_may_go(c, k, e, wait);

	if (said == SHARE_PAUSED)
		e->cool_until = clock_ms() + *wait;
	if (said == SHARE_SPENT)
		out_of_budget(c, &k->asked);
	if (said == SHARE_PAUSED || said == SHARE_SPENT)
		*wait = 0; /* for another endpoint, or to end what is left */
	return said == SHARE_GO;
}

/* Send while there is anything to send and room; how long to wait then. */
static void
send_ready(struct chat *c, long long *wait)
{
	long long now = clock_ms(), w = -1;
	struct endpoint *e;
	struct call *k;

	while ((k = c->ready.head) != NULL && c->stopping) {
		call_take(&c->ready);
		c->nready--;
		call_fails(c, k, "stopped", 0, c->stopped);
	}
	twin_send(c, now, wait);
	while (
	    (k = c->ready.head) != NULL && http_inflight(c->http) < c->o.jobs) {
		w = -1;
		if ((e = route_pick(c, k->not_at, now, &w)) == NULL)
			break;
		if (c->one_at_a_time)
			k->n = 1; /* it was queued before that was known */
		if (!may_go(c, k, e, &w))
			break;
		w = -1;
		call_take(&c->ready);
		c->nready--;
		call_send(c, k, e, now);
	}
	route_filled(c, now);
	if (w != -1 && (*wait == -1 || w < *wait))
		*wait = w;
}

int
chat_poll(struct chat *c, struct pollfd *extra, unsigned nextra, int timeout_ms,
    const char **why)
{
	struct http_done *d;
	long long wait = timeout_ms;

	chat_wake_held(c, clock_ms(), &wait);
	call_wake(c, clock_ms(), &wait);
	send_ready(c, &wait);
	if (c->done != NULL)
		wait = 0;
	if (http_poll(c->http, extra, nextra, (int)wait, why) == -1)
		return -1;
	while ((d = http_next(c->http)) != NULL)
		call_transferred(c, d);
	return 0;
}
