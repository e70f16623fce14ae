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
	BODY_MAX = 64 * 1024 * 1024,
	MAX_DELAY_MS = 120 * 1000, /* longer ones are not waited for */
	CONNECT_MS = 10 * 1000,
	MODELS_MS = 15 * 1000,
};

struct sample {
	int have;
	struct reply_choice choice;
};

struct endpoint {
	const char *url;
	struct http_target *target;
	const struct dialect *dialect;
	unsigned inflight;
	long long cool_until;
	int one_at_a_time; /* ignores or refuses n */
	long cap_max;      /* lowered token limit, 0: as asked */
};

/* One request: n samples of a job, from the first-th missing one on. */
struct call {
	struct call *next, *prev; /* prev only while it is in flight */
	struct chat_job *job;
	struct endpoint *at;
	struct buf body;
	int n, seed_add, tries, empty;
	long long first_sent, not_before;
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
	char model[512];
	char stopped[600];
	int prepared, stopping, cache_errno;
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

/* Endpoints. */

static void
endpoint_url(const struct chat *c, const char *base, const char *model,
    struct buf *url)
{
	size_t n = strlen(base);

	while (n > 0 && base[n - 1] == '/')
		n--;
	buf_add(url, base, n);
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
	struct buf line = { 0 };
	struct http_header headers[3] = { { "Content-Type: application/json", 0 } };
	struct http_target *t;

	if (c->o.azure && c->o.ad_token == NULL && c->o.key != NULL)
		buf_fmt(&line, "api-key: %s", c->o.key);
	else if (c->o.ad_token != NULL || c->o.key != NULL)
		buf_fmt(&line, "Authorization: Bearer %s",
		    c->o.ad_token ? c->o.ad_token : c->o.key);
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
	const char *reason;

	endpoint_url(c, e->url, c->o.model ? c->o.model : "", &url);
	e->target = target_new(c, buf_cstr(&url), &reason);
	if (e->target == NULL)
		snprintf(why_buf, sizeof why_buf, "%s: %s", e->url, reason);
	buf_free(&url);
	*why = why_buf;
	return e->target != NULL ? 0 : -1;
}

struct chat *
chat_new(const struct chat_opts *o, const char **why)
{
	struct http_opts ho = { .max_inflight = o->jobs,
		.connect_timeout_ms = CONNECT_MS,
		.max_body = BODY_MAX,
		.user_agent = "tg-llm/" TG_VERSION,
		.proxy_env = o->proxy_env,
		.allow_plain_key = o->allow_plain_key };
	struct chat *c = mem_new(sizeof *c);
	size_t i;

	c->o = *o;
	c->ready.tail = &c->ready.head;
	c->done_tail = &c->done;
	c->jitter = (unsigned long long)chat_now() | 1;
	bucket_init(&c->requests, o->rpm);
	bucket_init(&c->tokens, o->tpm);
	if (o->model != NULL)
		snprintf(c->model, sizeof c->model, "%s", o->model);
	if ((c->http = http_new(&ho, why)) == NULL)
		goto bad;
	while (o->urls[c->nends] != NULL)
		c->nends++;
	c->ends = mem_new(c->nends * sizeof *c->ends);
	for (i = 0; i < c->nends; i++) {
		c->ends[i] = (struct endpoint){ .url = o->urls[i],
			.dialect = o->dialect ? o->dialect
					      : dialect_find("generic") };
		if (endpoint_open(c, &c->ends[i], why) == -1)
			goto bad;
	}
	if (o->cache != NULL &&
	    (c->answers = answers_new(o->cache, why)) == NULL)
		goto bad;
	return c;
bad:
	http_free(c->http);
	free(c->ends);
	free(c);
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
	int failed;

	while ((k = list_take(&c->ready)) != NULL)
		call_free(k);
	while ((k = c->waiting) != NULL) {
		c->waiting = k->next;
		call_free(k);
	}
	http_free(c->http);
	while ((k = c->flying) != NULL) {
		c->flying = k->next;
		call_free(k);
	}
	failed = answers_free(c->answers);
	free(c->ends);
	free(c);
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

/* Asking /models. */

/* One GET, waited for; the caller releases what comes back. */
static struct http_done *
get(struct chat *c, const char *base, const char *path)
{
	struct buf url = { 0 };
	struct http_target *t;
	struct http_done *d = NULL;
	const char *why;
	size_t n = strlen(base);

	while (n > 0 && base[n - 1] == '/')
		n--;
	buf_add(&url, base, n);
	buf_adds(&url, path);
	t = target_new(c, buf_cstr(&url), &why);
	buf_free(&url);
	if (t == NULL ||
	    http_post(c->http, t, (struct span){ NULL, 0 }, MODELS_MS, NULL) ==
		-1)
		return NULL;
	while ((d = http_next(c->http)) == NULL)
		if (*c->o.cancel ||
		    http_poll(c->http, NULL, 0, MODELS_MS, &why) == -1)
			return NULL;
	return d;
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
 * not serve, stop() has been told.
 */
static int
probe(struct chat *c, struct endpoint *e, char *what, size_t size)
{
	struct http_done *d = get(c, e->url, "/models");
	struct reply_error err;
	int result = 1;

	if (d == NULL) {
		snprintf(what, size, "cannot be asked");
		return 0;
	}
	if (d->fail == HTTP_TLS) {
		stop(c, "%s: %s", e->url, d->message);
		result = -1;
	} else if (d->fail != HTTP_OK) {
		snprintf(what, size, "%s", d->message);
		result = 0;
	} else if (d->status == 200) {
		read_models(c, e, d->body);
	} else if (d->status >= 500 || d->status == 429 || d->status == 408) {
		snprintf(what, size, "status %ld", d->status);
		result = 0;
	} else if (c->model[0] == '\0' || d->status == 401) {
		reply_error_read(d->status, d->body, &err);
		stop(c, "%s/models: status %ld, %s", e->url, d->status,
		    err.message);
		result = -1;
	}
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

/* Probe all endpoints; again, a few times, while none answers. */
static int
find_service(struct chat *c)
{
	char what[300] = "";
	size_t i, alive = 0;
	int round, got;

	for (round = 0; alive == 0; round++) {
		for (i = 0; i < c->nends; i++) {
			struct endpoint *e = &c->ends[i];

			if (c->model[0] != '\0' &&
			    (c->o.azure || is_openai(e->url))) {
				assume_openai(c, e);
				alive++;
				continue;
			}
			got = probe(c, e, what, sizeof what);
			if (got == -1)
				return -1;
			if (got == 1) {
				alive++;
				continue;
			}
			e->cool_until = chat_now() + 5000;
			if (round == 0)
				io_warn(c->o.tool,
				    "%s: %s%s", e->url, what,
				    c->nends == 1 ? "; trying again"
						  : "; left aside for now");
		}
		if (alive == 0 && (round >= c->o.retries || *c->o.cancel)) {
			stop(c,
			    "no LLM service answers at %s (%s); start one, or "
			    "name yours with -u or OPENAI_BASE_URL",
			    c->ends[0].url, what);
			return -1;
		}
		if (alive == 0)
			poll(NULL, 0, (int)backoff_ms(c, round));
	}
	return 0;
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

static void __attribute__((format(printf, 4, 5)))
job_fails(struct chat_job *j, const char *code, long status, const char *fmt,
    ...)
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

/* Why a sample is of no use, NULL if it is good. Takes off its thinking. */
static const char *
bad_sample(const struct chat *c, const struct chat_job *j,
    struct reply_choice *s)
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
		j->choices = arena_get(
		    &j->mem, (size_t)j->want * sizeof *j->choices);
		for (i = 0; i < j->want; i++) {
			if (!j->samples[i].have)
				continue;
			bad = bad_sample(c, j, &j->samples[i].choice);
			if (bad == NULL)
				j->choices[j->nchoices++] = j->samples[i].choice;
			else if (first_bad == NULL)
				first_bad = bad;
		}
		if (j->nchoices > 0)
			j->code = NULL;
		else
			job_fails(j, first_bad ? first_bad : "empty_answer", 0,
			    "%s", in_words(first_bad ? first_bad
						     : "empty_answer"));
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

	if (n > 1 && !c->ends[0].one_at_a_time) {
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
		if (reply_choice_read(
			held, &j->mem, &j->samples[i].choice) == -1)
			continue;
		j->samples[i].have = 1;
		j->cached++;
		c->stats.cached++;
	}
	buf_free(&b);
}

/* The request as such names the answer: no endpoint, no count. */
static void
set_cache_key(struct chat *c, struct chat_job *j)
{
	struct buf b = { 0 };

	body_write(&b, &c->o.body, c->ends[0].dialect, c->model, &j->ask, 0, 1,
	    0);
	hash_sha256(buf_span(&b), j->cache_key);
	buf_free(&b);
}

void
chat_ask(struct chat *c, struct chat_job *j)
{
	c->pending++;
	if (chat_prepare(c) == -1) {
		job_fails(j, "stopped", 0, "%s", c->stopped);
		finish(c, j);
		return;
	}
	j->samples = arena_get(&j->mem, (size_t)j->want * sizeof *j->samples);
	memset(j->samples, 0, (size_t)j->want * sizeof *j->samples);
	if (c->answers != NULL) {
		set_cache_key(c, j);
		from_cache(c, j);
	}
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

/* Try a call again later, or end it with code when it has had its tries. */
static void
again(struct chat *c, struct call *k, const char *code,
    const struct http_done *d, const char *message)
{
	long long delay = backoff_ms(c, k->tries - 1);

	if (c->stopping) {
		call_fails(c, k, "stopped", d->status, c->stopped);
		return;
	}
	if (k->tries > c->o.retries) {
		if (d->fail == HTTP_CONNECT && c->last_ok < k->first_sent) {
			stop(c, "%s: %s, for %lld s now", k->at->url, message,
			    (chat_now() - k->first_sent) / 1000);
			call_fails(c, k, "stopped", 0, c->stopped);
			return;
		}
		call_fails(c, k, code, d->status, message);
		return;
	}
	if (d->retry_after_ms > MAX_DELAY_MS) {
		call_fails(c, k, code, d->status, message);
		return;
	}
	if (d->retry_after_ms > 0)
		delay = d->retry_after_ms;
	k->not_before = chat_now() + delay;
	/* the others need not run into the same wall */
	if ((d->status == 429 || d->status == 503) &&
	    k->at->cool_until < k->not_before)
		k->at->cool_until = d->retry_after_ms > 0
		    ? k->not_before
		    : chat_now() + 250;
	if (d->fail == HTTP_CONNECT && c->nends > 1)
		k->at->cool_until = chat_now() + 5000;
	c->stats.retries++;
	k->next = c->waiting;
	c->waiting = k;
}

static int
all_empty(const struct reply *r)
{
	int i;

	for (i = 0; i < r->nchoices; i++)
		if (r->choices[i].text.n > 0 ||
		    span_is(r->choices[i].finish_reason, "length") ||
		    span_is(r->choices[i].finish_reason, "content_filter"))
			return 0;
	return 1;
}

static void
store(struct chat *c, struct chat_job *j, int i)
{
	struct buf b = { 0 };

	if (c->answers == NULL || j->samples[i].choice.text.p == NULL)
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

	if (r->nchoices < k->n && k->n > 1)
		k->at->one_at_a_time = c->ends[0].one_at_a_time = 1;
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
answered(struct chat *c, struct call *k, const struct http_done *d)
{
	struct chat_job *j = k->job;
	struct reply r;
	const char *why;
	/* the choices point into the body, which goes back to http */
	struct span body = { arena_dup(&j->mem, d->body.p, d->body.n),
		d->body.n };

	if (reply_read(body, &j->mem, &r, &why) == -1) {
		struct reply_error e;
		char msg[600];

		reply_error_read(500, body, &e);
		snprintf(msg, sizeof msg, "the reply is no completion (%s): %s",
		    why, e.message);
		again(c, k, "bad_reply", d, msg);
		return;
	}
	c->stats.answered_calls++;
	c->last_ok = chat_now();
	j->prompt_tokens += r.prompt_tokens;
	j->completion_tokens += r.completion_tokens;
	j->cached_tokens += r.cached_tokens;
	c->stats.prompt_tokens += r.prompt_tokens;
	c->stats.completion_tokens += r.completion_tokens;
	c->stats.cached_tokens += r.cached_tokens;
	c->mean_out += ((double)r.completion_tokens / k->n - c->mean_out) / 16;
	if (all_empty(&r) && k->empty++ == 0) {
		again(c, k, "empty_answer", d, in_words("empty_answer"));
		return;
	}
	j->latency_ms = (long)(chat_now() - j->started);
	fill(c, k, &r);
	call_ends(c, k);
}

/* The server's own limit on tokens, if that is what the refusal is about. */
static int
lower_cap(struct chat *c, struct call *k, const struct reply_error *e)
{
	long asked = body_cap(&c->o.body, &k->job->ask), cap = e->cap_max;

	/* a cap as large as the context leaves no room for any prompt */
	if (cap == 0 && e->context_max > 0 && asked >= e->context_max)
		cap = e->context_max / 2;
	if (cap <= 0 || cap >= asked ||
	    (k->at->cap_max > 0 && k->at->cap_max <= cap))
		return 0;
	k->at->cap_max = cap;
	io_warn(c->o.tool,
	    "%s: the token limit of %ld is too large for the model, %ld from "
	    "now on (%s)",
	    k->at->url, asked, cap, e->message);
	return 1;
}

static void
refused(struct chat *c, struct call *k, const struct http_done *d)
{
	struct reply_error e;
	char msg[480];
	int i, n;

	reply_error_read(d->status, d->body, &e);
	snprintf(msg, sizeof msg, "status %ld: %s", d->status, e.message);
	if (d->should_retry == 1)
		e.end = REPLY_RETRY;
	else if (d->should_retry == 0 && e.end == REPLY_RETRY)
		e.end = REPLY_RECORD;
	if (e.end == REPLY_SERVICE) {
		stop(c, "%s: %s", k->at->url, msg);
		call_fails(c, k, "stopped", d->status, c->stopped);
	} else if (e.end == REPLY_RETRY) {
		again(c, k, e.code, d, msg);
	} else if (lower_cap(c, k, &e) && !c->stopping) {
		k->not_before = 0;
		list_add(&c->ready, k);
		c->nready++;
	} else if (k->n > 1 && strcmp(e.code, "bad_request") == 0 &&
	    !c->stopping) {
		/* it may be n that is refused: ask one by one from now on */
		k->at->one_at_a_time = c->ends[0].one_at_a_time = 1;
		n = k->n;
		k->n = 1;
		for (i = 0; i < k->job->want && n > 0; i++)
			if (!k->job->samples[i].have) {
				queue_call(c, k->job, 1, i);
				n--;
			}
		call_ends(c, k);
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
		[HTTP_TIMEOUT] = "timeout", [HTTP_RESET] = "connection_lost",
		[HTTP_TLS] = "tls", [HTTP_TOO_BIG] = "reply_too_big",
		[HTTP_OTHER] = "bad_reply" };
	struct call *k = d->ctx;

	land(c, k);
	if (d->fail == HTTP_TLS) {
		stop(c, "%s: %s", k->at->url, d->message);
		call_fails(c, k, "stopped", 0, c->stopped);
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

/* The endpoint with fewest requests that is not cooling; else *wait says. */
static struct endpoint *
pick(struct chat *c, long long now, long long *wait)
{
	struct endpoint *best = NULL, *e;
	size_t i;

	for (i = 0; i < c->nends; i++) {
		e = &c->ends[i];
		if (e->cool_until > now) {
			if (*wait == -1 || e->cool_until - now < *wait)
				*wait = e->cool_until - now;
		} else if (best == NULL || e->inflight < best->inflight) {
			best = e;
		}
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
	buf_clear(&k->body);
	body_write(&k->body, &c->o.body, e->dialect, c->model, &k->job->ask,
	    e->cap_max, k->n, k->n == 1 ? k->seed_add : 0);
	c->requests.level -= c->requests.rate > 0;
	c->tokens.level -= c->tokens.rate > 0 ? guess_tokens(c, k) : 0;
	k->tries++;
	if (k->first_sent == 0)
		k->first_sent = now;
	if (k->job->started == 0)
		k->job->started = now;
	k->job->attempts++;
	c->stats.calls++;
	fly(c, k);
	/* there is room: send_ready has looked */
	(void)http_post(c->http, e->target, buf_span(&k->body),
	    c->o.timeout_ms, k);
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
	while ((k = c->ready.head) != NULL &&
	    http_inflight(c->http) < c->o.jobs) {
		if ((w = bucket_wait(&c->requests, 1)) > 0 ||
		    (w = bucket_wait(&c->tokens, guess_tokens(c, k))) > 0)
			break;
		w = -1;
		if ((e = pick(c, now, &w)) == NULL)
			break;
		list_take(&c->ready);
		c->nready--;
		send_call(c, k, e, now);
	}
	if (w != -1 && (*wait == -1 || w < *wait))
		*wait = w;
}

int
chat_poll(struct chat *c, struct pollfd *extra, unsigned nextra,
    int timeout_ms, const char **why)
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
	struct call *k;

	stop(c, "%s", why);
	if (!now)
		return;
	http_cancel_all(c->http);
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
