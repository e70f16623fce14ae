/* http: many requests at once over kept connections */
#include "http/http.h"

#include <curl/curl.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "http/loop.h"
#include "http/target.h"
#include "http/wait.h"

enum {
	RECEIVE = 4096,           /* bytes of an answer taken at once */
	HEADERS_MAX = 256 * 1024, /* bytes of headers in an answer */
	FDS_SPARE = 64,           /* descriptors left for other uses */
	/*
	 * Bytes of all bodies, beyond which an answer over its part is given
	 * up; but not less than BODY_PART for each.
	 */
	BODIES_MAX = 64 * 1024 * 1024,
	BODY_PART = 512 * 1024,
};

/* A place for one transfer. */
struct slot {
	struct http_done done; /* first member: http_release gets its address */
	STAILQ_ENTRY(slot) next; /* link in a list of free or finished slots */
	struct http *http;
	struct http_target *target; /* where its handle is aimed; or NULL */
	CURL *easy;                 /* made at first use, then kept */
	struct buf body;
	long long began; /* time of its start, ms */
	long long due;   /* time by which it must be over, ms; 0: any */
	size_t header_bytes;
	int is_resolved; /* whether a lookup has its name */
	int is_running;
	int is_restarted; /* whether the transfer has begun a second time */
	int is_too_big;
	const struct http_form *form; /* form being sent; NULL: none */
	curl_mime *mime;              /* libcurl's own of that */
	off_t form_at;                /* offset in its file */
	int to;          /* descriptor that gets the body; -1: kept in memory */
	int local_error; /* errno of the file that is sent or written; 0: none
			  */
	char error[CURL_ERROR_SIZE];
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
	size_t held;        /* bytes of bodies that are not released */
	long long next_due; /* time no later than any due, ms; 0: none is */
};

/* Functions that libcurl calls. */

static int
on_connected(void *user, char *ip, char *local, int port, int local_port)
{
	struct slot *s = user;

	(void)ip;
	(void)local;
	(void)port;
	(void)local_port;
	s->done.sent++;
	return CURL_PREREQFUNC_OK;
}

/* A lookup ends here, where its name is known and no connection is made. */
static curl_socket_t
on_resolved(void *user, curlsocktype type, struct curl_sockaddr *address)
{
	struct slot *s = user;

	(void)type;
	(void)address;
	s->is_resolved = 1;
	return CURL_SOCKET_BAD;
}

/* Return whether an answer of n bytes so far takes up too much memory. */
static int
is_too_big(const struct http *h, const struct slot *s, size_t n)
{
	size_t places = h->opts.max_inflight, most = places * BODY_PART;

	if (most < BODIES_MAX)
		most = BODIES_MAX;
	return n > h->opts.max_body ||
	       (h->held + n - s->body.n > most && n > most / places);
}

/* Write n bytes of a body to the file of a download: n, or 0 if that fails. */
static size_t
write_body(struct slot *s, const char *p, size_t n)
{
	size_t left = n;
	ssize_t did;

	while (left > 0) {
		did = write(s->to, p + n - left, left);
		if (did == -1 && errno != EINTR) {
			s->local_error = errno;
			return 0;
		}
		left -= did > 0 ? (size_t)did : 0;
	}
	return n;
}

static size_t
on_body(char *p, size_t size, size_t n, void *user)
{
	struct slot *s = user;
	struct http *h = s->http;
	long status = 0;

	n *= size;
	if (s->to != -1)
		curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status == 200)
		return write_body(s, p, n);
	if (is_too_big(h, s, s->body.n + n)) {
		s->is_too_big = 1;
		return 0;
	}
	buf_add(&s->body, p, n);
	h->held += n;
	return n;
}

static size_t
on_header(char *p, size_t size, size_t n, void *user)
{
	struct slot *s = user;

	(void)p;
	n *= size;
	s->header_bytes += n;
	s->is_too_big |= s->header_bytes > HEADERS_MAX;
	return s->is_too_big ? 0 : n;
}

/* Read the file of a form, for libcurl to send. */
static size_t
on_form(char *p, size_t size, size_t n, void *user)
{
	struct slot *s = user;
	ssize_t did;

	do
		did = pread(s->form->fd, p, size * n, s->form_at);
	while (did == -1 && errno == EINTR);
	if (did == -1) {
		s->local_error = errno;
		return CURL_READFUNC_ABORT;
	}
	s->form_at += did;
	return (size_t)did;
}

/* Go back in the file of a form that has to be sent anew. */
static int
on_form_seek(void *user, curl_off_t at, int from)
{
	struct slot *s = user;

	if (from != SEEK_SET)
		return CURL_SEEKFUNC_CANTSEEK;
	s->form_at = at;
	return CURL_SEEKFUNC_OK;
}

/* One transfer, from start to end. */

static enum http_fail
failure(const struct slot *s, CURLcode rc)
{
	long sent = 0;

	if (s->local_error != 0)
		return HTTP_LOCAL;
	switch (rc) {
	case CURLE_OK:
		return HTTP_OK;
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_SSL_CONNECT_ERROR: /* also a reset in the handshake */
		return HTTP_CONNECT;
	case CURLE_OPERATION_TIMEDOUT:
		curl_easy_getinfo(s->easy, CURLINFO_REQUEST_SIZE, &sent);
		return sent > 0 ? HTTP_TIMEOUT : HTTP_CONNECT;
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
		return HTTP_RESET;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
		return HTTP_TLS;
	default:
		return s->is_too_big ? HTTP_TOO_BIG : HTTP_OTHER;
	}
}

static void
start_transfer(struct slot *s)
{
	s->is_running = 1;
	loop_start(s->http->loop, (unsigned)(s - s->http->slots), s->easy);
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
	    strncmp(s->error, died, sizeof died - 1) != 0)
		return 0;
	s->is_restarted = 1;
	start_transfer(s);
	return 1;
}

static void
finish_transfer(CURL *e, CURLcode rc)
{
	struct slot *s;
	struct http_done *d;

	curl_easy_getinfo(e, CURLINFO_PRIVATE, &s);
	if (restart_transfer(s, rc))
		return;
	d = &s->done;
	if (s->is_resolved)
		rc = CURLE_OK;
	curl_easy_getinfo(e, CURLINFO_RESPONSE_CODE, &d->status);
	d->time_ms = (long)(clock_ms() - s->began);
	d->body = buf_span(&s->body);
	d->should_retry = wait_should_retry(e);
	d->retry_after_ms = wait_retry_after(e);
	d->reset_ms = d->status == 429 ? wait_reset(e) : -1;
	if (rc == CURLE_OK)
		s->error[0] = '\0';
	else if (s->local_error != 0 || s->is_too_big || s->error[0] == '\0')
		snprintf(s->error, sizeof s->error, "%s",
		    s->local_error  ? strerror(s->local_error)
		    : s->is_too_big ? "answer too big"
				    : curl_easy_strerror(rc));
	d->fail = failure(s, rc);
	d->message = s->error;
	s->is_running = 0;
	STAILQ_INSERT_TAIL(&s->http->done, s, next);
}

/*
 * Trust the certificates in file, or the system's if it is NULL. libcurl reads
 * them once for many connections only where they are a file and no folder
 * besides: to open 256 takes 0.3 s of CPU, not 6.
 */
static void
set_trust(CURL *e, const char *file)
{
	if (file == NULL)
		file = curl_version_info(CURLVERSION_NOW)->cainfo;
	if (file == NULL)
		return;
	curl_easy_setopt(e, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(e, CURLOPT_CAINFO, file);
}

/* Return a handle with the options that all requests of a slot share. */
static CURL *
new_easy(struct http *h, struct slot *s)
{
	CURL *e = curl_easy_init();

	curl_easy_setopt(e, CURLOPT_PRIVATE, s);
	curl_easy_setopt(e, CURLOPT_SHARE, h->share);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, s->error);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, s);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, s);
	curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, on_connected);
	curl_easy_setopt(e, CURLOPT_PREREQDATA, s);
	curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, s);
	loop_adopt(h->loop, e);
	/*
	 * A lost connection of HTTP/1.1 costs one answer, not all, and
	 * every server in this field speaks it.
	 */
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(
	    e, CURLOPT_CONNECTTIMEOUT_MS, h->opts.connect_timeout_ms);
	/* Any encoding that libcurl knows is decoded; target asks for none. */
	curl_easy_setopt(e, CURLOPT_ACCEPT_ENCODING, "");
	/* Answers have some KB: this saves 12 KB a request in flight. */
	curl_easy_setopt(e, CURLOPT_BUFFERSIZE, (long)RECEIVE);
	/* Keepalive notices a dead peer while nothing is due from it. */
	curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(e, CURLOPT_TCP_KEEPIDLE, 30L);
	curl_easy_setopt(e, CURLOPT_TCP_KEEPINTVL, 15L);
#if LIBCURL_VERSION_NUM >= 0x075700
	/* A time-out would wait for the resolver that it gave up on. */
	curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
#endif
	curl_easy_setopt(e, CURLOPT_USERAGENT, h->opts.user_agent);
	set_trust(e, h->opts.ca_file);
	return e;
}

/* Set where the requests of a slot go. */
static void
aim(struct slot *s, struct http_target *t)
{
	int direct = !s->http->opts.proxy_env || t->is_loopback;

	if (s->target == t)
		return;
	/*
	 * A URL that is taken apart already saves libcurl a tenth of its work
	 * a request; CURLOPT_URL would still show the former target's.
	 */
	curl_easy_setopt(s->easy, CURLOPT_URL, NULL);
	curl_easy_setopt(s->easy, CURLOPT_CURLU, t->url);
	curl_easy_setopt(s->easy, CURLOPT_PROXY, direct ? "" : NULL);
	curl_easy_setopt(s->easy, CURLOPT_HTTPHEADER, t->headers);
	s->target = t;
}

/* Undo what an upload or a download has set on a slot. */
static void
forget_file(struct slot *s)
{
	if (s->form != NULL)
		curl_easy_setopt(s->easy, CURLOPT_MIMEPOST, NULL);
	curl_mime_free(s->mime);
	s->form = NULL;
	s->mime = NULL;
	s->to = -1;
	curl_easy_setopt(s->easy, CURLOPT_LOW_SPEED_LIMIT, 0L);
	curl_easy_setopt(s->easy, CURLOPT_LOW_SPEED_TIME, 0L);
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
	s->done = (struct http_done){ .ctx = ctx,
		.should_retry = -1,
		.retry_after_ms = -1,
		.reset_ms = -1 };
	s->header_bytes = 0;
	s->is_too_big = s->is_resolved = s->is_restarted = s->local_error = 0;
	s->error[0] = '\0';
	if (s->easy == NULL)
		s->easy = new_easy(h, s);
	aim(s, t);
	s->began = clock_ms();
	s->due = timeout_ms > 0 ? s->began + timeout_ms : 0;
	if (s->due != 0 && (h->next_due == 0 || s->due < h->next_due))
		h->next_due = s->due;
	return s;
}

/* Ways to send a request. */
enum way {
	ANY_CONNECTION,
	NEW_CONNECTION,
	LOOKUP /* only the name of the host is resolved */
};

/* Send a request in a way. */
static int
begin(struct http *h, struct http_target *t, struct span post, long timeout_ms,
    void *ctx, enum way way)
{
	struct slot *s = take_slot(h, t, timeout_ms, ctx);

	if (s == NULL)
		return -1;
	/* a lookup reuses no connection and makes none */
	curl_easy_setopt(
	    s->easy, CURLOPT_FRESH_CONNECT, (long)(way != ANY_CONNECTION));
	curl_easy_setopt(s->easy, CURLOPT_OPENSOCKETFUNCTION,
	    way == LOOKUP ? on_resolved : NULL);
	if (post.p != NULL) {
		curl_easy_setopt(
		    s->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)post.n);
		curl_easy_setopt(s->easy, CURLOPT_POSTFIELDS, post.p);
	} else {
		curl_easy_setopt(s->easy, CURLOPT_HTTPGET, 1L);
	}
	start_transfer(s);
	return 0;
}

int
http_post(struct http *h, struct http_target *t, struct span body,
    long timeout_ms, void *ctx)
{
	return begin(h, t, body, timeout_ms, ctx, ANY_CONNECTION);
}

int
http_post_once(struct http *h, struct http_target *t, struct span body,
    long timeout_ms, void *ctx)
{
	return begin(h, t, body, timeout_ms, ctx, NEW_CONNECTION);
}

int
http_look_up(struct http *h, struct http_target *t, long timeout_ms, void *ctx)
{
	return begin(h, t, (struct span){ NULL, 0 }, timeout_ms, ctx, LOOKUP);
}

/* Start the transfer of a file, which only a stall ends. */
static void
start_file(struct slot *s, long stall_ms)
{
	curl_easy_setopt(s->easy, CURLOPT_FRESH_CONNECT, 0L);
	curl_easy_setopt(s->easy, CURLOPT_OPENSOCKETFUNCTION, NULL);
	curl_easy_setopt(s->easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(
	    s->easy, CURLOPT_LOW_SPEED_TIME, (stall_ms + 999) / 1000);
	start_transfer(s);
}

int
http_upload(struct http *h, struct http_target *t, const struct http_form *form,
    long stall_ms, void *ctx)
{
	struct slot *s = take_slot(h, t, 0, ctx);
	curl_mimepart *part;

	if (s == NULL)
		return -1;
	s->form = form;
	s->form_at = 0;
	s->mime = curl_mime_init(s->easy);
	part = curl_mime_addpart(s->mime);
	curl_mime_name(part, form->field);
	curl_mime_data(part, form->value, CURL_ZERO_TERMINATED);
	part = curl_mime_addpart(s->mime);
	curl_mime_name(part, "file");
	curl_mime_filename(part, form->name);
	curl_mime_type(part, form->type);
	curl_mime_data_cb(part, form->size, on_form, on_form_seek, NULL, s);
	curl_easy_setopt(s->easy, CURLOPT_MIMEPOST, s->mime);
	start_file(s, stall_ms);
	return 0;
}

int
http_download(
    struct http *h, struct http_target *t, int fd, long stall_ms, void *ctx)
{
	struct slot *s = take_slot(h, t, 0, ctx);

	if (s == NULL)
		return -1;
	s->to = fd;
	curl_easy_setopt(s->easy, CURLOPT_HTTPGET, 1L);
	start_file(s, stall_ms);
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
		loop_drop(h->loop, (unsigned)(s - h->slots), s->easy);
		snprintf(s->error, sizeof s->error,
		    "Operation timed out after %lld milliseconds with %zu "
		    "bytes "
		    "received",
		    now - s->began, s->body.n);
		finish_transfer(s->easy, CURLE_OPERATION_TIMEDOUT);
	}
	h->next_due = next;
}

/* Return timeout_ms (-1: none), or less if a transfer is due earlier. */
static int
shorten_wait(const struct http *h, int timeout_ms)
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
		STAILQ_EMPTY(&h->done) ? shorten_wait(h, timeout_ms) : 0,
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
	return &s->done;
}

void
http_release(struct http *h, struct http_done *d)
{
	struct slot *s = (struct slot *)d;

	if (s->form != NULL || s->to != -1)
		forget_file(s);
	h->held -= s->body.n;
	buf_clear(&s->body);
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
	loop_drop(s->http->loop, (unsigned)(s - s->http->slots), s->easy);
	s->is_running = 0;
	http_release(s->http, &s->done);
}

int
http_cancel(struct http *h, const void *ctx)
{
	unsigned i;

	for (i = 0; i < h->opts.max_inflight; i++)
		if (h->slots[i].is_running && h->slots[i].done.ctx == ctx) {
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
	STAILQ_INIT(&h->spare);
	STAILQ_INIT(&h->done);
	h->slots = mem_new(o->max_inflight * sizeof *h->slots);
	for (i = o->max_inflight; i-- > 0;) {
		h->slots[i].http = h;
		h->slots[i].to = -1;
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
		curl_easy_cleanup(h->slots[i].easy);
		buf_free(&h->slots[i].body);
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
