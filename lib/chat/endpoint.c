/* endpoint: the URL and the headers of a place that requests go to */
#include "chat/endpoint.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
	BODY_MAX = 16 * 1024 * 1024,
	CONNECT_MS = 10 * 1000,
};

static const char JSON[] = "application/json";

struct http_opts
endpoint_http(const struct chat_opts *o, unsigned max_inflight)
{
	return (struct http_opts){ .max_inflight = max_inflight,
		.connect_timeout_ms = CONNECT_MS,
		.max_body = BODY_MAX,
		.user_agent = "tg-llm/" TG_VERSION,
		.ca_file = o->ca_file,
		.proxy_env = o->proxy_env,
		.allow_plain_key = o->allow_plain_key };
}

struct span
endpoint_base(struct span url)
{
	while (url.n > 0 && url.p[url.n - 1] == '/')
		url.n--;
	return url;
}

static int
ends_in(struct span s, const char *suffix)
{
	size_t n = strlen(suffix);

	return s.n >= n && memcmp(span_end(s) - n, suffix, n) == 0;
}

/*
 * Write what the URLs of a service begin with. Azure has two forms: one with
 * the deployment in the path and a dated version in the query, and v1, which is
 * like OpenAI's. Return whether the URLs are like OpenAI's.
 */
static int
write_base(const struct chat_opts *o, const char *base, struct buf *url)
{
	int is_like_openai;

	buf_addspan(url, endpoint_base(span_of(base)));
	if (o->azure && o->api_version == NULL &&
	    !ends_in(buf_span(url), "/openai/v1"))
		buf_adds(url, "/openai/v1");
	is_like_openai = !o->azure || ends_in(buf_span(url), "/openai/v1");
	if (!is_like_openai)
		buf_adds(url, "/openai");
	return is_like_openai;
}

/* Write the URL of what a path asks of the model. */
static void
write_url(const struct chat_opts *o, const char *base, const char *path,
    struct buf *url)
{
	const char *model = o->model != NULL ? o->model : "";

	if (write_base(o, base, url)) {
		buf_adds(url, path);
		return;
	}
	buf_adds(url, "/deployments/");
	for (; *model; model++) {
		if (memchr("/?#% &+", *model, 7) != NULL)
			buf_fmt(url, "%%%02X", (unsigned char)*model);
		else
			buf_addc(url, *model);
	}
	buf_fmt(url, "%s?api-version=%s", path, o->api_version);
}

/*
 * Write a header in line and add it to list, unless value is NULL or own, the
 * user's headers, has one of this name, which ends with a colon.
 */
static void
add_header(char *const *own, struct http_header *list, struct buf *line,
    const char *name, const char *value, int is_secret)
{
	size_t i, n = strcspn(name, ":") + 1;

	if (value == NULL)
		return;
	for (i = 0; i < SECRET_HEADERS && own[i] != NULL; i++)
		if (strncasecmp(own[i], name, n) == 0)
			return;
	/* a buffer that grows leaves copies behind */
	buf_need(line, strlen(name) + strlen(value) + 1);
	buf_adds(line, name);
	buf_adds(line, value);
	while (list->line != NULL)
		list++;
	*list = (struct http_header){ buf_cstr(line), is_secret };
}

/* The secrets that an endpoint gets. */
struct grant {
	const char *key, *token; /* or NULL */
	int headers;             /* whether it gets the user's headers */
};

/*
 * Find what an endpoint at a place gets: what becomes of the keys, or, if there
 * are none, of the headers.
 */
static enum endpoint_key
grant_secrets(const struct chat_opts *o, const struct secrets *s,
    const struct http_place *place, struct grant *g)
{
	const char *own = secret_own(s, place->host), *why;
	int is_open = place->is_plain && !place->is_loopback;
	enum endpoint_key env = ENDPOINT_KEY;
	struct http_place home;

	*g = (struct grant){ 0 };
	if (o->unnamed)
		env = ENDPOINT_UNNAMED;
	else if (o->key_url != NULL &&
		 (http_place_of(o->key_url, &home, &why) == -1 ||
		     strcmp(home.host, place->host) != 0))
		env = ENDPOINT_OTHERS;
	else if (is_open && (o->key_url == NULL || !o->allow_plain_key))
		env = ENDPOINT_PLAIN;
	g->headers = env == ENDPOINT_KEY;
	if (own != NULL && !o->unnamed) {
		g->key = is_open && !o->allow_plain_key ? NULL : own;
		return g->key != NULL ? ENDPOINT_KEY : ENDPOINT_PLAIN;
	}
	if (env == ENDPOINT_KEY) {
		g->key = s->words[SECRET_KEY];
		g->token = s->words[SECRET_TOKEN];
	}
	return own == NULL && s->words[SECRET_KEY] == NULL &&
		       s->words[SECRET_TOKEN] == NULL && s->headers[0] == NULL
		   ? ENDPOINT_NO_KEY
		   : env;
}

/* Return why the form of a base URL will not do, or NULL. */
static const char *
bad_base(const char *url)
{
	static const struct {
		const char *path, *why;
	} added[] = {
		{ "/chat/completions",
		    "leave out /chat/completions, which is added" },
		{ "/embeddings", "leave out /embeddings, which is added" },
		{ "/rerank", "leave out /rerank, which is added" },
		{ "/score", "leave out /score, which is added" },
	};
	const char *host = strstr(url, "://");
	size_t i;

	if (host == NULL)
		return "a URL begins with http:// or https://";
	if (strchr("/?#:", host[3]) != NULL)
		return "there is no host in the URL";
	if (memchr(host + 3, '@', strcspn(host + 3, "/?#")) != NULL)
		return "leave out user and password: a key comes from "
		       "OPENAI_API_KEY or --key-file";
	if (strpbrk(url, "?#") != NULL)
		return "a base URL ends before any ? or #";
	for (i = 0; i < sizeof added / sizeof *added; i++)
		if (ends_in(endpoint_base(span_of(url)), added[i].path))
			return added[i].why;
	return NULL;
}

/* Return whether a host is in a list that ends in NULL; a NULL has all. */
static int
is_allowed(const char *const *hosts, const char *host)
{
	if (hosts == NULL)
		return 1;
	for (; *hosts != NULL; hosts++)
		if (http_same_host(*hosts, host))
			return 1;
	return 0;
}

/*
 * Check a base URL, and find its place, what it gets and what becomes of the
 * key there: NULL, or why the URL will not do, a constant string.
 */
static const char *
check_base(const struct chat_opts *o, const struct secrets *s, const char *base,
    struct http_place *place, struct grant *g, enum endpoint_key *key)
{
	const char *why = bad_base(base);

	if (why != NULL || http_place_of(base, place, &why) == -1)
		return why;
	*key = grant_secrets(o, s, place, g);
	return is_allowed(o->only_hosts, place->host)
		   ? NULL
		   : "is none of the hosts of --only-host";
}

/*
 * Return a target with the secrets in its headers, and the type of bodies if it
 * is not NULL; NULL with *why.
 */
static struct http_target *
make_target(const struct chat_opts *o, const struct secrets *s,
    const struct grant *g, struct http *http, const char *url, const char *type,
    const char **why)
{
	static char *const none[SECRET_HEADERS];
	char *const *more = g->headers ? s->headers : none;
	int has_key = g->key != NULL || g->token != NULL;
	struct buf lines[4] = { { 0 } };
	struct http_header headers[SECRET_HEADERS + 5] = { { NULL, 0 } };
	struct http_target *t;
	size_t i;

	for (i = 0; i < SECRET_HEADERS && more[i] != NULL; i++)
		headers[i] = (struct http_header){ more[i], 1 };
	add_header(more, headers, &lines[0], "Content-Type: ", type, 0);
	if (o->azure && g->token == NULL)
		add_header(more, headers, &lines[1], "api-key: ", g->key, 1);
	else
		add_header(more, headers, &lines[1], "Authorization: Bearer ",
		    g->token ? g->token : g->key, 1);
	add_header(more, headers, &lines[2],
	    "OpenAI-Organization: ", has_key ? o->org : NULL, 0);
	add_header(more, headers, &lines[3],
	    "OpenAI-Project: ", has_key ? o->project : NULL, 0);
	t = http_target(http, url, headers, why);
	if (lines[1].p != NULL)
		explicit_bzero(lines[1].p, lines[1].cap);
	for (i = 0; i < 4; i++)
		buf_free(&lines[i]);
	return t;
}

/* Return a target for path below a base URL less its suffix; NULL with *why. */
static struct http_target *
target_below(const struct endpoint *e, const struct chat_opts *o,
    const struct secrets *s, const struct grant *g, struct http *http,
    const char *suffix, const char *path, const char **why)
{
	struct span base = endpoint_base(span_of(e->url));
	struct http_target *t;
	struct buf url = { 0 };

	if (ends_in(base, suffix))
		base.n -= strlen(suffix);
	buf_addspan(&url, base);
	buf_adds(&url, path);
	t = make_target(o, s, g, http, buf_cstr(&url), JSON, why);
	buf_free(&url);
	return t;
}

void
endpoint_add_refused(struct buf *b, const char *url)
{
	const char *at = strrchr(url, '@'), *host = strstr(url, "://");
	const char *rest = at != NULL ? at : url;
	size_t n = strcspn(rest, "?#");

	if (at != NULL && host != NULL && host < at)
		buf_add(b, url, (size_t)(host + 3 - url));
	if (at != NULL)
		buf_adds(b, "***");
	buf_add(b, rest, n);
	if (rest[n] != '\0')
		buf_fmt(b, "%c***", rest[n]);
}

/* Make the target of words or vectors, and those of scores; or set *why. */
static void
make_targets(struct endpoint *e, const struct chat_opts *o,
    const struct secrets *s, const struct grant *g, struct http *http,
    const char **why)
{
	struct buf url = { 0 };
	enum rescore_form f;

	write_url(o, e->url,
	    o->body.embed ? "/embeddings" : "/chat/completions", &url);
	e->target = make_target(o, s, g, http, buf_cstr(&url), JSON, why);
	for (f = 0; e->target != NULL && f < RESCORE_FORMS; f++) {
		buf_clear(&url);
		write_url(o, e->url, rescore_path(f), &url);
		e->scores[f] =
		    rescore_is_beside(f)
			? target_below(
			      e, o, s, g, http, "/v1", rescore_path(f), why)
			: make_target(o, s, g, http, buf_cstr(&url), JSON, why);
	}
	buf_free(&url);
}

int
endpoint_open(struct endpoint *e, const struct chat_opts *o,
    const struct secrets *s, struct http *http, const char **why)
{
	static const char *const slots[ENDPOINT_SLOTS] = { "/props", "/slots" };
	static char why_buf[600];
	struct http_place place;
	struct buf url = { 0 };
	struct grant g;
	const char *reason = check_base(o, s, e->url, &place, &g, &e->key);
	int i;

	if (reason == NULL) {
		e->is_loopback = place.is_loopback;
		make_targets(e, o, s, &g, http, &reason);
	}
	if (e->target != NULL && !o->azure) {
		e->models =
		    target_below(e, o, s, &g, http, "", "/models", &reason);
		for (i = 0; i < ENDPOINT_SLOTS; i++)
			e->slots[i] = target_below(
			    e, o, s, &g, http, "/v1", slots[i], &reason);
	}
	if (reason == NULL)
		return 0;
	buf_clear(&url);
	endpoint_add_refused(&url, e->url);
	snprintf(why_buf, sizeof why_buf, "%s: %s", buf_cstr(&url), reason);
	buf_free(&url);
	*why = why_buf;
	return -1;
}

struct http_target *
endpoint_path(const struct chat_opts *o, const struct secrets *s,
    struct http *http, const char *base, const char *path, const char *type,
    const char **why)
{
	struct http_target *t = NULL;
	struct http_place place;
	enum endpoint_key key;
	struct buf url = { 0 };
	struct grant g;
	int is_like_openai;

	if ((*why = check_base(o, s, base, &place, &g, &key)) != NULL)
		return NULL;
	is_like_openai = write_base(o, base, &url);
	buf_adds(&url, path);
	if (!is_like_openai)
		buf_fmt(&url, "%capi-version=%s",
		    strchr(path, '?') != NULL ? '&' : '?', o->api_version);
	t = make_target(o, s, &g, http, buf_cstr(&url), type, why);
	buf_free(&url);
	return t;
}

int
endpoint_is_host(const char *url, const char *host)
{
	struct http_place place;
	const char *why;

	return http_place_of(url, &place, &why) == 0 &&
	       http_same_host(host, place.host);
}

void
endpoint_set_slots(
    struct endpoint *e, const struct chat_opts *o, unsigned slots)
{
	unsigned n = slots < o->jobs ? slots : o->jobs;

	concurrency_init(&e->limit, n, n, 0);
}

unsigned
endpoint_limit(const struct endpoint *e)
{
	unsigned n = concurrency_limit(&e->limit);

	return e->health.proven_by == 0 && n > HEALTH_UNPROVEN ? HEALTH_UNPROVEN
							       : n;
}

long long
endpoint_asked_delay(const struct http_done *d, const struct refusal *e)
{
	if (d->retry_after_ms > 0)
		return d->retry_after_ms;
	if (e->delay_ms > 0)
		return e->delay_ms;
	return d->reset_ms > 0 ? d->reset_ms : 0;
}

void
endpoint_note_up(struct endpoint *e, long long now, int up)
{
	if (e->unreachable_since != 0)
		e->did.down_ms += now - e->unreachable_since;
	e->unreachable_since = up ? 0 : now;
}

const char *
endpoint_hint(const struct endpoint *e, long status)
{
	static const char *const no_key[] = {
		[ENDPOINT_UNNAMED] = "; no key was sent, as nobody named this "
				     "server: OPENAI_BASE_URL=https://"
				     "api.openai.com/v1 names OpenAI's",
		[ENDPOINT_PLAIN] = "; no key was sent, as it would go "
				   "unencrypted: --key-file and "
				   "--allow-plain-key send one",
		[ENDPOINT_OTHERS] = "; no key was sent, as that of the "
				    "environment is for another host: "
				    "--key-file names one for this",
	};

	if (status == 404 && strstr(e->url, "/v1") == NULL)
		return "; does the base URL end in /v1?";
	if ((status == 401 || status == 403) && e->key >= ENDPOINT_UNNAMED)
		return no_key[e->key];
	return "";
}

void
endpoint_describe(const struct endpoint *e, struct buf *b)
{
	static const char *const keys[] = {
		[ENDPOINT_NO_KEY] = "",
		[ENDPOINT_KEY] = " (with a key)",
		[ENDPOINT_UNNAMED] = " (without the key: nobody named this "
				     "server)",
		[ENDPOINT_PLAIN] = " (without the key, which would go "
				   "unencrypted)",
		[ENDPOINT_OTHERS] = " (without the key, which is for another "
				    "host)",
	};

	buf_fmt(b, "%s%s", e->url, keys[e->key]);
}
