/*
 * loop: drives libcurl's transfers from one epoll set: it watches sockets,
 * keeps the timers and waits.
 *
 * Only http.c uses it. It knows nothing of requests: a transfer is a handle of
 * libcurl's with a place, a number below that given to loop_new.
 */
#ifndef TG_HTTP_LOOP_H
#define TG_HTTP_LOOP_H

#include <curl/curl.h>
#include <poll.h>

struct loop;

/* Return a new loop for that many transfers; NULL without memory or files. */
struct loop *loop_new(unsigned transfers);

/* Free a loop in which no transfer runs; NULL is fine. */
void loop_free(struct loop *);

/* Return how many descriptors a loop for that many transfers needs itself. */
unsigned loop_files(unsigned transfers);

/* Have the loop told which sockets a handle opens and closes. */
void loop_adopt(struct loop *, CURL *);

/* Start the transfer of a handle: 0, or -1 if memory runs out. */
int loop_start(struct loop *, unsigned place, CURL *);

/* Drop the transfer of a handle. */
void loop_drop(struct loop *, unsigned place, CURL *);

/* Take every transfer that is over off the loop and hand it to done. */
void loop_collect(struct loop *, void (*done)(CURL *, CURLcode));

/* Do what is due now, above all send what was started: 0, or -1 with *why. */
int loop_send(struct loop *, const char **why);

/*
 * Wait up to timeout_ms (-1: without limit) for sockets, timers or the nextra
 * descriptors of extra, whose revents are filled in, and move transfers on: 0,
 * or -1 with *why.
 */
int loop_wait(struct loop *, struct pollfd *extra, unsigned nextra,
    int timeout_ms, const char **why);

#endif
