/* chat: asks an LLM service, many questions at once */
#include "chat.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "answers.h"
#include "http.h"
#include "io.h"
#include "js.h"
#include "text.h"

enum {
	BODY_MAX = 16 * 1024 * 1024,
	MAX_DELAY_MS = 120 * 1000, /* longer ones are not waited for */
	CONNECT_MS = 10 * 1000,
	MODELS_MS = 15 * 1000,
	DOWN_MS = 5 * 1000, /* between looks at an endpoint that is down */
	SLICE_MS = 200,     /* of waiting, to see whether it is cancelled */
	UNLUCKY = 10,       /* requests in a row that used up their tries */
	SECRETS = 2,
	/* Shorter keys are placeholders ("EMPTY"), words an answer may hold. */
	SECRET_LEN = 20,
};

struct sample {
	int have;
	struct reply_choice choice;
};

struct endpoint {
	const char *url;
	struct http_target *target, *models;
	const struct dialect *dialect;
	unsigned inflight;
	double limit; /* of inflight: falls when there are too many, rises */
	long long cool_until, slowed_until;
	int down;     /* nothing listens there: one request at a time */
	int gone;     /* will not serve: not asked any more */
	long cap_max; /* lowered token limit, 0: as asked */
};

/* One request: n samples of a job, from the first-th missing one on. */
struct call {
	struct call *next, *prev; /* prev only while it is in flight */
	struct chat_job *job;
	struct endpoint *at;
	struct buf body;
	int n, seed_add, tries, delays, empty;
	unsigned long answered; /* by others, when this was last refused */
	long cap;               /* token limit as sent */
	double guess;           /* of the tokens it takes */
	long long failing_since, not_before;
};

struct list {
	struct call *head, **tail;
};

/* A limit a minute, as a bucket that holds six seconds' worth. */
struct bucket {
	double rate, level, max; /* rate in units a ms; 0: no limit */
	long long at;
};

struct chat {
	struct chat_opts o;
	struct http *http;
	struct answers *answers;
	struct endpoint *ends;
	size_t nends;
	struct list ready;
	struct call *waiting; /* for their not_before */
	struct call *flying;
	struct chat_job *done, **done_tail;
	struct bucket requests, tokens;
	struct chat_stats stats;
	char *secrets[SECRETS]; /* own copies, or NULL */
	char model[512];
	char stopped[600];
	int prepared, stopping, cache_errno;
	int one_at_a_time; /* a server ignores or refuses n */
	int unlucky;       /* requests that failed for good, none good since */
	unsigned pending, nready;
	long long last_ok;
	double mean_out; /* tokens an answer had so far, for tpm */
	unsigned long long jitter;
};

static char why_buf[600];

long long
chat_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
bucket_init(struct bucket *b, double a_minute)
{
	*b = (struct bucket){ .rate = a_minute / 60000, .at = chat_now() };
	b->max = a_minute / 10 > 1 ? a_minute / 10 : 1;
	b->level = b->max;
}

/* 0 if units may be taken now, else milliseconds to wait. */
static long long
bucket_wait(struct bucket *b, double units)
{
	long long now = chat_now();

	if (b->rate <= 0)
		return 0;
	b->level += (double)(now - b->at) * b->rate;
	if (b->level > b->max)
		b->level = b->max;
	b->at = now;
	if (units > b->max)
		units = b->max;
	if (b->level >= units)
		return 0;
	return (long long)((units - b->level) / b->rate) + 1;
}

static void
list_add(struct list *l, struct call *c)
{
	c->next = NULL;
	*l->tail = c;
	l->tail = &c->next;
}

static struct call *
list_take(struct list *l)
{
	struct call *c = l->head;

	if (c != NULL && (l->head = c->next) == NULL)
		l->tail = &l->head;
	return c;
}

/*
 * Keys that a server sends back.
 */

static void
blank(const struct chat *c, char *p, size_t n, size_t least)
{
	char *end = p + n, *at;
	size_t i, len;

	for (i = 0; i < SECRETS; i++) {
		len = c->secrets[i] ? strlen(c->secrets[i]) : 0;
		if (len == 0 || len < least)
			continue;
		for (at = p; (at = memmem(at, (size_t)(end - at), c->secrets[i],
				  len)) != NULL;)
			memset(at, '*', len);
	}
}

/* s, or a copy of it without the keys of at least so many bytes. */
static struct span
redact(const struct chat *c, struct span s, size_t least, struct arena *mem)
{
	size_t i, len;
	char *copy;

	for (i = 0; i < SECRETS; i++) {
		len = c->secrets[i] ? strlen(c->secrets[i]) : 0;
		if (len == 0 || len < least || s.n < len ||
		    memmem(s.p, s.n, c->secrets[i], len) == NULL)
			continue;
		copy = arena_dup(mem, s.p, s.n);
		blank(c, copy, s.n, least);
		return (struct span){ copy, s.n };
	}
	return s;
}

static void
redact_choice(const struct chat *c, struct reply_choice *r, struct arena *mem)
{
	r->text = redact(c, r->text, SECRET_LEN, mem);
	r->finish_reason = redact(c, r->finish_reason, SECRET_LEN, mem);
	r->model = redact(c, r->model, SECRET_LEN, mem);
}

/* The error that a body tells of, without the keys. */
static void
read_error(
    const struct chat *c, long status, struct span body, struct reply_error *e)
{
	struct arena mem = { 0 };

	reply_error_read(status, redact(c, body, 1, &mem), e);
	/* once more where it stood there in escapes */
	blank(c, e->message, strlen(e->message), 1);
	arena_free(&mem);
}

/* Endpoints. */

static void
base_url(struct buf *url, const char *base)
{
	size_t n = strlen(base);

	while (n > 0 && base[n - 1] == '/')
		n--;
	buf_add(url, base, n);
}

static void
endpoint_url(
    const struct chat *c, const char *base, const char *model, struct buf *url)
{
	base_url(url, base);
	if (!c->o.azure) {
		buf_adds(url, "/chat/completions");
		return;
	}
	buf_adds(url, "/openai/deployments/");
	for (; *model; model++) {
		if (memchr("/?#% &+", *model, 7) != NULL)
			buf_fmt(url, "%%%02X", (unsigned char)*model);
		else
			buf_addc(url, *model);
	}
	buf_fmt(url, "/chat/completions?api-version=%s", c->o.api_version);
}

/* A target with the key in its headers; NULL with *why. */
static struct http_target *
target_new(struct chat *c, const char *url, const char **why)
{
	const char *key = c->secrets[0], *token = c->secrets[1];
	struct buf line = { 0 };
	struct http_header headers[3] = { { "Content-Type: application/json",
	    0 } };
	struct http_target *t;

	/* all of it at once: growing leaves copies behind */
	buf_need(
	    &line, 64 + (token ? strlen(token) : 0) + (key ? strlen(key) : 0));
	if (c->o.azure && token == NULL && key != NULL) {
		buf_adds(&line, "api-key: ");
		buf_adds(&line, key);
	} else if (token != NULL || key != NULL) {
		buf_adds(&line, "Authorization: Bearer ");
		buf_adds(&line, token ? token : key);
	}
	if (line.n > 0)
		headers[1] = (struct http_header){ buf_cstr(&line), 1 };
	t = http_target(c->http, url, headers, why);
	if (line.p != NULL)
		explicit_bzero(line.p, line.cap);
	buf_free(&line);
	return t;
}

static int
endpoint_open(struct chat *c, struct endpoint *e, const char **why)
{
	struct buf url = { 0 };
	const char *reason = "";

	endpoint_url(c, e->url, c->o.model ? c->o.model : "", &url);
	e->target = target_new(c, buf_cstr(&url), &reason);
	if (e->target != NULL && !c->o.azure) {
		buf_clear(&url);
		base_url(&url, e->url);
		buf_adds(&url, "/models");
		e->models = target_new(c, buf_cstr(&url), &reason);
	}
	buf_free(&url);
	if (e->target != NULL && (e->models != NULL || c->o.azure))
		return 0;
	snprintf(why_buf, sizeof why_buf, "%s: %s", e->url, reason);
	*why = why_buf;
	return -1;
}

/* The engine, for as many requests as there may be files open. */
static struct http *
engine(struct chat *c, const char **why)
{
	struct http_opts ho = { .connect_timeout_ms = CONNECT_MS,
		.max_body = BODY_MAX,
		.user_agent = "tg-llm/" TG_VERSION,
		.proxy_env = c->o.proxy_env,
		.allow_plain_key = c->o.allow_plain_key };
	unsigned asked = c->o.jobs;
	struct http *h;

	for (;; c->o.jobs -= (c->o.jobs + 7) / 8) {
		ho.max_inflight = c->o.jobs;
		h = http_new(&ho, why);
		if (h != NULL || c->o.jobs == 1)
			break;
	}
	if (h != NULL && c->o.jobs < asked)
		io_warn(c->o.tool, "-j %u: the limit on open files allows %u",
		    asked, c->o.jobs);
	return h;
}

static char *
copy_secret(const char *s)
{
	return s != NULL && *s != '\0' ? mem_dup(s, strlen(s)) : NULL;
}

static void
chat_release(struct chat *c)
{
	size_t i;

	http_free(c->http);
	for (i = 0; i < SECRETS; i++) {
		if (c->secrets[i] != NULL)
			explicit_bzero(c->secrets[i], strlen(c->secrets[i]));
		free(c->secrets[i]);
	}
	free(c->ends);
	free(c);
}

struct chat *
chat_new(const struct chat_opts *o, int *status, const char **why)
{
	struct chat *c = mem_new(sizeof *c);
	size_t i;

	c->o = *o;
	c->secrets[0] = copy_secret(o->key);
	c->secrets[1] = copy_secret(o->ad_token);
	c->ready.tail = &c->ready.head;
	c->done_tail = &c->done;
	c->jitter = (unsigned long long)chat_now() | 1;
	bucket_init(&c->requests, o->rpm);
	bucket_init(&c->tokens, o->tpm);
	if (o->model != NULL)
		snprintf(c->model, sizeof c->model, "%s", o->model);
	*status = TG_EX_IO;
	if ((c->http = engine(c, why)) == NULL)
		goto bad;
	while (o->urls[c->nends] != NULL)
		c->nends++;
	c->ends = mem_new(c->nends * sizeof *c->ends);
	*status = TG_EX_USAGE;
	for (i = 0; i < c->nends; i++) {
		c->ends[i] = (struct endpoint){ .url = o->urls[i],
			.limit = c->o.jobs,
			.dialect =
			    o->dialect ? o->dialect : dialect_find("generic") };
		if (endpoint_open(c, &c->ends[i], why) == -1)
			goto bad;
	}
	*status = TG_EX_IO;
	if (o->cache != NULL &&
	    (c->answers = answers_new(o->cache, why)) == NULL)
		goto bad;
	return c;
bad:
	chat_release(c);
	return NULL;
}

static void
call_free(struct call *k)
{
	buf_free(&k->body);
	free(k);
}

int
chat_free(struct chat *c)
{
	struct call *k;
	int failed, error;

	while ((k = list_take(&c->ready)) != NULL)
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

static void __attribute__((format(printf, 2, 3)))
stop(struct chat *c, const char *fmt, ...)
{
	va_list ap;

	if (c->stopping)
		return;
	va_start(ap, fmt);
	vsnprintf(c->stopped, sizeof c->stopped, fmt, ap);
	va_end(ap);
	c->stopping = 1;
}

/* An endpoint will not serve: 1 if there are others, else all stops. */
static int
give_up(struct chat *c, struct endpoint *e, const char *what)
{
	size_t i;

	if (c->stopping)
		return 0;
	for (i = 0; i < c->nends; i++)
		if (&c->ends[i] != e && !c->ends[i].gone)
			break;
	if (i == c->nends)
		stop(c, "%s: %s", e->url, what);
	else if (!e->gone)
		io_warn(c->o.tool, "%s: %s; not asked any more", e->url, what);
	e->gone = 1;
	return i < c->nends;
}

/* Asking /models. */

/* One GET, waited for; the caller releases what comes back. */
static struct http_done *
get(struct chat *c, struct http_target *t)
{
	struct http_done *d;
	const char *why;

	if (t == NULL || http_post(c->http, t, (struct span){ NULL, 0 },
			     MODELS_MS, NULL) == -1)
		return NULL;
	while ((d = http_next(c->http)) == NULL) {
		if (*c->o.cancel != 0 ||
		    http_poll(c->http, NULL, 0, SLICE_MS, &why) == -1) {
			http_cancel_all(c->http);
			while ((d = http_next(c->http)) != NULL)
				http_release(c->http, d);
			return NULL;
		}
	}
	return d;
}

/* What may be wrong with a base URL. */
static const char *
hint(const char *url, long status)
{
	return status == 404 && strstr(url, "/v1") == NULL
		   ? "; does the base URL end in /v1?"
		   : "";
}

/* Take model and dialect from the body of /models. */
static void
read_models(struct chat *c, struct endpoint *e, struct span body)
{
	struct arena mem = { 0 };
	const char *why;
	struct span list = js_find(js_text(body, &why), "data"), first, id;
	struct span chosen = { NULL, 0 }, m;
	size_t i, n = js_count(list);

	first = js_at(list, 0);
	for (i = 0; i < n && i < 1000; i++) {
		m = js_at(list, i);
		id = js_string(js_find(m, "id"), &mem);
		if (c->model[0] != '\0' && span_is(id, c->model))
			chosen = m;
	}
	if (chosen.p == NULL)
		chosen = first;
	id = js_string(js_find(first, "id"), &mem);
	if (c->model[0] == '\0' && id.n > 0)
		snprintf(c->model, sizeof c->model, "%.*s", (int)id.n, id.p);
	if (c->o.dialect == NULL)
		e->dialect = dialect_of_owner(
		    js_string(js_find(chosen, "owned_by"), &mem));
	arena_free(&mem);
}

/*
 * One look at an endpoint: 1 it answers, 0 nothing is there (yet), -1 it will
 * not serve. what says why.
 */
static int
probe(struct chat *c, struct endpoint *e, char *what, size_t size)
{
	struct http_done *d = get(c, e->models);
	struct reply_error err;
	struct arena mem = { 0 };
	int result = 1;

	if (d == NULL) {
		snprintf(what, size, "cannot be asked");
		return 0;
	}
	if (d->fail != HTTP_OK) {
		snprintf(what, size, "%s", d->message);
		result = d->fail == HTTP_TLS ? -1 : 0;
	} else if (d->status == 200) {
		read_models(c, e, redact(c, d->body, SECRET_LEN, &mem));
	} else {
		read_error(c, d->status, d->body, &err);
		snprintf(what, size, "/models: status %ld, %s%s", d->status,
		    err.message, hint(e->url, d->status));
		if (err.end == REPLY_RETRY)
			result = 0;
		else if (c->model[0] == '\0' || d->status == 401)
			result = -1;
	}
	arena_free(&mem);
	http_release(c->http, d);
	return result;
}

static int
is_openai(const char *url)
{
	return strstr(url, "://api.openai.com/") != NULL;
}

/* Models that call the cap max_completion_tokens. */
static int
is_reasoning(const char *model)
{
	return (model[0] == 'o' && model[1] >= '1' && model[1] <= '9') ||
	       strncmp(model, "gpt-5", 5) == 0;
}

static void
assume_openai(struct chat *c, struct endpoint *e)
{
	if (c->o.dialect == NULL)
		e->dialect = dialect_find(
		    is_reasoning(c->model) ? "openai-reasoning" : "openai");
}

static long long
backoff_ms(struct chat *c, int tries)
{
	double s = 0.5 * (double)(1 << (tries < 5 ? tries : 5));

	/* xorshift64: only to keep clients from retrying in step */
	c->jitter ^= c->jitter << 13;
	c->jitter ^= c->jitter >> 7;
	c->jitter ^= c->jitter << 17;
	if (s > 8)
		s = 8;
	return (long long)(s * 1000 *
			   (1 - 0.25 * (double)(c->jitter >> 11) / 0x1p53));
}

/* Nobody has to be asked about model and dialect. */
static int
is_known(const struct chat *c, const struct endpoint *e)
{
	return c->model[0] != '\0' &&
	       (c->o.azure || is_openai(e->url) || c->o.dialect != NULL);
}

static void
nobody_there(struct chat *c, const char *url, const char *what)
{
	stop(c,
	    "no LLM service answers at %s (%s); start one, or name yours with "
	    "-u "
	    "or OPENAI_BASE_URL",
	    url, what);
}

/* What has not answered is taken for another of those that have. */
static void
share_dialect(struct chat *c, const unsigned char *alive)
{
	const struct dialect *d = NULL;
	size_t i;

	for (i = 0; i < c->nends; i++)
		if (alive[i] && d == NULL)
			d = c->ends[i].dialect;
	for (i = 0; i < c->nends && d != NULL; i++)
		if (!alive[i])
			c->ends[i].dialect = d;
}

/* Probe all endpoints: how many are alive, -1 if none ever will. */
static int
probe_all(
    struct chat *c, unsigned char *alive, int first, char *what, size_t size)
{
	struct endpoint *e;
	int got, n = 0;
	size_t i;

	for (i = 0; i < c->nends; i++) {
		e = &c->ends[i];
		if (is_known(c, e)) {
			if (c->o.azure || is_openai(e->url))
				assume_openai(c, e);
			got = 1;
		} else {
			got = e->gone ? 0 : probe(c, e, what, size);
		}
		alive[i] = got == 1;
		n += alive[i];
		if (got == 1)
			e->down = 0, e->cool_until = 0;
		if (got == -1 && !give_up(c, e, what))
			return -1;
		if (got != 0 || e->gone || *c->o.cancel)
			continue;
		e->down = 1;
		e->cool_until = chat_now() + DOWN_MS;
		if (first)
			io_warn(c->o.tool, "%s: %s; %s", e->url, what,
			    c->nends == 1 ? "trying again"
					  : "left aside for now");
	}
	return n;
}

/* Probe all endpoints; again, a few times, while none answers. */
static int
find_service(struct chat *c)
{
	unsigned char *alive = mem_new(c->nends);
	char what[600] = "";
	int round, n;

	for (round = 0;; round++) {
		n = probe_all(c, alive,
		    round == 0 && (c->o.retries > 0 || c->nends > 1), what,
		    sizeof what);
		if (n == 0 && *c->o.cancel)
			stop(c, "stopped by a signal");
		else if (n == 0 && round >= c->o.retries)
			nobody_there(c, c->ends[0].url, what);
		if (n != 0 || c->stopping)
			break;
		poll(NULL, 0, (int)backoff_ms(c, round));
	}
	if (n > 0)
		share_dialect(c, alive);
	free(alive);
	return c->stopping ? -1 : 0;
}

int
chat_prepare(struct chat *c)
{
	if (c->stopping)
		return -1;
	if (c->prepared)
		return 0;
	c->prepared = 1;
	if (c->o.azure && c->model[0] == '\0') {
		stop(c, "name the Azure deployment with -m");
		return -1;
	}
	if (find_service(c) == -1)
		return -1;
	if (c->model[0] == '\0') {
		stop(c, "%s/models names no model; name one with -m",
		    c->ends[0].url);
		return -1;
	}
	return 0;
}

const char *
chat_model(const struct chat *c)
{
	return c->model;
}

/* Jobs. */

static void
finish(struct chat *c, struct chat_job *j)
{
	j->next = NULL;
	*c->done_tail = j;
	c->done_tail = &j->next;
}

static void __attribute__((format(printf, 4, 5))) job_fails(
    struct chat_job *j, const char *code, long status, const char *fmt, ...)
{
	va_list ap;

	if (j->code != NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(j->message, sizeof j->message, fmt, ap);
	va_end(ap);
	j->code = code;
	j->status = status;
}

/* A sample that says nothing, for no reason given. */
static int
is_empty(const struct chat *c, const struct reply_choice *s)
{
	struct span t = s->text;

	if (s->refused || span_is(s->finish_reason, "length") ||
	    span_is(s->finish_reason, "content_filter"))
		return 0;
	if (t.p != NULL && !c->o.keep_thinking)
		t = text_unthink(t);
	return t.p == NULL || text_trim(t).n == 0;
}

/* Why a sample is of no use, NULL if it is good. Takes off its thinking. */
static const char *
bad_sample(
    const struct chat *c, const struct chat_job *j, struct reply_choice *s)
{
	if (!c->o.keep_thinking && s->text.p != NULL)
		s->text = text_unthink(s->text);
	if (s->refused)
		return "refusal";
	if (span_is(s->finish_reason, "content_filter"))
		return "content_filter";
	if (span_is(s->finish_reason, "length") && !j->length_ok)
		return "truncated";
	if (span_is(s->finish_reason, "abort"))
		return "aborted";
	if (s->text.p == NULL || text_trim(s->text).n == 0)
		return "empty_answer";
	return NULL;
}

static const char *
in_words(const char *code)
{
	static const char *const words[][2] = {
		{ "refusal", "the model refused" },
		{ "content_filter", "the service's content filter took it" },
		{ "truncated", "the answer reached the token limit; see "
			       "--max-tokens" },
		{ "aborted", "the server aborted the answer" },
		{ "empty_answer", "the answer is empty" },
	};
	size_t i;

	for (i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i][0], code) == 0)
			return words[i][1];
	return code;
}

/* All calls of a job are back: keep its good samples. */
static void
conclude(struct chat *c, struct chat_job *j)
{
	const char *bad, *first_bad = NULL;
	int i;

	/* some good samples will do, unless a later run is to get them all */
	if (j->code == NULL || strcmp(j->code, "stopped") != 0) {
		j->choices =
		    arena_get(&j->mem, (size_t)j->want * sizeof *j->choices);
		for (i = 0; i < j->want; i++) {
			if (!j->samples[i].have)
				continue;
			bad = bad_sample(c, j, &j->samples[i].choice);
			if (bad == NULL)
				j->choices[j->nchoices++] =
				    j->samples[i].choice;
			else if (first_bad == NULL)
				first_bad = bad;
		}
		if (j->nchoices > 0)
			j->code = NULL;
		else
			job_fails(j, first_bad ? first_bad : "empty_answer", 0,
			    "%s",
			    in_words(first_bad ? first_bad : "empty_answer"));
	}
	finish(c, j);
}

static int
missing(const struct chat_job *j)
{
	int i, n = 0;

	for (i = 0; i < j->want; i++)
		n += !j->samples[i].have;
	return n;
}

static void
queue_call(struct chat *c, struct chat_job *j, int n, int seed_add)
{
	struct call *k = mem_new(sizeof *k);

	k->job = j;
	k->n = n;
	k->seed_add = seed_add;
	list_add(&c->ready, k);
	c->nready++;
	j->pending++;
}

/* Queue calls for the samples that a job lacks. */
static void
queue_missing(struct chat *c, struct chat_job *j)
{
	int i, n = missing(j);

	if (n > 1 && !c->one_at_a_time) {
		queue_call(c, j, n, j->want - n);
		return;
	}
	for (i = 0; i < j->want; i++)
		if (!j->samples[i].have)
			queue_call(c, j, 1, i);
}

static void
from_cache(struct chat *c, struct chat_job *j)
{
	struct buf b = { 0 };
	struct span held;
	int i;

	for (i = 0; i < j->want; i++) {
		b.n = 0;
		if (!answers_get(c->answers, j->cache_key, i, &b))
			continue;
		held = (struct span){ arena_dup(&j->mem, b.p, b.n), b.n };
		if (reply_choice_read(held, &j->mem, &j->samples[i].choice) ==
		    -1)
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
	from_cache(c, j);
}

void
chat_ask(struct chat *c, struct chat_job *j)
{
	int looked = 0;

	c->pending++;
	j->samples = arena_get(&j->mem, (size_t)j->want * sizeof *j->samples);
	memset(j->samples, 0, (size_t)j->want * sizeof *j->samples);
	/* what is stored needs no service */
	if (c->answers != NULL && c->model[0] != '\0') {
		looked = 1;
		look_up(c, j);
		if (missing(j) == 0) {
			conclude(c, j);
			return;
		}
	}
	if (chat_prepare(c) == -1) {
		job_fails(j, "stopped", 0, "%s", c->stopped);
		finish(c, j);
		return;
	}
	if (c->answers != NULL && !looked)
		look_up(c, j);
	if (missing(j) == 0)
		conclude(c, j);
	else
		queue_missing(c, j);
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

int
chat_hungry(const struct chat *c)
{
	return !c->stopping && c->nready < c->o.jobs;
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

/* A call is over, one way or another. */
static void
call_ends(struct chat *c, struct call *k)
{
	struct chat_job *j = k->job;

	call_free(k);
	if (--j->pending > 0)
		return;
	if (j->code == NULL && missing(j) > 0 && j->topped < j->want &&
	    !c->stopping) {
		j->topped++;
		queue_missing(c, j);
		return;
	}
	conclude(c, j);
}

static void
call_fails(struct chat *c, struct call *k, const char *code, long status,
    const char *message)
{
	job_fails(k->job, code, status, "%s", message);
	call_ends(c, k);
}

static void
requeue(struct chat *c, struct call *k)
{
	list_add(&c->ready, k);
	c->nready++;
}

/* The endpoint of a call will not serve: try the others, if there are any. */
static void
elsewhere(struct chat *c, struct call *k, long status, const char *what)
{
	if (give_up(c, k->at, what))
		requeue(c, k);
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
	long long seconds = (chat_now() - k->failing_since) / 1000;
	int alone = c->last_ok < k->failing_since;

	c->unlucky++;
	if (alone && d->fail == HTTP_CONNECT && c->last_ok == 0)
		nobody_there(c, k->at->url, message);
	else if (alone && d->fail == HTTP_CONNECT)
		stop(c, "%s: %s, for %lld s", k->at->url, message, seconds);
	else if (alone && c->unlucky >= UNLUCKY)
		stop(c,
		    "%s: nothing answered for %lld s, %d requests failed (%s)",
		    k->at->url, seconds, c->unlucky, message);
	if (d->fail == HTTP_CONNECT && c->stopping)
		code = "stopped";
	call_fails(c, k, code, d->status,
	    strcmp(code, "stopped") == 0 ? c->stopped : message);
}

/* An endpoint has too much to do: fewer at once, and a pause. */
static void
slow_down(struct chat *c, struct endpoint *e, long long until)
{
	long long now = chat_now();

	if (e->cool_until < until)
		e->cool_until = until;
	if (now < e->slowed_until)
		return; /* these were all sent before */
	e->limit = 0.75 * (e->inflight + 1);
	if (e->limit < 1)
		e->limit = 1;
	e->slowed_until = until > now + 1000 ? until : now + 1000;
	c->stats.slowed++;
}

/* Nobody listens at an endpoint: 1 if there are others to take its work. */
static int
is_down(struct chat *c, struct endpoint *e, const char *message)
{
	size_t i;

	if (c->nends == 1)
		return 0;
	if (!e->down)
		io_warn(
		    c->o.tool, "%s: %s; left aside for now", e->url, message);
	e->down = 1;
	e->cool_until = chat_now() + DOWN_MS;
	for (i = 0; i < c->nends; i++)
		if (!c->ends[i].down && !c->ends[i].gone)
			return 1;
	return 0;
}

/* Try a call again later, or end it with code when it has had its tries. */
static void
again(struct chat *c, struct call *k, const char *code,
    const struct http_done *d, const char *message)
{
	long long delay = backoff_ms(c, k->delays++), now = chat_now();
	char what[600];

	if (d->fail == HTTP_CONNECT && is_down(c, k->at, message) &&
	    !c->stopping) {
		k->tries--;
		requeue(c, k);
		return;
	}
	if (k->failing_since == 0)
		k->failing_since = now;
	if (c->stopping) {
		call_fails(c, k, "stopped", d->status, c->stopped);
		return;
	}
	if (d->retry_after_ms > MAX_DELAY_MS) {
		snprintf(what, sizeof what, "%s; asks to wait %lld s", message,
		    d->retry_after_ms / 1000);
		elsewhere(c, k, d->status, what);
		return;
	}
	if (d->retry_after_ms > 0)
		delay = d->retry_after_ms;
	/* the others need not run into the same wall */
	if (d->status == 429 || (d->status == 503 && d->retry_after_ms > 0))
		slow_down(
		    c, k->at, now + (d->retry_after_ms > 0 ? delay : 250));
	/* too fast, but it goes on: that can take as long as it will */
	if (d->status == 429 && c->o.retries > 0) {
		if (c->stats.answered_calls > k->answered)
			k->tries--;
		k->answered = c->stats.answered_calls;
	}
	if (k->tries > c->o.retries) {
		out_of_tries(c, k, code, d, message);
		return;
	}
	k->not_before = now + delay;
	c->stats.retries++;
	k->next = c->waiting;
	c->waiting = k;
}

static int
all_empty(const struct chat *c, const struct reply *r)
{
	int i;

	for (i = 0; i < r->nchoices; i++)
		if (!is_empty(c, &r->choices[i]))
			return 0;
	return 1;
}

static void
store(struct chat *c, struct chat_job *j, int i)
{
	struct buf b = { 0 };

	/* what says nothing was not worth its money: it may be asked again */
	if (c->answers == NULL || is_empty(c, &j->samples[i].choice) ||
	    span_is(j->samples[i].choice.finish_reason, "abort"))
		return;
	reply_choice_write(&b, &j->samples[i].choice);
	if (answers_put(c->answers, j->cache_key, i, buf_span(&b)) == -1 &&
	    c->cache_errno == 0) {
		c->cache_errno = errno;
		stop(c, "%s: cannot store an answer: %s", c->o.cache,
		    strerror(errno));
	}
	buf_free(&b);
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
		store(c, j, i);
		if (k->n == 1)
			break;
	}
}

static void
count(struct chat *c, struct call *k, const struct reply *r)
{
	struct chat_job *j = k->job;

	c->stats.answered_calls++;
	c->last_ok = chat_now();
	c->unlucky = 0;
	if (k->at->limit < c->o.jobs)
		k->at->limit += 1 / k->at->limit;
	j->prompt_tokens += r->prompt_tokens;
	j->completion_tokens += r->completion_tokens;
	j->cached_tokens += r->cached_tokens;
	c->stats.prompt_tokens += r->prompt_tokens;
	c->stats.completion_tokens += r->completion_tokens;
	c->stats.cached_tokens += r->cached_tokens;
	c->mean_out += ((double)r->completion_tokens / k->n - c->mean_out) / 16;
	if (c->tokens.rate > 0 && r->usage.p != NULL)
		c->tokens.level -=
		    (double)(r->prompt_tokens + r->completion_tokens) -
		    k->guess;
}

/* A 200 that is no completion: most likely a gateway's, and passing. */
static void
no_completion(
    struct chat *c, struct call *k, const struct http_done *d, const char *why)
{
	struct reply_error e;
	char msg[600];

	read_error(c, 500, d->body, &e);
	snprintf(msg, sizeof msg, "the reply is no completion (%s): %s", why,
	    e.message);
	if (e.end == REPLY_SERVICE)
		elsewhere(c, k, d->status, msg);
	else
		again(c, k, "bad_reply", d, msg);
}

static void
answered(struct chat *c, struct call *k, const struct http_done *d)
{
	struct chat_job *j = k->job;
	struct reply r;
	const char *why;
	/* the choices point into the body, which goes back to http */
	struct span body = { arena_dup(&j->mem, d->body.p, d->body.n),
		d->body.n };
	int i;

	if (reply_read(body, &j->mem, &r, &why) == -1) {
		no_completion(c, k, d, why);
		return;
	}
	for (i = 0; i < r.nchoices; i++)
		redact_choice(c, &r.choices[i], &j->mem);
	count(c, k, &r);
	if (all_empty(c, &r) && k->empty++ == 0) {
		again(c, k, "empty_answer", d, in_words("empty_answer"));
		return;
	}
	j->latency_ms = (long)(chat_now() - j->started);
	fill(c, k, &r);
	call_ends(c, k);
}

/*
 * Whether the refusal is about the token limit, which then is lowered for all
 * that goes to this endpoint.
 */
static int
lower_cap(struct chat *c, struct call *k, const struct reply_error *e)
{
	long cap = e->cap_max;

	/* a cap as large as the context leaves no room for any prompt */
	if (cap == 0 && e->context_max > 0 && k->cap >= e->context_max)
		cap = e->context_max / 2;
	if (cap <= 0 || cap >= k->cap)
		return 0;
	if (k->at->cap_max == 0 || k->at->cap_max > cap) {
		k->at->cap_max = cap;
		io_warn(c->o.tool,
		    "%s: the token limit of %ld is too large for the model, "
		    "%ld "
		    "from now on (%s)",
		    k->at->url, k->cap, cap, e->message);
	}
	return 1;
}

static void
refused(struct chat *c, struct call *k, const struct http_done *d)
{
	struct chat_job *j = k->job;
	struct reply_error e;
	char msg[480];

	read_error(c, d->status, d->body, &e);
	snprintf(msg, sizeof msg, "status %ld: %s%s", d->status, e.message,
	    hint(k->at->url, d->status));
	if (d->should_retry == 1 && e.end == REPLY_RECORD)
		e.end = REPLY_RETRY;
	else if (d->should_retry == 0 && e.end == REPLY_RETRY)
		e.end = REPLY_RECORD;
	if (e.end == REPLY_SERVICE) {
		elsewhere(c, k, d->status, msg);
	} else if (e.end == REPLY_RETRY) {
		again(c, k, e.code, d, msg);
	} else if (c->stopping) {
		call_fails(c, k, e.code, d->status, msg);
	} else if (lower_cap(c, k, &e)) {
		requeue(c, k);
	} else if (k->n > 1 && strcmp(e.code, "bad_request") == 0) {
		/* it may be n that is refused: if one alone goes, it is */
		j->split = 1;
		k->seed_add = j->want - missing(j);
		k->n = 1;
		requeue(c, k);
	} else {
		call_fails(c, k, e.code, d->status, msg);
	}
}

/* Into and out of the list of calls in flight. */
static void
fly(struct chat *c, struct call *k)
{
	k->at->inflight++;
	k->prev = NULL;
	if ((k->next = c->flying) != NULL)
		k->next->prev = k;
	c->flying = k;
}

static void
land(struct chat *c, struct call *k)
{
	k->at->inflight--;
	if (k->next != NULL)
		k->next->prev = k->prev;
	if (k->prev != NULL)
		k->prev->next = k->next;
	else
		c->flying = k->next;
}

static void
transfer_ends(struct chat *c, struct http_done *d)
{
	static const char *const codes[] = { [HTTP_CONNECT] = "unreachable",
		[HTTP_TIMEOUT] = "timeout",
		[HTTP_RESET] = "connection_lost",
		[HTTP_TLS] = "tls",
		[HTTP_TOO_BIG] = "reply_too_big",
		[HTTP_OTHER] = "bad_reply" };
	struct call *k = d->ctx;

	land(c, k);
	if (d->fail == HTTP_OK && k->at->down) {
		k->at->down = 0;
		if (c->nends > 1)
			io_warn(c->o.tool, "%s: answers again", k->at->url);
	}
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

/* The least busy endpoint that may be asked now; else *wait says when. */
static struct endpoint *
pick(struct chat *c, long long now, long long *wait)
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
		if (e->inflight >= (e->down ? 1 : (unsigned)e->limit))
			continue; /* until one comes back */
		if (best == NULL || e->inflight < best->inflight)
			best = e;
	}
	if (best != NULL)
		*wait = -1;
	return best;
}

/* Tokens a call may take: 4 bytes each in, and what answers had so far. */
static double
guess_tokens(const struct chat *c, const struct call *k)
{
	return (double)k->job->ask.messages.n / 4 + c->mean_out * k->n;
}

static void
wake_waiting(struct chat *c, long long now, long long *wait)
{
	struct call **p = &c->waiting, *k;

	while ((k = *p) != NULL) {
		if (k->not_before > now && !c->stopping) {
			if (*wait == -1 || k->not_before - now < *wait)
				*wait = k->not_before - now;
			p = &k->next;
			continue;
		}
		*p = k->next;
		/* before the fresh ones: somebody waits behind it */
		k->next = c->ready.head;
		if (c->ready.head == NULL)
			c->ready.tail = &k->next;
		c->ready.head = k;
		c->nready++;
	}
}

static void
send_call(struct chat *c, struct call *k, struct endpoint *e, long long now)
{
	k->at = e;
	k->guess = guess_tokens(c, k);
	k->cap = body_cap(&c->o.body, &k->job->ask);
	if (e->cap_max > 0 && k->cap > e->cap_max)
		k->cap = e->cap_max;
	buf_clear(&k->body);
	body_write(&k->body, &c->o.body, e->dialect, c->model, &k->job->ask,
	    e->cap_max, k->n, k->seed_add);
	c->requests.level -= c->requests.rate > 0;
	c->tokens.level -= c->tokens.rate > 0 ? k->guess : 0;
	k->tries++;
	if (k->job->started == 0)
		k->job->started = now;
	k->job->attempts++;
	c->stats.calls++;
	fly(c, k);
	/* there is room: send_ready has looked */
	(void)http_post(
	    c->http, e->target, buf_span(&k->body), c->o.timeout_ms, k);
}

/* Send while there is anything to send and room; how long to wait then. */
static void
send_ready(struct chat *c, long long *wait)
{
	long long now = chat_now(), w = -1;
	struct endpoint *e;
	struct call *k;

	while ((k = c->ready.head) != NULL && c->stopping) {
		list_take(&c->ready);
		c->nready--;
		call_fails(c, k, "stopped", 0, c->stopped);
	}
	while (
	    (k = c->ready.head) != NULL && http_inflight(c->http) < c->o.jobs) {
		if ((w = bucket_wait(&c->requests, 1)) > 0 ||
		    (w = bucket_wait(&c->tokens, guess_tokens(c, k))) > 0)
			break;
		w = -1;
		if ((e = pick(c, now, &w)) == NULL)
			break;
		list_take(&c->ready);
		c->nready--;
		if (c->one_at_a_time)
			k->n = 1; /* it was queued before that was known */
		send_call(c, k, e, now);
	}
	if (w != -1 && (*wait == -1 || w < *wait))
		*wait = w;
}

int
chat_poll(struct chat *c, struct pollfd *extra, unsigned nextra, int timeout_ms,
    const char **why)
{
	struct http_done *d;
	long long wait = timeout_ms;

	wake_waiting(c, chat_now(), &wait);
	send_ready(c, &wait);
	if (c->done != NULL)
		wait = 0;
	if (http_poll(c->http, extra, nextra, (int)wait, why) == -1)
		return -1;
	while ((d = http_next(c->http)) != NULL)
		transfer_ends(c, d);
	return 0;
}

void
chat_stop(struct chat *c, const char *why, int now)
{
	struct http_done *d;
	struct call *k;

	stop(c, "%s", why);
	if (!now)
		return;
	http_cancel_all(c->http);
	/* some may have come back just now */
	while ((d = http_next(c->http)) != NULL)
		transfer_ends(c, d);
	while ((k = c->flying) != NULL) {
		land(c, k);
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

const struct chat_stats *
chat_stats(const struct chat *c)
{
	return &c->stats;
}
