/* outcome: what a finished transfer means for its request, and what follows */
#include "chat/chat-in.h"

#include <stdio.h>
#include <string.h>

#include "io/io.h"

enum {
	MAX_DELAY_MS = 120 * 1000, /* of what a server asks for */
	UNLUCKY = 10,  /* requests in a row that used up their tries */
	MOVES_MAX = 4, /* from failing endpoints, without counting as tries */
	JUDGE_CAP =
	    8192, /* tokens for one who reasons: the default of others */
};

/* The endpoint of a call will not serve: try the others, if there are any. */
static void
elsewhere(struct chat *c, struct call *k, long status, const char *what)
{
	if (chat_give_up(c, k->at, what))
		call_requeue(c, k);
	else
		call_fails(c, k, "stopped", status, c->stopped);
}

/*
 * A call has used up its tries. When nothing else was answered meanwhile, it
 * may be the service: surely if nobody listens, else after some such calls.
 */
static void
out_of_tries(struct chat *c, struct call *k, const char *code,
    const struct http_done *d, const char *message)
{
	long long seconds = (clock_ms() - k->failing_since) / 1000;
	int alone = c->last_ok < k->failing_since;

	c->unlucky++;
	if (alone && d->fail == HTTP_CONNECT && c->last_ok == 0)
		chat_nobody_there(c, k->at->url, message);
	else if (alone && c->unlucky >= UNLUCKY)
		chat_halt(c,
		    "%s: nothing answered for %lld s, %d requests failed (%s)",
		    k->at->url, seconds, c->unlucky, message);
	if (d->fail == HTTP_CONNECT && c->stopping)
		code = "stopped";
	call_fails(c, k, code, d->status,
	    strcmp(code, "stopped") == 0 ? c->stopped : message);
}

/* What a server asks to wait, as far as that is heeded; 0: nothing. */
static long long
asked_delay(const struct http_done *d)
{
	return d->retry_after_ms <= 0             ? 0
	       : d->retry_after_ms < MAX_DELAY_MS ? d->retry_after_ms
						  : MAX_DELAY_MS;
}

/* What a failure says of the endpoint, and so what becomes of the call. */
static enum route_next
blame(struct chat *c, struct call *k, const char *code,
    const struct http_done *d, const char *message)
{
	long status = d->fail == HTTP_OK ? d->status : 0;
	long long delay = asked_delay(d);
	enum route_next next;

	if (d->fail == HTTP_CONNECT)
		return route_unreachable(c, k, message);
	if (strcmp(code, "empty_answer") == 0)
		return ROUTE_TRIED;
	if (status == 429)
		route_is_there(c, k->at);
	/* the others need not run into the same wall */
	if (status == 429 || (status == 503 && delay > 0)) {
		next = route_slow_down(c, k->at, delay);
		if (status == 429 || c->nends > 1)
			return next;
	}
	return route_failed(c, k, message,
	    d->fail == HTTP_RESET || (status >= 502 && status <= 504));
}

static void
tell_retry(
    struct chat *c, const struct call *k, const char *what, long long delay)
{
	const struct chat_job *j = k->job;

	chat_tell(c, "%s:%zu: %s, attempt %d at %s: %s; again in %.1f s",
	    j->file, j->lineno, j->kind, k->tries + k->moved, k->at->url, what,
	    (double)delay / 1000);
}

/* It was no try. 1, and it is queued again, unless it has moved too often. */
static int
goes_again(struct chat *c, struct call *k, enum route_next next, int met,
    const char *message)
{
	if (next == ROUTE_TRIED ||
	    (next == ROUTE_MOVES && k->moved == MOVES_MAX))
		return 0;
	if (next == ROUTE_MOVES)
		tell_retry(c, k, message, 0);
	k->moved += next == ROUTE_MOVES && met;
	k->tries--;
	k->delays--;
	/* not the same one over and over: it may be to blame after all */
	if (next == ROUTE_WAITS && met) {
		call_add(&c->ready, k);
		c->nready++;
	} else {
		call_requeue(c, k);
	}
	return 1;
}

/* Try a call again later, or end it with code when it has had its tries. */
static void
again(struct chat *c, struct call *k, const char *code,
    const struct http_done *d, const char *message)
{
	long long delay = chat_backoff_ms(c, k->delays++), now = clock_ms();
	enum route_next next = blame(c, k, code, d, message);

	if (twin_goes_on(k))
		return;
	k->not_at = k->at;
	if (c->stopping) {
		call_fails(c, k, "stopped", d->status, c->stopped);
		return;
	}
	if (goes_again(c, k, next, d->fail != HTTP_CONNECT, message))
		return;
	if (k->failing_since == 0)
		k->failing_since = now;
	if (d->retry_after_ms > 0)
		delay = asked_delay(d);
	/* too fast, but it goes on: that is no failed try */
	if (d->status == 429 && c->o.retries > 0) {
		if (c->stats.answered_calls > k->answered)
			k->tries--;
		k->answered = c->stats.answered_calls;
	}
	if (k->tries > c->o.retries ||
	    now + delay - k->failing_since > c->o.retry_ms) {
		out_of_tries(c, k, code, d, message);
		return;
	}
	tell_retry(c, k, message, delay);
	if (d->fail != HTTP_CONNECT) {
		c->stats.retries++;
		k->at->did.retries++;
	}
	call_wait_for(c, k, now + delay);
}

static int
all_empty(const struct chat *c, const struct reply *r)
{
	int i;

	for (i = 0; i < r->nchoices; i++)
		if (!chat_is_empty(c, &r->choices[i]))
			return 0;
	return 1;
}

/* Put the choices of a reply where samples are missing. */
static void
fill(struct chat *c, struct call *k, const struct reply *r)
{
	struct chat_job *j = k->job;
	int i, from = 0;

	/* n was ignored, or it was what had been refused */
	if ((r->nchoices == 1 && k->n > 1) || (k->n == 1 && j->split))
		c->one_at_a_time = 1;
	/* a single sample goes where it was asked for */
	i = k->n == 1 ? k->seed_add : 0;
	for (; i < j->want && from < r->nchoices; i++) {
		if (j->samples[i].have)
			continue;
		j->samples[i].have = 1;
		j->samples[i].choice = r->choices[from++];
		call_keep(c, j, i);
		if (k->n == 1)
			break;
	}
	call_store(c);
}

/* What a reply says that it took; else what it looks like. */
static struct spend_tokens
taken(struct chat *c, const struct call *k, const struct reply *r)
{
	struct spend_tokens t = { r->prompt_tokens, r->completion_tokens };
	int i;

	if (r->usage.p != NULL && t.in + t.out > 0)
		return t;
	c->stats.estimated = 1;
	t.in = spend_tokens_of(k->job->ask.messages.n);
	t.out = 0;
	for (i = 0; i < r->nchoices; i++)
		t.out += spend_tokens_of(r->choices[i].text.n);
	return t;
}

/* A request did not bring an answer, whatever follows from that. */
static void
count_failure(struct call *k, const char *code, long status)
{
	tally_add(&k->at->did.failures, span_of(code));
	k->at->did.limited += status == 429;
}

static void
count(struct chat *c, struct call *k, const struct reply *r, long ms)
{
	struct spend_tokens took = taken(c, k, r);
	struct chat_used used = { took.in, took.out, r->cached_tokens,
		spend_cost(&c->spend, took.in, took.out, r->cached_tokens) };
	struct chat_job *j = k->job;

	share_settle(c->share, &k->asked, took.in + took.out, used.cost);
	c->stats.answered_calls++;
	k->at->did.answered++;
	hist_add(&k->at->did.latency, ms);
	hist_add(&c->stats.latency, ms);
	c->last_ok = clock_ms();
	c->unlucky = 0;
	route_answered(c, k->at, ms);
	j->prompt_tokens += r->prompt_tokens;
	j->completion_tokens += r->completion_tokens;
	j->cached_tokens += r->cached_tokens;
	call_took(c, k->at, &used);
	spend_learn(&c->spend, j->ask.messages.n, k->n, took);
}

/* A 200 that is no completion: most likely a gateway's, and passing. */
static void
no_completion(
    struct chat *c, struct call *k, const struct http_done *d, const char *why)
{
	struct reply_error e;
	char msg[600];

	count_failure(k, "bad_reply", d->status);
	chat_read_error(c, d->status, d->body, &e);
	snprintf(msg, sizeof msg, "the reply is no completion (%s): %s", why,
	    e.message);
	if (e.end == REPLY_SERVICE)
		elsewhere(c, k, d->status, msg);
	else
		again(c, k, "bad_reply", d, msg);
}

/*
 * Whether a judge has spent the few tokens for its verdict on reasoning, and
 * gets more, as do all that judge at this endpoint from now on.
 */
static int
raise_cap(struct chat *c, struct call *k, const struct reply *r)
{
	struct endpoint *e = k->at;
	long cap = cap_of_endpoint(e, JUDGE_CAP);

	if (!k->job->length_ok || c->stopping || r->nchoices != 1 ||
	    !chat_is_cut_off(c, &r->choices[0]) || k->cap <= 0 ||
	    k->cap >= cap_fit(c, k, e, cap) || body_cap_is_given(&c->o.body))
		return 0;
	if (e->judge_cap == 0)
		io_warn(c->o.tool,
		    "%s: the judge reasons, and %ld tokens are too few for "
		    "that; %ld from now on",
		    e->url, k->cap, cap);
	e->judge_cap = cap;
	return 1;
}

static void
answered(struct chat *c, struct call *k, const struct http_done *d)
{
	struct chat_job *j = k->job;
	struct reply r;
	const char *why;
	/* the choices point into the body, which goes back to http */
	struct span body = { arena_dup(&j->mem, d->body.p, d->body.n),
		d->body.n },
		    words;
	int i, constrained;

	if (reply_read(body, &j->mem, &r, &why) == -1) {
		share_settle(c->share, &k->asked, -1, 0);
		no_completion(c, k, d, why);
		return;
	}
	constrained =
	    k->at->dialect.how == CHOICE_SCHEMA &&
	    body_constrains(&c->o.body, &k->at->dialect, &j->ask, &words);
	for (i = 0; i < r.nchoices; i++) {
		if (constrained)
			reply_unquote(&r.choices[i], &j->mem);
		chat_redact_choice(c, &r.choices[i], &j->mem);
	}
	count(c, k, &r, d->time_ms);
	if (all_empty(c, &r) && k->empty++ == 0) {
		again(c, k, "empty_answer", d, chat_in_words("empty_answer"));
		return;
	}
	cap_keep_halved(c, k);
	if (raise_cap(c, k, &r)) {
		k->tries--;
		call_requeue(c, k);
		return;
	}
	j->latency_ms = (long)(clock_ms() - j->started);
	hedge_note(&c->hedge, d->time_ms);
	twin_wins(c, k);
	fill(c, k, &r);
	call_ends(c, k);
}

/* The option that asks for a member of this name, or NULL. */
static const char *
asked_by(const struct chat *c, struct span name)
{
	static const char *const options[BODY_NPARAM] = { "--temperature",
		"--top-p", "--max-tokens", "--repetition-penalty",
		"--logit-bias", "--seed" };
	const char *logprobs = c->o.body.logprobs;
	int p;

	for (p = 0; p < BODY_NPARAM; p++)
		if (c->o.body.param[p] != NULL && body_is(p, name))
			return options[p];
	if (logprobs != NULL &&
	    (span_is(name, "logprobs") || span_is(name, "top_logprobs")))
		return "--logprobs";
	return NULL;
}

/*
 * Whether the endpoint refuses a member that can be called something else, or
 * left out; from then on it is. One that the user has written into
 * --extra-body or the record is not touched.
 */
static int
leave_out(struct chat *c, struct call *k, const struct reply_error *e)
{
	struct dialect *d = &k->at->dialect;
	const char *cap = d->cap, *choice = d->choice, *option;
	struct span name = reply_culprit(e, buf_span(&k->body));
	char instead[80] = "not sent";
	int got;

	if (name.p == NULL || k->adapted++ == ADAPT_MAX ||
	    !body_owns(&c->o.body, &k->job->ask, name) ||
	    (got = dialect_forgo(d, name)) == -1)
		return 0;
	if (got == 0)
		return 1; /* it was on its way when that was found out */
	option = asked_by(c, name);
	if (d->cap != cap && d->cap != NULL)
		snprintf(instead, sizeof instead, "%s is sent", d->cap);
	else if (d->choice != choice && d->choice != NULL)
		snprintf(instead, sizeof instead, "%s is sent", d->choice);
	else if (option != NULL)
		snprintf(instead, sizeof instead,
		    "NOT SENT, although %s asks for it,", option);
	io_warn(c->o.tool, "%s: refuses %.*s; %s from now on (%s)", k->at->url,
	    (int)name.n, name.p, instead, e->message);
	return 1;
}

/*
 * Whether a request that was refused will do once it is written anew. A member
 * of it may be the reason for 400, 422 and llama.cpp's 501.
 */
static int
fits_better(
    struct chat *c, struct call *k, long status, struct reply_error *e)
{
	if (e->end == REPLY_RECORD && cap_lower(c, k, e))
		return 1;
	return (status == 400 || status == 422 || status == 501) &&
	       leave_out(c, k, e);
}

static void
refused(struct chat *c, struct call *k, const struct http_done *d)
{
	struct chat_job *j = k->job;
	struct reply_error e;
	char msg[480];

	chat_read_error(c, d->status, d->body, &e);
	count_failure(k, e.code, d->status);
	snprintf(msg, sizeof msg, "status %ld: %s%s", d->status, e.message,
	    chat_url_hint(k->at->url, d->status));
	if (d->should_retry == 1 && e.end == REPLY_RECORD)
		e.end = REPLY_RETRY;
	else if (d->should_retry == 0 && e.end == REPLY_RETRY)
		e.end = REPLY_RECORD;
	if (e.end == REPLY_RECORD)
		route_answered(c, k->at, -1);
	if (e.end == REPLY_SERVICE) {
		elsewhere(c, k, d->status, msg);
	} else if (!c->stopping && fits_better(c, k, d->status, &e)) {
		k->tries--;
		call_requeue(c, k);
	} else if (e.end == REPLY_RETRY) {
		again(c, k, e.code, d, msg);
	} else if (c->stopping) {
		call_fails(c, k, e.code, d->status, msg);
	} else if (k->n > 1 && strcmp(e.code, "bad_request") == 0) {
		/* it may be n that is refused: if one alone goes, it is */
		j->split = 1;
		k->seed_add = j->want - chat_job_missing(j);
		k->n = 1;
		call_requeue(c, k);
	} else {
		call_fails(c, k, e.code, d->status, msg);
	}
}

/* libcurl itself repeats what a kept connection is closed for. */
static void
count_repeats(struct chat *c, struct call *k, int sent)
{
	int more = sent > 1 ? sent - 1 : 0;

	k->job->attempts += more;
	k->at->did.calls += (unsigned)more;
	k->at->did.retries += (unsigned)more;
	c->stats.calls += (unsigned)more;
	c->stats.retries += (unsigned)more;
	if (more > 0)
		chat_tell(c,
		    "%s:%zu: %s, attempt %d at %s: the connection was "
		    "closed; again at once",
		    k->job->file, k->job->lineno, k->job->kind,
		    k->job->attempts - more, k->at->url);
}

/* Nobody was there to be called. */
static void
uncount(struct chat *c, struct call *k)
{
	k->job->attempts--;
	k->at->did.calls--;
	c->stats.calls--;
}

void
call_transferred(struct chat *c, struct http_done *d)
{
	static const char *const codes[] = { [HTTP_CONNECT] = "unreachable",
		[HTTP_TIMEOUT] = "timeout",
		[HTTP_RESET] = "connection_lost",
		[HTTP_TLS] = "tls",
		[HTTP_TOO_BIG] = "reply_too_big",
		[HTTP_OTHER] = "bad_reply" };
	struct call *k = d->ctx;

	call_land(c, k);
	if (k->job == NULL) {
		twin_late(c, k, d);
		http_release(c->http, d);
		return;
	}
	count_repeats(c, k, d->sent);
	if (d->fail == HTTP_CONNECT && d->sent == 0)
		uncount(c, k);
	c->met |= d->fail == HTTP_OK;
	chat_note_up(k->at, d->fail != HTTP_CONNECT);
	if (d->fail != HTTP_OK || d->status >= 300)
		share_settle(c->share, &k->asked, -1, 0);
	if (d->fail != HTTP_OK)
		count_failure(k, codes[d->fail], 0);
	if (d->fail == HTTP_TLS) {
		elsewhere(c, k, 0, d->message);
	} else if (d->fail == HTTP_TOO_BIG) {
		call_fails(c, k, codes[d->fail], d->status, d->message);
	} else if (d->fail != HTTP_OK) {
		again(c, k, codes[d->fail], d, d->message);
	} else if (d->status >= 300) {
		refused(c, k, d);
	} else {
		answered(c, k, d);
	}
	http_release(c->http, d);
}
