/* target: the URL and the headers of an endpoint */
#include "http/target.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "http/http.h"

/*
 * Return why a header is malformed, or NULL: it must be a token and a colon,
 * without control characters other than tabs after them.
 */
static const char *
bad_header(const struct http_header *h)
{
	const char *s = h->line;
	size_t name = strcspn(s, " \t\"(),/:;<=>?@[\\]{}");

	if (name == 0 || s[name] != ':')
		return "malformed header";
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' && *s != '\t')
			return h->secret ? "malformed key: it holds a line "
					   "break or other control character"
					 : "malformed header: it holds a "
					   "control character";
	return NULL;
}

/* Return a copy of list that sends neither Expect nor Accept-Encoding. */
static struct curl_slist *
copy_headers(const struct http_header *list)
{
	struct curl_slist *all = curl_slist_append(NULL, "Expect:");

	all = curl_slist_append(all, "Accept-Encoding:");
	for (; list->line != NULL; list++)
		all = curl_slist_append(all, list->line);
	return all;
}

void
target_free(struct http_target *t)
{
	struct curl_slist *l;

	for (l = t->headers; l != NULL; l = l->next)
		explicit_bzero(l->data, strlen(l->data));
	curl_slist_free_all(t->headers);
	curl_url_cleanup(t->url);
	free(t);
}

static int
is_loopback(const char *host)
{
	struct in_addr ip;

	if (inet_pton(AF_INET, host, &ip) == 1)
		return ntohl(ip.s_addr) >> 24 == 127;
	return strcmp(host, "[::1]") == 0 || strcasecmp(host, "localhost") == 0;
}

/* Parse url into t and set *plain if it is http: NULL, or why it is bad. */
static const char *
parse_url(struct http_target *t, const char *url, int *plain)
{
	char *scheme = NULL, *host = NULL;
	const char *why = NULL;
	CURLUcode rc;

	t->url = curl_url();
	rc = curl_url_set(t->url, CURLUPART_URL, url, CURLU_DISALLOW_USER);
	if (rc != CURLUE_OK)
		return curl_url_strerror(rc);
	curl_url_get(t->url, CURLUPART_SCHEME, &scheme, 0);
	curl_url_get(t->url, CURLUPART_HOST, &host, 0);
	*plain = strcmp(scheme, "http") == 0;
	if (*plain || strcmp(scheme, "https") == 0)
		t->is_loopback = is_loopback(host);
	else
		why = "URL is neither http nor https";
	curl_free(scheme);
	curl_free(host);
	return why;
}

struct http_target *
target_new(const char *url, const struct http_header *list, int allow_plain_key,
    const char **why)
{
	struct http_target *t = mem_new(sizeof *t);
	const struct http_header *l;
	int plain = 0, secret = 0;

	*why = parse_url(t, url, &plain);
	for (l = list; l->line != NULL && *why == NULL; l++) {
		secret |= l->secret;
		*why = bad_header(l);
	}
	if (*why == NULL && secret && plain && !t->is_loopback &&
	    !allow_plain_key)
		*why = "a key must not go over plain http to another machine";
	if (*why == NULL) {
		t->headers = copy_headers(list);
		return t;
	}
	target_free(t);
	return NULL;
}
