/* http: many requests at once over kept connections */
#include "http/http.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/text.h"

/*
 * Transfers are spread over multi handles of SHARD each, all driven by one
 * epoll set. CPU a request, against one handle and curl_multi_poll:
 *
 *	in flight         64    256   1024
 *	no latency      1.01   0.97   0.81
 *	50 ms           0.92   0.64   0.68
 *
 * One handle and epoll is nearly as good up to 256, and takes 1.3 times as
 * much as shards at 1024. Shards of 16 to 128 are the same within noise.
 */
enum {
	SHARD = 64,
	EVENTS = 256,             /* events taken from epoll at once */
	RECEIVE = 4096,           /* bytes of an answer taken at once */
	HEADERS_MAX = 256 * 1024, /* bytes of headers in an answer */
	FDS_SPARE = 64,           /* for everything that is not ours */
};

struct slot {
	struct http_done done; /* first: http_release goes back from it */
	struct slot *next;     /* in the free, done or a target's held list */
	struct shard *shard;
	struct http_target *target;
	CURL *easy; /* made at first use, then kept */
	struct span post;
	struct buf body;
	long timeout_ms, timeout_set; /* asked for; what the handle has */
	size_t header_bytes;
	long long after, after_ms; /* the two headers, -1: absent */
	int running, too_big, sized, stall_on;
	char error[CURL_ERROR_SIZE];
};

struct list {
	struct slot *head, *tail;
};

struct shard {
	CURLM *multi;
	struct http *http;
	long long due; /* when libcurl wants to be called, -1: never */
};

struct http_target {
	struct http_target *next;
	CURLU *url;
	struct curl_slist *headers;
	int loopback, named;
	/*
	 * While a host's name is not known to resolve, one request goes first
	 * and the others are held: libcurl gives each a thread to look it up.
	 */
	int cold;
	struct slot *first; /* until it is connected or has failed */
	struct list held;
};

struct sock {
	unsigned char want;  /* EPOLLIN, EPOLLOUT: what libcurl waits for */
	unsigned char armed; /* what epoll watches */
	unsigned char ours;  /* closed by closed_socket and no other way */
	unsigned short shard;
};

struct http {
	struct http_opts opts;
	char *user_agent, *ca_file;
	CURLSH *share;
	struct shard *shards;
	unsigned nshards;
	struct slot *slots;
	struct slot *spare; /* last used first: its connections are warm */
	struct list done;
	struct http_target *targets;
	unsigned inflight;
	size_t held; /* bytes of bodies that are not released */
	int thaw;    /* a target is no longer cold */
	int epfd;
	struct sock *socks; /* by descriptor */
	size_t nsocks;
};

static long long
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
push(struct list *l, struct slot *s)
{
	s->next = NULL;
	if (l->head == NULL)
		l->head = s;
	else
		l->tail->next = s;
	l->tail = s;
}

static struct slot *
pop(struct list *l)
{
	struct slot *s = l->head;

	if (s != NULL)
		l->head = s->next;
	return s;
}

/*
 * What libcurl calls.
 *
 * epoll is told lazily: libcurl drops its interest in a socket after each
 * answer and takes it up at the next request, so what is no longer wanted
 * stays armed until it fires. A socket libcurl closes by itself (a resolver's)
 * can't be treated so: its number may come back as another one. At 64 in
 * flight this takes 0.85 of the CPU of telling each change.
 */

static struct sock *
sock_at(struct http *h, int fd)
{
	size_t n = h->nsocks;

	if ((size_t)fd >= n) {
		h->nsocks = (size_t)fd + 64;
		h->socks = mem_array(h->socks, h->nsocks, sizeof *h->socks);
		memset(h->socks + n, 0, (h->nsocks - n) * sizeof *h->socks);
	}
	return &h->socks[fd];
}

static int
arm(struct http *h, int fd, struct sock *k)
{
	struct epoll_event ev = { .events = k->want, .data.fd = fd };
	int op = k->want == 0    ? EPOLL_CTL_DEL
		 : k->armed == 0 ? EPOLL_CTL_ADD
				 : EPOLL_CTL_MOD;

	if (k->want == k->armed)
		return 0;
	k->armed = k->want;
	/* What can't be removed is closed already. */
	return epoll_ctl(h->epfd, op, fd, &ev) == -1 && k->want != 0 ? -1 : 0;
}

static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *unused)
{
	struct shard *sh = user;
	struct sock *k = sock_at(sh->http, fd);

	(void)easy;
	(void)unused;
	k->shard = (unsigned short)(sh - sh->http->shards);
	k->want = 0;
	if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
		k->want |= EPOLLIN;
	if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
		k->want |= EPOLLOUT;
	if (k->ours && (k->want & ~k->armed) == 0)
		return 0;
	return arm(sh->http, fd, k);
}

static int
on_timer(CURLM *multi, long ms, void *user)
{
	struct shard *sh = user;

	(void)multi;
	sh->due = ms < 0 ? -1 : ms == 0 ? 0 : now_ms() + ms;
	return 0;
}

static int
opened_socket(void *user, curl_socket_t fd, curlsocktype type)
{
	(void)type;
	*sock_at(user, fd) = (struct sock){ .ours = 1 };
	return CURL_SOCKOPT_OK;
}

static int
closed_socket(void *user, curl_socket_t fd)
{
	*sock_at(user, fd) = (struct sock){ 0 };
	return close(fd);
}

/* The connection stands; what waited for the name can go. */
static int
on_connected(void *user, char *ip, char *local, int port, int local_port)
{
	struct slot *s = user;

	(void)ip;
	(void)local;
	(void)port;
	(void)local_port;
	s->done.sent++;
	if (s->target->first == s) {
		s->target->first = NULL;
		s->target->cold = 0;
		s->shard->http->thaw = 1;
	}
	return CURL_PREREQFUNC_OK;
}

/* Whether an answer that would have so many bytes takes up too much. */
static int
is_too_big(const struct http *h, const struct slot *s, size_t n)
{
	const struct http_opts *o = &h->opts;

	if (n > o->max_body)
		return 1;
	return o->max_bodies > 0 && h->held + n - s->body.n > o->max_bodies &&
	       n > o->max_bodies / o->max_inflight;
}

static size_t
on_body(char *p, size_t size, size_t n, void *user)
{
	struct slot *s = user;
	struct http *h = s->shard->http;
	const struct http_opts *o = &h->opts;

	n *= size;
	if (is_too_big(h, s, s->body.n + n)) {
		s->too_big = 1;
		return 0;
	}
	buf_add(&s->body, p, n);
	h->held += n;
	/* Not from the start: a model may well think longer than that. */
	if (!s->stall_on && o->stall_s > 0) {
		s->stall_on = 1;
		curl_easy_setopt(s->easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
		curl_easy_setopt(s->easy, CURLOPT_LOW_SPEED_TIME, o->stall_s);
	}
	return n;
}

/* Whether line is the header called name; if so its value. */
static int
header_is(struct span line, const char *name, struct span *value)
{
	size_t n = strlen(name);

	if (line.n <= n || line.p[n] != ':' ||
	    strncasecmp(line.p, name, n) != 0)
		return 0;
	*value = (struct span){ line.p + n + 1, line.n - n - 1 };
	return 1;
}

static void
start_of_answer(struct slot *s)
{
	s->after = s->after_ms = -1;
	s->done.should_retry = -1;
	s->sized = 0;
}

static size_t
on_header(char *p, size_t size, size_t n, void *user)
{
	struct slot *s = user;
	struct span line = { p, n *= size }, v;

	s->header_bytes += n;
	if (s->header_bytes > HEADERS_MAX) {
		s->too_big = 1;
		return 0;
	}
	if (n >= 5 && memcmp(p, "HTTP/", 5) == 0) /* not the first, after 1xx */
		start_of_answer(s);
	else if (header_is(line, "retry-after-ms", &v))
		s->after_ms = http_delay_ms(v, 1);
	else if (header_is(line, "retry-after", &v))
		s->after = http_delay_ms(v, 1000);
	else if (header_is(line, "x-should-retry", &v))
		s->done.should_retry = span_is(text_trim(v), "true")    ? 1
				       : span_is(text_trim(v), "false") ? 0
									: -1;
	else if (header_is(line, "content-length", &v) ||
		 header_is(line, "transfer-encoding", &v))
		s->sized = 1;
	return n;
}

long long
http_delay_ms(struct span value, int unit_ms)
{
	struct span v = text_trim(value);
	char s[64];
	double x;
	time_t t;

	if (v.n == 0 || v.n >= sizeof s || memchr(v.p, '\0', v.n) != NULL)
		return -1;
	memcpy(s, v.p, v.n);
	s[v.n] = '\0';
	if (num_real(s, -1e300, 1e300, &x) == 0) {
		x *= unit_ms;
	} else {
		if (unit_ms != 1000 || (t = curl_getdate(s, NULL)) == -1)
			return -1;
		x = difftime(t, time(NULL)) * 1000;
	}
	return x < 0 ? 0 : x > HTTP_DELAY_MAX ? HTTP_DELAY_MAX : (long long)x;
}

/* One transfer, from start to end. */

static enum http_fail
failure(const struct slot *s, CURLcode rc)
{
	long sent = 0;

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
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
	case CURLE_SSL_ENGINE_NOTFOUND:
	case CURLE_SSL_ENGINE_SETFAILED:
	case CURLE_SSL_ENGINE_INITFAILED:
		return HTTP_TLS;
	default:
		return s->too_big ? HTTP_TOO_BIG : HTTP_OTHER;
	}
}

static void
end(struct slot *s, enum http_fail why, const char *message)
{
	s->running = 0;
	s->done.fail = why;
	s->done.message = message;
	push(&s->shard->http->done, s);
}

/*
 * The end of a request that may have been the first to a cold target: let the
 * held ones go, or share its failure where the name does not resolve.
 */
static void
settle(struct slot *s, int resolved)
{
	struct http_target *t = s->target;
	struct slot *held;

	if (!resolved)
		t->cold = t->named;
	if (t->first != s)
		return;
	t->first = NULL;
	if (resolved) {
		t->cold = 0;
		s->shard->http->thaw = 1;
		return;
	}
	while ((held = pop(&t->held)) != NULL) {
		snprintf(
		    held->error, sizeof held->error, "%s", s->done.message);
		end(held, s->done.fail, held->error);
	}
}

static void
finish(struct slot *s, CURLcode rc)
{
	struct http_done *d = &s->done;
	curl_off_t us = 0, lookup_us = 0;
	char *type = NULL;

	curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &d->status);
	curl_easy_getinfo(s->easy, CURLINFO_TOTAL_TIME_T, &us);
	curl_easy_getinfo(s->easy, CURLINFO_CONTENT_TYPE, &type);
	d->content_type = type != NULL ? type : "";
	d->time_ms = (long)(us / 1000);
	d->body = buf_span(&s->body);
	d->until_close = !s->sized && s->body.n > 0;
	d->retry_after_ms = s->after_ms >= 0 ? s->after_ms : s->after;
	if (rc == CURLE_OK)
		s->error[0] = '\0';
	else if (s->too_big || s->error[0] == '\0')
		snprintf(s->error, sizeof s->error, "%s",
		    s->too_big ? "answer too big" : curl_easy_strerror(rc));
	end(s, failure(s, rc), s->error);

	if (d->fail == HTTP_CONNECT)
		curl_easy_getinfo(
		    s->easy, CURLINFO_NAMELOOKUP_TIME_T, &lookup_us);
	settle(s, d->fail != HTTP_CONNECT || lookup_us > 0);
}

/*
 * Whom to trust: those in a file, else the system's. libcurl reads them once
 * for many connections only where they are a file and no folder besides: to
 * open 256 takes 0.3 s of CPU, not 6.
 */
static CURLcode
trust(CURL *e, const char *file)
{
	if (file == NULL)
		file = curl_version_info(CURLVERSION_NOW)->cainfo;
	if (file == NULL)
		return CURLE_OK;
	curl_easy_setopt(e, CURLOPT_CAPATH, NULL);
	return curl_easy_setopt(e, CURLOPT_CAINFO, file);
}

/* The options that are the same for every request of a slot. */
static CURL *
new_easy(struct http *h, struct slot *s)
{
	CURL *e = curl_easy_init();

	if (e == NULL)
		return NULL;
	curl_easy_setopt(e, CURLOPT_PRIVATE, s);
	curl_easy_setopt(e, CURLOPT_SHARE, h->share);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, s->error);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, s);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, s);
	curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, on_connected);
	curl_easy_setopt(e, CURLOPT_PREREQDATA, s);
	curl_easy_setopt(e, CURLOPT_SOCKOPTFUNCTION, opened_socket);
	curl_easy_setopt(e, CURLOPT_SOCKOPTDATA, h);
	curl_easy_setopt(e, CURLOPT_CLOSESOCKETFUNCTION, closed_socket);
	curl_easy_setopt(e, CURLOPT_CLOSESOCKETDATA, h);
	/*
	 * 1.1: a lost connection costs one answer, not all, and it is what
	 * every server in this field speaks.
	 */
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(
	    e, CURLOPT_CONNECTTIMEOUT_MS, h->opts.connect_timeout_ms);
	/* Answers of some KB: 12 KB less a request in flight than by default.
	 */
	curl_easy_setopt(e, CURLOPT_BUFFERSIZE, (long)RECEIVE);
	/* Notices a dead peer while nothing is due from it. */
	curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(e, CURLOPT_TCP_KEEPIDLE, 30L);
	curl_easy_setopt(e, CURLOPT_TCP_KEEPINTVL, 15L);
#if LIBCURL_VERSION_NUM >= 0x075700
	/* Else a time-out waits for the resolver it gave up on. */
	curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
#endif
	if ((h->user_agent != NULL && curl_easy_setopt(e, CURLOPT_USERAGENT,
					  h->user_agent) != CURLE_OK) ||
	    trust(e, h->ca_file) != CURLE_OK) {
		curl_easy_cleanup(e);
		return NULL;
	}
	return e;
}

static CURLcode
aim(struct http *h, struct slot *s, struct http_target *t)
{
	int direct = !h->opts.proxy_env || t->loopback;
	CURLcode rc;

	/*
	 * Taken apart already, which saves libcurl a tenth of its work a
	 * request; without the other it would tell the former target's.
	 */
	curl_easy_setopt(s->easy, CURLOPT_URL, NULL);
	rc = curl_easy_setopt(s->easy, CURLOPT_CURLU, t->url);
	if (rc == CURLE_OK)
		rc = curl_easy_setopt(
		    s->easy, CURLOPT_PROXY, direct ? "" : NULL);
	curl_easy_setopt(s->easy, CURLOPT_HTTPHEADER, t->headers);
	return rc;
}

static void
start(struct slot *s)
{
	CURL *e = s->easy;

	if (s->post.p != NULL) {
		curl_easy_setopt(
		    e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)s->post.n);
		curl_easy_setopt(e, CURLOPT_POSTFIELDS, s->post.p);
	} else {
		curl_easy_setopt(e, CURLOPT_HTTPGET, 1L);
	}
	if (s->timeout_set != s->timeout_ms) {
		s->timeout_set = s->timeout_ms;
		curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, s->timeout_ms);
	}
	if (s->stall_on) {
		s->stall_on = 0;
		curl_easy_setopt(e, CURLOPT_LOW_SPEED_LIMIT, 0L);
		curl_easy_setopt(e, CURLOPT_LOW_SPEED_TIME, 0L);
	}
	if (curl_multi_add_handle(s->shard->multi, e) == CURLM_OK) {
		s->running = 1;
	} else {
		end(s, HTTP_OTHER, "out of memory");
		settle(s, 0);
	}
}

/* Start s, or hold it while another request goes first. */
static void
start_or_hold(struct slot *s)
{
	struct http_target *t = s->target;

	if (t->first != NULL) {
		push(&t->held, s);
		return;
	}
	if (t->cold)
		t->first = s;
	start(s);
}

int
http_post(struct http *h, struct http_target *t, struct span body,
    long timeout_ms, void *ctx)
{
	struct slot *s = h->spare;
	int other;

	if (s == NULL)
		return -1;
	h->spare = s->next;
	h->inflight++;
	s->done =
	    (struct http_done){ .ctx = ctx, .message = "", .content_type = "" };
	start_of_answer(s);
	s->done.retry_after_ms = -1;
	s->post = body;
	s->timeout_ms = timeout_ms;
	s->header_bytes = 0;
	s->too_big = 0;
	s->error[0] = '\0';
	buf_clear(&s->body);

	other = s->target != t;
	s->target = t;
	if (s->easy == NULL && (s->easy = new_easy(h, s)) == NULL) {
		s->target = NULL;
		end(s, HTTP_OTHER, "out of memory");
	} else if (other && aim(h, s, t) != CURLE_OK) {
		s->target = NULL;
		end(s, HTTP_OTHER, "out of memory");
	} else {
		start_or_hold(s);
	}
	return 0;
}

/* Requests in flight, all of them. */

static void
start_held(struct http *h)
{
	struct http_target *t;
	struct slot *s;

	h->thaw = 0;
	for (t = h->targets; t != NULL; t = t->next)
		while (t->first == NULL && (s = pop(&t->held)) != NULL)
			start_or_hold(s);
}

static CURLMcode
run_timers(struct http *h)
{
	long long now = now_ms();
	struct shard *sh;
	CURLMcode rc = CURLM_OK;
	int unused;

	for (sh = h->shards; sh < h->shards + h->nshards; sh++) {
		if (sh->due < 0 || sh->due > now)
			continue;
		sh->due = -1;
		rc = curl_multi_socket_action(
		    sh->multi, CURL_SOCKET_TIMEOUT, 0, &unused);
		if (rc != CURLM_OK)
			break;
	}
	return rc;
}

static CURLMcode
run_socket(struct http *h, int fd, unsigned events)
{
	struct sock *k = &h->socks[fd];
	int mask = 0, unused;

	if (k->armed & ~k->want)
		arm(h, fd, k);
	if (k->want == 0)
		return CURLM_OK;
	if (events & EPOLLIN)
		mask |= CURL_CSELECT_IN;
	if (events & EPOLLOUT)
		mask |= CURL_CSELECT_OUT;
	if (events & (EPOLLERR | EPOLLHUP))
		mask |= CURL_CSELECT_ERR;
	return curl_multi_socket_action(
	    h->shards[k->shard].multi, fd, mask, &unused);
}

static void
collect(struct http *h)
{
	struct shard *sh;
	struct slot *s;
	CURLMsg *m;
	CURLcode rc;
	int unused;

	for (sh = h->shards; sh < h->shards + h->nshards; sh++) {
		while ((m = curl_multi_info_read(sh->multi, &unused)) != NULL) {
			rc = m->data.result;
			curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &s);
			curl_multi_remove_handle(sh->multi, s->easy);
			finish(s, rc);
		}
	}
}

/* timeout_ms (-1: none), or less if libcurl wants to be called earlier. */
static int
wait_ms(const struct http *h, int timeout_ms)
{
	long long now = now_ms(), left;
	unsigned i;

	for (i = 0; i < h->nshards; i++) {
		if (h->shards[i].due < 0)
			continue;
		left = h->shards[i].due - now;
		if (left < 0)
			left = 0;
		if (timeout_ms < 0 || left < timeout_ms)
			timeout_ms = left < INT_MAX ? (int)left : INT_MAX;
	}
	return timeout_ms;
}

/* Wait for events of ours and of the caller's: how many of ours, or -1. */
static int
wait_events(struct http *h, struct epoll_event *ev, struct pollfd *extra,
    unsigned nextra, int timeout_ms)
{
	struct pollfd fds[1 + HTTP_EXTRA_MAX];
	int n;

	if (nextra == 0)
		return epoll_wait(h->epfd, ev, EVENTS, timeout_ms);
	fds[0] = (struct pollfd){ .fd = h->epfd, .events = POLLIN };
	memcpy(fds + 1, extra, nextra * sizeof *extra);
	n = poll(fds, nextra + 1, timeout_ms);
	if (n < 0)
		return -1;
	memcpy(extra, fds + 1, nextra * sizeof *extra);
	return fds[0].revents == 0 ? 0 : epoll_wait(h->epfd, ev, EVENTS, 0);
}

int
http_poll(struct http *h, struct pollfd *extra, unsigned nextra, int timeout_ms,
    const char **why)
{
	struct epoll_event ev[EVENTS];
	CURLMcode rc;
	unsigned e;
	int i, n;

	for (e = 0; e < nextra; e++)
		extra[e].revents = 0;
	rc = run_timers(h); /* sends what was posted */
	collect(h);
	if (rc == CURLM_OK) {
		n = wait_events(h, ev, extra, nextra,
		    h->done.head != NULL ? 0 : wait_ms(h, timeout_ms));
		if (n < 0 && errno != EINTR) {
			*why = strerror(errno);
			return -1;
		}
		for (i = 0; i < n && rc == CURLM_OK; i++)
			rc = run_socket(h, ev[i].data.fd, ev[i].events);
	}
	if (rc == CURLM_OK)
		rc = run_timers(h);
	collect(h);
	if (h->thaw)
		start_held(h);
	if (rc != CURLM_OK) {
		*why = curl_multi_strerror(rc);
		return -1;
	}
	return 0;
}

struct http_done *
http_next(struct http *h)
{
	struct slot *s = pop(&h->done);

	return s != NULL ? &s->done : NULL;
}

void
http_release(struct http *h, struct http_done *d)
{
	struct slot *s = (struct slot *)d;

	h->held -= s->body.n;
	buf_clear(&s->body);
	s->next = h->spare;
	h->spare = s;
	h->inflight--;
}

unsigned
http_inflight(const struct http *h)
{
	return h->inflight;
}

static void
drop(struct slot *s)
{
	curl_multi_remove_handle(s->shard->multi, s->easy);
	s->running = 0;
	http_release(s->shard->http, &s->done);
}

int
http_cancel(struct http *h, const void *ctx)
{
	struct slot *s;
	unsigned i;

	for (i = 0; i < h->opts.max_inflight; i++) {
		s = &h->slots[i];
		if (!s->running || s->done.ctx != ctx)
			continue;
		if (s->target->first == s) {
			s->target->first = NULL;
			h->thaw = 1;
		}
		drop(s);
		return 1;
	}
	return 0;
}

void
http_cancel_all(struct http *h)
{
	struct http_target *t;
	struct slot *s;
	unsigned i;

	collect(h);
	for (t = h->targets; t != NULL; t = t->next) {
		t->first = NULL;
		while ((s = pop(&t->held)) != NULL)
			http_release(h, &s->done);
	}
	for (i = 0; i < h->opts.max_inflight; i++) {
		if (h->slots[i].running)
			drop(&h->slots[i]);
	}
}

/* Endpoints. */

/* Not a token, a colon, and no control characters but tabs behind it: why. */
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

/* A copy of list, and no wait for leave to send a body; NULL: out of memory. */
static struct curl_slist *
copy_headers(const struct http_header *list)
{
	struct curl_slist *all = curl_slist_append(NULL, "Expect:"), *more;

	for (; all != NULL && list->line != NULL; list++) {
		more = curl_slist_append(all, list->line);
		if (more == NULL)
			curl_slist_free_all(all);
		all = more;
	}
	return all;
}

static void
free_target(struct http_target *t)
{
	struct curl_slist *l;

	for (l = t->headers; l != NULL; l = l->next)
		explicit_bzero(l->data, strlen(l->data));
	curl_slist_free_all(t->headers);
	curl_url_cleanup(t->url);
	free(t);
}

/* Scheme and host of url into t: 0, or -1 and *why. */
static int
parse_url(struct http_target *t, const char *url, int *plain, const char **why)
{
	CURLU *u = curl_url();
	char *scheme = NULL, *host = NULL;
	struct in_addr ip;
	CURLUcode rc;

	t->url = u;
	rc = u == NULL
		 ? CURLUE_OUT_OF_MEMORY
		 : curl_url_set(u, CURLUPART_URL, url, CURLU_DISALLOW_USER);
	if (rc == CURLUE_OK)
		rc = curl_url_get(u, CURLUPART_SCHEME, &scheme, 0);
	if (rc == CURLUE_OK)
		rc = curl_url_get(u, CURLUPART_HOST, &host, 0);
	*why = NULL;
	if (rc != CURLUE_OK) {
		*why = curl_url_strerror(rc);
	} else if (strcmp(scheme, "http") != 0 &&
		   strcmp(scheme, "https") != 0) {
		*why = "URL is neither http nor https";
	} else {
		*plain = strcmp(scheme, "http") == 0;
		if (inet_pton(AF_INET, host, &ip) == 1)
			t->loopback = ntohl(ip.s_addr) >> 24 == 127;
		else if (host[0] == '[')
			t->loopback = strcmp(host, "[::1]") == 0;
		else if (strcasecmp(host, "localhost") == 0)
			t->loopback = 1;
		else
			t->named = 1;
	}
	curl_free(scheme);
	curl_free(host);
	return *why == NULL ? 0 : -1;
}

struct http_target *
http_target(struct http *h, const char *url, const struct http_header *list,
    const char **why)
{
	struct http_target *t = mem_new(sizeof *t);
	const struct http_header *l;
	int plain = 0, secret = 0;

	if (parse_url(t, url, &plain, why) == -1)
		goto bad;
	for (l = list; l->line != NULL; l++) {
		secret |= l->secret;
		if ((*why = bad_header(l)) != NULL)
			goto bad;
	}
	if (secret && plain && !t->loopback && !h->opts.allow_plain_key) {
		*why = "a key must not go over plain http to another machine";
		goto bad;
	}
	if ((t->headers = copy_headers(list)) == NULL) {
		*why = "out of memory";
		goto bad;
	}
	t->cold = t->named;
	t->next = h->targets;
	h->targets = t;
	return t;
bad:
	free_target(t);
	return NULL;
}

/* The engine. */

/*
 * Room for so many transfers, as many kept connections to other endpoints,
 * and what libcurl and the program have open besides.
 */
static int
raise_files(const struct http *h)
{
	rlim_t need = 2 * h->opts.max_inflight + 4 * h->nshards + FDS_SPARE;
	rlim_t least = h->opts.max_inflight + 4 * h->nshards + FDS_SPARE;
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == -1)
		return -1;
	if (r.rlim_cur < need) {
		r.rlim_cur = need < r.rlim_max ? need : r.rlim_max;
		if (r.rlim_cur < least || setrlimit(RLIMIT_NOFILE, &r) == -1)
			return -1;
	}
	return 0;
}

static int
new_shard(struct http *h, struct shard *sh)
{
	sh->http = h;
	sh->due = -1;
	sh->multi = curl_multi_init();
	if (sh->multi == NULL)
		return -1;
	curl_multi_setopt(sh->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(sh->multi, CURLMOPT_SOCKETDATA, sh);
	curl_multi_setopt(sh->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(sh->multi, CURLMOPT_TIMERDATA, sh);
	/* Too few and each request connects anew, at 4.5 times the CPU. */
	curl_multi_setopt(sh->multi, CURLMOPT_MAXCONNECTS, 2L * SHARD);
	return 0;
}

struct http *
http_new(const struct http_opts *o, const char **why)
{
	struct http *h;
	unsigned i;

	unsetenv("SSLKEYLOGFILE"); /* libcurl would write session keys there */
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		*why = "libcurl does not start";
		return NULL;
	}
	h = mem_new(sizeof *h);
	h->opts = *o;
	h->opts.user_agent = NULL;
	h->opts.ca_file = NULL;
	if (o->user_agent != NULL)
		h->user_agent = mem_dup(o->user_agent, strlen(o->user_agent));
	if (o->ca_file != NULL)
		h->ca_file = mem_dup(o->ca_file, strlen(o->ca_file));
	h->nshards = (o->max_inflight + SHARD - 1) / SHARD;
	h->shards = mem_array(NULL, h->nshards, sizeof *h->shards);
	memset(h->shards, 0, h->nshards * sizeof *h->shards);
	h->slots = mem_new(o->max_inflight * sizeof *h->slots);
	for (i = o->max_inflight; i-- > 0;) {
		h->slots[i].shard = &h->shards[i / SHARD];
		h->slots[i].next = h->spare;
		h->spare = &h->slots[i];
	}
	h->epfd = epoll_create1(EPOLL_CLOEXEC);
	h->share = curl_share_init();
	*why = "out of memory or files";
	if (h->epfd == -1 || h->share == NULL)
		goto bad;
	curl_share_setopt(h->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
	curl_share_setopt(
	    h->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
	for (i = 0; i < h->nshards; i++)
		if (new_shard(h, &h->shards[i]) == -1)
			goto bad;
	if (raise_files(h) == -1) {
		*why = "the limit on open files is too low; see ulimit -n";
		goto bad;
	}
	return h;
bad:
	http_free(h);
	return NULL;
}

void
http_free(struct http *h)
{
	struct http_target *t;
	unsigned i;

	if (h == NULL)
		return;
	http_cancel_all(h);
	for (i = 0; i < h->opts.max_inflight; i++) {
		curl_easy_cleanup(h->slots[i].easy);
		buf_free(&h->slots[i].body);
	}
	for (i = 0; i < h->nshards; i++)
		curl_multi_cleanup(h->shards[i].multi);
	curl_share_cleanup(h->share);
	while ((t = h->targets) != NULL) {
		h->targets = t->next;
		free_target(t);
	}
	if (h->epfd != -1)
		close(h->epfd);
	free(h->user_agent);
	free(h->ca_file);
	free(h->socks);
	free(h->slots);
	free(h->shards);
	free(h);
	curl_global_cleanup();
}
