/* http: many requests at once over kept connections */
#include "http/http.h"

#include <curl/curl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/mem.h"
#include "http/loop.h"
#include "http/target.h"
#include "http/transfer.h"

enum {
	FDS_SPARE = 64, /* descriptors left for other uses */
	LOOK_MS = 200,  /* time between looks for a cancellation */
};

/* A place for one transfer. */
struct slot {
	struct transfer t;       /* first member: its address is the slot's */
	STAILQ_ENTRY(slot) next; /* link in a list of free or finished slots */
	struct http *http;
	long long due;    /* time by which it must be over, ms; 0: any */
	int is_running;   /* whether libcurl has it */
	int is_restarted; /* whether the transfer has begun a second time */
};

struct http {
	struct http_opts opts;
	CURLSH *share;
	struct loop *loop;
	struct slot *slots;
	STAILQ_HEAD(, slot)
	spare;                    /* free slots, last used first: its
				   * connections are warm */
	STAILQ_HEAD(, slot) done; /* finished ones, for http_next */
	struct http_target *targets;
	unsigned inflight;
	struct bodies bodies; /* memory of all transfers */
	long long next_due;   /* time no later than any due, ms; 0: none is */
};

static void
start_transfer(struct slot *s)
{
	s->is_running = 1;
	loop_start(s->http->loop, (unsigned)(s - s->http->slots), s->t.easy);
}

/*
 * Start a transfer once more: 1 if that is due. libcurl 7.88 sends again by
 * itself what a kept connection died under, counts that over all transfers of a
 * handle, and fails the sixth, which may have met a single dead connection.
 */
static int
restart_transfer(struct slot *s, CURLcode rc)
{
	static const char died[] = "Connection died";

	if (rc != CURLE_SEND_ERROR || s->is_restarted ||
	    strncmp(s->t.error, died, sizeof died - 1) != 0)
		return 0;
	s->is_restarted = 1;
	start_transfer(s);
	return 1;
}

static void
finish_transfer(CURL *e, CURLcode rc)
{
	struct slot *s;

	curl_easy_getinfo(e, CURLINFO_PRIVATE, &s);
	if (restart_transfer(s, rc))
		return;
	transfer_end(&s->t, rc);
	s->is_running = 0;
	STAILQ_INSERT_TAIL(&s->http->done, s, next);
}

/*
 * Take a free slot and aim it, with a bound of timeout_ms (0: none); NULL: no
 * slot is free. The caller sets the method and starts the transfer.
 */
static struct slot *
take_slot(struct http *h, struct http_target *t, long timeout_ms, void *ctx)
{
	struct slot *s = STAILQ_FIRST(&h->spare);

	if (s == NULL)
		return NULL;
	STAILQ_REMOVE_HEAD(&h->spare, next);
	h->inflight++;
	s->is_restarted = 0;
	if (s->t.easy == NULL) {
		transfer_open(&s->t, &h->opts, h->share);
		loop_adopt(h->loop, s->t.easy);
	}
	transfer_begin(&s->t, ctx, t, h->opts.proxy_env);
	s->due = timeout_ms > 0 ? s->t.began + timeout_ms : 0;
	if (s->due != 0 && (h->next_due == 0 || s->due < h->next_due))
		h->next_due = s->due;
	return s;
}

/* Send a request in a way. */
static int
begin(struct http *h, struct http_target *t, struct span post, long timeout_ms,
    void *ctx, enum transfer_way way)
{
	struct slot *s = take_slot(h, t, timeout_ms, ctx);

	if (s == NULL)
		return -1;
	transfer_request(&s->t, post, way);
	start_transfer(s);
	return 0;
}

int
http_post(struct http *h, struct http_target *t, struct span body,
    long timeout_ms, void *ctx)
{
	return begin(h, t, body, timeout_ms, ctx, TRANSFER_ANY_CONNECTION);
}

int
http_post_once(struct http *h, struct http_target *t, struct span body,
    long timeout_ms, void *ctx)
{
	return begin(h, t, body, timeout_ms, ctx, TRANSFER_NEW_CONNECTION);
}

int
http_look_up(struct http *h, struct http_target *t, long timeout_ms, void *ctx)
{
	return begin(
	    h, t, (struct span){ NULL, 0 }, timeout_ms, ctx, TRANSFER_LOOKUP);
}

int
http_upload(struct http *h, struct http_target *t, const struct http_form *form,
    long stall_ms, void *ctx)
{
	struct slot *s = take_slot(h, t, 0, ctx);

	if (s == NULL)
		return -1;
	transfer_upload(&s->t, form, stall_ms);
	start_transfer(s);
	return 0;
}

int
http_download(
    struct http *h, struct http_target *t, int fd, long stall_ms, void *ctx)
{
	struct slot *s = take_slot(h, t, 0, ctx);

	if (s == NULL)
		return -1;
	transfer_download(&s->t, fd, stall_ms);
	start_transfer(s);
	return 0;
}

/*
 * Time out the transfers that are due. libcurl would do so before it looks at
 * their sockets, where the answers may lie of a process that was stopped.
 */
static void
time_out(struct http *h, long long now)
{
	struct slot *s;
	long long next = 0;

	for (s = h->slots; s < h->slots + h->opts.max_inflight; s++) {
		if (!s->is_running || s->due == 0)
			continue;
		if (s->due > now) {
			if (next == 0 || s->due < next)
				next = s->due;
			continue;
		}
		loop_drop(h->loop, (unsigned)(s - h->slots), s->t.easy);
		snprintf(s->t.error, sizeof s->t.error,
		    "Operation timed out after %lld milliseconds with %zu "
		    "bytes "
		    "received",
		    now - s->t.began, s->t.body.n);
		finish_transfer(s->t.easy, CURLE_OPERATION_TIMEDOUT);
	}
	h->next_due = next;
}

/* Return timeout_ms (-1: none), or less if a transfer is due earlier. */
static int
wait_to_due(const struct http *h, int timeout_ms)
{
	long long left = h->next_due - clock_ms();

	if (h->next_due == 0 || (timeout_ms >= 0 && timeout_ms <= left))
		return timeout_ms;
	return left < 0 ? 0 : left < INT_MAX ? (int)left : INT_MAX;
}

int
http_poll(struct http *h, struct pollfd *extra, unsigned nextra, int timeout_ms,
    const char **why)
{
	unsigned e;

	for (e = 0; e < nextra; e++)
		extra[e].revents = 0;
	if (loop_wait(h->loop, extra, nextra,
		STAILQ_EMPTY(&h->done) ? wait_to_due(h, timeout_ms) : 0,
		why) == -1)
		return -1;
	if (h->next_due != 0 && clock_ms() >= h->next_due)
		time_out(h, clock_ms());
	return 0;
}

struct http_done *
http_next(struct http *h)
{
	struct slot *s = STAILQ_FIRST(&h->done);

	if (s == NULL)
		return NULL;
	STAILQ_REMOVE_HEAD(&h->done, next);
	return &s->t.done;
}

struct http_done *
http_await(struct http *h, int (*cancelled)(void))
{
	struct http_done *d;
	const char *why;

	while ((d = http_next(h)) == NULL)
		if ((cancelled() ||
			http_poll(h, NULL, 0, LOOK_MS, &why) == -1) &&
		    http_cancel(h, NULL))
			return NULL;
	return d;
}

void
http_release(struct http *h, struct http_done *d)
{
	struct slot *s = (struct slot *)d;

	transfer_release(&s->t);
	STAILQ_INSERT_HEAD(&h->spare, s, next);
	h->inflight--;
}

unsigned
http_inflight(const struct http *h)
{
	return h->inflight;
}

static void
drop_transfer(struct slot *s)
{
	loop_drop(s->http->loop, (unsigned)(s - s->http->slots), s->t.easy);
	s->is_running = 0;
	http_release(s->http, &s->t.done);
}

int
http_cancel(struct http *h, const void *ctx)
{
	unsigned i;

	for (i = 0; i < h->opts.max_inflight; i++)
		if (h->slots[i].is_running && h->slots[i].t.done.ctx == ctx) {
			drop_transfer(&h->slots[i]);
			return 1;
		}
	return 0;
}

struct http_target *
http_target(struct http *h, const char *url, const struct http_header *list,
    const char **why)
{
	struct http_target *t =
	    target_new(url, list, h->opts.allow_plain_key, why);

	if (t != NULL) {
		t->next = h->targets;
		h->targets = t;
	}
	return t;
}

/* The engine. */

/*
 * Raise the soft limit on open files: to room for n transfers, as many kept
 * connections to other endpoints, and what libcurl (4 for 64 transfers) and the
 * program have open besides. Return for how many transfers there is room, which
 * need not be for the kept ones; 0: for none.
 */
static unsigned
raise_files(unsigned n)
{
	rlim_t need = 2 * n + n / 16 + FDS_SPARE, room;
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == -1)
		return 0;
	if (r.rlim_cur < need) {
		r.rlim_cur = need < r.rlim_max ? need : r.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &r) == -1)
			return 0;
	}
	if (r.rlim_cur >= need)
		return n;
	if (r.rlim_cur <= FDS_SPARE)
		return 0;
	room = (r.rlim_cur - FDS_SPARE) * 16 / 17;
	return room < n ? (unsigned)room : n;
}

static char *
copy_string(const char *s)
{
	return mem_dup(s, strlen(s));
}

static void *
zeroed_array(size_t n, size_t size)
{
	return memset(mem_array(NULL, n, size), 0, n * size);
}

struct http *
http_new(struct http_opts *o, const char **why)
{
	struct http *h;
	unsigned i;

	if ((o->max_inflight = raise_files(o->max_inflight)) == 0) {
		*why = "the limit on open files is too low; see ulimit -n";
		return NULL;
	}
	unsetenv("SSLKEYLOGFILE"); /* libcurl would write session keys there */
	if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, mem_get, free, mem_resize,
		copy_string, zeroed_array) != CURLE_OK) {
		*why = "libcurl does not start";
		return NULL;
	}
	h = mem_new(sizeof *h);
	h->opts = *o;
	h->bodies = (struct bodies){ .max_body = o->max_body,
		.places = o->max_inflight };
	STAILQ_INIT(&h->spare);
	STAILQ_INIT(&h->done);
	h->slots = mem_new(o->max_inflight * sizeof *h->slots);
	for (i = o->max_inflight; i-- > 0;) {
		h->slots[i].http = h;
		h->slots[i].t.bodies = &h->bodies;
		h->slots[i].t.to = -1;
		STAILQ_INSERT_HEAD(&h->spare, &h->slots[i], next);
	}
	h->loop = loop_new(o->max_inflight, finish_transfer);
	h->share = curl_share_init();
	if (h->loop == NULL) {
		*why = "too many files are open";
		http_free(h);
		return NULL;
	}
	curl_share_setopt(h->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
	curl_share_setopt(
	    h->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
	return h;
}

void
http_free(struct http *h)
{
	struct http_target *t;
	unsigned i;

	if (h == NULL)
		return;
	for (i = 0; i < h->opts.max_inflight; i++) {
		if (h->slots[i].is_running)
			drop_transfer(&h->slots[i]);
		transfer_close(&h->slots[i].t);
	}
	loop_free(h->loop);
	curl_share_cleanup(h->share);
	while ((t = h->targets) != NULL) {
		h->targets = t->next;
		target_free(t);
	}
	free(h->slots);
	free(h);
	curl_global_cleanup();
}
