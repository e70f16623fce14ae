/*
 * transfer: one request and its answer, on a handle of libcurl that is kept for
 * the next. http.c has the places for transfers, starts and ends them.
 */
#pragma once

#include <curl/curl.h>
#include <sys/types.h>

#include "base/buf.h"
#include "http/http.h"

/* The memory that the bodies of all transfers share. */
struct bodies {
	size_t held;     /* bytes of bodies that are not released */
	size_t max_body; /* bytes of one body */
	unsigned places; /* transfers at once */
};

struct transfer {
	struct http_done done; /* first member: http_release gets its address */
	struct bodies *bodies;
	struct http_target *target; /* where its handle is aimed; or NULL */
	CURL *easy;                 /* made by transfer_open, then kept */
	struct buf body;
	size_t header_bytes;
	long long began; /* time of its start, ms */
	int is_resolved; /* whether a lookup has its name */
	int is_too_big;
	const struct http_form *form; /* form being sent; NULL: none */
	curl_mime *mime;              /* libcurl's own of that */
	off_t form_at;                /* offset in its file */
	int to;          /* descriptor that gets the body; -1: kept in memory */
	int local_error; /* errno of the file that is sent or written; 0: none
			  */
	char error[CURL_ERROR_SIZE];
};

/* Ways to send a request. */
enum transfer_way {
	TRANSFER_ANY_CONNECTION,
	TRANSFER_NEW_CONNECTION,
	TRANSFER_LOOKUP /* only the name of the host is resolved */
};

/* Make a transfer's handle, with the options of all its requests. */
void transfer_open(struct transfer *, const struct http_opts *, CURLSH *);

/* Free the handle and the body; a transfer without a handle is fine. */
void transfer_close(struct transfer *);

/* Begin anew for the caller's ctx, which done returns, and aim at target. */
void transfer_begin(
    struct transfer *, void *ctx, struct http_target *target, int proxy_env);

/* Set what is sent, in which way; post.p NULL: a GET. */
void transfer_request(struct transfer *, struct span post, enum transfer_way);

/*
 * Set a form to be sent, or the descriptor of the file that gets the body of a
 * 200. No time limits these, except that nothing moves for stall_ms.
 */
void transfer_upload(
    struct transfer *, const struct http_form *, long stall_ms);
void transfer_download(struct transfer *, int fd, long stall_ms);

/* Fill in done, which libcurl has ended with rc. */
void transfer_end(struct transfer *, CURLcode rc);

/* Give up the body, and the file of an upload or download. */
void transfer_release(struct transfer *);
