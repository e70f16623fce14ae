/* probe: which endpoints serve, with what model */
#include "chat/chat-in.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "io/io.h"
#include "json/find.h"
#include "json/scan.h"
#include "json/string.h"
#include "llm/models.h"

enum {
	MODELS_MS = 15 * 1000, /* bound for /models where it names the model, */
	HINT_MS = 5 * 1000,    /* and where it is but a hint */
	HINT_PAUSE_MS = 500,   /* time before it is asked for that once more */
	SLOTS_MAX = 4096,      /* slots of a server that are counted */
	READ_MS = 1000,        /* time between looks for endpoints that join */
};

/* Outcomes of asking an endpoint. */
enum asked {
	REFUSES,   /* the endpoint will not serve */
	ABSENT,    /* does not listen (yet) */
	ANSWERS,   /* serves */
	NO_LIST,   /* listens, but has no list of models */
	NO_ANSWER, /* listens, and is slow */
};

/* Return the entry of a list whose id is the model in use; p NULL: none. */
static struct span
find_model(struct chat *c, struct span list)
{
	struct arena mem = { 0 };
	struct span m, found = { NULL, 0 };
	size_t at = 0;
	int i;

	for (i = 0; i < 1000 && found.p == NULL && js_next(list, &at, &m); i++)
		if (span_is(js_string(js_find(m, "id"), &mem), c->model))
			found = m;
	arena_free(&mem);
	return found;
}

/* Take the first model of a list that can chat, if none is named: 0 or -1. */
static int
take_model(struct chat *c, struct endpoint *e, struct span list)
{
	struct arena mem = { 0 };
	enum models_use use = c->o.body.embed ? MODELS_EMBED
			      : c->for_scores ? MODELS_RERANK
					      : MODELS_CHAT;
	struct span id, first;

	if (c->model[0] != '\0')
		return 0;
	id = js_string(js_find(models_pick(list, use), "id"), &mem);
	first = js_string(js_find(js_at(list, 0), "id"), &mem);
	snprintf(
	    c->model, sizeof c->model, "%.*s", (int)id.n, id.p ? id.p : "");
	c->is_default_model = id.n > 0;
	if (id.n == 0 && first.n > 0)
		snprintf(e->why, sizeof e->why,
		    "/models lists no model that can chat (the first is "
		    "%.*s); name one with -m",
		    (int)(first.n < 200 ? first.n : 200), first.p);
	arena_free(&mem);
	return id.n == 0 && first.n > 0 ? -1 : 0;
}

/* Return whether an array has the string name. */
static int
lists_name(struct span list, const char *name)
{
	struct arena mem = { 0 };
	struct span v;
	size_t at = 0;
	int found = 0;

	while (!found && js_next(list, &at, &v))
		found = span_is(js_string(v, &mem), name);
	arena_free(&mem);
	return found;
}

/*
 * Say that a server answers with its own model, whatever it is asked for:
 * llama.cpp does that, unless it has several.
 */
static void
warn_other_model(struct chat *c, const struct endpoint *e, struct span list)
{
	struct arena mem = { 0 };
	struct span id = js_string(js_find(js_at(list, 0), "id"), &mem);

	if (strcmp(e->dialect.name, "llamacpp") == 0 && js_count(list) == 1 &&
	    !lists_name(js_find(js_at(list, 0), "aliases"), c->model))
		io_warn("%s: answers with %.*s, whatever -m names; answers are "
			"kept as those of %s",
		    e->url, (int)(id.n < 200 ? id.n : 200), id.p, c->model);
	arena_free(&mem);
}

/* Take model, dialect and context from the body of /models: 0; -1, e->why. */
static int
read_models(struct chat *c, struct endpoint *e, struct span body)
{
	const char *why;
	struct span list = models_list(js_text(text_skip_bom(body), &why)),
		    chosen;

	if (take_model(c, e, list) == -1)
		return -1;
	chosen = find_model(c, list);
	if (c->o.dialect == NULL)
		e->dialect = *dialect_of_models(
		    list, chosen.p != NULL ? chosen : js_at(list, 0));
	/* the context of another model would say nothing */
	if (chosen.p != NULL)
		e->context = dialect_context(chosen);
	else if (js_count(list) > 0)
		warn_other_model(c, e, list);
	return 0;
}

/* Return what a transfer says of an endpoint, and why in e->why. */
static enum asked
read_answer(struct chat *c, struct endpoint *e, const struct http_done *d)
{
	int is_silent = d->fail == HTTP_CONNECT || d->fail == HTTP_TLS;
	struct refusal err;
	struct arena mem = { 0 };
	int failed;

	if (d->fail != HTTP_OK) {
		snprintf(e->why, sizeof e->why, "%s%s",
		    is_silent ? "" : "/models: ", d->message);
		return d->fail == HTTP_TLS       ? REFUSES
		       : d->fail == HTTP_CONNECT ? ABSENT
		       : d->fail == HTTP_TIMEOUT ? NO_ANSWER
						 : NO_LIST;
	}
	if (d->status == 200) {
		failed = read_models(c, e,
		    secret_redact(&c->secrets, d->body, SECRET_LEN, &mem));
		arena_free(&mem);
		return failed ? REFUSES : ANSWERS;
	}
	secret_read_error(&c->secrets, d->status, d->body, &err);
	snprintf(e->why, sizeof e->why, "/models: status %ld, %s%s", d->status,
	    err.message, endpoint_hint(e, d->status));
	if (err.end == REFUSAL_RETRY)
		return NO_LIST;
	return c->model[0] == '\0' || d->status == 401 ? REFUSES : ANSWERS;
}

/*
 * Wait for the only transfer, within ms or --timeout: return it, to be
 * released; NULL with e->why if the user ends the wait.
 */
static struct http_done *
wait_for_transfer(struct chat *c, struct endpoint *e)
{
	struct http_done *d = http_await(c->http, c->o.cancelled);

	if (d == NULL)
		snprintf(e->why, sizeof e->why, "cannot be asked");
	else
		endpoint_note_up(e, clock_ms(), d->fail != HTTP_CONNECT);
	return d;
}

/* Get what a target of an endpoint has, as wait_for_transfer returns it. */
static struct http_done *
get(struct chat *c, struct endpoint *e, struct http_target *t, long ms)
{
	long most = c->o.timeout_ms;

	(void)http_post(
	    c->http, t, (struct span){ NULL, 0 }, ms < most ? ms : most, NULL);
	return wait_for_transfer(c, e);
}

/*
 * Ask an endpoint for its models within ms, or, with ms 0, only resolve its
 * name, once before its first request. e->why says why it does not serve.
 */
static enum asked
ask(struct chat *c, struct endpoint *e, long ms)
{
	struct http_done *d;
	enum asked got;

	if (ms > 0) {
		d = get(c, e, e->models, ms);
	} else {
		(void)http_look_up(c->http, e->target, c->o.timeout_ms, NULL);
		d = wait_for_transfer(c, e);
	}
	if (d == NULL)
		return ABSENT;
	if (ms == 0 && d->fail == HTTP_OK) {
		got = ANSWERS;
	} else {
		c->session.met |= d->fail == HTTP_OK;
		got = read_answer(c, e, d);
	}
	http_release(c->http, d);
	return got;
}

/*
 * Return the slots that llama.cpp's /props, an object, or /slots, a list,
 * tells; 0: none.
 */
static unsigned
read_slots(struct span body)
{
	const char *why;
	struct span doc = js_text(text_skip_bom(body), &why), one;
	size_t at = 0;
	unsigned n = 0;

	if (!js_is_array(doc))
		return (unsigned)reply_tokens(js_find(doc, "total_slots"));
	while (n < SLOTS_MAX && js_next(doc, &at, &one))
		n++;
	return n;
}

/*
 * Ask a llama.cpp server for its slots: requests beyond them wait in its queue,
 * where they time out. Ollama does not tell: its number is found by trials, as
 * with -j auto, unless the user gives one.
 */
static void
find_slots(struct chat *c, struct endpoint *e)
{
	int is_llama = strcmp(e->dialect.name, "llamacpp") == 0;
	int is_ollama = strcmp(e->dialect.name, "ollama") == 0;
	const struct chat_opts *o = &c->o;
	unsigned i, n = is_ollama ? o->ollama_slots : 0;
	struct http_done *d;

	if (is_ollama && o->jobs_given)
		return;
	for (i = 0; is_llama && i < ENDPOINT_SLOTS && n == 0; i++) {
		if ((d = get(c, e, e->slots[i], HINT_MS)) == NULL)
			return;
		if (d->status == 200)
			n = read_slots(d->body);
		http_release(c->http, d);
	}
	if (n > 0)
		endpoint_set_slots(e, o, n);
	else if (is_ollama)
		concurrency_init(&e->limit, 1, o->jobs, 1);
	else
		return;
	session_tell(&c->session, "%s: %u requests at once, %s", e->url,
	    concurrency_limit(&e->limit),
	    n > 0 ? "one for each of its slots"
		  : "as it does not tell its slots, and then more by trials");
}

/*
 * Probe an endpoint: ANSWERS, ABSENT or REFUSES. Where the list of models is
 * missing, nothing can be asked yet if it is to name the model; else it is but
 * a hint of the dialect.
 */
static enum asked
probe_models(struct chat *c, struct endpoint *e)
{
	int is_hint = c->model[0] != '\0';
	enum asked got;

	got = ask(c, e, is_hint ? HINT_MS : MODELS_MS);
	if (is_hint && got == NO_LIST) {
		session_rest(HINT_PAUSE_MS, c->o.cancelled);
		got = ask(c, e, HINT_MS);
	}
	if (got != NO_LIST && got != NO_ANSWER)
		return got;
	if (!is_hint || c->o.cancelled())
		return ABSENT;
	session_tell(&c->session, "%s: %s; its dialect is taken for %s", e->url,
	    e->why, e->dialect.name);
	return ANSWERS;
}

/* Take endpoints that have not answered for another of those that have. */
static void
spread_dialect(struct chat *c)
{
	const struct dialect *d = NULL;
	struct endpoint *e, *end = c->ends + c->nends;

	for (e = c->ends; e < end && d == NULL; e++)
		if (e->health.state == ENDPOINT_UP)
			d = &e->dialect;
	for (e = c->ends; e < end && d != NULL; e++)
		if (e->health.state != ENDPOINT_UP)
			e->dialect = *d;
}

/* Probe an endpoint; one whose dialect and model are known is not asked. */
static enum asked
probe_one(struct chat *c, struct endpoint *e)
{
	const struct dialect *known = c->o.dialect;

	if (known == NULL)
		known = dialect_of_url(e->url, c->model);
	if (known == NULL && c->o.azure)
		known = dialect_find("azure");
	if (known == NULL || c->model[0] == '\0')
		return probe_models(c, e);
	e->dialect = *known;
	return ask(c, e, 0);
}

/* Probe all endpoints once: how many answer, -1 if none ever will. */
static int
probe_round(struct chat *c)
{
	int may_wait = c->o.retries > 0 || c->nends > 1 || c->nfiles > 0;
	struct endpoint *e;
	int n = 0;

	for (e = c->ends; e < c->ends + c->nends; e++) {
		if (health_is_out(&e->health))
			continue;
		switch (probe_one(c, e)) {
		case ANSWERS:
			health_enter(&e->health, ENDPOINT_UP, clock_ms());
			find_slots(c, e);
			n++;
			break;
		case REFUSES:
			if (!balance_disable(c, e, e->why))
				return -1;
			break;
		default:
			if (may_wait && !c->o.cancelled())
				balance_eject(c, e, e->why, 0);
		}
	}
	return n;
}

/*
 * Wait for a service that was not there in a round of probes, and read the
 * files that may name others; or halt, when that was the last round: the number
 * of retries, or where files name the endpoints, one after retry_ms.
 */
static void
await_service(struct chat *c, int round, long long began)
{
	struct session *s = &c->session;
	long long left = began + c->o.retry_ms - clock_ms();
	int is_last = c->nfiles > 0 ? left <= 0 : round >= c->o.retries;
	long long delay = session_backoff_ms(round);

	if (c->o.cancelled())
		session_halt(s, "stopped by a signal");
	else if (is_last && c->nends > 0)
		session_halt_unserved(s, c->ends[0].url, c->ends[0].why);
	else if (is_last)
		session_halt(s,
		    "%s: names no server, for %lld s (--retry-time)",
		    c->files[0].name, (long long)c->o.retry_ms / 1000);
	if (session_stops(s))
		return;
	if (c->nfiles == 0) {
		session_rest(delay, c->o.cancelled);
		return;
	}
	if (round == 0)
		io_warn("%s: names no server that answers yet; waiting for one "
			"for up to %lld s",
		    c->files[0].name, (long long)c->o.retry_ms / 1000);
	session_rest(delay < READ_MS ? delay : READ_MS, c->o.cancelled);
	discover_read(c);
}

/* Probe all endpoints; again, while none answers: 0, or -1. */
static int
find_service(struct chat *c)
{
	long long began = clock_ms();
	int round, n;

	discover_read(c); /* much time may have passed since the start */
	for (round = 0; (n = probe_round(c)) == 0; round++) {
		await_service(c, round, began);
		if (session_stops(&c->session))
			return -1;
	}
	if (n > 0)
		spread_dialect(c);
	return n > 0 ? 0 : -1;
}

/* Note what the dialects that were found mean for the run. */
static void
note_dialects(struct chat *c)
{
	const struct endpoint *e;

	for (e = c->ends; e < c->ends + c->nends; e++) {
		if (health_is_out(&e->health))
			continue;
		c->one_at_a_time |= e->dialect.one_choice;
		if (e->dialect.names[REQUEST_REPETITION_PENALTY] == NULL &&
		    c->o.body.param[REQUEST_REPETITION_PENALTY] != NULL)
			io_warn("%s: %s has no repetition penalty; NOT SENT, "
				"although --repetition-penalty asks for it",
			    e->url, e->dialect.name);
	}
}

/* Set what else to say where no service answers. */
static void
set_advice(struct chat *c)
{
	const struct endpoint *e = c->ends;

	if (e->key == ENDPOINT_UNNAMED)
		c->session.advice =
		    "; OPENAI_BASE_URL=https://api.openai.com/v1 names "
		    "OpenAI's, which gets the key then";
	else if (c->o.unused_proxy != NULL && !e->is_loopback)
		c->session.advice = c->proxy_advice;
	snprintf(c->proxy_advice, sizeof c->proxy_advice,
	    "; only --proxy-env uses the proxy of %s",
	    c->o.unused_proxy ? c->o.unused_proxy : "");
}

int
probe_all(struct chat *c)
{
	struct session *s = &c->session;

	set_advice(c);
	if (c->o.azure && c->model[0] == '\0') {
		session_halt(s, "name the Azure deployment with -m");
		return -1;
	}
	if (find_service(c) == -1)
		return -1;
	note_dialects(c);
	if (c->model[0] == '\0') {
		session_halt(s, "%s/models names no model; name one with -m",
		    c->ends[0].url);
		return -1;
	}
	return 0;
}
