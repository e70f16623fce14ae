/*
 * service: one exchange after another with the API of a service, each tried
 * again while its failure may pass.
 */
#pragma once

#include "chat/chat.h"
#include "chat/secret.h"
#include "http/http.h"
#include "remote/ticket.h"

enum { SERVICE_PATH = 3 * TICKET_ID + 100 }; /* bytes of a path */

struct service {
	const struct chat_opts *o; /* borrowed */
	const char *base;          /* base URL, borrowed */
	struct secrets secrets;
	struct http *http;

	/* outcome of the last exchange */
	char why[700]; /* why it failed, and where */
	long status;   /* HTTP status; 0: no answer */
	int unsure;    /* whether a request that failed may have been obeyed */
	int hopeless;  /* whether other exchanges would fail, too */
	int local;     /* whether it failed on this machine */
};

/* An exchange; the members that are zero or NULL are left out. */
struct service_ask {
	const char *path;             /* path behind the base URL */
	struct span post;             /* JSON to send; p NULL: a GET */
	const struct http_form *form; /* form to send instead */
	int to;   /* descriptor of an empty file for the answer; 0: none */
	int once; /* whether it is sent again only if it was surely not obeyed
		   */
	int lags; /* whether what is asked for may have been made just now, so
		     that a 404 may pass */
};

/*
 * Return a new service for the first base URL of the options; NULL as chat_new.
 * Nothing is sent yet.
 */
struct service *service_new(
    const struct chat_opts *, int *status, const char **why);

/* Free all, and zero the secrets. */
void service_free(struct service *);

/*
 * Do an exchange, with at most retries + 1 tries in retry_ms: 0 with the body,
 * in which secrets are blanked; or -1.
 */
int service_ask(struct service *, const struct service_ask *, struct buf *body);

/*
 * Wait as before the n-th retry, n from 0, or ms if that is longer: 0, or -1
 * if a signal ends the wait.
 */
int service_wait(struct service *, int n, long long ms);

/*
 * Write "before", an id as part of a URL, and "behind" to path; return it. An
 * id is at most TICKET_ID bytes long.
 */
const char *service_path(char path[SERVICE_PATH], const char *before,
    const char *id, const char *behind);

/* Return the exit status for an exchange that failed. */
int service_status(const struct service *);

/* Set why an exchange failed for another reason. Return -1. */
int service_fail(struct service *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
