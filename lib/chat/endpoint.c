/* endpoint: the URL and the headers of a place that requests go to */
#include "chat/endpoint.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char JSON[] = "application/json";

/* Return a base URL without the slashes at its end. */
static struct span
trim_base(const char *url)
{
	struct span s = span_of(url);

	while (s.n > 0 && s.p[s.n - 1] == '/')
		s.n--;
	return s;
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

	buf_addspan(url, trim_base(base));
	if (o->azure && o->api_version == NULL &&
	    !ends_in(buf_span(url), "/openai/v1"))
		buf_adds(url, "/openai/v1");
	is_like_openai = !o->azure || ends_in(buf_span(url), "/openai/v1");
	if (!is_like_openai)
		buf_adds(url, "/openai");
	return is_like_openai;
}

/* Write the URL of the completions of a model. */
static void
write_url(const struct chat_opts *o, const char *base, const char *model,
    struct buf *url)
{
	if (write_base(o, base, url)) {
		buf_adds(url, "/chat/completions");
		return;
	}
	buf_adds(url, "/deployments/");
	for (; *model; model++) {
		if (memchr("/?#% &+", *model, 7) != NULL)
			buf_fmt(url, "%%%02X", (unsigned char)*model);
		else
			buf_addc(url, *model);
	}
	buf_fmt(url, "/chat/completions?api-version=%s", o->api_version);
}

/*
 * Write a header in line and add it to list, unless value is NULL or the user
 * has a header of this name, which ends with a colon.
 */
static void
add_header(const struct secrets *s, struct http_header *list, struct buf *line,
    const char *name, const char *value, int is_secret)
{
	size_t i, n = strcspn(name, ":") + 1;

	if (value == NULL)
		return;
	for (i = 0; i < SECRET_HEADERS && s->headers[i] != NULL; i++)
		if (strncasecmp(s->headers[i], name, n) == 0)
			return;
	/* a buffer that grows leaves copies behind */
	buf_need(line, strlen(name) + strlen(value) + 1);
	buf_adds(line, name);
	buf_adds(line, value);
	while (list->line != NULL)
		list++;
	*list = (struct http_header){ buf_cstr(line), is_secret };
}

/*
 * Return a target with the key in its headers, and the type of bodies if it is
 * not NULL; NULL with *why.
 */
static struct http_target *
make_target(const struct chat_opts *o, const struct secrets *s,
    struct http *http, const char *url, const char *type, const char **why)
{
	const char *key = s->words[0], *token = s->words[1];
	struct buf lines[4] = { { 0 } };
	struct http_header headers[SECRET_HEADERS + 5] = { { NULL, 0 } };
	struct http_target *t;
	size_t i;

	for (i = 0; i < SECRET_HEADERS && s->headers[i] != NULL; i++)
		headers[i] = (struct http_header){ s->headers[i], 1 };
	add_header(s, headers, &lines[0], "Content-Type: ", type, 0);
	if (o->azure && token == NULL)
		add_header(s, headers, &lines[1], "api-key: ", key, 1);
	else
		add_header(s, headers, &lines[1], "Authorization: Bearer ",
		    token ? token : key, 1);
	add_header(s, headers, &lines[2], "OpenAI-Organization: ", o->org, 0);
	add_header(s, headers, &lines[3], "OpenAI-Project: ", o->project, 0);
	t = http_target(http, url, headers, why);
	if (lines[1].p != NULL)
		explicit_bzero(lines[1].p, lines[1].cap);
	for (i = 0; i < 4; i++)
		buf_free(&lines[i]);
	return t;
}

/* Return why the form of a base URL will not do, or NULL. */
static const char *
bad_base(const char *url)
{
	const char *host = strstr(url, "://");

	if (host != NULL && strchr("/?#:", host[3]) != NULL)
		return "there is no host in the URL";
	if (strpbrk(url, "?#") != NULL)
		return "a base URL ends before any ? or #";
	if (ends_in(trim_base(url), "/chat/completions"))
		return "leave out /chat/completions, which is added";
	return NULL;
}

int
endpoint_open(struct endpoint *e, const struct chat_opts *o,
    const struct secrets *s, struct http *http, const char **why)
{
	static char why_buf[600];
	struct buf url = { 0 };
	const char *reason = bad_base(e->url);

	if (reason == NULL) {
		write_url(o, e->url, o->model ? o->model : "", &url);
		e->target =
		    make_target(o, s, http, buf_cstr(&url), JSON, &reason);
	}
	if (e->target != NULL && !o->azure) {
		buf_clear(&url);
		buf_addspan(&url, trim_base(e->url));
		buf_adds(&url, "/models");
		e->models =
		    make_target(o, s, http, buf_cstr(&url), JSON, &reason);
	}
	buf_free(&url);
	if (reason == NULL)
		return 0;
	snprintf(why_buf, sizeof why_buf, "%s: %s", e->url, reason);
	*why = why_buf;
	return -1;
}

struct http_target *
endpoint_path(const struct chat_opts *o, const struct secrets *s,
    struct http *http, const char *base, const char *path, const char *type,
    const char **why)
{
	struct http_target *t = NULL;
	struct buf url = { 0 };
	int is_like_openai;

	if ((*why = bad_base(base)) != NULL)
		return NULL;
	is_like_openai = write_base(o, base, &url);
	buf_adds(&url, path);
	if (!is_like_openai)
		buf_fmt(&url, "%capi-version=%s",
		    strchr(path, '?') != NULL ? '&' : '?', o->api_version);
	t = make_target(o, s, http, buf_cstr(&url), type, why);
	buf_free(&url);
	return t;
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
