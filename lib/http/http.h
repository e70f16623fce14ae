/*
 * lib/http sends HTTP requests and hands back finished transfers, through
 * libcurl. lib/chat and lib/remote use it. It never looks into a body, and it
 * never decides to retry: both are the caller's business.
 *
 * A request goes in, one finished transfer comes out. The caller's loop is
 *
 *	http_post ... until there is nothing to send or all places are taken
 *	http_poll
 *	while ((done = http_next(h)) != NULL) { ...; http_release(h, done); }
 *
 * Redirects are not followed and certificates are verified. No encoding is
 * asked for, but one that comes is decoded. One thread calls. The program must
 * ignore SIGPIPE: TLS may raise it.
 */
#pragma once

#include <poll.h>
#include <stddef.h>

#include "base/buf.h"

enum {
	HTTP_INFLIGHT_MAX = 4096,
	HTTP_EXTRA_MAX = 7, /* descriptors http_poll watches for the caller */
};

struct http;
struct http_target;

struct http_opts {
	unsigned max_inflight;   /* transfers at once, 1 .. HTTP_INFLIGHT_MAX;
				  * fewer where open files are limited */
	long connect_timeout_ms; /* bound of name, TCP and TLS together, ms;
				  * 0: 300 s */
	size_t max_body;        /* bytes of an answer that are taken, decoded */
	const char *user_agent; /* borrowed until http_free, as ca_file is */
	const char *ca_file;    /* PEM file with the only certificates that are
				 * trusted; NULL: libcurl's */
	int proxy_env;          /* whether the environment names proxies; never
				 * one for this machine */
	int allow_plain_key;    /* whether secrets may leave this machine over
				 * http */
};

struct http_header {
	const char *line; /* "Name: value"; NULL ends a list */
	int secret;       /* whether the value is a key */
};

enum http_fail {
	HTTP_OK,      /* the answer came whole, whatever its status */
	HTTP_CONNECT, /* no request left: name, connection or handshake */
	HTTP_TIMEOUT, /* the request was sent, and no whole answer in time */
	HTTP_RESET,   /* the connection ended before the answer was whole */
	HTTP_TLS,     /* certificate or TLS set-up refused; that won't pass */
	HTTP_TOO_BIG, /* the answer is over max_body, or its headers absurd */
	HTTP_LOCAL,   /* the file of an upload or download failed here */
	HTTP_OTHER,   /* the answer is no HTTP, or memory ran out */
};

/* A finished transfer. All it points at is borrowed until http_release. */
struct http_done {
	void *ctx; /* as given to http_post */
	enum http_fail fail;
	long status;         /* HTTP status; 0: no answer began */
	const char *message; /* why it failed, without secrets; or "" */
	struct span body;    /* the answer, or what came of it */
	int sent; /* times the request was sent: libcurl sends anew, at once,
		   * what it had sent on a kept connection that then ended
		   * without an answer */
	long long retry_after_ms; /* 0 .. DELAY_MAX, -1: not given */
	long long reset_ms;       /* time until a 429's limits are reset, ms;
				   * 0 .. DELAY_MAX, -1: not given */
	int should_retry;         /* x-should-retry: 1, 0, -1: not given */
	long time_ms;             /* time of the whole transfer, ms */
};

/* A form with a file in it, as browsers send one. */
struct http_form {
	const char *field, *value; /* field before the file */
	const char *name; /* name of the file that the server is told */
	const char *type; /* media type of the file */
	int fd;           /* descriptor, read from its start on */
	long long size;   /* bytes of the file */
};

/*
 * Return a new engine, or NULL with *why, a constant string. Removes
 * SSLKEYLOGFILE from the environment, raises the soft limit on open files as
 * needed and lowers max_inflight to what the hard one allows.
 */
struct http *http_new(struct http_opts *, const char **why);

/* Drop what is in flight and free the engine and all targets; NULL is fine. */
void http_free(struct http *);

/* The place that a URL names. */
struct http_place {
	char host[256];  /* name or address in lower case, IPv6 in brackets */
	int is_plain;    /* whether it is http, and not https */
	int is_loopback; /* whether it is this machine */
};

/* Find the place that url names: 0; -1 with *why, a constant string. */
int http_place_of(const char *url, struct http_place *, const char **why);

/*
 * Return whether a name, as a user writes it, is that of a host: in any case,
 * and IPv6 with or without brackets.
 */
int http_same_host(const char *name, const char *host);

/*
 * Return a new endpoint, owned by the engine until http_free; or NULL with
 * *why, a constant string, for a URL that is not http(s) or holds a user or
 * password, a header that is malformed or holds a line break, a secret header
 * over plain http to another machine. URL and headers are copied; http_free
 * zeroes the copies of the headers, though not what libcurl made of them.
 */
struct http_target *http_target(struct http *, const char *url,
    const struct http_header *, const char **why);

/*
 * Start a POST of body, or a GET if body.p is NULL. body is borrowed until the
 * transfer is done; timeout_ms by clock_ms bounds the whole transfer (0:
 * nothing does).
 * 0, or -1 when max_inflight transfers are not yet released. Whatever else
 * goes wrong comes back as a finished transfer.
 */
int http_post(struct http *, struct http_target *, struct span body,
    long timeout_ms, void *ctx);

/*
 * Start a POST as http_post does, over a connection of its own. It is sent once
 * at most, whereas what meets a kept connection that has ended is sent anew.
 */
int http_post_once(struct http *, struct http_target *, struct span body,
    long timeout_ms, void *ctx);

/*
 * Start to POST a form, borrowed until the transfer is done; its file is read
 * while it is sent. A transfer that moves no byte for stall_ms (rounded up to a
 * second) is given up, however long it takes. 0 or -1 as http_post.
 */
int http_upload(struct http *, struct http_target *, const struct http_form *,
    long stall_ms, void *ctx);

/*
 * Start a GET and write the body of an answer with status 200 to fd, where it
 * stands, instead of keeping it in memory; stall_ms as for http_upload. 0 or -1
 * as http_post.
 */
int http_download(
    struct http *, struct http_target *, int fd, long stall_ms, void *ctx);

/*
 * Start to resolve the name of a target's host, or its proxy's; nothing is
 * sent. It comes back like a transfer, with HTTP_OK once the name is known, for
 * a minute: libcurl gives each request a thread that needs a name it does not
 * know. 0 or -1 as http_post.
 */
int http_look_up(
    struct http *, struct http_target *, long timeout_ms, void *ctx);

/*
 * Move transfers on, waiting up to timeout_ms (-1: no limit) until one is done
 * or one of extra (up to HTTP_EXTRA_MAX, as for poll(2), revents filled in) is
 * ready. 0, also after a signal or for no reason; or -1 and *why when polling
 * itself fails.
 */
int http_poll(struct http *, struct pollfd *extra, unsigned nextra,
    int timeout_ms, const char **why);

/* Return the next finished transfer, NULL when there is none now. */
struct http_done *http_next(struct http *);

/*
 * Wait for the only transfer, posted with a ctx of NULL, as long as cancelled()
 * returns 0: return it; or NULL, and it is dropped.
 */
struct http_done *http_await(struct http *, int (*cancelled)(void));

/* Give a finished transfer's memory back; its place is free again. */
void http_release(struct http *, struct http_done *);

/* Return how many transfers are posted and not yet released. */
unsigned http_inflight(const struct http *);

/*
 * Drop the transfer posted with ctx: 1, and nothing comes back for it; 0 if it
 * is finished, and http_next gives it back.
 */
int http_cancel(struct http *, const void *ctx);
