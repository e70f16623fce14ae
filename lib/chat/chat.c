/* chat: asks an LLM service, many questions at once */
#include "chat/chat.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "chat/chat-in.h"
#include "io/io.h"

enum {
	/*
	 * Time between looks at jobs that are held: each takes a system call
	 * a job, of which there may be thousands.
	 */
	HELD_MS = 100,
};

/*
 * Make an engine for as many requests as there may be files open, which may
 * lower jobs: 0, or -1 with *why.
 */
static int
open_engine(struct chat *c, const char **why)
{
	struct chat_opts *o = &c->o;
	struct http_opts ho = endpoint_http(o, o->jobs);

	if ((c->http = http_new(&ho, why)) == NULL)
		return -1;
	if (ho.max_inflight < o->jobs && !o->jobs_auto)
		io_warn(
		    "-j %u: the limit on open files allows %u (see ulimit -n)",
		    o->jobs, ho.max_inflight);
	o->jobs = ho.max_inflight;
	return 0;
}

/* Make the endpoints of the URLs: 0, or -1 with *why. */
static int
open_endpoints(struct chat *c, const char **why)
{
	if (c->o.headers != NULL &&
	    secret_take_headers(&c->secrets, c->o.headers, why) == -1)
		return -1;
	return discover_open(c, why);
}

/* Set what needs no file and no network. */
static void
init_parts(struct chat *c)
{
	const struct chat_opts *o = &c->o;

	c->session = (struct session){ .verbose = o->verbose };
	srandom((unsigned)clock_ms());
	secret_init(&c->secrets, o->key, o->ad_token, o->own_keys);
	c->jobs = (struct jobs){ .o = o, .session = &c->session };
	STAILQ_INIT(&c->jobs.done);
	STAILQ_INIT(&c->held);
	TAILQ_INIT(&c->attempts.ready);
	TAILQ_INIT(&c->attempts.waiting);
	TAILQ_INIT(&c->attempts.flying);
	TAILQ_INIT(&c->attempts.refused);
	c->hedge = (struct hedge){ .percentile = o->hedge, .after = -1 };
	c->one_at_a_time = o->single;
	c->spend = o->prices;
	c->stats.model = c->model;
	if (o->model != NULL)
		snprintf(c->model, sizeof c->model, "%s", o->model);
}

struct chat *
chat_new(const struct chat_opts *o, int *status, const char **why)
{
	struct chat *c = mem_new(sizeof *c);
	int bad_name;

	c->o = *o;
	/* a batch has no other answer than a whole one */
	c->o.body.no_stream = o->batch == NULL;
	init_parts(c);
	*status = TG_EX_IO;
	if (open_engine(c, why) == -1)
		goto bad;
	*status = TG_EX_USAGE;
	if (open_endpoints(c, why) == -1)
		goto bad;
	*status = TG_EX_IO;
	if (o->cache != NULL && (c->jobs.answers = responses_new(o->cache,
				     o->cache_read_only, why)) == NULL)
		goto bad;
	c->limits =
	    limits_new(o->share, o->budget_dir, &o->limits, &bad_name, why);
	*status = bad_name ? TG_EX_USAGE : TG_EX_IO;
	if (c->limits == NULL)
		goto bad;
	return c;
bad:
	chat_free(c);
	return NULL;
}

int
chat_free(struct chat *c)
{
	struct attempts *a = &c->attempts;
	struct attempt *k;
	size_t i;
	int failed, error;

	http_free(c->http);
	TAILQ_CONCAT(&a->ready, &a->waiting, link);
	TAILQ_CONCAT(&a->ready, &a->flying, link);
	TAILQ_CONCAT(&a->ready, &a->refused, link);
	while ((k = attempt_take(a)) != NULL)
		attempt_free(k);
	failed = responses_free(c->jobs.answers);
	error = errno;
	secret_free(&c->secrets);
	for (i = 0; i < c->nends; i++)
		counts_free(&c->ends[i].did.failures);
	free(c->ends);
	free(c->files);
	arena_free(&c->addresses);
	limits_free(c->limits);
	free(c);
	errno = error;
	return failed;
}

/* Write the key of what is asked. */
static void
name_ask(
    const struct chat *c, const struct request_ask *ask, char key[SHA256_HEX])
{
	struct buf b = { 0 };

	request_name(&b, &c->o.body, c->model, ask);
	hash_sha256(buf_span(&b), key);
	buf_free(&b);
}

/* Name a job by its request, and take the samples that the cache has. */
static void
look_up(struct chat *c, struct chat_job *j)
{
	struct request_ask one = { 0 };
	int i;

	if (c->jobs.answers == NULL && c->o.batch == NULL)
		return; /* no part needs the name */
	name_ask(c, &j->ask, j->cache_key);
	if (j->texts != NULL)
		j->keys = arena_get(&j->mem, (size_t)j->want * sizeof *j->keys);
	for (i = 0; j->texts != NULL && i < j->want; i++) {
		one.messages = j->texts[i];
		name_ask(c, &one, j->keys[i]);
	}
	if (c->jobs.answers != NULL)
		c->stats.cached += (unsigned)job_read_cache(&c->jobs, j);
}

/* End a job that can't be asked any more. */
static void
stop_job(struct chat *c, struct chat_job *j)
{
	job_fail(j, "stopped", 0, c->session.why);
	job_finish(&c->jobs, j);
}

/*
 * Ask for the samples that the cache lacks, unless another process is asking:
 * then hold the job until that has answered, a request's timeout at most.
 */
static void
ask_or_hold(struct chat *c, struct chat_job *j, long long now)
{
	struct responses *answers = c->jobs.answers;

	/* waiting for an answer that is not stored is in vain */
	if (answers != NULL && !c->o.cache_read_only && job_missing(j) > 0) {
		j->claimed = responses_claim(answers, j->cache_key);
		if (j->held_since == 0)
			j->held_since = now;
		if (!j->claimed && now < j->held_since + c->o.timeout_ms) {
			STAILQ_INSERT_TAIL(&c->held, j, next);
			return;
		}
		responses_look(answers);
		c->stats.cached += (unsigned)job_read_cache(&c->jobs, j);
	}
	if (job_missing(j) == 0)
		job_conclude(&c->jobs, j);
	else
		attempt_queue(c, j);
}

/* Look at the jobs that are held; lower *wait to the next look, ms. */
static void
wake_held(struct chat *c, long long now, long long *wait)
{
	struct job_list due = STAILQ_HEAD_INITIALIZER(due);
	struct chat_job *j;

	if (now >= c->held_look || session_stops(&c->session)) {
		c->held_look = now + HELD_MS;
		STAILQ_CONCAT(&due, &c->held);
	}
	while ((j = STAILQ_FIRST(&due)) != NULL) {
		STAILQ_REMOVE_HEAD(&due, next);
		if (session_stops(&c->session))
			stop_job(c, j);
		else
			ask_or_hold(c, j, now);
	}
	if (!STAILQ_EMPTY(&c->held) && c->held_look - now < *wait)
		*wait = c->held_look - now;
}

void
chat_describe(const struct chat *c, struct buf *b)
{
	const struct address_file *file;
	const struct endpoint *e;

	for (file = c->files; c->nends == 0 && file < c->files + c->nfiles;
	     file++)
		buf_fmt(b, "%sthe servers that %s will name",
		    file > c->files ? " and " : "", file->name);
	for (e = c->ends; e < c->ends + c->nends; e++) {
		if (e > c->ends)
			buf_adds(
			    b, e + 1 < c->ends + c->nends ? ", " : " and ");
		endpoint_describe(e, b);
	}
	if (c->model[0] != '\0')
		buf_fmt(b, ", model %s%s", c->model,
		    !c->is_default_model ? ""
		    : c->o.body.embed    ? ", the first there"
		    : c->for_scores      ? ", the best there for scores"
					 : ", the first there that can chat");
}

/* Tell the user who gets text, before any is sent. */
static void
tell_who(const struct chat *c)
{
	struct buf b = { 0 };

	chat_describe(c, &b);
	if (!c->o.quiet)
		io_warn("text goes to %s", buf_cstr(&b));
	buf_free(&b);
}

int
chat_prepare(struct chat *c)
{
	if (c->session.state == SESSION_NEW && probe_all(c) == 0) {
		session_enter(&c->session, SESSION_SERVING, clock_ms());
		tell_who(c);
	}
	return session_stops(&c->session) ? -1 : 0;
}

void
chat_ask(struct chat *c, struct chat_job *j)
{
	int is_named = c->o.batch != NULL || c->model[0] != '\0';
	int i;

	c->stats.pending++;
	if (c->session.state == SESSION_NEW)
		c->for_scores = j->ask.query.p != NULL;
	j->samples = arena_get(&j->mem, (size_t)j->want * sizeof *j->samples);
	memset(j->samples, 0, (size_t)j->want * sizeof *j->samples);
	for (i = 0; i < j->skip; i++)
		j->samples[i].have = 1;
	job_gather(j);
	if (is_named)
		look_up(c, j);
	if (j->stored_only && job_missing(j) > 0) {
		j->left = 1;
		job_finish(&c->jobs, j);
	} else if (c->o.batch != NULL) {
		batch_backend_ask(c, j);
	} else if (job_missing(j) == 0) {
		job_conclude(&c->jobs, j); /* the cache had all answers */
	} else if (chat_prepare(c) == -1) {
		stop_job(c, j);
	} else {
		if (!is_named)
			look_up(c, j);
		ask_or_hold(c, j, clock_ms());
	}
}

void
chat_job_free(struct chat_job *j)
{
	arena_free(&j->mem);
}

unsigned
chat_width(const struct chat *c)
{
	const struct endpoint *e;
	unsigned n = 0;

	if (c->nends == 0)
		return c->o.jobs; /* a batch asks none; a file may name some */
	for (e = c->ends; e < c->ends + c->nends; e++)
		if (e->health.state == ENDPOINT_EJECTED)
			n++;
		else if (!health_is_out(&e->health))
			n += endpoint_limit(e);
	return n < c->o.jobs ? n : c->o.jobs;
}

int
chat_hungry(const struct chat *c)
{
	unsigned width = chat_width(c);

	/* jobs that can go at once, and some for places that get free */
	return !session_stops(&c->session) &&
	       c->attempts.nready + http_inflight(c->http) <
		   width + (width + 3) / 4;
}

struct chat_job *
chat_next(struct chat *c)
{
	struct chat_job *j = STAILQ_FIRST(&c->jobs.done);

	if (j != NULL) {
		STAILQ_REMOVE_HEAD(&c->jobs.done, next);
		c->stats.pending--;
	}
	return j;
}

void
chat_stop(struct chat *c, const char *reason, int now)
{
	struct attempts *a = &c->attempts;
	struct http_done *d;
	struct attempt *k;
	const char *why;
	int came;

	session_halt(&c->session, "%s", reason);
	if (!now)
		return;
	/* some may have come back just now, more than one look finds */
	do {
		(void)http_poll(c->http, NULL, 0, 0, &why);
		for (came = 0; (d = http_next(c->http)) != NULL; came = 1)
			outcome_handle(c, d);
	} while (came);
	while ((k = TAILQ_FIRST(&a->flying)) != NULL) {
		(void)http_cancel(c->http, k);
		attempt_land(a, k);
		limits_commit(c->limits, &k->reserved, -1, 0);
		if (k->job == NULL)
			attempt_free(k);
		else
			attempt_fail(c, k, "stopped", 0, c->session.why);
	}
}

const char *
chat_stopped(const struct chat *c)
{
	return session_stops(&c->session) ? c->session.why : NULL;
}

const struct chat_stats *
chat_stats(struct chat *c)
{
	int is_waiting = c->session.state == SESSION_WAITING;

	c->stats.waits = is_waiting ? clock_ms() - c->session.since : 0;
	c->stats.write_failed = c->jobs.write_failed;
	c->stats.all = limits_sums(c->limits);
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
	endpoint_note_up(e, clock_ms(), e->unreachable_since == 0);
	return &e->did;
}

/* Halt, as the next request does not fit into what may be spent. */
static void
halt_spent(struct chat *c, const struct reservation *a)
{
	struct limits_sums s = limits_sums(c->limits);
	const char *whose = s.members > 1 ? " (all that share it)" : "";
	const char *kept = s.kept != NULL ? "; kept in " : "";
	const char *file = s.kept != NULL ? s.kept : "";

	if (s.max_tokens > 0 && s.tokens + a->tokens > s.max_tokens)
		session_halt(&c->session,
		    "the budget is spent: %lld of %lld tokens%s, and the next "
		    "request may take %lld; a larger --max-tokens-total goes "
		    "on%s%s",
		    s.tokens, s.max_tokens, whose, a->tokens, kept, file);
	else
		session_halt(&c->session,
		    "the budget is spent: %.4f of %.4f%s, and the next request "
		    "may cost %.4f; a larger --max-cost goes on%s%s",
		    cost_money(s.cost), cost_money(s.max_cost), whose,
		    cost_money(a->cost), kept, file);
}

/* Reserve an attempt: 0, and *wait in ms, if it may not go now. */
static int
may_go(struct chat *c, struct attempt *k, struct endpoint *e, long long *wait)
{
	enum limits_said said = attempt_reserve(c, k, e, wait);

	if (said == LIMITS_PAUSED)
		health_pause(&e->health, clock_ms(), *wait);
	if (said == LIMITS_SPENT)
		halt_spent(c, &k->reserved);
	if (said == LIMITS_PAUSED || said == LIMITS_SPENT)
		*wait = 0; /* another endpoint may do, or all ends */
	return said == LIMITS_GO;
}

/*
 * Send every attempt that is ready and has room, or end all once nothing is
 * sent any more; lower *wait to the time when more may go, ms.
 */
static void
send_ready(struct chat *c, long long *wait)
{
	long long now = clock_ms(), w = -1;
	struct endpoint *e;
	struct attempt *k;

	while (session_stops(&c->session) &&
	       (k = attempt_take(&c->attempts)) != NULL)
		attempt_fail(c, k, "stopped", 0, c->session.why);
	hedge_send(c, now, wait);
	while ((k = TAILQ_FIRST(&c->attempts.ready)) != NULL &&
	       http_inflight(c->http) < c->o.jobs) {
		w = -1;
		if ((e = balance_pick(c, k->not_at, now, &w)) == NULL)
			break;
		if (c->one_at_a_time)
			k->n = 1; /* when it was queued, that was not known */
		if (!may_go(c, k, e, &w))
			break;
		w = -1;
		attempt_take(&c->attempts);
		attempt_send(c, k, e, now);
	}
	balance_note_room(c);
	if (w != -1 && w < *wait)
		*wait = w;
}

int
chat_poll(struct chat *c, struct pollfd *extra, unsigned nextra, int timeout_ms,
    const char **why)
{
	struct http_done *d;
	long long wait = timeout_ms < 0 ? INT_MAX : timeout_ms;
	long long now = clock_ms();

	discover_look(c, now, &wait);
	wake_held(c, now, &wait);
	attempt_wake(&c->attempts, now, session_stops(&c->session), &wait);
	retry_judge(c);
	send_ready(c, &wait);
	watch_silence(c, now, &wait);
	if (!STAILQ_EMPTY(&c->jobs.done))
		wait = 0;
	if (http_poll(c->http, extra, nextra, (int)wait, why) == -1)
		return -1;
	while ((d = http_next(c->http)) != NULL)
		outcome_handle(c, d);
	return 0;
}
