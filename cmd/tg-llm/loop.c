/* loop: reads, asks for and writes records, all at the same time */
#include "loop.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "io/io.h"
#include "json/find.h"
#include "json/string.h"
#include "response.h"
#include "signals.h"

enum {
	WINDOW_MIN = 1024,
	SLOTS_A_JOB = 64,     /* records held for each request in flight */
	DRAIN_MS = 30 * 1000, /* time for requests in flight after a stop, ms */
	CUT_MS = 1000,        /* time for writing after a second stop, ms */
	OUT_HIGH =
	    1 << 20, /* bytes of waiting output above which nothing is read */
	OUT_SOME = 32 * 1024, /* bytes of output that are worth a write */
	LINES_A_TURN = 256,
	WARN_MAX =
	    20, /* messages about failed records at most; tg.error has all */
};

/* Print where and why a record ends in error. */
static void
complain(struct llm *l, const char *file, size_t lineno, const char *code,
    const char *what, struct span why)
{
	l->failed++;
	/* one message at the end covers stopped records */
	if (strcmp(code, "stopped") == 0)
		return;
	if (l->warned == WARN_MAX)
		return;
	metrics_clear(&l->metrics);
	io_warn(l->o->f.tool, "%s:%zu: %s%.*s", file, lineno, what,
	    (int)(why.n < 1024 ? why.n : 1024), why.p);
	if (++l->warned == WARN_MAX)
		io_warn(l->o->f.tool, "further errors are only in the records");
}

/* Put the answer or the error of a job into its record. */
static void
finish(struct llm *l, struct slot *p)
{
	struct span error, code;
	struct arena *mem = &p->rec.mem;

	if (p->rec.failed) {
		error = rec_tg(&p->rec, "error");
		code = js_string(js_find(error, "code"), mem);
		complain(l, p->file, p->lineno, arena_dup(mem, code.p, code.n),
		    "", js_string(js_find(error, "message"), mem));
	}
	reorder_done(&l->reorder, p, &l->out.buf);
}

static int
can_emit(const struct llm *l)
{
	return reorder_ready(&l->reorder) && outq_left(&l->out) <= OUT_HIGH;
}

static void
job_done(struct llm *l, struct chat_job *j)
{
	struct slot *p = j->ctx;

	if (!j->left)
		metrics_job(&l->metrics, j);
	if (j->left)
		; /* the record keeps its request */
	else if (j->code != NULL)
		response_fail(&p->rec, l->o->f.tool, j);
	else
		response_put(&p->rec, j, l->o->keep);
	finish(l, p);
	chat_job_free(j);
}

static void
ask(struct llm *l, struct slot *p)
{
	struct span request = rec_tg(&p->rec, "request");
	int step;
	enum rec_kind kind = rec_kind(&p->rec, "request", &step);
	struct body_ask a = body_ask_of(request);

	if (kind == REC_NO_KIND || js_count(a.messages) == 0) {
		rec_error(&p->rec, l->o->f.tool, "bad_request_member",
		    "tg.request needs a kind and messages");
		metrics_error(&l->metrics, "bad_request_member");
		finish(l, p);
		return;
	}
	p->job = (struct chat_job){
		.ctx = p,
		.ask = a,
		.want = kind == REC_JUDGE ? 1 : l->o->choices,
		.length_ok = kind == REC_JUDGE,
		.file = p->file,
		.lineno = p->lineno,
		.kind = rec_kind_name(kind),
	};
	metrics_asked(&l->metrics, rec_kind_name(kind), step);
	chat_ask(l->chat, &p->job);
}

static void
bad_line(struct llm *l, const char *code, const char *why, struct span head,
    size_t bytes)
{
	struct buf b = { 0 };

	complain(
	    l, l->in.name, l->in.lineno, code, "not a record, ", span_of(why));
	metrics_error(&l->metrics, code);
	rec_bad_line(&b, l->o->f.tool, code, why, l->in.lineno, head, bytes);
	reorder_pass(&l->reorder, buf_span(&b), &l->out.buf);
	buf_free(&b);
}

/* Return whether a record asks something that this process serves. */
static int
is_ours(const struct llm *l, const struct rec *r)
{
	int step;

	return rec_state(r) == REC_ASKED &&
	       (l->o->only == REC_NO_KIND ||
		   l->o->only == rec_kind(r, "request", &step));
}

static void
take_line(struct llm *l, struct span line, size_t bytes, enum lines_got got)
{
	struct slot *p;
	char why[100];
	const char *reason;

	if (got == LINES_LONG) {
		snprintf(why, sizeof why,
		    "a line of %zu bytes, over the limit of %zu", bytes,
		    l->in.limit);
		bad_line(l, "line_too_long", why, line, bytes);
		return;
	}
	if ((p = reorder_read(&l->reorder, line, &reason)) == NULL) {
		bad_line(l, "bad_record", reason, line, bytes);
		return;
	}
	if (!is_ours(l, &p->rec)) {
		reorder_pass(&l->reorder, buf_span(&p->line), &l->out.buf);
		return;
	}
	reorder_hold(&l->reorder, p);
	p->file = l->in.name;
	p->lineno = l->in.lineno;
	ask(l, p);
}

/* Stop reading after a failure of the input; records already read go on. */
static void
input_failed(struct llm *l)
{
	metrics_clear(&l->metrics);
	io_warn(l->o->f.tool, "%s: %s",
	    l->in.fd == -1 && *l->in.files ? *l->in.files : l->in.name,
	    strerror(errno));
	l->eof = l->in_failed = 1;
}

/* Return the number of records to hold for jobs requests in flight. */
static size_t
slots_for(unsigned jobs)
{
	size_t size = SLOTS_A_JOB * (size_t)jobs;

	return size < WINDOW_MIN ? WINDOW_MIN : size;
}

/* Return whether another line is wanted: one that can soon be sent. */
static int
wants_input(const struct llm *l)
{
	return !l->eof && !reorder_full(&l->reorder) &&
	       l->reorder.count < slots_for(chat_width(l->chat)) &&
	       outq_left(&l->out) <= OUT_HIGH &&
	       (chat_stopped(l->chat) != NULL || chat_hungry(l->chat));
}

/*
 * Read more input into the empty buffer; after a stop only the rest of a line
 * that has begun. Return 0 if there are no more lines for now.
 */
static int
refill(struct llm *l)
{
	int got = 1;

	if (chat_stopped(l->chat) != NULL) {
		got = lines_rest(&l->in);
		l->eof = got == 0;
	} else if (!lines_ready(&l->in)) {
		return 0;
	} else if (lines_fill(&l->in) == -1) {
		got = -1;
	}
	if (got == -1)
		input_failed(l);
	return got == 1;
}

/* Take lines as long as some are at hand, wanted and fit. */
static void
read_some(struct llm *l)
{
	enum lines_got got;
	struct span line;
	size_t bytes;
	int i;

	l->more = 0;
	for (i = 0; wants_input(l); i++) {
		if (i == LINES_A_TURN) {
			l->more = 1;
			return;
		}
		got = lines_next(&l->in, &line, &bytes);
		if (got == LINES_END)
			l->eof = 1;
		else if (got != LINES_MORE)
			take_line(l, line, bytes, got);
		else if (!refill(l))
			return;
	}
}

#define TO(state) (1u << LOOP_##state)

static const unsigned legal[LOOP_STATES] = {
	[LOOP_RUNNING] = TO(DRAINING),
	[LOOP_DRAINING] = TO(DRAINING) | TO(CUT) | TO(LEAVING),
	[LOOP_CUT] = TO(CUT) | TO(LEAVING),
};

int
loop_enter(struct llm *l, enum loop_state to, long long until)
{
	if ((legal[l->state] >> to & 1) == 0)
		return 0;
	l->state = to;
	l->until = until;
	return 1;
}

/* Stop at the first signal, with new time for what is left. */
static void
heed_signal(struct llm *l, long long now)
{
	char why[80];

	l->signals = 1;
	if (signals_orphaned())
		snprintf(
		    why, sizeof why, "process %ld has ended", (long)l->o->pid);
	else
		snprintf(why, sizeof why, "stopped by signal %d (%s)",
		    (int)signals_last, strsignal(signals_last));
	metrics_clear(&l->metrics);
	io_warn(l->o->f.tool, "%s; finishing what is in flight", why);
	chat_stop(l->chat, why, 0);
	loop_enter(
	    l, l->state == LOOP_CUT ? LOOP_CUT : LOOP_DRAINING, now + DRAIN_MS);
}

/* Cancel what is in flight, and end a line that has begun. */
static void
cut_off(struct llm *l)
{
	chat_stop(l->chat, "", 1);
	l->in.eof = 1;
}

/*
 * Handle signals and stops. The first gives the requests in flight DRAIN_MS;
 * the second, or the end of that time, cuts them off. Return 0 when even the
 * writing must end.
 */
static int
heed_stops(struct llm *l)
{
	long long now = clock_ms();

	signals_drop();
	if (signals_came() && l->signals == 0)
		heed_signal(l, now);
	if (l->state == LOOP_RUNNING && chat_stopped(l->chat) != NULL)
		loop_enter(l, LOOP_DRAINING, now + DRAIN_MS);
	if (l->signals == 1 && signals_seen > 1) {
		l->signals = 2;
		loop_enter(l, LOOP_LEAVING, now + CUT_MS);
		cut_off(l);
	} else if (l->state == LOOP_DRAINING && now >= l->until) {
		loop_enter(l, LOOP_CUT, now + DRAIN_MS);
		cut_off(l);
	} else if (l->state >= LOOP_CUT && l->signals > 0) {
		return now < l->until;
	}
	return 1;
}

/* Wait for the network, for input if it is wanted, and for the reader. */
static void
wait_some(struct llm *l)
{
	enum { OUT, IN, SIGNALS, NPOLL = SIGNALS + 2 };
	struct pollfd p[NPOLL] = {
		[OUT] = { .fd = l->out.fd },
		[IN] = { .fd = -1, .events = POLLIN },
	};
	int timeout = metrics_wait(&l->metrics),
	    most = signals_poll(p + SIGNALS);
	const char *why;

	if (most >= 0 && (timeout < 0 || timeout > most))
		timeout = most;

	if (l->state != LOOP_RUNNING && (timeout < 0 || timeout > 100))
		timeout = 100;
	if (l->more)
		timeout = 0;
	if (outq_left(&l->out) > 0)
		p[OUT].events = POLLOUT;
	if (wants_input(l)) {
		/* an unopened file needs no waiting */
		if (lines_ready(&l->in))
			timeout = 0;
		p[IN].fd = l->in.fd;
	}
	if (chat_poll(l->chat, p, NPOLL, timeout, &why) == -1) {
		io_warn(l->o->f.tool, "poll: %s", why);
		exit(TG_EX_IO);
	}
	/* the reader has gone, even if there is nothing to write yet */
	if (p[OUT].revents & (POLLERR | POLLHUP))
		l->out.broken = 1;
}

/*
 * Store the answers in flight after the reader has gone: they are paid for. A
 * signal may have ended the reader, too.
 */
static void
store_rest(struct llm *l)
{
	struct pollfd p[2];
	long long until = clock_ms() + DRAIN_MS;
	struct chat_job *j;
	const char *why;

	/* closing stdin makes the tg-llm processes upstream stop sending */
	io_leave_stdin();
	chat_stop(l->chat, "nobody reads the output", l->o->chat.cache == NULL);
	while (chat_pending(l->chat) > 0 && clock_ms() < until &&
	       signals_seen < 2) {
		signals_drop();
		(void)signals_came();
		(void)signals_poll(p);
		while ((j = chat_next(l->chat)) != NULL)
			chat_job_free(j);
		if (chat_poll(l->chat, p, 2, 100, &why) == -1)
			return;
	}
}

void
llm_init(struct llm *l)
{
	const struct llm_opts *o = l->o;

	outq_init(&l->out);
	reorder_init(&l->reorder, slots_for(o->chat.jobs), o->unordered);
	lines_init(&l->in, (const char *const *)o->files,
	    o->f.max_line ? o->f.max_line : LINES_LIMIT);
}

void
llm_free(struct llm *l)
{
	reorder_free(&l->reorder);
	lines_free(&l->in);
	outq_free(&l->out);
}

void
llm_run(struct llm *l)
{
	struct chat_job *j;

	while (!l->out.broken && heed_stops(l)) {
		/* answers go first, so that new records reuse their memory */
		while ((j = chat_next(l->chat)) != NULL) {
			job_done(l, j);
			if (outq_left(&l->out) >= OUT_SOME)
				outq_write(&l->out);
		}
		while (can_emit(l)) {
			reorder_emit(&l->reorder, &l->out.buf);
			if (outq_left(&l->out) >= OUT_SOME)
				outq_write(&l->out);
		}
		read_some(l);
		outq_write(&l->out);
		if (l->eof && l->reorder.count == 0 && outq_left(&l->out) == 0)
			return;
		metrics_show(&l->metrics, l->chat);
		if (!l->out.broken && !can_emit(l))
			wait_some(l);
	}
	store_rest(l);
}
