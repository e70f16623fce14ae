/* endpoint: which endpoints serve, with what model, and their secrets */
#include "chat/chat-in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "io/io.h"
#include "json/find.h"
#include "json/scan.h"
#include "json/string.h"

enum {
	BODY_MAX = 16 * 1024 * 1024,
	BODIES_MAX = 64 * 1024 * 1024, /* of all, but not less ... */
	BODY_PART = 512 * 1024,        /* than this for each */
	CONNECT_MS = 10 * 1000,
	MODELS_MS = 15 * 1000, /* for /models where it names the model, ... */
	HINT_MS = 5 * 1000,    /* and where it is but a hint */
	HINT_PAUSE_MS = 500,   /* before it is asked for that once more */
	SLICE_MS = 200,        /* of waiting, to see whether it is cancelled */
	HEADER_LEN = 8, /* shorter values of headers are looked for nowhere */
};

static char why_buf[600];

/*
 * Keys that a server sends back.
 */

/* A secret long enough to be looked for, or NULL. */
static const char *
secret(const struct chat *c, size_t i, size_t least)
{
	const char *s = c->secrets[i];

	/* the value of a header may be as common as "1" */
	if (i >= KEYS && least < HEADER_LEN)
		least = HEADER_LEN;
	return s != NULL && *s != '\0' && strlen(s) >= least ? s : NULL;
}

static void
blank(const struct chat *c, char *p, size_t n, size_t least)
{
	char *end = p + n, *at;
	const char *s;
	size_t i;

	for (i = 0; i < SECRETS; i++) {
		if ((s = secret(c, i, least)) == NULL)
			continue;
		for (at = p; (at = memmem(at, (size_t)(end - at), s,
				  strlen(s))) != NULL;)
			memset(at, '*', strlen(s));
	}
}

/* s, or a copy of it without the keys of at least so many bytes. */
static struct span
redact(const struct chat *c, struct span s, size_t least, struct arena *mem)
{
	const char *key;
	size_t i;
	char *copy;

	for (i = 0; i < SECRETS; i++) {
		key = secret(c, i, least);
		if (key == NULL || s.n < strlen(key) ||
		    memmem(s.p, s.n, key, strlen(key)) == NULL)
			continue;
		copy = arena_dup(mem, s.p, s.n);
		blank(c, copy, s.n, least);
		return (struct span){ copy, s.n };
	}
	return s;
}

void
chat_redact_choice(
    const struct chat *c, struct reply_choice *r, struct arena *mem)
{
	r->text = redact(c, r->text, SECRET_LEN, mem);
	r->finish_reason = redact(c, r->finish_reason, SECRET_LEN, mem);
	r->model = redact(c, r->model, SECRET_LEN, mem);
	r->logprobs = redact(c, r->logprobs, SECRET_LEN, mem);
}

/* The error that a body tells of, without the keys. */
void
chat_read_error(
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

static int
ends_in(struct span s, const char *suffix)
{
	size_t n = strlen(suffix);

	return s.n >= n && memcmp(span_end(s) - n, suffix, n) == 0;
}

/*
 * Azure has two forms: one with the deployment in the path and a dated version
 * in the query, and v1, which is as OpenAI's.
 */
static void
endpoint_url(
    const struct chat *c, const char *base, const char *model, struct buf *url)
{
	base_url(url, base);
	if (c->o.azure && c->o.api_version == NULL &&
	    !ends_in(buf_span(url), "/openai/v1"))
		buf_adds(url, "/openai/v1");
	if (!c->o.azure || ends_in(buf_span(url), "/openai/v1")) {
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

/* Keep the header in line, and what is secret about it: 0; -1 if malformed. */
static int
take_header(struct chat *c, size_t i, struct span line, size_t colon)
{
	struct span name = text_trim((struct span){ line.p, colon });
	struct span value =
	    text_trim((struct span){ line.p + colon + 1, line.n - colon - 1 });
	size_t word = value.n;

	if (i == HEADERS_MAX || name.n == 0 || memchr(name.p, ' ', name.n))
		return -1;
	c->headers[i] = mem_new(name.n + value.n + 3);
	memcpy(c->headers[i], name.p, name.n);
	memcpy(c->headers[i] + name.n, ": ", 2);
	if (value.n > 0)
		memcpy(c->headers[i] + name.n + 2, value.p, value.n);
	/* without the "Bearer" or so before it */
	while (word > 0 && value.p[word - 1] != ' ')
		word--;
	c->secrets[KEYS + i] = mem_dup(value.p + word, value.n - word);
	return 0;
}

int
chat_take_headers(struct chat *c, const char *lines, const char **why)
{
	const char *colon;
	struct span line;
	size_t n = 0;

	/* a line without a colon is passed over, as the vendor's client does,
	 * though not in silence */
	for (; *lines != '\0'; lines += line.n + (lines[line.n] == '\n')) {
		line = (struct span){ lines, strcspn(lines, "\n") };
		colon = memchr(line.p, ':', line.n);
		if (colon == NULL && text_trim(line).n > 0)
			io_warn(c->o.tool,
			    "OPENAI_CUSTOM_HEADERS: a line without a colon is "
			    "passed over");
		if (colon != NULL &&
		    take_header(c, n++, line, (size_t)(colon - line.p)) == -1) {
			*why = "OPENAI_CUSTOM_HEADERS: malformed, or too many";
			return -1;
		}
	}
	return 0;
}

/* Add a header unless the user has one of this name. */
static void
add_header(const struct chat *c, struct http_header *list, const char *line,
    int is_secret)
{
	size_t i, name = strcspn(line, ":") + 1;

	for (i = 0; i < HEADERS_MAX && c->headers[i] != NULL; i++)
		if (strncasecmp(c->headers[i], line, name) == 0)
			return;
	while (list->line != NULL)
		list++;
	*list = (struct http_header){ line, is_secret };
}

/* A target with the key in its headers; NULL with *why. */
static struct http_target *
target_new(struct chat *c, const char *url, const char **why)
{
	const char *key = c->secrets[0], *token = c->secrets[1];
	struct buf line = { 0 }, org = { 0 }, project = { 0 };
	struct http_header headers[HEADERS_MAX + 5] = { { NULL, 0 } };
	struct http_target *t;
	size_t i;

	for (i = 0; i < HEADERS_MAX && c->headers[i] != NULL; i++)
		headers[i] = (struct http_header){ c->headers[i], 1 };
	add_header(c, headers, "Content-Type: application/json", 0);
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
		add_header(c, headers, buf_cstr(&line), 1);
	if (c->o.org != NULL) {
		buf_fmt(&org, "OpenAI-Organization: %s", c->o.org);
		add_header(c, headers, buf_cstr(&org), 0);
	}
	if (c->o.project != NULL) {
		buf_fmt(&project, "OpenAI-Project: %s", c->o.project);
		add_header(c, headers, buf_cstr(&project), 0);
	}
	t = http_target(c->http, url, headers, why);
	if (line.p != NULL)
		explicit_bzero(line.p, line.cap);
	buf_free(&line);
	buf_free(&org);
	buf_free(&project);
	return t;
}

/* Why a base URL will not do, as far as its form tells; NULL: it may. */
static const char *
bad_base(const char *url)
{
	const char *host = strstr(url, "://");
	struct buf base = { 0 };
	int is_path;

	if (host != NULL && strchr("/?#:", host[3]) != NULL)
		return "there is no host in the URL";
	if (strpbrk(url, "?#") != NULL)
		return "a base URL ends before any ? or #";
	base_url(&base, url);
	is_path = ends_in(buf_span(&base), "/chat/completions");
	buf_free(&base);
	return is_path ? "leave out /chat/completions, which is added" : NULL;
}

int
chat_open_endpoint(struct chat *c, struct endpoint *e, const char **why)
{
	struct buf url = { 0 };
	const char *reason = bad_base(e->url);

	if (reason != NULL)
		goto bad;
	reason = "";
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
bad:
	snprintf(why_buf, sizeof why_buf, "%s: %s", e->url, reason);
	*why = why_buf;
	return -1;
}

/* The engine, for as many requests as there may be files open. */
struct http *
chat_engine(struct chat *c, const char **why)
{
	struct http_opts ho = { .connect_timeout_ms = CONNECT_MS,
		.max_body = BODY_MAX,
		.user_agent = "tg-llm/" TG_VERSION,
		.ca_file = c->o.ca_file,
		.proxy_env = c->o.proxy_env,
		.allow_plain_key = c->o.allow_plain_key };
	unsigned asked = c->o.jobs;
	struct http *h;

	for (;; c->o.jobs -= (c->o.jobs + 7) / 8) {
		ho.max_inflight = c->o.jobs;
		ho.max_bodies = (size_t)c->o.jobs * BODY_PART;
		if (ho.max_bodies < BODIES_MAX)
			ho.max_bodies = BODIES_MAX;
		h = http_new(&ho, why);
		if (h != NULL || c->o.jobs == 1)
			break;
	}
	if (h != NULL && c->o.jobs < asked && !c->o.jobs_auto)
		io_warn(c->o.tool,
		    "-j %u: the limit on open files allows %u (see ulimit -n)",
		    asked, c->o.jobs);
	return h;
}

/* An endpoint will not serve: 1 if there are others, else all stops. */
int
chat_give_up(struct chat *c, struct endpoint *e, const char *what)
{
	size_t i;

	if (c->stopping)
		return 0;
	for (i = 0; i < c->nends; i++)
		if (&c->ends[i] != e && !c->ends[i].gone)
			break;
	if (i == c->nends)
		chat_halt(c, "%s: %s", e->url, what);
	else if (!e->gone)
		io_warn(c->o.tool, "%s: %s; not asked any more", e->url, what);
	e->gone = 1;
	return i < c->nends;
}

void
chat_note_up(struct endpoint *e, int up)
{
	long long now = clock_ms();

	if (e->mute_since != 0)
		e->did.down_ms += now - e->mute_since;
	e->mute_since = up ? 0 : now;
}

/* Asking /models. */

/* Wait for the only transfer; the caller releases what comes back. */
static struct http_done *
wait_done(struct chat *c)
{
	struct http_done *d;
	const char *why;

	while ((d = http_next(c->http)) == NULL) {
		if (c->o.cancelled() ||
		    http_poll(c->http, NULL, 0, SLICE_MS, &why) == -1) {
			http_cancel_all(c->http);
			while ((d = http_next(c->http)) != NULL)
				http_release(c->http, d);
			return NULL;
		}
	}
	return d;
}

/* One GET, waited for; the caller releases what comes back. */
static struct http_done *
get(struct chat *c, struct http_target *t, long timeout_ms)
{
	if (t == NULL || http_post(c->http, t, (struct span){ NULL, 0 },
			     timeout_ms, NULL) == -1)
		return NULL;
	return wait_done(c);
}

/*
 * Resolve the name of an endpoint that need not be asked anything else, once
 * before its first request: 1, or 0 and why not in what.
 */
static int
resolve(struct chat *c, struct endpoint *e, char *what, size_t size)
{
	struct http_done *d = NULL;
	int ok;

	if (http_look_up(c->http, e->target, c->o.timeout_ms, NULL) == 0)
		d = wait_done(c);
	ok = d != NULL && d->fail == HTTP_OK;
	if (!ok)
		snprintf(what, size, "%s",
		    d != NULL ? d->message : "cannot be asked");
	if (d != NULL)
		http_release(c->http, d);
	return ok;
}

/* What may be wrong with a base URL. */
const char *
chat_url_hint(const char *url, long status)
{
	return status == 404 && strstr(url, "/v1") == NULL
		   ? "; does the base URL end in /v1?"
		   : "";
}

/* Take model, dialect and context from the body of /models. */
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
		e->dialect = *dialect_of_models(list, chosen);
	/* the context of another model would say nothing */
	if (span_is(js_string(js_find(chosen, "id"), &mem), c->model))
		e->context = dialect_context(chosen);
	arena_free(&mem);
}

/* What a look may come to besides: somebody is there, but with no list. */
enum { NO_LIST = 2, NO_ANSWER };

/*
 * One look at an endpoint: 1 it answers, 0 nothing is there (yet), -1 it will
 * not serve; or one of the above. what says why.
 */
static int
look(struct chat *c, struct endpoint *e, long ms, char *what, size_t size)
{
	long most = c->o.timeout_ms;
	struct http_done *d = get(c, e->models, ms < most ? ms : most);
	struct reply_error err;
	struct arena mem = { 0 };
	int result = 1;

	if (d == NULL) {
		snprintf(what, size, "cannot be asked");
		return 0;
	}
	c->met |= d->fail == HTTP_OK;
	chat_note_up(e, d->fail != HTTP_CONNECT);
	if (d->fail != HTTP_OK) {
		snprintf(what, size, "%s%s",
		    d->fail == HTTP_CONNECT || d->fail == HTTP_TLS
			? ""
			: "/models: ",
		    d->message);
		result = d->fail == HTTP_TLS       ? -1
			 : d->fail == HTTP_CONNECT ? 0
			 : d->fail == HTTP_TIMEOUT ? NO_ANSWER
						   : NO_LIST;
	} else if (d->status == 200) {
		read_models(c, e, redact(c, d->body, SECRET_LEN, &mem));
	} else {
		chat_read_error(c, d->status, d->body, &err);
		snprintf(what, size, "/models: status %ld, %s%s", d->status,
		    err.message, chat_url_hint(e->url, d->status));
		if (err.end == REPLY_RETRY)
			result = NO_LIST;
		else if (c->model[0] == '\0' || d->status == 401)
			result = -1;
	}
	arena_free(&mem);
	http_release(c->http, d);
	return result;
}

/*
 * The same, and what no list of models means: without a name for the model
 * that nothing can be asked yet; else next to nothing.
 */
static int
probe(struct chat *c, struct endpoint *e, char *what, size_t size)
{
	int named = c->model[0] != '\0', got;

	got = look(c, e, named ? HINT_MS : MODELS_MS, what, size);
	if (named && got == NO_LIST) {
		poll(NULL, 0, HINT_PAUSE_MS);
		got = look(c, e, HINT_MS, what, size);
	}
	if (got != NO_LIST && got != NO_ANSWER)
		return got;
	if (!named || c->o.cancelled())
		return 0;
	chat_tell(c, "%s: %s; its dialect is taken for %s", e->url, what,
	    e->dialect.name);
	return 1;
}

/* The dialect of an endpoint that need not be asked, or NULL. */
static const struct dialect *
known_dialect(const struct chat *c, const struct endpoint *e)
{
	const struct dialect *d = dialect_of_url(e->url, c->model);

	if (c->o.dialect != NULL)
		return c->o.dialect;
	return d == NULL && c->o.azure ? dialect_find("azure") : d;
}

const struct dialect *
chat_unseen_dialect(const struct chat *c)
{
	return c->o.dialect ? c->o.dialect : dialect_of_model(c->model);
}

/* What has not answered is taken for another of those that have. */
static void
share_dialect(struct chat *c, const unsigned char *alive)
{
	const struct dialect *d = NULL;
	size_t i;

	for (i = 0; i < c->nends; i++)
		if (alive[i] && d == NULL)
			d = &c->ends[i].dialect;
	for (i = 0; i < c->nends && d != NULL; i++)
		if (!alive[i])
			c->ends[i].dialect = *d;
}

/* Probe all endpoints: how many are alive, -1 if none ever will. */
static int
probe_all(
    struct chat *c, unsigned char *alive, int first, char *what, size_t size)
{
	const struct dialect *known;
	struct endpoint *e;
	int got, n = 0;
	size_t i;

	for (i = 0; i < c->nends; i++) {
		e = &c->ends[i];
		known = known_dialect(c, e);
		if (known != NULL && c->model[0] != '\0') {
			e->dialect = *known;
			got = e->gone ? 0 : resolve(c, e, what, size);
		} else {
			got = e->gone ? 0 : probe(c, e, what, size);
		}
		alive[i] = got == 1;
		n += alive[i];
		if (got == 1)
			e->down = 0, e->cool_until = 0;
		if (got == -1 && !chat_give_up(c, e, what))
			return -1;
		if (got != 0 || e->gone || c->o.cancelled())
			continue;
		e->down = 1;
		e->down_since = e->aside_at = clock_ms();
		e->cool_until = e->down_since + DOWN_MS;
		e->told = c->nends > 1;
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
		if (n == 0 && c->o.cancelled())
			chat_halt(c, "stopped by a signal");
		else if (n == 0 && round >= c->o.retries)
			chat_nobody_there(c, c->ends[0].url, what);
		if (n != 0 || c->stopping)
			break;
		poll(NULL, 0, (int)chat_backoff_ms(c, round));
	}
	if (n > 0)
		share_dialect(c, alive);
	free(alive);
	return c->stopping ? -1 : 0;
}

/* What the dialects that were found mean for all of a run. */
static void
note_dialects(struct chat *c)
{
	const struct endpoint *e;
	size_t i;

	for (i = 0; i < c->nends; i++) {
		e = &c->ends[i];
		if (e->gone)
			continue;
		c->one_at_a_time |= e->dialect.one_choice;
		if (e->dialect.penalty == NULL &&
		    c->o.body.param[BODY_REPETITION_PENALTY] != NULL)
			io_warn(c->o.tool,
			    "%s: %s has no repetition penalty; NOT SENT, "
			    "although --repetition-penalty asks for it",
			    e->url, e->dialect.name);
	}
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
		chat_halt(c, "name the Azure deployment with -m");
		return -1;
	}
	if (find_service(c) == -1)
		return -1;
	note_dialects(c);
	if (c->model[0] == '\0') {
		chat_halt(c, "%s/models names no model; name one with -m",
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
