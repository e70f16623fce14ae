/*
 * target: where requests go: a URL that is taken apart once, and the headers
 * that every request to it carries.
 *
 * Only http.c uses it.
 */
#pragma once

#include <curl/curl.h>

struct http_header;

struct http_target {
	struct http_target *next;
	CURLU *url;
	struct curl_slist *headers;
	int is_loopback; /* whether the URL names this machine */
};

/*
 * Return a new target with copies of url and of the headers in list; NULL with
 * *why, a constant string, if one of them is malformed, or if a secret header
 * would leave this machine over http and allow_plain_key is 0. Free it with
 * target_free.
 */
struct http_target *target_new(const char *url, const struct http_header *list,
    int allow_plain_key, const char **why);

/* Free a target and zero its copies of the headers. */
void target_free(struct http_target *);
