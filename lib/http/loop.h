/*
 * loop: drives libcurl's transfers from one epoll set: it watches sockets,
 * keeps the timers and waits.
 *
 * Only http.c uses it. It knows nothing of requests: a transfer is a handle of
 * libcurl's with a place, a number below that given to loop_new.
 */
#pragma once

#include <curl/curl.h>
#include <poll.h>

struct loop;

/*
 * Return a new loop for that many transfers, which hands each that is over, off
 * the loop already, to done; NULL with errno if there is no descriptor.
 */
struct loop *loop_new(unsigned transfers, void (*done)(CURL *, CURLcode));

/* Free a loop in which no transfer runs; NULL is fine. */
void loop_free(struct loop *);

/* Have the loop told which sockets a handle opens and closes. */
void loop_adopt(struct loop *, CURL *);

/* Start the transfer of a handle. */
void loop_start(struct loop *, unsigned place, CURL *);

/* Drop the transfer of a handle. */
void loop_drop(struct loop *, unsigned place, CURL *);

/*
 * Send what was started, wait up to timeout_ms (-1: without limit) for sockets,
 * timers or the nextra descriptors of extra, whose revents are filled in, move
 * transfers on and hand over those that are over: 0, or -1 with *why. It does
 * not wait if one is over at once, and never for longer than CLOCK_LOOK_MS.
 */
int loop_wait(struct loop *, struct pollfd *extra, unsigned nextra,
    int timeout_ms, const char **why);
