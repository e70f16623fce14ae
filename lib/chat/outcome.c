/*
 * outcome: what a finished transfer means for its attempt, and what follows.
 * A refusal goes through outcome_handle, handle_transfer and handle_refusal to
 * retry_failed, retry_refused or attempt_fail.
 */
#include "chat/chat-in.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "io/io.h"
#include "io/once.h"
#include "llm/embed.h"

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
	struct cost_tokens t = { cost_tokens_of(request_bytes(&k->job->ask)),
		0 };
	int i;

	for (i = 0; i < r->nchoices && job_has_words(k->job); i++)
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
			cost_of(&c->spend, took.in, took.out, r->cached_tokens),
			0 };
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
	if (c->attempts.answered < k->number)
		c->attempts.answered = k->number;
	health_prove(&k->at->health, k->number);
	balance_answered(c, k->at, ms);
	watch_first(c, k->at, ms);
	cost_learn(&c->spend, request_bytes(&j->ask), k->n, took);
}

int
outcome_read(struct chat *c, struct chat_job *j, const struct dialect *dialect,
    struct span body, struct reply *r, const char **why)
{
	int i, is_quoted =
		   dialect->how == CHOICE_SCHEMA &&
		   request_constrains(&c->o.body, dialect, &j->ask).p != NULL;

	if (j->ask.query.p != NULL)
		return rescore_read(body, job_scores(j), &j->mem, r, why);
	if (j->texts != NULL)
		return embed_read(
		    body, job_missing(j), &c->jobs.dims, &j->mem, r, why);
	if (reply_read(body, &j->mem, r, why) == -1)
		return -1;
	for (i = 0; i < r->nchoices; i++) {
		if (is_quoted)
			reply_unquote(&r->choices[i], &j->mem);
		secret_redact_choice(&c->secrets, &r->choices[i], &j->mem);
	}
	return 0;
}

/* Say, once for a run, what gives tg-judge its number all the same. */
static const char *
votes_hint(void)
{
	return once_due("logprobs", 0)
		   ? "; the number of tg-judge can be the share of several "
		     "answers instead: tg-prompt judge --votes 5, in tg-run "
		     "--votes 5"
		   : "";
}

int
outcome_tell_bare(const struct chat *c, const char *who, const struct reply *r)
{
	int i, is_bare = 0;
	const char *hint;

	if (c->o.body.logprobs == NULL)
		return 1;
	for (i = 0; i < r->nchoices; i++) {
		if (r->choices[i].logprobs.p != NULL)
			return 1;
		is_bare |= r->choices[i].text.n > 0;
	}
	hint = is_bare ? votes_hint() : "";
	if (*hint != '\0')
		io_warn("%s: gives no log probabilities of %s, although "
			"--logprobs asks for them%s",
		    who, c->model, hint);
	return is_bare;
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
	const char *choice = d->choice, *option, *hint = "";
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
	if (option != NULL && strcmp(option, "--logprobs") == 0)
		hint = votes_hint();
	if (*cap != old_cap && *cap != NULL)
		snprintf(instead, sizeof instead, "%s is sent", *cap);
	else if (d->choice != choice && d->choice != NULL)
		snprintf(instead, sizeof instead, "%s is sent", d->choice);
	else if (option != NULL)
		snprintf(instead, sizeof instead,
		    "NOT SENT, although %s asks for it,", option);
	io_warn("%s: refuses %.*s; %s from now on (%s)%s", k->at->url,
	    (int)name.n, name.p, instead, e->message, hint);
	return 1;
}

/* Return the form of requests for scores that is tried after a refusal. */
static enum rescore_form
next_form(const struct attempt *k, long status, const struct refusal *e)
{
	/* TEI's words for a request without its list */
	if (status == 422 && k->form == RESCORE_RERANK &&
	    strstr(e->message, "texts") != NULL)
		return RESCORE_TEXTS;
	/* a path that is there may say so of a model */
	if ((status != 404 && status != 405) ||
	    strcasestr(e->message, "model") != NULL)
		return RESCORE_FORMS;
	return k->form + 1;
}

/*
 * Return whether an endpoint that refuses the form of a request for scores can
 * be asked in another form, from now on.
 */
static int
change_form(struct chat *c, struct attempt *k, long status, struct refusal *e)
{
	enum rescore_form next = next_form(k, status, e);

	/* a user who asks for /score gets no other path */
	if (k->scores == 0 || next >= RESCORE_FORMS ||
	    c->o.rescore == RESCORE_SCORE)
		return 0;
	if (k->at->form >= next)
		return 1; /* an earlier refusal has found that out */
	k->at->form = next;
	io_warn("%s: does not know %s (status %ld: %s); it is asked by %s%s "
		"from now on",
	    k->at->url, rescore_path(k->form), status, e->message,
	    rescore_path(next),
	    rescore_is_beside(next) ? " as text-embeddings-inference has it"
				    : "");
	return 1;
}

/*
 * Return whether a request that was refused will do once it is written anew. A
 * member of it may be the reason for 400, 422 and llama.cpp's 501, and for 403
 * of OpenAI's models that reason, whose log probabilities nobody may ask for.
 */
static int
can_adapt(struct chat *c, struct attempt *k, long status, struct refusal *e)
{
	if (e->end == REFUSAL_RECORD && cap_lower(c, k, e)) {
		health_prove(&k->at->health, k->number);
		return 1;
	}
	return change_form(c, k, status, e) ||
	       ((status == 400 || status == 403 || status == 422 ||
		    status == 501) &&
		   leave_out(c, k, e));
}

/*
 * Ask for one sample of an attempt alone, as n may be what was refused: 1; 0 if
 * that is no way out.
 */
static int
ask_for_one(struct chat *c, struct attempt *k, const char *code)
{
	struct chat_job *j = k->job;

	if (k->n == 1 || !job_has_words(j) ||
	    strcmp(code, "bad_request") != 0 || session_stops(&c->session))
		return 0;
	j->split = 1;
	k->seed_add = j->want - job_missing(j);
	k->n = 1;
	attempt_requeue(c, k);
	return 1;
}

/* Note what a refusal for what is in one request says of its endpoint. */
static void
note_record(struct chat *c, struct attempt *k, const struct refusal *e)
{
	balance_answered(c, k->at, -1);
	/* words that nobody knows may mean all requests */
	if (text_is_one_of(span_of(e->code),
		span_of("content_filter|context_overflow|request_too_large")))
		health_prove(&k->at->health, k->number);
}

/* Read the refusal in the body of a transfer; why: what a 200 lacks, or NULL.
 */
static void
read_refusal(const struct chat *c, const struct http_done *d, const char *why,
    struct refusal *e)
{
	secret_read_error(&c->secrets, d->status, d->body, e);
	/* the words of a 200 may be the model's, unless an error has them */
	if (why != NULL && strcmp(e->code, "rate_limited") != 0)
		e->delay_ms = -1;
	if (why != NULL && e->end != REFUSAL_SERVICE) {
		e->code = "bad_reply";
		e->end = REFUSAL_RETRY; /* a gateway's, most likely */
	}
	if (d->should_retry == 1 && e->end == REFUSAL_RECORD)
		e->end = REFUSAL_RETRY;
	else if (d->should_retry == 0 && e->end == REFUSAL_RETRY)
		e->end = REFUSAL_RECORD;
}

/* Handle an answer that is no completion; why: what a 200 lacks, or NULL. */
static void
handle_refusal(struct chat *c, struct attempt *k, const struct http_done *d,
    const char *why)
{
	struct refusal e;
	char msg[600];

	limits_commit(c->limits, &k->reserved, -1, 0);
	read_refusal(c, d, why, &e);
	if (why != NULL)
		snprintf(msg, sizeof msg, "the reply is no %s (%s): %s",
		    k->job->ask.query.p != NULL ? "list of scores"
		    : k->job->texts != NULL     ? "list of vectors"
						: "completion",
		    why, e.message);
	else
		snprintf(msg, sizeof msg, "status %ld: %s%s", d->status,
		    e.message, endpoint_hint(k->at, d->status));
	count_failure(k, e.code, d->status);
	if (!session_stops(&c->session) && can_adapt(c, k, d->status, &e)) {
		k->tries--;
		attempt_requeue(c, k);
	} else if (e.end == REFUSAL_RETRY) {
		retry_failed(c, k, e.code, d, msg, endpoint_asked_delay(d, &e));
	} else if (e.end == REFUSAL_RECORD && job_has_parts(k->job, k->n)) {
		/* the fault may be in one text, or in their number */
		note_record(c, k, &e);
		attempt_fail(c, k, e.code, d->status, msg);
	} else if (e.end == REFUSAL_SERVICE || !ask_for_one(c, k, e.code)) {
		if (e.end == REFUSAL_RECORD)
			note_record(c, k, &e);
		retry_refused(c, k, &e, d->status, msg);
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
	if (!k->at->knows_logprobs && job_has_words(j))
		k->at->knows_logprobs = outcome_tell_bare(c, k->at->url, &r);
	code = job_why_empty(&c->jobs, &r, &why);
	if (code != NULL && k->empty++ == 0) {
		retry_failed(c, k, code, d, why, 0);
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
	retry_tell(c, k, "the connection was closed", 0);
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
	if (d->fail == HTTP_TIMEOUT)
		session_note_timeout(
		    &c->session, k->at->url, c->o.timeout_ms, 0);
	endpoint_note_up(k->at, clock_ms(), d->fail != HTTP_CONNECT);
	if (d->fail != HTTP_OK) {
		limits_commit(c->limits, &k->reserved, -1, 0);
		count_failure(k, codes[d->fail], 0);
	}
	if (d->fail == HTTP_TLS)
		retry_elsewhere(c, k, 0, d->message);
	else if (d->fail == HTTP_TOO_BIG)
		attempt_fail(c, k, codes[d->fail], d->status, d->message);
	else if (d->fail != HTTP_OK)
		retry_failed(c, k, codes[d->fail], d, d->message,
		    d->retry_after_ms > 0 ? d->retry_after_ms : 0);
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
