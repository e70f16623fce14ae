/* conn: a request from its first byte to the last of its answer */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "mock.h"

enum { CUT_PAUSE_US = 20000 };
#define UNTIL_SIGNAL (NEVER / 2)

/*
 * A request's life: its headers arrive, its body is read, the answer is
 * decided; it may then queue for a slot and wait, suspended, until it is due.
 * A slow body suspends it again between bytes. While it is suspended,
 * libmicrohttpd does not look at its socket, so we watch that for hang-ups.
 */
struct req {
	TAILQ_ENTRY(req) held_link, queue_link;
	struct ask ask;
	struct reply reply;
	char *uri;   /* owned; ask.path and ask.query are inside */
	int64_t due; /* while held */
	bool decided, queued, slot, gone, pausing;
};
TAILQ_HEAD(reqs, req);

static struct reqs held = TAILQ_HEAD_INITIALIZER(held);   /* by due time */
static struct reqs queue = TAILQ_HEAD_INITIALIZER(queue); /* for a slot */
static int epfd;
static bool stopping, let_go;

static int
socket_of(const struct req *r)
{
	return MHD_get_connection_info(
	    r->ask.conn, MHD_CONNECTION_INFO_CONNECTION_FD)
	    ->connect_fd;
}

static void
insert_held(struct req *r)
{
	struct req *p = TAILQ_LAST(&held, reqs);

	while (p != NULL && p->due > r->due)
		p = TAILQ_PREV(p, reqs, held_link);
	if (p != NULL)
		TAILQ_INSERT_AFTER(&held, p, r, held_link);
	else
		TAILQ_INSERT_HEAD(&held, r, held_link);
}

/* Suspend until due, or until the client hangs up. */
static enum MHD_Result
hold(struct req *r, int64_t due)
{
	struct epoll_event ev = { .events = EPOLLRDHUP, .data.ptr = r };

	if (stopping)
		return MHD_NO;
	r->due = due;
	insert_held(r);
	epoll_ctl(epfd, EPOLL_CTL_ADD, socket_of(r), &ev);
	MHD_suspend_connection(r->ask.conn);
	return MHD_YES;
}

static void
wake(struct req *r)
{
	TAILQ_REMOVE(&held, r, held_link);
	epoll_ctl(epfd, EPOLL_CTL_DEL, socket_of(r), NULL);
	MHD_resume_connection(r->ask.conn);
}

/* When a decided request that has its slot is due. */
static int64_t
due_time(const struct req *r)
{
	const struct rule *rule = r->reply.rule;

	if (rule && rule->stall && rule->cut < 0)
		return NEVER;
	if (rule && rule->hold && !let_go)
		return UNTIL_SIGNAL;
	return now_us() + (int64_t)(r->reply.delay_ms * 1000);
}

static bool
take_slot(struct req *r)
{
	if (opt.slots > 0 && stats.busy >= (unsigned long)opt.slots) {
		r->queued = true;
		TAILQ_INSERT_TAIL(&queue, r, queue_link);
		return false;
	}
	r->slot = true;
	stats.busy++;
	return true;
}

static void
leave_queue(struct req *r)
{
	r->queued = false;
	TAILQ_REMOVE(&queue, r, queue_link);
}

static void
give_slot(void)
{
	struct req *r = TAILQ_FIRST(&queue);

	stats.busy--;
	if (r == NULL || stopping)
		return;
	leave_queue(r);
	r->slot = true;
	stats.busy++;
	TAILQ_REMOVE(&held, r, held_link);
	r->due = due_time(r);
	insert_held(r);
}

/* Bytes of the body sent before it stops, by itself or by rule. */
static size_t
body_end(const struct req *r)
{
	const struct rule *rule = r->reply.rule;

	if (rule->cut >= 0 && (size_t)rule->cut < r->reply.body.n)
		return (size_t)rule->cut;
	return r->reply.body.n;
}

/* Make the kernel send a reset now, dropping what lies unsent. */
static void
reset_connection(const struct req *r)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };

	connect(socket_of(r), &none, sizeof none);
}

static ssize_t
hold_body(struct req *r, int64_t due)
{
	if (hold(r, due) == MHD_YES)
		return 0;
	return MHD_CONTENT_READER_END_WITH_ERROR;
}

/* What comes after the last byte of a body that is not sent at once. */
static ssize_t
end_body(struct req *r)
{
	const struct rule *rule = r->reply.rule;

	if (body_end(r) == r->reply.body.n || (rule->no_length && !rule->stall))
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (rule->stall || !r->pausing) {
		/* let what was sent be read before the reset */
		r->pausing = true;
		return hold_body(
		    r, rule->stall ? NEVER : now_us() + CUT_PAUSE_US);
	}
	reset_connection(r);
	return MHD_CONTENT_READER_END_WITH_ERROR;
}

static ssize_t
read_body(void *cls, uint64_t pos, char *to, size_t max)
{
	struct req *r = cls;
	const struct rule *rule = r->reply.rule;
	size_t end = body_end(r), n;

	if (r->gone)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (pos >= end && !rule->endless)
		return end_body(r);
	if (rule->drip_ms > 0) {
		if (pos > 0 && !r->pausing) {
			r->pausing = true;
			return hold_body(r, now_us() + rule->drip_ms * 1000);
		}
		r->pausing = false;
		max = 1;
	}
	if (pos >= end) {
		memset(to, ' ', max);
		return (ssize_t)max;
	}
	n = end - (size_t)pos < max ? end - (size_t)pos : max;
	memcpy(to, r->reply.body.p + pos, n);
	return (ssize_t)n;
}

static struct MHD_Response *
make_response(struct req *r)
{
	struct reply *p = &r->reply;
	const struct rule *rule = p->rule;
	struct MHD_Response *resp;

	if (rule &&
	    (rule->cut >= 0 || rule->drip_ms > 0 || rule->endless ||
		rule->no_length)) {
		resp = MHD_create_response_from_callback(
		    rule->endless || rule->no_length ? MHD_SIZE_UNKNOWN
						     : p->body.n,
		    16384, read_body, r, NULL);
		if (rule->no_length)
			MHD_set_response_options(resp,
			    MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
		return resp;
	}
	resp = MHD_create_response_from_buffer(
	    p->body.n, p->body.p, MHD_RESPMEM_MUST_FREE);
	p->body = (struct buf){ 0 }; /* resp owns the bytes now */
	return resp;
}

static void
add_number(
    struct MHD_Response *resp, const char *name, long n, const char *unit)
{
	char text[32];

	snprintf(text, sizeof text, "%ld%s", n, unit);
	MHD_add_response_header(resp, name, text);
}

static enum MHD_Result
answer(struct req *r)
{
	struct reply *p = &r->reply;
	const struct rule *rule = p->rule;
	bool typed = false;
	struct MHD_Response *resp;
	enum MHD_Result ok;
	const char *name;
	json_t *value;

	if (rule && rule->reset)
		reset_connection(r);
	if (p->status == 0)
		return MHD_NO;
	resp = make_response(r);
	json_object_foreach(rule ? rule->headers : NULL, name, value) {
		MHD_add_response_header(resp, name, json_string_value(value));
		typed = typed || strcasecmp(name, "Content-Type") == 0;
	}
	if (!typed)
		MHD_add_response_header(
		    resp, "Content-Type", "application/json");
	if (p->limit > 0) {
		add_number(resp, "x-ratelimit-limit-requests", p->limit, "");
		add_number(
		    resp, "x-ratelimit-remaining-requests", p->remaining, "");
		add_number(
		    resp, "x-ratelimit-reset-requests", p->retry_ms, "ms");
	}
	if (p->retry_ms > 0) {
		add_number(resp, "retry-after-ms", p->retry_ms, "");
		add_number(resp, "Retry-After", (p->retry_ms + 999) / 1000, "");
	}
	ok = MHD_queue_response(r->ask.conn, p->status, resp);
	MHD_destroy_response(resp);
	return ok;
}

/* The request line has been read: the only place that sees the query raw. */
static void *
on_uri(void *cls, const char *uri, struct MHD_Connection *conn)
{
	struct req *r = mem_new(sizeof *r);
	char *mark;

	(void)cls;
	r->ask.conn = conn;
	r->uri = mem_dup(uri, strlen(uri));
	r->ask.path = r->uri;
	r->ask.query = "";
	if ((mark = strchr(r->uri, '?')) != NULL) {
		*mark = '\0';
		r->ask.query = mark + 1;
	}
	return r;
}

/* What was answered last on its connection, 0: nothing, or it has been read. */
static uint64_t *
last_answered(struct MHD_Connection *conn)
{
	return MHD_get_connection_info(conn, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
	    ->socket_context;
}

static void
arrive(struct req *r, const char *method)
{
	uint64_t *last = last_answered(r->ask.conn);

	if (*last != 0)
		log_answered("read", *last);
	*last = 0;
	r->ask.method = method;
	r->ask.came = now_us();
	r->ask.chat = is_chat(&r->ask);
	r->ask.embed = is_embed(&r->ask);
	r->ask.rescore = is_rescore(&r->ask);
	if (!r->ask.chat)
		return;
	stats.requests++;
	if (++stats.in_flight > stats.max_in_flight)
		stats.max_in_flight = stats.in_flight;
}

static enum MHD_Result
on_request(void *cls, struct MHD_Connection *conn, const char *url,
    const char *method, const char *version, const char *data, size_t *n,
    void **ctx)
{
	struct req *r = *ctx;

	(void)cls, (void)conn, (void)url, (void)version;
	if (r->ask.method == NULL) {
		arrive(r, method);
		return MHD_YES;
	}
	if (*n > 0) {
		buf_add(&r->ask.raw, data, *n);
		*n = 0;
		return MHD_YES;
	}
	if (r->gone)
		return MHD_NO;
	if (!r->decided) {
		decide(&r->reply, &r->ask);
		r->decided = true;
		/* what is refused at once needs no slot */
		if (r->ask.chat &&
		    (r->reply.status < 400 || r->reply.delay_ms > 0) &&
		    !take_slot(r))
			return hold(r, NEVER);
		r->due = due_time(r);
	}
	if (r->due > now_us())
		return hold(r, r->due);
	return answer(r);
}

static void
on_done(void *cls, struct MHD_Connection *conn, void **ctx,
    enum MHD_RequestTerminationCode how)
{
	struct req *r = *ctx;
	bool whole = how == MHD_REQUEST_TERMINATED_COMPLETED_OK;

	(void)cls;
	if (r == NULL)
		return;
	if (r->ask.chat) {
		stats.in_flight--;
		stats.gone += r->gone;
		if (whole && r->reply.status == 200 &&
		    (r->reply.rule == NULL || r->reply.rule->cut < 0)) {
			seen_get(r->ask.hash)->paid = true;
			log_answered("answered", r->ask.hash);
			*last_answered(conn) = r->ask.hash;
		}
	}
	if (r->queued)
		leave_queue(r);
	if (r->slot)
		give_slot();
	ask_free(&r->ask);
	buf_free(&r->reply.body);
	free(r->uri);
	free(r);
	*ctx = NULL;
}

static void
on_connection(void *cls, struct MHD_Connection *conn, void **ctx,
    enum MHD_ConnectionNotificationCode what)
{
	(void)cls, (void)conn;
	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		stats.connections++;
		*ctx = mem_new(sizeof(uint64_t));
	} else {
		free(*ctx);
	}
}

struct MHD_Daemon *
conn_listen(uint16_t port, int watch)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };

	epfd = watch;
	addr.sin_addr.s_addr = htonl(opt.any > 0 ? INADDR_ANY : INADDR_LOOPBACK);
	addr.sin_port = htons(port);
	return MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, port,
	    NULL, NULL, on_request, NULL, MHD_OPTION_SOCK_ADDR, &addr,
	    MHD_OPTION_URI_LOG_CALLBACK, on_uri, NULL,
	    MHD_OPTION_NOTIFY_COMPLETED, on_done, NULL,
	    MHD_OPTION_NOTIFY_CONNECTION, on_connection, NULL,
	    MHD_OPTION_CONNECTION_LIMIT, 16384U,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)32768,
	    MHD_OPTION_LISTEN_BACKLOG_SIZE, 4096U, MHD_OPTION_END);
}

int64_t
conn_due(void)
{
	return TAILQ_EMPTY(&held) ? NEVER : TAILQ_FIRST(&held)->due;
}

void
conn_hangup(void *held_one)
{
	struct req *r = held_one;

	r->gone = true;
	if (r->queued)
		leave_queue(r);
	wake(r);
}

void
conn_wake(int64_t now)
{
	struct req *r;

	while ((r = TAILQ_FIRST(&held)) != NULL && r->due <= now)
		wake(r);
}

void
conn_let_go(void)
{
	struct req *r, *next;

	let_go = true;
	for (r = TAILQ_FIRST(&held); r != NULL; r = next) {
		next = TAILQ_NEXT(r, held_link);
		if (r->due != UNTIL_SIGNAL)
			continue;
		TAILQ_REMOVE(&held, r, held_link);
		r->due = 0;
		insert_held(r);
	}
}

void
conn_stop(void)
{
	stopping = true;
	while (!TAILQ_EMPTY(&held))
		conn_hangup(TAILQ_FIRST(&held));
}
