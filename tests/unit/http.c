/* http: against a peer that shares nothing with it */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/delay.h"
#include "http/http.h"
#include "http/wait.h"

/* The peer has a process for each connection; the path says what it does. */

struct counts {
	atomic_int connections, requests;
};

static struct counts *counts;

static const struct {
	const char *path, *answer;
	enum { KEEP, CLOSE, RESET, HANG, FLOOD } then;
} canned[] = {
	{ "/500", "HTTP/1.1 500 No\r\nContent-Length: 4\r\n\r\noops", KEEP },
	{ "/204", "HTTP/1.1 204 Nothing\r\n\r\n", KEEP },
	{ "/silent", "", HANG },
	{ "/slow", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", HANG },
	{ "/empty", "", CLOSE },
	{ "/cut", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", CLOSE },
	{ "/reset", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", RESET },
	{ "/cut-chunk",
	    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf",
	    CLOSE },
	{ "/close", "HTTP/1.1 200 OK\r\n\r\nwhole?", CLOSE },
	{ "/stale", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", CLOSE },
	{ "/garbage", "welcome to my server\r\n", CLOSE },
	{ "/gzip",
	    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
	    "Content-Length: 6\r\n\r\n\x1f\x8b zip",
	    KEEP },
	{ "/redirect",
	    "HTTP/1.1 302 Away\r\nLocation: /500\r\n"
	    "Content-Length: 0\r\n\r\n",
	    KEEP },
	{ "/early",
	    "HTTP/1.1 103 Hints\r\nRetry-After: 9\r\n"
	    "X-Should-Retry: true\r\n\r\n"
	    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
	    KEEP },
	{ "/big", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
	    FLOOD },
	{ "/endless",
	    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "fffffff\r\n",
	    FLOOD },
	{ "/headers", "HTTP/1.1 200 OK\r\nX: 1\r\n", FLOOD },
	{ "/any other", "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", KEEP },
};

/* Headers of /after/0, /after/1 ... and what they ask for. */
static char soon[128], past[128];
static const struct {
	const char *headers;
	long long least, most;
	int should_retry;
} afters[] = {
	{ "", -1, -1, -1 }, { "Retry-After: 7\r\n", 7000, 7000, -1 },
	{ "retry-after:0.25\r\n", 250, 250, -1 },
	{ "RETRY-AFTER-MS: 1500.5 \r\n", 1500, 1500, -1 },
	{ "Retry-After-Ms: 20\r\nRetry-After: 9\r\n", 20, 20, -1 },
	{ "Retry-After: 9\r\nRetry-After-Ms: 20\r\n", 20, 20, -1 },
	{ "Retry-After: 9\r\nRetry-After-Ms: soon\r\n", 9000, 9000, -1 },
	{ soon, 15000, 31000, -1 }, { past, 0, 0, -1 },
	{ "Retry-After: -3600\r\n", 0, 0, -1 },
	{ "Retry-After: 999999999999999999999999\r\n", DELAY_MAX, DELAY_MAX,
	    -1 },
	{ "Retry-After: in a while\r\n", -1, -1, -1 },
	{ "Retry-After:\r\n", -1, -1, -1 },
	{ "Retry-After: nan\r\n", -1, -1, -1 },
	{ "X-Should-Retry: true\r\n", -1, -1, 1 },
	{ "x-should-retry:false\r\nRetry-After: 1\r\n", 1000, 1000, 0 },
	{ "X-Should-Retry: perhaps\r\n", -1, -1, -1 },
	{ "Retry-After: 1m30s\r\n", 90000, 90000, -1 },
	{ "llm_provider-retry-after: 3\r\n", 3000, 3000, -1 },
	{ "llm_provider-retry-after-ms: 30\r\nRetry-After: 9\r\n", 9000, 9000,
	    -1 },
	{ "X-RateLimit-Reset: 5\r\n", -1, -1, -1 }, /* the status is 200 */
};

/* Headers of /reset/0, /reset/1 ... which have status 429. */
static char epoch_s[128], epoch_ms[128], iso[128];
static const struct {
	const char *headers;
	long long least, most;
} resets[] = {
	{ "", -1, -1 },
	{ "X-RateLimit-Reset: 5\r\n", 5000, 5000 },
	{ "x-ratelimit-reset-requests: 1m0.5s\r\n", 60500, 60500 },
	{ "x-ratelimit-reset-tokens: 17ms\r\n", 17, 17 },
	{ "X-Rate-Limit-Reset: 7\r\n", 7000, 7000 },
	{ "RateLimit-Reset: 8\r\n", 8000, 8000 },
	{ "llm_provider-x-ratelimit-reset-tokens: 9s\r\n", 9000, 9000 },
	{ epoch_s, 60000, 100000 },
	{ epoch_ms, 60000, 100000 },
	{ iso, 60000, 100000 },
	{ "x-ratelimit-reset-requests: 7h\r\n", DELAY_MAX, DELAY_MAX },
	/* what is used up counts */
	{ "x-ratelimit-remaining-requests: 9\r\n"
	  "x-ratelimit-reset-requests: 90s\r\n"
	  "x-ratelimit-remaining-tokens: 0\r\n"
	  "x-ratelimit-reset-tokens: 6s\r\n",
	    6000, 6000 },
	{ "x-ratelimit-reset-requests: 9s\r\n"
	  "x-ratelimit-reset-tokens: 6s\r\n",
	    9000, 9000 },
	{ "x-ratelimit-remaining-requests: 9\r\n"
	  "x-ratelimit-reset-requests: 90s\r\n"
	  "x-ratelimit-remaining-tokens: 100\r\n"
	  "x-ratelimit-reset-tokens: 6s\r\n",
	    6000, 6000 },
	{ "anthropic-ratelimit-requests-remaining: 0\r\n"
	  "anthropic-ratelimit-requests-reset: 4\r\n"
	  "anthropic-ratelimit-tokens-remaining: 9\r\n"
	  "anthropic-ratelimit-tokens-reset: 50\r\n",
	    4000, 4000 },
	{ "X-RateLimit-Reset: soon\r\n", -1, -1 },
	{ "X-RateLimit-Limit: 5\r\nX-Reset: 9\r\n", -1, -1 },
};

static void
send_all(int fd, const char *p, size_t n)
{
	ssize_t k;

	for (; n > 0; p += k, n -= (size_t)k)
		if ((k = send(fd, p, n, MSG_NOSIGNAL)) <= 0)
			_exit(0);
}

/* An answer with a length: status line and headers, then the body. */
static void
send_answer(int fd, int status, const char *headers, const char *body, size_t n)
{
	char head[512];
	int len = snprintf(head, sizeof head,
	    "HTTP/1.1 %d X\r\nContent-Type: application/json\r\n%s"
	    "Content-Length: %zu\r\n\r\n",
	    status, headers, n);

	send_all(fd, head, (size_t)len);
	send_all(fd, body, n);
}

static void
send_canned(int fd, size_t i)
{
	const struct linger now = { .l_onoff = 1 };
	char flood[4096];

	send_all(fd, canned[i].answer, strlen(canned[i].answer));
	switch (canned[i].then) {
	case KEEP:
		return;
	case HANG:
		(void)recv(fd, flood, sizeof flood, 0);
		break;
	case FLOOD:
		memset(flood, 'x', sizeof flood);
		memcpy(flood, "X: ", 3);
		memcpy(flood + sizeof flood - 2, "\r\n", 2);
		for (;;)
			send_all(fd, flood, sizeof flood);
	case RESET:
		usleep(50000); /* the bytes above should arrive first */
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
		break;
	case CLOSE:
		break;
	}
	close(fd);
	_exit(0);
}

static void
answer(int fd, const char *head, const char *body, size_t n)
{
	char path[64];
	size_t i;

	counts->requests++;
	if (sscanf(head, "%*s %63s", path) != 1)
		_exit(0);
	if (strcmp(path, "/echo") == 0) {
		send_answer(fd, 200, "", body, n);
	} else if (strcmp(path, "/dump") == 0) {
		send_answer(fd, 200, "", head, (size_t)(body - head));
	} else if (strncmp(path, "/after/", 7) == 0) {
		i = (size_t)atoi(path + 7);
		send_answer(fd, 200, afters[i].headers, "ok", 2);
	} else if (strncmp(path, "/reset/", 7) == 0) {
		i = (size_t)atoi(path + 7);
		send_answer(fd, 429, resets[i].headers, "no", 2);
	} else {
		for (i = 0; strcmp(path, canned[i].path) != 0; i++)
			if (i == sizeof canned / sizeof *canned - 1)
				break;
		send_canned(fd, i);
	}
}

static _Noreturn void
serve_connection(int fd)
{
	static char in[1 << 21];
	size_t have = 0, need;
	char *body, *length;
	ssize_t k;

	for (;;) {
		in[have] = '\0';
		body = strstr(in, "\r\n\r\n");
		if (body != NULL) {
			body += 4;
			length = strcasestr(in, "content-length:");
			need = (size_t)(body - in);
			if (length != NULL && length < body)
				need += (size_t)atol(length + 15);
			if (have >= need) {
				answer(
				    fd, in, body, need - (size_t)(body - in));
				have = 0;
				continue;
			}
		}
		k = recv(fd, in + have, sizeof in - 1 - have, 0);
		if (k <= 0)
			_exit(0);
		have += (size_t)k;
	}
}

static int
listen_any(int backlog, int *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t n = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd == -1 || bind(fd, (struct sockaddr *)&a, sizeof a) == -1 ||
	    listen(fd, backlog) == -1 ||
	    getsockname(fd, (struct sockaddr *)&a, &n) == -1) {
		perror("peer");
		exit(1);
	}
	*port = ntohs(a.sin_port);
	return fd;
}

static pid_t
start_peer(int *port)
{
	int fd, conn;
	pid_t pid;

	counts = mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	fd = listen_any(1024, port);
	pid = fork();
	if (pid != 0) {
		close(fd);
		return pid;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		conn = accept(fd, NULL, NULL);
		if (conn == -1)
			continue;
		counts->connections++;
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(fd);
			serve_connection(conn);
		}
		close(conn);
	}
}

/* The tests. */

static const struct http_header no_headers[] = { { NULL, 0 } };
static int tests, failed, port;
static struct http *h;

static void __attribute__((format(printf, 2, 3)))
ok(int good, const char *fmt, ...)
{
	va_list ap;

	tests++;
	failed += !good;
	printf("%sok %d - ", good ? "" : "not ", tests);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct http_opts
defaults(void)
{
	return (struct http_opts){ .max_inflight = 64,
		.connect_timeout_ms = 2000,
		.max_body = 1 << 20,
		.user_agent = "tg-test" };
}

static struct http *
engine(struct http_opts o)
{
	const char *why = NULL;
	struct http *e = http_new(&o, &why);

	if (e == NULL) {
		printf("Bail out! %s\n", why);
		exit(1);
	}
	return e;
}

static struct http_target *
at(const char *host, int at_port, const char *path)
{
	const char *why = NULL;
	struct http_target *t;
	char url[256];

	snprintf(url, sizeof url, "http://%s:%d%s", host, at_port, path);
	t = http_target(h, url, no_headers, &why);
	if (t == NULL)
		printf("# %s: %s\n", url, why);
	return t;
}

static struct http_done *
wait_done(void)
{
	const char *why = NULL;
	struct http_done *d;

	while ((d = http_next(h)) == NULL)
		if (http_poll(h, NULL, 0, 1000, &why) == -1) {
			printf("Bail out! %s\n", why);
			exit(1);
		}
	return d;
}

/* Send one request to the peer, and return its outcome. */
static struct http_done *
ask(const char *path, struct span body, long timeout_ms)
{
	http_post(h, at("127.0.0.1", port, path), body, timeout_ms, NULL);
	return wait_done();
}

static int
is(const struct http_done *d, enum http_fail fail, long status, const char *s)
{
	if (d->fail == fail && d->status == status && span_is(d->body, s) &&
	    (d->message[0] == '\0') == (fail == HTTP_OK))
		return 1;
	printf("# failure %d, status %ld, message \"%s\", body of %zu\n",
	    d->fail, d->status, d->message, d->body.n);
	return 0;
}

static void
expect(const char *path, enum http_fail fail, long status, const char *body)
{
	struct http_done *d = ask(path, span_of("hello"), 5000);

	ok(is(d, fail, status, body), "%s", path);
	http_release(h, d);
}

static int
holds(struct span s, const char *what)
{
	return memmem(s.p, s.n, what, strlen(what)) != NULL;
}

static void
test_answers(void)
{
	static char big[1 << 20];
	struct http_done *d = ask("/echo", span_of("hello"), 5000);
	int before;

	ok(is(d, HTTP_OK, 200, "hello"), "a request gets its answer");
	ok(d->retry_after_ms == -1 && d->should_retry == -1 &&
		d->time_ms >= 0 && d->ctx == NULL,
	    "the answer has no pause, a time and no context");
	http_release(h, d);
	expect("/500", HTTP_OK, 500, "oops");
	expect("/204", HTTP_OK, 204, "");
	expect("/empty", HTTP_RESET, 0, "");
	expect("/cut", HTTP_RESET, 200, "half");
	expect("/cut-chunk", HTTP_RESET, 200, "half");
	expect("/reset", HTTP_RESET, 200, "half");
	expect("/garbage", HTTP_OTHER, 0, "");
	/* that it is gzip is not true */
	expect("/gzip", HTTP_OTHER, 200, "");
	d = ask("/close", span_of(""), 5000);
	ok(is(d, HTTP_OK, 200, "whole?"), "an answer may end by close");
	http_release(h, d);
	d = ask("/early", span_of(""), 5000);
	ok(is(d, HTTP_OK, 200, "ok") && d->retry_after_ms == -1 &&
		d->should_retry == -1,
	    "the headers of a 1xx answer are forgotten");
	http_release(h, d);
	before = counts->requests;
	expect("/redirect", HTTP_OK, 302, "");
	ok(counts->requests == before + 1, "a redirect is not followed");

	memset(big, 'b', sizeof big);
	d = ask("/echo", (struct span){ big, sizeof big }, 5000);
	ok(d->fail == HTTP_OK && d->body.n == sizeof big &&
		memcmp(d->body.p, big, sizeof big) == 0,
	    "a body of exactly max_body is read");
	http_release(h, d);
}

static void
test_too_big(void)
{
	static const char *const paths[] = { "/big", "/endless", "/headers" };
	struct http_done *d;
	size_t i;

	for (i = 0; i < 3; i++) {
		d = ask(paths[i], span_of(""), 5000);
		ok(d->fail == HTTP_TOO_BIG && d->body.n <= 1 << 20 &&
			strcmp(d->message, "answer too big") == 0,
		    "%s is cut off", paths[i]);
		http_release(h, d);
	}
}

static void
test_request(void)
{
	const struct http_header list[] = { { "Content-Type: application/json",
						0 },
		{ "Authorization: Bearer sesame", 1 }, { NULL, 0 } };
	const char *why = NULL;
	struct http_target *t;
	struct http_done *d;
	char url[64];

	snprintf(url, sizeof url, "http://127.0.0.1:%d/dump", port);
	t = http_target(h, url, list, &why);
	http_post(h, t, span_of("{}"), 5000, NULL);
	d = wait_done();
	ok(holds(d->body, "POST /dump HTTP/1.1\r\n") &&
		holds(d->body, "\r\nContent-Type: application/json\r\n") &&
		holds(d->body, "\r\nAuthorization: Bearer sesame\r\n") &&
		holds(d->body, "\r\nUser-Agent: tg-test\r\n") &&
		holds(d->body, "\r\nContent-Length: 2\r\n"),
	    "the request has method, path, type and length");
	ok(!holds(d->body, "Expect") && !holds(d->body, "Encoding") &&
		!holds(d->body, "Upgrade"),
	    "the request has no other headers");
	http_release(h, d);
	http_post(h, t, (struct span){ NULL, 0 }, 5000, NULL);
	d = wait_done();
	ok(holds(d->body, "GET /dump HTTP/1.1\r\n") &&
		!holds(d->body, "Content-Length"),
	    "a request without a body is a GET");
	http_release(h, d);
	http_post(h, t, span_of(""), 5000, NULL);
	d = wait_done();
	ok(holds(d->body, "POST /dump HTTP/1.1\r\n") &&
		holds(d->body, "\r\nContent-Length: 0\r\n"),
	    "a request with an empty body is a POST");
	http_release(h, d);
}

static void
test_retry_after(void)
{
	static const struct {
		struct span value;
		int unit;
		long long ms;
	} odd[] = {
		{ { NULL, 0 }, 1, -1 },
		{ { " ", 1 }, 1000, -1 },
		{ { "1\0", 2 }, 1, -1 },
		{ { " 5\t\r\n", 5 }, 1, 5 },
		{ { "1e400", 5 }, 1000, -1 },
		{ { "1e299", 5 }, 1000, DELAY_MAX },
		{ { "-1e299", 6 }, 1000, 0 },
		{ { "inf", 3 }, 1, -1 },
		{ { "Sun, 06 Nov 1994 08:49:37 GMT", 29 }, 1, -1 },
		{ { "Sun, 06 Nov 1994 08:49:37 GMT", 29 }, 1000, 0 },
		{ { "Sunday, 06-Nov-94 08:49:37 GMT", 30 }, 1000, 0 },
		{ { "Sun Nov  6 08:49:37 1994", 24 }, 1000, 0 },
		{ { "99999999999999999999999999999999999999999999999999999999"
		    "99999999999999999999",
		      76 },
		    1000, -1 },
	};
	struct http_done *d;
	char path[32];
	size_t i;

	for (i = 0; i < sizeof afters / sizeof *afters; i++) {
		snprintf(path, sizeof path, "/after/%zu", i);
		d = ask(path, span_of(""), 5000);
		ok(d->fail == HTTP_OK && d->retry_after_ms >= afters[i].least &&
			d->retry_after_ms <= afters[i].most &&
			d->should_retry == afters[i].should_retry,
		    "%s: the pause is %lld ms, and x-should-retry is %d", path,
		    d->retry_after_ms, d->should_retry);
		http_release(h, d);
	}
	for (i = 0; i < sizeof resets / sizeof *resets; i++) {
		snprintf(path, sizeof path, "/reset/%zu", i);
		d = ask(path, span_of(""), 5000);
		ok(d->status == 429 && d->reset_ms >= resets[i].least &&
			d->reset_ms <= resets[i].most,
		    "%s: the limits are reset in %lld ms", path, d->reset_ms);
		http_release(h, d);
	}
	for (i = 0; i < sizeof odd / sizeof *odd; i++)
		ok(wait_ms(odd[i].value, odd[i].unit) == odd[i].ms,
		    "the odd value %zu of a pause is read", i);
	ok(wait_ms(span_of("Fri, 31 Dec 9999 23:59:59 GMT"), 1000) == DELAY_MAX,
	    "a date too far away is the longest pause");
}

static void
test_timeouts(void)
{
	struct http_done *d;
	double start = seconds();

	d = ask("/silent", span_of(""), 200);
	ok(is(d, HTTP_TIMEOUT, 0, "") && seconds() - start < 60,
	    "no answer in time is a timeout");
	http_release(h, d);
	d = ask("/slow", span_of(""), 1000);
	ok(is(d, HTTP_TIMEOUT, 200, "half"),
	    "half an answer in time is a timeout");
	http_release(h, d);
}

static void
test_unreachable(void)
{
	struct http_opts o = defaults();
	struct sockaddr_in a = { .sin_family = AF_INET };
	int fd, p, i, filler[4];
	struct http *keep = h;
	struct http_done *d;

	fd = listen_any(1, &p);
	close(fd);
	http_post(h, at("127.0.0.1", p, "/"), span_of(""), 5000, NULL);
	d = wait_done();
	ok(is(d, HTTP_CONNECT, 0, ""), "a refused connection is reported: %s",
	    d->message);
	http_release(h, d);

	/* A full backlog: the connection is neither made nor refused. */
	o.connect_timeout_ms = 300;
	h = engine(o);
	fd = listen_any(0, &p);
	a.sin_port = htons((unsigned short)p);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (i = 0; i < 4; i++) {
		filler[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(filler[i], (struct sockaddr *)&a, sizeof a);
	}
	http_post(h, at("127.0.0.1", p, "/"), span_of(""), 5000, NULL);
	d = wait_done();
	ok(is(d, HTTP_CONNECT, 0, ""),
	    "a connection that takes too long is reported: %s", d->message);
	http_release(h, d);
	for (i = 0; i < 4; i++)
		close(filler[i]);
	close(fd);
	http_free(h);
	h = keep;
}

/* Resolve names: peer.test is this machine. */
static atomic_int lookups;

int
getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
    struct addrinfo **result)
{
	static int (*resolve)(const char *, const char *,
	    const struct addrinfo *, struct addrinfo **);
	void *next = dlsym(RTLD_NEXT, "getaddrinfo");

	memcpy(&resolve, &next, sizeof next);
	if (node != NULL && strcmp(node, "peer.test") == 0) {
		lookups++;
		node = "127.0.0.1";
	}
	return resolve(node, service, hints, result);
}

static void
test_names(void)
{
	struct http_target *t = at("no-such-host.invalid", 1, "/");
	struct http_done *d;
	int i, good, before = counts->requests;

	http_look_up(h, t, 5000, &port);
	d = wait_done();
	ok(is(d, HTTP_CONNECT, 0, "") && d->ctx == &port,
	    "a look-up of an unknown name fails: %s", d->message);
	http_release(h, d);

	t = at("peer.test", port, "/echo");
	http_look_up(h, t, 5000, &port);
	d = wait_done();
	ok(is(d, HTTP_OK, 0, "") && d->ctx == &port && lookups == 1,
	    "a look-up resolves the name");
	http_release(h, d);
	ok(counts->requests == before, "a look-up sends nothing");
	for (i = 0; i < 32; i++)
		http_post(h, t, span_of("x"), 5000, NULL);
	for (i = good = 0; i < 32; i++) {
		d = wait_done();
		good += d->fail == HTTP_OK && span_is(d->body, "x");
		http_release(h, d);
	}
	ok(good == 32 && lookups == 1,
	    "32 requests at once use the address that was found (%d, %d "
	    "look-ups)",
	    good, (int)lookups);
	http_look_up(h, t, 5000, NULL);
	d = wait_done();
	ok(is(d, HTTP_OK, 0, "") && counts->requests == before + 32,
	    "a later look-up takes no kept connection");
	http_release(h, d);

	http_look_up(h, at("127.0.0.1", 1, "/"), 5000, NULL);
	d = wait_done();
	ok(is(d, HTTP_OK, 0, "") && lookups == 1,
	    "an address needs no look-up");
	http_release(h, d);
}

static void
test_targets(void)
{
	static const struct {
		const char *url, *header;
		int secret, good;
	} cases[] = {
		{ "https://example.com/v1", "api-key: k", 1, 1 },
		{ "http://example.com/v1", "X: k", 0, 1 },
		{ "http://example.com/v1", "api-key: k", 1, 0 },
		{ "http://127.0.0.1.example.com/", "api-key: k", 1, 0 },
		{ "http://localhost.example.com/", "api-key: k", 1, 0 },
		{ "http://128.0.0.1/", "api-key: k", 1, 0 },
		{ "http://[::2]/", "api-key: k", 1, 0 },
		{ "http://127.0.0.1:8000/v1", "api-key: k", 1, 1 },
		{ "http://127.9.9.9/", "api-key: k", 1, 1 },
		{ "http://LOCALHOST/", "api-key: k", 1, 1 },
		{ "http://[::1]:8000/", "api-key: k", 1, 1 },
		{ "http://me:pw@localhost/", "X: k", 0, 0 },
		{ "http://me@localhost/", "X: k", 0, 0 },
		{ "file:///etc/passwd", "X: k", 0, 0 },
		{ "ftp://localhost/", "X: k", 0, 0 },
		{ "localhost:8000", "X: k", 0, 0 },
		{ "http://local\r\nhost/", "X: k", 0, 0 },
		{ "http://", "X: k", 0, 0 },
		{ "", "X: k", 0, 0 },
		{ "http://localhost/", "api-key: k\r\nX-Other: 1", 1, 0 },
		{ "http://localhost/", "api-key: k\n", 1, 0 },
		{ "http://localhost/", "api-key: k\r", 1, 0 },
		{ "http://localhost/", "api-key k", 1, 0 },
		{ "http://localhost/", ": k", 0, 0 },
		{ "http://localhost/", "two words: k", 0, 0 },
		{ "http://localhost/", "", 0, 0 },
	};
	struct http_opts o = defaults();
	struct http_target *t;
	struct http *other;
	const char *why;
	size_t i;

	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct http_header list[] = { { "Accept: */*", 0 },
			{ cases[i].header, cases[i].secret }, { NULL, 0 } };

		why = NULL;
		t = http_target(h, cases[i].url, list, &why);
		ok(cases[i].good ? t != NULL : t == NULL && why != NULL,
		    "the endpoint %zu is %s", i, t == NULL ? why : "good");
	}
	o.allow_plain_key = 1;
	other = engine(o);
	ok(http_target(other, "http://example.com/",
	       (const struct http_header[]){ { "api-key: k", 1 }, { NULL, 0 } },
	       &why) != NULL,
	    "a key over plain HTTP can be allowed");
	http_free(other);
}

/* Send n requests, limit at once; return how many came back right. */
static int
many(struct http_target *t, int n, int limit)
{
	static char body[1000][32];
	static char seen[1000];
	struct http_done *d;
	int sent = 0, got = 0, good = 0, i;

	memset(seen, 0, sizeof seen);
	while (got < n) {
		while (sent < n && sent - got < limit) {
			snprintf(
			    body[sent], sizeof body[sent], "request %d", sent);
			if (http_post(h, t, span_of(body[sent]), 20000,
				body[sent]) == -1)
				break;
			sent++;
		}
		d = wait_done();
		i = (int)((char(*)[32])d->ctx - body);
		good += is(d, HTTP_OK, 200, body[i]) && !seen[i];
		seen[i] = 1;
		http_release(h, d);
		got++;
	}
	return good;
}

static void
test_many(void)
{
	struct http_opts o = defaults();
	struct http *keep = h;
	struct http_target *t;
	int before;

	h = engine(o);
	t = at("127.0.0.1", port, "/echo");
	before = counts->connections;
	ok(many(t, 20, 1) == 20,
	    "20 requests, one after the other, are answered");
	ok(counts->connections == before + 1,
	    "20 requests, one after the other, use one connection");
	ok(many(t, 200, 64) == 200, "200 requests, 64 at once, are answered");
	ok(counts->connections <= before + 64,
	    "200 requests, 64 at once, use at most 64 connections");
	http_free(h);

	o.max_inflight = 200;
	h = engine(o);
	t = at("127.0.0.1", port, "/echo");
	before = counts->connections;
	ok(many(t, 1000, 200) == 1000,
	    "1000 requests, 200 at once, are answered");
	ok(counts->connections <= before + 200,
	    "1000 requests, 200 at once, use at most 200 connections");
	http_free(h);
	h = keep;
}

static void
test_stale(void)
{
	struct http_opts o = defaults();
	struct http *keep = h;
	struct http_done *d;
	const char *why;
	double start;
	int i, polls = 0;

	h = engine(o);
	for (i = 0; i < 2; i++) {
		d = ask("/stale", span_of(""), 5000);
		ok(is(d, HTTP_OK, 200, "ok"),
		    i ? "a request is answered after its connection is gone"
		      : "a request is answered before its connection closes");
		http_release(h, d);
	}
	for (start = seconds(); seconds() - start < 0.2; polls++)
		http_poll(h, NULL, 0, 100, &why);
	ok(polls < 10,
	    "a closed idle connection does not make the loop spin: %d", polls);
	http_free(h);
	h = keep;
}

static void
test_poll(void)
{
	const struct itimerspec soon_ns = { .it_value.tv_nsec = 100000000 };
	struct pollfd extra[2] = { { .events = POLLIN }, { .events = POLLIN } };
	const char *why = NULL;
	double start;
	int p[2], i;

	if (pipe(p) == -1)
		exit(1);
	extra[0].fd = p[0];
	extra[1].fd = timerfd_create(CLOCK_MONOTONIC, 0);
	for (i = 0; i < 2; i++) {
		start = seconds();
		timerfd_settime(extra[1].fd, 0, &soon_ns, NULL);
		while (extra[1].revents == 0 && seconds() - start < 9)
			http_poll(h, extra, 2, 10000, &why);
		ok(extra[1].revents == POLLIN && extra[0].revents == 0 &&
			seconds() - start < 9,
		    "a descriptor of the caller's wakes it, %s in flight",
		    i ? "some" : "none");
		if (i == 0)
			for (; http_inflight(h) < 64;)
				http_post(h, at("127.0.0.1", port, "/silent"),
				    span_of("x"), 60000, NULL);
		extra[1].revents = 0;
	}
	ok(http_post(h, at("127.0.0.1", port, "/echo"), span_of(""), 5000,
	       NULL) == -1,
	    "a request over max_inflight is refused");
	close(p[1]);
	http_poll(h, extra, 1, 10000, &why);
	ok(extra[0].revents == POLLHUP,
	    "a hang-up on the caller's descriptor is reported");
	start = seconds();
	ok(http_poll(h, NULL, 0, 50, &why) == 0 && seconds() - start < 60,
	    "the time limit of a poll holds");
	while (http_cancel(h, NULL))
		;
	ok(http_inflight(h) == 0 && http_next(h) == NULL,
	    "a cancelled handle has no requests in flight");
	expect("/echo", HTTP_OK, 200, "hello");
	close(p[0]);
	close(extra[1].fd);
}

static void
test_cancel_one(void)
{
	struct http_done *d = NULL;
	const char *why;
	int a, b, i;

	http_post(h, at("127.0.0.1", port, "/silent"), span_of(""), 60000, &a);
	http_post(h, at("127.0.0.1", port, "/echo"), span_of("kept"), 5000, &b);
	for (i = 0; i < 3000 && (d = http_next(h)) == NULL; i++)
		http_poll(h, NULL, 0, 20, &why);
	ok(d != NULL && d->ctx == &b && is(d, HTTP_OK, 200, "kept"),
	    "the second request is answered");
	ok(!http_cancel(h, &b), "a finished request cannot be cancelled");
	if (d != NULL)
		http_release(h, d);
	ok(http_inflight(h) == 1 && http_cancel(h, &a) && http_inflight(h) == 0,
	    "a request in flight can be cancelled");
	ok(!http_cancel(h, &a), "a request cannot be cancelled twice");
	expect("/echo", HTTP_OK, 200, "hello");
}

static void
test_cancel_unsent(void)
{
	int before = counts->requests, i;
	const char *why;

	http_post(
	    h, at("127.0.0.1", port, "/echo"), span_of("x"), 5000, &before);
	ok(http_cancel(h, &before) && http_inflight(h) == 0,
	    "a request that has not begun can be cancelled");
	for (i = 0; i < 5; i++)
		http_poll(h, NULL, 0, 20, &why);
	ok(http_next(h) == NULL && counts->requests == before,
	    "a cancelled request is not sent and does not come back");
}

static void
test_environment(void)
{
	struct http_opts o = defaults();
	struct http *keep = h;
	int i;

	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	setenv("SSLKEYLOGFILE", "/nonexistent/keys", 1);
	for (i = 0; i < 2; i++) {
		o.proxy_env = i;
		h = engine(o);
		expect("/echo", HTTP_OK, 200, "hello");
		http_free(h);
	}
	ok(getenv("SSLKEYLOGFILE") == NULL,
	    "SSLKEYLOGFILE is removed from the environment");
	unsetenv("http_proxy");
	unsetenv("ALL_PROXY");
	h = keep;
}

/* If proxies are allowed, a request to another machine goes to the proxy. */
static void
test_proxy(void)
{
	struct http_opts o = defaults();
	struct http *keep = h;
	struct http_done *d;
	char proxy[64];

	snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", port);
	setenv("http_proxy", proxy, 1);
	o.proxy_env = 1;
	h = engine(o);
	http_post(
	    h, at("elsewhere.invalid", 80, "/echo"), span_of(""), 5000, NULL);
	d = wait_done();
	ok(is(d, HTTP_OK, 404, ""),
	    "a proxy from the environment is used on request");
	http_release(h, d);
	http_free(h);
	unsetenv("http_proxy");
	h = keep;
}

static void
put_date(char *to, size_t size, int from_now)
{
	time_t t = time(NULL) + from_now;

	strftime(
	    to, size, "Retry-After: %a, %d %b %Y %H:%M:%S GMT\r\n", gmtime(&t));
}

/* A file goes out and comes in, and the slot serves other requests again. */
static void
test_files(void)
{
	enum { SIZE = 600000 };
	static char text[SIZE];
	struct http_form form = { "purpose", "batch", "tg-1.jsonl",
		"application/json", -1, SIZE };
	struct http_done *d;
	FILE *f = tmpfile(), *to = tmpfile(), *full = fopen("/dev/full", "w");
	char got[16] = "";
	double before;

	memset(text, 'x', sizeof text);
	memcpy(text, "begin", 5);
	memcpy(text + SIZE - 3, "end", 3);
	fwrite(text, 1, sizeof text, f);
	fflush(f);
	form.fd = fileno(f);
	http_upload(h, at("127.0.0.1", port, "/echo"), &form, 5000, &form);
	d = wait_done();
	ok(d->fail == HTTP_OK && d->ctx == &form &&
		memmem(d->body.p, d->body.n, text, SIZE) != NULL,
	    "a file is uploaded whole");
	ok(holds(d->body, "name=\"purpose\"\r\n\r\nbatch\r\n") &&
		holds(d->body, "name=\"file\"; filename=\"tg-1.jsonl\"\r\n"
			       "Content-Type: application/json\r\n"),
	    "the form has the field, and name and type of the file");
	http_release(h, d);
	d = ask("/echo", span_of("hello"), 5000);
	ok(is(d, HTTP_OK, 200, "hello"), "a request after an upload is none");
	http_release(h, d);
	d = ask("/dump", (struct span){ NULL, 0 }, 5000);
	ok(!holds(d->body, "multipart"), "a GET after an upload is none");
	http_release(h, d);

	http_download(
	    h, at("127.0.0.1", port, "/stale"), fileno(to), 5000, NULL);
	d = wait_done();
	ok(is(d, HTTP_OK, 200, ""), "a download keeps nothing in memory");
	http_release(h, d);
	ok(pread(fileno(to), got, sizeof got, 0) == 2 && strcmp(got, "ok") == 0,
	    "a download is in its file");
	http_download(h, at("127.0.0.1", port, "/500"), fileno(to), 5000, NULL);
	d = wait_done();
	ok(is(d, HTTP_OK, 500, "oops") && lseek(fileno(to), 0, SEEK_END) == 2,
	    "an error is not written to the file of a download");
	http_release(h, d);
	http_download(h, at("127.0.0.1", port, "/cut"), fileno(to), 5000, NULL);
	d = wait_done();
	ok(d->fail == HTTP_RESET, "a download that is cut fails");
	http_release(h, d);
	http_download(
	    h, at("127.0.0.1", port, "/stale"), fileno(full), 5000, NULL);
	d = wait_done();
	ok(d->fail == HTTP_LOCAL && strcmp(d->message, strerror(ENOSPC)) == 0,
	    "a full disk is told from a failed transfer: %s", d->message);
	http_release(h, d);
	before = seconds();
	http_download(
	    h, at("127.0.0.1", port, "/slow"), fileno(to), 1000, NULL);
	d = wait_done();
	ok(d->fail == HTTP_TIMEOUT && seconds() - before > 0.9,
	    "a download that stalls is given up");
	http_release(h, d);
	form.fd = 1000;
	http_upload(h, at("127.0.0.1", port, "/echo"), &form, 5000, NULL);
	d = wait_done();
	ok(d->fail == HTTP_LOCAL, "a file that cannot be read is told");
	http_release(h, d);
	d = ask("/echo", span_of("again"), 5000);
	ok(is(d, HTTP_OK, 200, "again"), "a request after all these is served");
	http_release(h, d);
	fclose(f);
	fclose(to);
	fclose(full);
}

/* Write the headers of limits that are reset after 100 s, less what it takes.
 */
static void
put_resets(void)
{
	long long then = (long long)time(NULL) + 100;
	time_t t = (time_t)then;

	snprintf(epoch_s, sizeof epoch_s, "X-RateLimit-Reset: %lld\r\n", then);
	snprintf(
	    epoch_ms, sizeof epoch_ms, "X-RateLimit-Reset: %lld000\r\n", then);
	strftime(iso, sizeof iso,
	    "anthropic-ratelimit-tokens-reset: %Y-%m-%dT%H:%M:%SZ\r\n",
	    gmtime(&t));
}

int
main(void)
{
	pid_t peer;

	signal(SIGPIPE, SIG_IGN);
	put_date(soon, sizeof soon, 30);
	put_date(past, sizeof past, -3600);
	put_resets();
	peer = start_peer(&port);
	h = engine(defaults());
	test_answers();
	test_too_big();
	test_request();
	test_files();
	test_retry_after();
	test_timeouts();
	test_unreachable();
	test_names();
	test_targets();
	test_many();
	test_stale();
	test_poll();
	test_cancel_one();
	test_cancel_unsent();
	test_environment();
	test_proxy();
	http_free(h);
	http_free(NULL);
	kill(peer, SIGKILL);
	waitpid(peer, NULL, 0);
	printf("1..%d\n", tests);
	return failed != 0;
}
