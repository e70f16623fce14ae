/* service: exchanges with the API of a service */
#include "remote/service.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "chat/endpoint.h"
#include "chat/session.h"
#include "io/io.h"

enum { LAGS = 3 }; /* times that a 404 may pass */

struct service *
service_new(const struct chat_opts *o, int *status, const char **why)
{
	static char why_buf[600];
	struct service *s = mem_new(sizeof *s);
	struct buf url = { 0 };
	struct http_opts ho = endpoint_http(o, 1);

	s->o = o;
	s->base = o->urls[0];
	srandom((unsigned)clock_ms());
	secret_init(&s->secrets, o->key, o->ad_token, o->own_keys);
	*status = TG_EX_USAGE;
	if (*s->base == '@') {
		*why = "--batch asks one service; name its URL, not a file of "
		       "servers";
		goto bad;
	}
	if (o->headers != NULL &&
	    secret_take_headers(&s->secrets, o->headers, why) == -1)
		goto bad;
	*status = TG_EX_IO;
	if ((s->http = http_new(&ho, why)) == NULL)
		goto bad;
	/* a URL or a key that will not do is told before anything is done */
	*status = TG_EX_USAGE;
	if (endpoint_path(o, &s->secrets, s->http, s->base, "/batches", NULL,
		why) == NULL) {
		endpoint_add_refused(&url, s->base);
		snprintf(
		    why_buf, sizeof why_buf, "%s: %s", buf_cstr(&url), *why);
		buf_free(&url);
		*why = why_buf;
		goto bad;
	}
	return s;
bad:
	service_free(s);
	return NULL;
}

void
service_free(struct service *s)
{
	http_free(s->http);
	secret_free(&s->secrets);
	free(s);
}

int
service_fail(struct service *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->why, sizeof s->why, fmt, ap);
	va_end(ap);
	return -1;
}

int
service_status(const struct service *s)
{
	return s->local ? TG_EX_IO : TG_EX_SERVICE;
}

const char *
service_path(char path[SERVICE_PATH], const char *before, const char *id,
    const char *behind)
{
	size_t n = (size_t)snprintf(path, SERVICE_PATH, "%s", before);

	for (; *id != '\0' && n + 4 < SERVICE_PATH; id++) {
		if (isalnum((unsigned char)*id) || strchr("-._~", *id) != NULL)
			path[n++] = *id;
		else
			n += (size_t)snprintf(path + n, SERVICE_PATH - n,
			    "%%%02X", (unsigned char)*id);
	}
	snprintf(path + n, SERVICE_PATH - n, "%s", behind);
	return path;
}

int
service_wait(struct service *s, int n, long long ms)
{
	long long backoff = session_backoff_ms(n);

	session_rest(ms > backoff ? ms : backoff, s->o->cancelled);
	return s->o->cancelled()
		   ? service_fail(s, "%s: stopped by a signal", s->base)
		   : 0;
}

/* Meanings of a try for the next one. */
enum verdict {
	DONE,  /* the answer is there */
	AGAIN, /* the reason may pass */
	FINAL, /* the reason will not pass */
};

/* Judge an answer with a status, as judge. */
static enum verdict
judge_status(struct service *s, const struct service_ask *q,
    const struct http_done *d, long long *pause_ms)
{
	struct refusal e;

	s->status = d->status;
	if (d->status >= 200 && d->status < 300)
		return DONE;
	secret_read_error(&s->secrets, d->status, d->body, &e);
	*pause_ms = endpoint_asked_delay(d, &e);
	service_fail(
	    s, "%s%s: status %ld: %s", s->base, q->path, d->status, e.message);
	s->unsure = d->status >= 500 || d->status == 408;
	/* a conflict with the state of a batch does not pass */
	if (d->status == 409)
		return FINAL;
	s->hopeless =
	    d->status == 401 || d->status == 403 || e.end == REFUSAL_RETRY;
	return e.end == REFUSAL_RETRY ? AGAIN : FINAL;
}

/*
 * Judge a finished transfer, which says more in s, and in *pause_ms how long
 * the service asks to wait.
 */
static enum verdict
judge(struct service *s, const struct service_ask *q, const struct http_done *d,
    long long *pause_ms)
{
	s->status = 0;
	s->unsure = s->hopeless = s->local = 0;
	*pause_ms = 0;
	if (d->fail == HTTP_OK)
		return judge_status(s, q, d, pause_ms);
	service_fail(s, "%s%s: %s", s->base, q->path, d->message);
	s->local = d->fail == HTTP_LOCAL;
	s->hopeless = 1;
	s->unsure = d->fail != HTTP_CONNECT && d->fail != HTTP_TLS;
	return d->fail == HTTP_TLS || d->fail == HTTP_LOCAL ? FINAL : AGAIN;
}

/* Start an exchange at a target. */
static void
start(struct service *s, struct http_target *t, const struct service_ask *q)
{
	long ms = s->o->timeout_ms;

	if (q->form != NULL)
		(void)http_upload(s->http, t, q->form, ms, NULL);
	else if (q->to != 0)
		(void)http_download(s->http, t, q->to, ms, NULL);
	else if (q->once)
		(void)http_post_once(s->http, t, q->post, ms, NULL);
	else
		(void)http_post(s->http, t, q->post, ms, NULL);
}

/* Take a body with its secrets blanked. */
static void
take_body(struct service *s, struct span from, struct buf *to)
{
	struct arena mem = { 0 };

	buf_clear(to);
	buf_addspan(to, secret_redact(&s->secrets, from, SECRET_LEN, &mem));
	arena_free(&mem);
}

/* Try once; *pause_ms is the time that the service asks to wait. */
static enum verdict
try_once(struct service *s, struct http_target *t, const struct service_ask *q,
    struct buf *body, long long *pause_ms)
{
	struct http_done *d;
	enum verdict got;

	s->status = 0;
	if (q->to != 0 &&
	    (ftruncate(q->to, 0) == -1 || lseek(q->to, 0, SEEK_SET) == -1)) {
		s->local = 1;
		service_fail(s, "a file cannot be written");
		return FINAL;
	}
	start(s, t, q);
	if ((d = http_await(s->http, s->o->cancelled)) == NULL) {
		s->unsure = s->hopeless = 1;
		service_fail(s, "%s: stopped by a signal", s->base);
		return FINAL;
	}
	got = judge(s, q, d, pause_ms);
	if (got == DONE)
		take_body(s, d->body, body);
	http_release(s->http, d);
	return got;
}

int
service_ask(struct service *s, const struct service_ask *q, struct buf *body)
{
	const char *type = q->post.p != NULL ? "application/json" : NULL, *why;
	struct http_target *t = endpoint_path(
	    s->o, &s->secrets, s->http, s->base, q->path, type, &why);
	long long start_ms = clock_ms(), pause_ms = 0;
	enum verdict got;
	int n;

	if (t == NULL)
		return service_fail(s, "%s%s: %s", s->base, q->path, why);
	for (n = 0;; n++) {
		got = try_once(s, t, q, body, &pause_ms);
		if (got == DONE)
			return 0;
		if (q->lags && s->status == 404 && n < LAGS)
			got = AGAIN;
		if (got == FINAL || (q->once && s->unsure) ||
		    n >= s->o->retries ||
		    clock_ms() - start_ms > s->o->retry_ms)
			return -1;
		if (s->o->verbose)
			io_warn("%s; it is tried again", s->why);
		if (service_wait(s, n, pause_ms) == -1)
			return -1;
	}
}
