/* target: the URL and the headers of an endpoint */
#include "http/target.h"

#include <arpa/inet.h>
#include <ctype.h>
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

/*
 * Return whether a host is this machine. The address of all interfaces, which
 * servers say that they listen at, is.
 */
static int
is_loopback(const char *host)
{
	struct in_addr ip;

	if (inet_pton(AF_INET, host, &ip) == 1)
		return ip.s_addr == 0 || ntohl(ip.s_addr) >> 24 == 127;
	return strcmp(host, "[::1]") == 0 || strcmp(host, "[::]") == 0 ||
	       strcasecmp(host, "localhost") == 0;
}

/* Parse url into *parsed and *place: NULL, or why it is bad. */
static const char *
parse_url(const char *url, CURLU **parsed, struct http_place *place)
{
	char *scheme = NULL, *host = NULL, *p;
	static const char no_http[] = "a URL begins with http:// or https://";
	const char *why = NULL;
	CURLUcode rc;

	*place = (struct http_place){ 0 };
	*parsed = curl_url();
	rc = curl_url_set(*parsed, CURLUPART_URL, url, CURLU_DISALLOW_USER);
	if (rc == CURLUE_UNSUPPORTED_SCHEME)
		return no_http;
	if (rc != CURLUE_OK)
		return curl_url_strerror(rc);
	curl_url_get(*parsed, CURLUPART_SCHEME, &scheme, 0);
	curl_url_get(*parsed, CURLUPART_HOST, &host, 0);
	place->is_plain = strcmp(scheme, "http") == 0;
	if (!place->is_plain && strcmp(scheme, "https") != 0)
		why = no_http;
	else if (strlen(host) >= sizeof place->host)
		why = "the name of the host is too long";
	for (p = place->host; why == NULL && host[p - place->host]; p++)
		*p = (char)tolower((unsigned char)host[p - place->host]);
	place->is_loopback = is_loopback(place->host);
	curl_free(scheme);
	curl_free(host);
	return why;
}

int
http_place_of(const char *url, struct http_place *place, const char **why)
{
	CURLU *parsed;

	*why = parse_url(url, &parsed, place);
	curl_url_cleanup(parsed);
	return *why == NULL ? 0 : -1;
}

int
http_same_host(const char *name, const char *host)
{
	size_t n = strlen(name);

	if (*host == '[' && *name != '[')
		return strlen(host) == n + 2 &&
		       strncasecmp(host + 1, name, n) == 0;
	return strcasecmp(host, name) == 0;
}

struct http_target *
target_new(const char *url, const struct http_header *list, int allow_plain_key,
    const char **why)
{
	struct http_target *t = mem_new(sizeof *t);
	const struct http_header *l;
	struct http_place place;
	int secret = 0;

	*why = parse_url(url, &t->url, &place);
	t->is_loopback = place.is_loopback;
	for (l = list; l->line != NULL && *why == NULL; l++) {
		secret |= l->secret;
		*why = bad_header(l);
	}
	if (*why == NULL && secret && place.is_plain && !place.is_loopback &&
	    !allow_plain_key)
		*why = "a key must not go over plain http to another machine";
	if (*why == NULL) {
		t->headers = copy_headers(list);
		return t;
	}
	target_free(t);
	return NULL;
}
