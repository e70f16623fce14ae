/* chat: jobs against a peer that answers and one that never accepts */
#include "chat/chat.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "chat/chat-in.h"
#include "tap.h"

enum { JOBS = 200, ANSWERED = 150, PATIENCE_MS = 60 * 1000 };

/* Resolve names: silent.test is this machine. */
int
getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
    struct addrinfo **result)
{
	static int (*resolve)(const char *, const char *,
	    const struct addrinfo *, struct addrinfo **);
	void *next = dlsym(RTLD_NEXT, "getaddrinfo");

	memcpy(&resolve, &next, sizeof next);
	if (node != NULL && strcmp(node, "silent.test") == 0)
		node = "127.0.0.1";
	return resolve(node, service, hints, result);
}

static int
listen_at(int backlog, struct sockaddr_in *a)
{
	socklen_t n = sizeof *a;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	*a = (struct sockaddr_in){ .sin_family = AF_INET };
	a->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd == -1 || bind(fd, (struct sockaddr *)a, n) == -1 ||
	    listen(fd, backlog) == -1 ||
	    getsockname(fd, (struct sockaddr *)a, &n) == -1) {
		printf("Bail out! cannot listen\n");
		exit(3);
	}
	return fd;
}

/*
 * Answer each request on a connection after some ms: with status 500 below
 * /bad, else with a completion.
 */
static _Noreturn void
serve_connection(int fd)
{
	static const char reply[] =
	    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	    "Content-Length: 64\r\n\r\n"
	    "{\"choices\":[{\"message\":{\"content\":\"yes\"},"
	    "\"finish_reason\":null}]}";
	static const char bad[] =
	    "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n";
	char in[8192];
	size_t have = 0;
	ssize_t k;
	int is_bad;

	while ((k = recv(fd, in + have, sizeof in - 1 - have, 0)) > 0) {
		have += (size_t)k;
		in[have] = '\0';
		if (strstr(in, "\r\n\r\n") == NULL || in[have - 1] != '}')
			continue;
		have = 0;
		is_bad = strncmp(in, "POST /bad", 9) == 0;
		usleep(3000);
		if (send(fd, is_bad ? bad : reply,
			is_bad ? sizeof bad - 1 : sizeof reply - 1,
			MSG_NOSIGNAL) < 0)
			break;
	}
	_exit(0);
}

/* Start a server in a process of its own; return its pid, and set *port. */
static pid_t
start_server(int *port)
{
	struct sockaddr_in a;
	int fd = listen_at(64, &a), conn;
	pid_t pid = fork();

	*port = ntohs(a.sin_port);
	if (pid != 0) {
		close(fd);
		return pid;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		conn = accept(fd, NULL, NULL);
		if (conn != -1 && fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			serve_connection(conn);
		}
		close(conn);
	}
}

/* Fill the backlog of a port, so that it neither accepts nor refuses. */
static void
fill_backlog(struct sockaddr_in *a)
{
	int i, fd;

	listen_at(0, a);
	for (i = 0; i < 4; i++) {
		fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(fd, (struct sockaddr *)a, sizeof *a);
	}
}

static int
is_cancelled(void)
{
	return 0;
}

/* Take finished jobs; return how many, and count job i in given[i]. */
static int
take_jobs(struct chat *c, const struct chat_job *jobs, int *given)
{
	struct chat_job *j;
	int n = 0;

	while ((j = chat_next(c)) != NULL) {
		given[j - jobs]++;
		n++;
		chat_job_free(j);
		memset(&j->mem, 0, sizeof j->mem);
	}
	return n;
}

/* Make a chat with two endpoints and this concurrency limit. */
static struct chat *
open_chat(const char *one, const char *two, unsigned at_once, double hedge)
{
	const char *urls[] = { one, two, NULL }, *why = "";
	struct chat_opts o = { .urls = urls,
		.model = "m",
		.dialect = dialect_find("generic"),
		.jobs = at_once,
		.retries = 5,
		.retry_ms = PATIENCE_MS,
		.timeout_ms = PATIENCE_MS,
		.hedge = hedge,
		.cancelled = is_cancelled };
	struct chat *c;
	int status;

	if ((c = chat_new(&o, &status, &why)) == NULL) {
		printf("Bail out! %s\n", why);
		exit(3);
	}
	return c;
}

static struct chat_job
new_job(int i)
{
	struct chat_job j = {
		.want = 1, .file = "-", .kind = "generate", .lineno = (size_t)i
	};

	j.ask.messages =
	    span_of("[{\"role\":\"user\",\"content\":\"a question\"}]");
	return j;
}

/*
 * Hedges go between an endpoint that answers and one that never accepts; then
 * all is cut. Each job must come back, once.
 */
static void
test_cancelled_hedges(int port)
{
	static struct chat_job jobs[JOBS];
	static int given[JOBS];
	char good[64], silent[64];
	const char *why;
	struct sockaddr_in a;
	struct chat *c;
	long long until = clock_ms() + PATIENCE_MS;
	int i, got = 0, twice = 0, lost = 0;
	unsigned long hedges;

	fill_backlog(&a);
	snprintf(good, sizeof good, "http://127.0.0.1:%d/v1", port);
	snprintf(silent, sizeof silent, "http://silent.test:%d/v1",
	    ntohs(a.sin_port));
	c = open_chat(good, silent, 8, 50);
	for (i = 0; i < JOBS; i++) {
		jobs[i] = new_job(i);
		chat_ask(c, &jobs[i]);
	}
	while (got < ANSWERED && clock_ms() < until &&
	       chat_poll(c, NULL, 0, 100, &why) == 0)
		got += take_jobs(c, jobs, given);
	hedges = chat_stats(c)->hedges;
	ok(got >= ANSWERED && hedges >= 5 && chat_stats(c)->hedges_won >= 5,
	    "requests that hang are answered by hedges (%d, %lu)", got, hedges);
	chat_stop(c, "cut", 1);
	for (i = 0; i < 20 && chat_poll(c, NULL, 0, 10, &why) == 0; i++)
		take_jobs(c, jobs, given);
	for (i = 0; i < JOBS; i++) {
		twice += given[i] > 1;
		lost += given[i] == 0;
	}
	is_int(lost, 0, "each job comes back");
	is_int(twice, 0, "no job comes back a second time with a lost hedge");
	is_int(chat_stats(c)->pending, 0, "no job is pending");
	is_int(chat_free(c), 0, "no attempt is left when the chat is freed");
}

/* Test a retry: one job at a time would always go to the first endpoint. */
static void
test_retry(int port)
{
	char good[64], bad[64];
	const char *why;
	struct chat_job j = new_job(1);
	struct chat *c;
	long long until = clock_ms() + PATIENCE_MS;

	snprintf(good, sizeof good, "http://127.0.0.1:%d/v1", port);
	snprintf(bad, sizeof bad, "http://127.0.0.1:%d/bad/v1", port);
	c = open_chat(bad, good, 1, 0);
	chat_ask(c, &j);
	while (chat_next(c) == NULL && clock_ms() < until &&
	       chat_poll(c, NULL, 0, 100, &why) == 0)
		;
	ok(j.code == NULL && j.attempts == 2 && c->ends[0].did.calls == 1 &&
		c->ends[1].did.answered == 1,
	    "a retry goes to the other endpoint (%d attempts)", j.attempts);
	chat_job_free(&j);
	chat_free(c);
}

/*
 * Return how many hedges are sent to a second endpoint in this state, slowed
 * for so long, after so many hedges and calls.
 */
static unsigned long
hedges_to(int port, enum endpoint_state state, long long slowed_ms,
    unsigned long before, unsigned long calls)
{
	char one[64], two[64];
	struct chat_job j = new_job(1);
	struct chat *c;
	struct attempt *k = mem_new(sizeof *k);
	long long now = clock_ms(), wait = -1;
	unsigned long hedges;
	int i;

	snprintf(one, sizeof one, "http://127.0.0.1:%d/v1", port);
	snprintf(two, sizeof two, "http://127.0.0.1:%d/bad/v1", port);
	c = open_chat(one, two, 8, 50);
	for (i = 0; i < HEDGE_LEAST; i++)
		hedge_note(&c->hedge, 10);
	c->stats.hedges = before;
	c->stats.calls = calls - 1; /* and one that is sent here */
	c->session.state = SESSION_SERVING;
	c->ends[0].health.state = ENDPOINT_UP;
	c->ends[1].health.state = state;
	c->ends[1].health.slowed_until = now + slowed_ms;
	k->job = &j;
	k->n = 1;
	attempt_send(c, k, &c->ends[0], now - 10000);
	hedge_send(c, now, &wait);
	hedges = c->stats.hedges - before;
	ok(hedges == 0 || k->hedge->at == &c->ends[1],
	    "a hedge goes to the other endpoint, if at all");
	chat_free(c);
	return hedges;
}

/* An attempt waits for longer than an int holds; a timer ends the poll. */
static void
test_long_wait(void)
{
	const struct itimerspec soon = { .it_value.tv_nsec = 300000000 };
	struct pollfd p = { .fd = timerfd_create(CLOCK_MONOTONIC, 0),
		.events = POLLIN };
	struct chat *c =
	    open_chat("http://127.0.0.1:1/v1", "http://127.0.0.1:2/v1", 1, 0);
	const char *why;

	attempt_delay(&c->attempts, mem_new(sizeof(struct attempt)),
	    clock_ms() + (1LL << 32) + 20);
	timerfd_settime(p.fd, 0, &soon, NULL);
	ok(chat_poll(c, &p, 1, -1, &why) == 0 && (p.revents & POLLIN) != 0,
	    "a wait of more than 2^32 ms does not end at once");
	close(p.fd);
	chat_free(c);
}

int
main(void)
{
	pid_t pid;
	int port;

	signal(SIGPIPE, SIG_IGN);
	pid = start_server(&port);
	test_cancelled_hedges(port);
	test_retry(port);
	test_long_wait();
	is_int(hedges_to(port, ENDPOINT_UP, 0, 0, 100), 1,
	    "an endpoint that is up gets a hedge");
	is_int(hedges_to(port, ENDPOINT_EJECTED, 0, 0, 100), 0,
	    "no hedge goes to an ejected endpoint");
	is_int(hedges_to(port, ENDPOINT_UP, 1000, 0, 100), 0,
	    "no hedge goes to a slowed endpoint");
	is_int(hedges_to(port, ENDPOINT_UP, 0, 0, 9), 0,
	    "none of the first nine calls is hedged");
	is_int(hedges_to(port, ENDPOINT_UP, 0, 0, 10), 1,
	    "one of ten calls is hedged");
	is_int(hedges_to(port, ENDPOINT_UP, 0, 1, 19), 0,
	    "a second hedge waits for the twentieth call");
	is_int(hedges_to(port, ENDPOINT_UP, 0, 1, 20), 1,
	    "two of twenty calls are hedged");
	kill(pid, SIGKILL);
	return done();
}
