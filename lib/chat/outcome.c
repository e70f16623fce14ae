/*
 * outcome: what a finished transfer means for its attempt, and what follows.
 * A refusal goes through outcome_handle, handle_transfer, handle_refusal, retry
 * and blame to attempt_delay or attempt_fail.
 */
#include "chat/chat-in.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "io/io.h"

enum {
	FAILED_MAX = 10, /* requests in a row that may use up their tries */
	MOVES_MAX = 4,   /* failures of endpoints that are no tries */
};

/* Try the other endpoints, if there are any: that of an attempt is no use. */
static void
give_up_endpoint(
    struct chat *c, struct attempt *k, long status, const char *what)
{
	if (balance_disable(c, k->at, what))
		attempt_requeue(c, k);
	else
		attempt_fail(c, k, "stopped", status, c->session.why);
}

/*
 * An attempt has used up its tries. When nothing else was answered meanwhile,
 * the service is to blame: surely if nobody listens, else after some of them.
 */
static void
out_of_tries(struct chat *c, struct attempt *k, const char *code,
    const struct http_done *d, const char *message)
{
	long long seconds = (clock_ms() - k->failing_since) / 1000;
	struct session *s = &c->session;
	int alone = s->last_answer < k->failing_since;

	s->failed_requests++;
	if (alone && d->fail == HTTP_CONNECT && s->last_answer == 0)
		session_halt_unserved(s, k->at->url, message);
	else if (alone && s->failed_requests >= FAILED_MAX)
		session_halt(s,
		    "%s: nothing answered for %lld s, %d requests failed (%s)",
		    k->at->url, seconds, s->failed_requests, message);
	if (d->fail == HTTP_CONNECT && session_stops(s))
		attempt_fail(c, k, "stopped", d->status, s->why);
	else
		attempt_fail(c, k, code, d->status, message);
}

/*
 * Return what a failure says of the endpoint, which asks to wait for asked_ms
 * if that is over 0, and so of its attempt.
 */
static enum balance_next
blame(struct chat *c, struct attempt *k, const char *code,
    const struct http_done *d, const char *message, long long asked_ms)
{
	long status = d->fail == HTTP_OK ? d->status : 0;
	enum balance_next next;

	if (d->fail == HTTP_CONNECT)
		return balance_unreachable(c, k, message);
	if (strcmp(code, "empty_answer") == 0 ||
	    strcmp(code, "broken_text") == 0)
		return BALANCE_TRIED;
	if (status == 429)
		balance_present(c, k->at);
	/* a pause keeps other attempts from the same refusal */
	if (status == 429 || (status == 503 && asked_ms > 0)) {
		next = balance_slow(c, k->at, asked_ms);
		if (status == 429 || c->nends > 1)
			return next;
	}
	return balance_failed(c, k, message,
	    d->fail == HTTP_RESET || (status >= 502 && status <= 504));
}

static void
tell_retry(
    struct chat *c, const struct attempt *k, const char *what, long long delay)
{
	const struct chat_job *j = k->job;

	session_tell(&c->session,
	    "%s:%zu: %s, attempt %d at %s: %s; again in %.1f s", j->file,
	    j->lineno, j->kind, k->tries + k->moved, k->at->url, what,
	    (double)delay / 1000);
}

/* Queue an attempt again if its failure was no try: 1; 0 if it was one. */
static int
goes_again(struct chat *c, struct attempt *k, enum balance_next next,
    int reached, const char *message)
{
	if (next == BALANCE_TRIED ||
	    (next == BALANCE_MOVES && k->moved == MOVES_MAX))
		return 0;
	if (next == BALANCE_MOVES)
		tell_retry(c, k, message, 0);
	k->moved += next == BALANCE_MOVES && reached;
	k->tries--;
	k->delays--;
	/* another one goes first: this one may be to blame after all */
	if (next == BALANCE_WAITS && reached)
		attempt_append(&c->attempts, k);
	else
		attempt_requeue(c, k);
	return 1;
}

/* Retry an attempt later, or end it with code when it has had its tries. */
static void
retry(struct chat *c, struct attempt *k, const char *code,
    const struct http_done *d, const char *message)
{
	long long delay = session_backoff_ms(k->delays++);
	long long now = clock_ms(), asked = d->retry_after_ms;
	enum balance_next next = blame(c, k, code, d, message, asked);

	if (attempt_leave_to_hedge(k))
		return;
	k->not_at = k->at;
	if (session_stops(&c->session)) {
		attempt_fail(c, k, "stopped", d->status, c->session.why);
		return;
	}
	if (goes_again(c, k, next, d->fail != HTTP_CONNECT, message))
		return;
	if (k->failing_since == 0)
		k->failing_since = now;
	if (asked > 0)
		delay = asked;
	/* a 429 while others are answered is no failed try */
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
	attempt_delay(&c->attempts, k, now + delay);
}

/* Put the choices of a reply where samples are missing. */
static void
fill_samples(struct chat *c, struct attempt *k, const struct reply *r)
{
	struct chat_job *j = k->job;
	int i, from = 0, n = k->n == 1 ? 1 : r->nchoices;

	/* n was ignored, or it was what had been refused */
	if ((r->nchoices == 1 && k->n > 1) || (k->n == 1 && j->split))
		c->one_at_a_time = 1;
	/* a single sample goes where it was asked for */
	i = k->n == 1 ? k->seed_add : 0;
	for (; i < j->want && from < n; i++)
		from += job_fill(&c->jobs, j, i, &r->choices[from]);
	job_store(&c->jobs);
}

/* Return an estimate of the tokens that a reply has taken. */
static struct cost_tokens
guess_tokens(const struct attempt *k, const struct reply *r)
{
	struct cost_tokens t = { cost_tokens_of(k->job->ask.messages.n), 0 };
	int i;

	for (i = 0; i < r->nchoices; i++)
		t.out += cost_tokens_of(r->choices[i].text.n);
	return t;
}

/* Count an attempt without an answer, whatever follows from that. */
static void
count_failure(struct attempt *k, const char *code, long status)
{
	counts_add(&k->at->did.failures, span_of(code));
	k->at->did.limited += status == 429;
}

static void
count_answer(struct chat *c, struct attempt *k, const struct reply *r, long ms)
{
	struct cost_tokens took = { r->prompt_tokens, r->completion_tokens };
	struct chat_used used = attempt_used(c, r);
	struct chat_job *j = k->job;

	attempt_add_used(&j->used, &used);
	if (took.in + took.out == 0) {
		c->stats.estimated = 1;
		took = guess_tokens(k, r);
		used = (struct chat_used){ took.in, took.out, r->cached_tokens,
			cost_of(
			    &c->spend, took.in, took.out, r->cached_tokens) };
	}
	attempt_add_used(&c->stats.used, &used);
	attempt_add_used(&k->at->did.used, &used);
	limits_commit(c->limits, &k->reserved, took.in + took.out, used.cost);
	c->stats.answered_calls++;
	k->at->did.answered++;
	hist_add(&k->at->did.latency, ms);
	hist_add(&c->stats.latency, ms);
	c->session.last_answer = clock_ms();
	c->session.failed_requests = 0;
	balance_answered(c, k->at, ms);
	cost_learn(&c->spend, j->ask.messages.n, k->n, took);
}

int
outcome_read(struct chat *c, struct chat_job *j, const struct dialect *dialect,
    struct span body, struct reply *r, const char **why)
{
	int i, is_quoted =
		   dialect->how == CHOICE_SCHEMA &&
		   request_constrains(&c->o.body, dialect, &j->ask).p != NULL;

	if (reply_read(body, &j->mem, r, why) == -1)
		return -1;
	for (i = 0; i < r->nchoices; i++) {
		if (is_quoted)
			reply_unquote(&r->choices[i], &j->mem);
		secret_redact_choice(&c->secrets, &r->choices[i], &j->mem);
	}
	return 0;
}

/* Return the option that asks for a member of this name, or NULL. */
static const char *
find_option(const struct chat *c, struct span name)
{
	static const char *const options[REQUEST_NPARAM] = { "--temperature",
		"--top-p", "--max-tokens", "--repetition-penalty",
		"--logit-bias", "--seed" };
	int p;

	for (p = 0; p < REQUEST_NPARAM; p++)
		if (c->o.body.param[p] != NULL && request_is_param(p, name))
			return options[p];
	if (c->o.body.logprobs != NULL &&
	    (span_is(name, "logprobs") || span_is(name, "top_logprobs")))
		return "--logprobs";
	return NULL;
}

/*
 * Rename or leave out, from now on, a member that the endpoint refuses: whether
 * that can be. One that the user has written into --extra-body or the record is
 * not touched.
 */
static int
leave_out(struct chat *c, struct attempt *k, const struct refusal *e)
{
	struct dialect *d = &k->at->dialect;
	const char **cap = &d->names[REQUEST_MAX_TOKENS], *old_cap = *cap;
	const char *choice = d->choice, *option;
	struct span name = refusal_culprit(e, buf_span(&k->body));
	char instead[80] = "not sent";
	int got;

	if (name.p == NULL || k->adapted++ == ADAPT_MAX ||
	    !request_owns(&c->o.body, &k->job->ask, name) ||
	    (got = dialect_forgo(d, name)) == -1)
		return 0;
	if (got == 0)
		return 1; /* an earlier refusal has found that out */
	option = find_option(c, name);
	if (*cap != old_cap && *cap != NULL)
		snprintf(instead, sizeof instead, "%s is sent", *cap);
	else if (d->choice != choice && d->choice != NULL)
		snprintf(instead, sizeof instead, "%s is sent", d->choice);
	else if (option != NULL)
		snprintf(instead, sizeof instead,
		    "NOT SENT, although %s asks for it,", option);
	io_warn("%s: refuses %.*s; %s from now on (%s)", k->at->url,
	    (int)name.n, name.p, instead, e->message);
	return 1;
}

/*
 * Return whether a request that was refused will do once it is written anew. A
 * member of it may be the reason for 400, 422 and llama.cpp's 501.
 */
static int
can_adapt(struct chat *c, struct attempt *k, long status, struct refusal *e)
{
	if (e->end == REFUSAL_RECORD && cap_lower(c, k, e))
		return 1;
	return (status == 400 || status == 422 || status == 501) &&
	       leave_out(c, k, e);
}

/* Handle an answer that is no completion; why: what a 200 lacks, or NULL. */
static void
handle_refusal(struct chat *c, struct attempt *k, const struct http_done *d,
    const char *why)
{
	struct chat_job *j = k->job;
	struct refusal e;
	char msg[600];

	limits_commit(c->limits, &k->reserved, -1, 0);
	secret_read_error(&c->secrets, d->status, d->body, &e);
	snprintf(msg, sizeof msg, "status %ld: %s%s", d->status, e.message,
	    endpoint_hint(k->at, d->status));
	if (why != NULL) {
		snprintf(msg, sizeof msg, "the reply is no completion (%s): %s",
		    why, e.message);
		e.code = "bad_reply";
		if (e.end == REFUSAL_RECORD)
			e.end = REFUSAL_RETRY; /* a gateway's, most likely */
	}
	count_failure(k, e.code, d->status);
	if (d->should_retry == 1 && e.end == REFUSAL_RECORD)
		e.end = REFUSAL_RETRY;
	else if (d->should_retry == 0 && e.end == REFUSAL_RETRY)
		e.end = REFUSAL_RECORD;
	if (e.end == REFUSAL_RECORD)
		balance_answered(c, k->at, -1);
	if (e.end == REFUSAL_SERVICE) {
		give_up_endpoint(c, k, d->status, msg);
	} else if (!session_stops(&c->session) &&
		   can_adapt(c, k, d->status, &e)) {
		k->tries--;
		attempt_requeue(c, k);
	} else if (e.end == REFUSAL_RETRY) {
		retry(c, k, e.code, d, msg);
	} else if (k->n > 1 && strcmp(e.code, "bad_request") == 0 &&
		   !session_stops(&c->session)) {
		/* n may be refused: if one sample alone goes, it is */
		j->split = 1;
		k->seed_add = j->want - job_missing(j);
		k->n = 1;
		attempt_requeue(c, k);
	} else {
		attempt_fail(c, k, e.code, d->status, msg);
	}
}

static void
handle_answer(struct chat *c, struct attempt *k, const struct http_done *d)
{
	struct chat_job *j = k->job;
	struct reply r;
	const char *why, *code;
	/* the choices point into the body, which goes back to http */
	struct span body = { arena_dup(&j->mem, d->body.p, d->body.n),
		d->body.n };

	if (outcome_read(c, j, &k->at->dialect, body, &r, &why) == -1) {
		handle_refusal(c, k, d, why);
		return;
	}
	count_answer(c, k, &r, d->time_ms);
	code = job_why_empty(&c->jobs, &r, &why);
	if (code != NULL && k->empty++ == 0) {
		retry(c, k, code, d, why);
		return;
	}
	cap_keep_halved(c, k);
	if (cap_raise(c, k, &r)) {
		k->tries--;
		attempt_requeue(c, k);
		return;
	}
	j->latency_ms = (long)(clock_ms() - j->started);
	hedge_note(&c->hedge, d->time_ms);
	hedge_cancel_other(c, k);
	fill_samples(c, k, &r);
	attempt_end(c, k);
}

/*
 * Correct the counts by what libcurl itself sent anew after a kept connection
 * was closed, or by a request that was not sent, as nobody was there.
 */
static void
count_repeats(struct chat *c, struct attempt *k, const struct http_done *d)
{
	int more = d->sent > 1 ? d->sent - 1 : 0;

	if (d->fail == HTTP_CONNECT && d->sent == 0)
		more = -1;
	k->job->attempts += more;
	k->at->did.calls += (unsigned long)more;
	c->stats.calls += (unsigned long)more;
	if (more <= 0)
		return;
	k->at->did.retries += (unsigned long)more;
	c->stats.retries += (unsigned long)more;
	tell_retry(c, k, "the connection was closed", 0);
}

/* Handle a finished transfer of an attempt that is not cancelled. */
static void
handle_transfer(struct chat *c, struct attempt *k, const struct http_done *d)
{
	static const char *const codes[] = { [HTTP_CONNECT] = "unreachable",
		[HTTP_TIMEOUT] = "timeout",
		[HTTP_RESET] = "connection_lost",
		[HTTP_TLS] = "tls",
		[HTTP_TOO_BIG] = "reply_too_big",
		[HTTP_OTHER] = "bad_reply" };

	count_repeats(c, k, d);
	c->session.met |= d->fail == HTTP_OK;
	endpoint_note_up(k->at, clock_ms(), d->fail != HTTP_CONNECT);
	if (d->fail != HTTP_OK) {
		limits_commit(c->limits, &k->reserved, -1, 0);
		count_failure(k, codes[d->fail], 0);
	}
	if (d->fail == HTTP_TLS)
		give_up_endpoint(c, k, 0, d->message);
	else if (d->fail == HTTP_TOO_BIG)
		attempt_fail(c, k, codes[d->fail], d->status, d->message);
	else if (d->fail != HTTP_OK)
		retry(c, k, codes[d->fail], d, d->message);
	else if (d->status >= 300)
		handle_refusal(c, k, d, NULL);
	else
		handle_answer(c, k, d);
}

void
outcome_handle(struct chat *c, struct http_done *d)
{
	struct attempt *k = d->ctx;

	attempt_land(&c->attempts, k);
	if (k->job == NULL)
		hedge_count_late(c, k, d);
	else
		handle_transfer(c, k, d);
	http_release(c->http, d);
}
