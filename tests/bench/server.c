/*
 * server: an LLM service that is nothing but fast, to measure clients against.
 *
 *	usage: server [-l ms[,p99]] [-s slots] > port
 *
 * One thread, epoll, HTTP/1.1 kept alive. -l: how long an answer takes, or the
 * median and the 99th percentile of a lognormal distribution. -s: how many are
 * worked at at once; the others queue, first come, first served. A request that
 * asks for few tokens is the judge's and gets "1".
 *
 *	GET /stats	what happened since the last GET /stats, as JSON
 *	GET /v1/models	one model, "bench"
 *	POST		a completion, its text never the same, about 600 bytes
 *
 * The parser takes what decent clients send, no more; the server for tests is
 * in tests/mock. Ends when its parent does.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

enum {
	BACKLOG = 4096,
	EVENTS = 512,
	SECONDS = 3600,    /* of a run, for the busy fraction of each */
	JUDGE_TOKENS = 99, /* who asks for fewer is a judge */
};

struct conn {
	int fd;
	struct buf in;
	size_t need; /* bytes of the request in `in`, 0: not known yet */
	int waits;   /* for its answer */
	int again;   /* there may be more to read since */
	struct conn *next;
};

struct timer {
	int64_t due;
	struct conn *conn;
};

static struct {
	double p50, p99; /* ms */
	unsigned slots;  /* 0: no end of them */
} opt;

static struct {
	int64_t first, arrived, left; /* us; first request, last one, answer */
	int64_t at;                   /* busy is entered up to here */
	unsigned long requests, connections;
	unsigned under_way, peak;
	double before;          /* slot-us up to `arrived` */
	double busy;            /* slot-us in all */
	double second[SECONDS]; /* and of each second */
} st;

static int epfd;
static struct timer *heap;
static size_t nheap, cap;
static struct conn *queue, **queue_tail = &queue;
static unsigned working;
static uint64_t serial;

static _Noreturn void
die(const char *what)
{
	perror(what);
	exit(3);
}

static int64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Enter the time since the last call as that many slots busy. */
static void
account(int64_t now)
{
	int64_t end, second;

	for (; st.at < now; st.at = end) {
		second = (st.at - st.first) / 1000000;
		end = st.first + (second + 1) * 1000000;
		if (end > now)
			end = now;
		if (second < SECONDS)
			st.second[second] += (double)(end - st.at) * working;
		st.busy += (double)(end - st.at) * working;
	}
}

/* Answers. */

static void
add_text(struct buf *b)
{
	static const char text[] =
	    "Return the list of intervals with those that overlap merged, in "
	    "order of where they begin; the input may come in any order and "
	    "is left as it is. Number ";

	buf_add(b, text, sizeof text - 1);
	buf_fmt(b, "%llu", (unsigned long long)++serial);
}

static void
add_choice(struct buf *b, int index, int judge)
{
	buf_fmt(b,
	    "%s{\"index\":%d,\"message\":{\"role\":\"assistant\","
	    "\"content\":\"",
	    index ? "," : "", index);
	if (judge)
		buf_addc(b, '1');
	else
		add_text(b);
	buf_adds(b, "\",\"refusal\":null,\"tool_calls\":[]},\"logprobs\":null,"
		    "\"finish_reason\":\"stop\",\"stop_reason\":null}");
}

static void
completion(struct buf *b, int n, int judge)
{
	int i;

	buf_adds(b, "{\"id\":\"chatcmpl-5f1b9a2c7d3e4f60\","
		    "\"object\":\"chat.completion\",\"created\":1754000000,"
		    "\"model\":\"bench\",\"choices\":[");
	for (i = 0; i < n; i++)
		add_choice(b, i, judge);
	buf_adds(b, "],\"usage\":{\"prompt_tokens\":412,\"total_tokens\":460,"
		    "\"completion_tokens\":48,\"prompt_tokens_details\":null},"
		    "\"prompt_logprobs\":null}");
}

static void
add_stats(struct buf *b)
{
	int64_t i, n = (st.left - st.first + 999999) / 1000000;
	double of = opt.slots ? opt.slots : 1;

	buf_fmt(b,
	    "{\"requests\":%lu,\"connections\":%lu,\"peak\":%u,"
	    "\"seconds\":%.3f,\"until_last_request\":%.3f,"
	    "\"busy\":%.1f,\"busy_until_last_request\":%.1f,\"each\":[",
	    st.requests, st.connections, st.peak,
	    (double)(st.left - st.first) / 1e6,
	    (double)(st.arrived - st.first) / 1e6, st.busy / 1e6,
	    st.before / 1e6);
	for (i = 0; i < n && i < SECONDS; i++)
		buf_fmt(b, "%s%.3f", i ? "," : "", st.second[i] / 1e6 / of);
	buf_adds(b, "]}\n");
	memset(&st, 0, sizeof st);
}

static void
conn_free(struct conn *c)
{
	close(c->fd);
	buf_free(&c->in);
	free(c);
}

/* Send b as a whole answer: 0, or -1 if it does not go. */
static int
send_answer(struct conn *c, struct span body)
{
	static struct buf b;

	b.n = 0;
	buf_fmt(&b,
	    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	    "Content-Length: %zu\r\n\r\n",
	    body.n);
	buf_addspan(&b, body);
	return send(c->fd, b.p, b.n, MSG_NOSIGNAL) == (ssize_t)b.n ? 0 : -1;
}

/* The number behind name in the last part of a body, where limits stand. */
static long
number_of(const struct conn *c, const char *name)
{
	size_t n = c->need < 600 ? c->need : 600;
	const char *tail = c->in.p + c->need - n;
	const char *p = memmem(tail, n, name, strlen(name));

	return p != NULL ? strtol(p + strlen(name), NULL, 10) : 0;
}

/* Answer the completion c asked for. */
static int
answer(struct conn *c)
{
	static struct buf body;
	long n = number_of(c, ",\"n\":");
	long tokens = number_of(c, "tokens\":");

	body.n = 0;
	completion(
	    &body, n > 1 ? (int)n : 1, tokens > 0 && tokens <= JUDGE_TOKENS);
	c->waits = 0;
	c->in.n = 0;
	c->need = 0;
	return send_answer(c, buf_span(&body));
}

/* Time and slots. */

static double
uniform(void)
{
	static uint64_t x = 88172645463325252u;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return ((double)(x >> 11) + 0.5) / 0x1p53;
}

static int64_t
latency_us(void)
{
	double z;

	if (opt.p99 <= opt.p50)
		return (int64_t)(opt.p50 * 1000);
	z = sqrt(-2 * log(uniform())) * cos(2 * M_PI * uniform());
	return (
	    int64_t)(opt.p50 * 1000 * exp(z * log(opt.p99 / opt.p50) / 2.3263));
}

static void
heap_put(int64_t due, struct conn *c)
{
	size_t i;

	if (nheap == cap) {
		cap = cap ? cap * 2 : 1024;
		heap = mem_array(heap, cap, sizeof *heap);
	}
	for (i = nheap++; i > 0 && heap[(i - 1) / 2].due > due; i = (i - 1) / 2)
		heap[i] = heap[(i - 1) / 2];
	heap[i] = (struct timer){ due, c };
}

static struct conn *
heap_take(void)
{
	struct conn *top = heap[0].conn;
	struct timer last = heap[--nheap];
	size_t i = 0, kid;

	while ((kid = 2 * i + 1) < nheap) {
		if (kid + 1 < nheap && heap[kid + 1].due < heap[kid].due)
			kid++;
		if (last.due <= heap[kid].due)
			break;
		heap[i] = heap[kid];
		i = kid;
	}
	heap[i] = last;
	return top;
}

/* Begin to work at what queues, as far as there are slots. */
static void
begin(int64_t now)
{
	struct conn *c;

	account(now);
	while ((c = queue) != NULL && (!opt.slots || working < opt.slots)) {
		if ((queue = c->next) == NULL)
			queue_tail = &queue;
		working++;
		heap_put(now + latency_us(), c);
	}
}

/* A whole completion request has come: 0, or -1 if its connection broke. */
static int
asked(struct conn *c)
{
	int64_t now;

	st.requests++;
	if (opt.p50 <= 0)
		return answer(c);
	now = now_us();
	if (st.first == 0)
		st.first = st.at = now;
	c->waits = 1;
	c->next = NULL;
	*queue_tail = c;
	queue_tail = &c->next;
	if (++st.under_way > st.peak)
		st.peak = st.under_way;
	begin(now);
	st.arrived = now;
	st.before = st.busy;
	return 0;
}

/* Requests. */

static int
get(struct conn *c)
{
	static const char models[] =
	    "{\"object\":\"list\",\"data\":[{\"id\":\"bench\",\"object\":"
	    "\"model\",\"owned_by\":\"vllm\"}]}";
	struct buf b = { 0 };
	int failed;

	if (memcmp(c->in.p, "GET /stats", 10) == 0)
		add_stats(&b);
	else
		buf_adds(&b, models);
	c->in.n = 0;
	c->need = 0;
	failed = send_answer(c, buf_span(&b));
	buf_free(&b);
	return failed;
}

/* How long the request in c is, 0 if its head is not complete. */
static size_t
length(const struct conn *c)
{
	static const char field[] = "\r\ncontent-length:";
	const char *end = memmem(c->in.p, c->in.n, "\r\n\r\n", 4), *p;
	size_t head, body = 0;

	if (end == NULL)
		return 0;
	head = (size_t)(end - c->in.p) + 4;
	for (p = c->in.p; p != NULL && p < end;
	     p = memmem(p + 1, (size_t)(end - p) - 1, "\r\n", 2))
		if (strncasecmp(p, field, sizeof field - 1) == 0)
			body = strtoul(p + sizeof field - 1, NULL, 10);
	return head + body;
}

/* Read and serve: 0, or -1 when the connection is over. */
static int
serve(struct conn *c)
{
	ssize_t n;

	for (;;) {
		c->again = 0;
		buf_need(&c->in, 4096);
		n = recv(c->fd, c->in.p + c->in.n, c->in.cap - c->in.n - 1, 0);
		if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR))
			return -1;
		if (n == -1)
			return 0;
		c->in.n += (size_t)n;
		buf_cstr(&c->in);
		if (c->need == 0)
			c->need = length(c);
		if (c->need == 0 || c->in.n < c->need)
			continue;
		if ((c->in.p[0] == 'G' ? get(c) : asked(c)) == -1)
			return -1;
		/* the edge that tells of more is still to come */
		return 0;
	}
}

static void
accept_all(int listener)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET };
	struct conn *c;
	int fd, on = 1;

	while ((fd = accept4(listener, NULL, NULL,
		    SOCK_NONBLOCK | SOCK_CLOEXEC)) != -1) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		c = mem_new(sizeof *c);
		c->fd = fd;
		ev.data.ptr = c;
		if (epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &ev) == -1)
			die("epoll_ctl");
		st.connections++;
	}
}

/* Send what is due. */
static void
deliver(void)
{
	struct conn *c;
	int64_t now;

	while (nheap > 0 && heap[0].due <= (now = now_us())) {
		account(now);
		c = heap_take();
		working--;
		st.under_way--;
		st.left = now;
		begin(now);
		if (answer(c) == -1 || (c->again && serve(c) == -1))
			conn_free(c);
	}
}

static void
run(int listener)
{
	struct epoll_event ev[EVENTS];
	struct timespec t, *wait;
	struct conn *c;
	int64_t left;
	int i, n;

	for (;;) {
		wait = NULL;
		if (nheap > 0) {
			left = heap[0].due - now_us();
			left = left < 0 ? 0 : left;
			t = (struct timespec){ .tv_sec = left / 1000000,
				.tv_nsec = left % 1000000 * 1000 };
			wait = &t;
		}
		n = epoll_pwait2(epfd, ev, EVENTS, wait, NULL);
		if (n == -1 && errno != EINTR)
			die("epoll_pwait2");
		for (i = 0; i < n; i++) {
			c = ev[i].data.ptr;
			if (c == NULL)
				accept_all(listener);
			else if (c->waits)
				c->again = 1;
			else if (serve(c) == -1)
				conn_free(c);
		}
		deliver();
	}
}

static int
open_port(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd == -1 || bind(fd, (struct sockaddr *)&a, len) == -1 ||
	    listen(fd, BACKLOG) == -1 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) == -1)
		die("listen");
	printf("%d\n", ntohs(a.sin_port));
	fflush(stdout);
	return fd;
}

int
main(int argc, char *argv[])
{
	struct epoll_event ev = { .events = EPOLLIN };
	struct rlimit files;
	int ch, listener;
	char *p;

	while ((ch = getopt(argc, argv, "l:s:")) != -1) {
		if (ch == 'l') {
			opt.p50 = opt.p99 = strtod(optarg, &p);
			if (*p == ',')
				opt.p99 = strtod(p + 1, NULL);
		} else if (ch == 's') {
			opt.slots = (unsigned)strtoul(optarg, NULL, 10);
		} else {
			fputs(
			    "usage: server [-l ms[,p99]] [-s slots]\n", stderr);
			return 2;
		}
	}
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	epfd = epoll_create1(EPOLL_CLOEXEC);
	listener = open_port();
	if (epoll_ctl(epfd, EPOLL_CTL_ADD, listener, &ev) == -1)
		die("epoll_ctl");
	run(listener);
}
