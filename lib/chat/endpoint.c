/* endpoint: the URL and the headers of a place that requests go to */
#include "chat/endpoint.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Add a base URL without the slashes at its end. */
static void
add_base(struct buf *url, const char *base)
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
 * Write the URL of the completions of a model. Azure has two forms: one with
 * the deployment in the path and a dated version in the query, and v1, which is
 * like OpenAI's.
 */
static void
write_url(const struct chat_opts *o, const char *base, const char *model,
    struct buf *url)
{
	add_base(url, base);
	if (o->azure && o->api_version == NULL &&
	    !ends_in(buf_span(url), "/openai/v1"))
		buf_adds(url, "/openai/v1");
	if (!o->azure || ends_in(buf_span(url), "/openai/v1")) {
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
	buf_fmt(url, "/chat/completions?api-version=%s", o->api_version);
}

/* Add a header to a list unless the user has one of this name. */
static void
add_header(const struct secrets *s, struct http_header *list, const char *line,
    int is_secret)
{
	size_t i, name = strcspn(line, ":") + 1;

	for (i = 0; i < SECRET_HEADERS && s->headers[i] != NULL; i++)
		if (strncasecmp(s->headers[i], line, name) == 0)
			return;
	while (list->line != NULL)
		list++;
	*list = (struct http_header){ line, is_secret };
}

/* Return a target with the key in its headers; NULL with *why. */
static struct http_target *
make_target(const struct chat_opts *o, const struct secrets *s,
    struct http *http, const char *url, const char **why)
{
	const char *key = s->words[0], *token = s->words[1];
	struct buf line = { 0 }, org = { 0 }, project = { 0 };
	struct http_header headers[SECRET_HEADERS + 5] = { { NULL, 0 } };
	struct http_target *t;
	size_t i;

	for (i = 0; i < SECRET_HEADERS && s->headers[i] != NULL; i++)
		headers[i] = (struct http_header){ s->headers[i], 1 };
	add_header(s, headers, "Content-Type: application/json", 0);
	/* a buffer that grows leaves copies behind */
	buf_need(
	    &line, 64 + (token ? strlen(token) : 0) + (key ? strlen(key) : 0));
	if (o->azure && token == NULL && key != NULL) {
		buf_adds(&line, "api-key: ");
		buf_adds(&line, key);
	} else if (token != NULL || key != NULL) {
		buf_adds(&line, "Authorization: Bearer ");
		buf_adds(&line, token ? token : key);
	}
	if (line.n > 0)
		add_header(s, headers, buf_cstr(&line), 1);
	if (o->org != NULL) {
		buf_fmt(&org, "OpenAI-Organization: %s", o->org);
		add_header(s, headers, buf_cstr(&org), 0);
	}
	if (o->project != NULL) {
		buf_fmt(&project, "OpenAI-Project: %s", o->project);
		add_header(s, headers, buf_cstr(&project), 0);
	}
	t = http_target(http, url, headers, why);
	if (line.p != NULL)
		explicit_bzero(line.p, line.cap);
	buf_free(&line);
	buf_free(&org);
	buf_free(&project);
	return t;
}

/* Return why the form of a base URL will not do, or NULL. */
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
	add_base(&base, url);
	is_path = ends_in(buf_span(&base), "/chat/completions");
	buf_free(&base);
	return is_path ? "leave out /chat/completions, which is added" : NULL;
}

int
endpoint_open(struct endpoint *e, const struct chat_opts *o,
    const struct secrets *s, struct http *http, const char **why)
{
	static char why_buf[600];
	struct buf url = { 0 };
	const char *reason = bad_base(e->url);

	if (reason != NULL)
		goto bad;
	reason = "";
	write_url(o, e->url, o->model ? o->model : "", &url);
	e->target = make_target(o, s, http, buf_cstr(&url), &reason);
	if (e->target != NULL && !o->azure) {
		buf_clear(&url);
		add_base(&url, e->url);
		buf_adds(&url, "/models");
		e->models = make_target(o, s, http, buf_cstr(&url), &reason);
	}
	buf_free(&url);
	if (e->target != NULL && (e->models != NULL || o->azure))
		return 0;
bad:
	snprintf(why_buf, sizeof why_buf, "%s: %s", e->url, reason);
	*why = why_buf;
	return -1;
}

void
endpoint_note_up(struct endpoint *e, long long now, int up)
{
	if (e->unreachable_since != 0)
		e->did.down_ms += now - e->unreachable_since;
	e->unreachable_since = up ? 0 : now;
}

const char *
endpoint_url_hint(const char *url, long status)
{
	return status == 404 && strstr(url, "/v1") == NULL
		   ? "; does the base URL end in /v1?"
		   : "";
}
