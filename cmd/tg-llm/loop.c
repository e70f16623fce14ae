/* loop: reads, asks for and writes records, all at the same time */
#include "loop.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "io/io.h"
#include "io/once.h"
#include "io/kind.h"
#include "rescore.h"
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
};

/* Count a record that has ended in error, and print where and why. */
static void
complain(struct llm *l, struct slot *p, const char *code)
{
	counts_add(&l->metrics.errors, span_of(code));
	/* one message at the end covers stopped records */
	if (strcmp(code, "stopped") == 0)
		return;
	/* the first one says what helps; the others are in the records */
	if (strcmp(code, "truncated") == 0 && !once_due("truncated", 0))
		l->o->f.failed++;
	else
		filter_failed(&l->o->f, &p->rec, p->job.file, p->job.lineno);
}

/* Log each answered way of a record by itself. */
static void
log_ways(struct slot *p)
{
	int i;

	if (p->job.nchoices > 0)
		response_log(&p->rec, &p->job);
	for (i = 0; i < p->nmore; i++)
		if (p->more[i].nchoices > 0)
			response_log(&p->rec, &p->more[i]);
}

/* Put what its finished jobs have brought, or the error, into a record. */
static void
record_done(struct llm *l, struct slot *p)
{
	struct chat_job *j = &p->job;
	int keep = l->o->keep, i;

	if (p->nmore > 0 && keep)
		log_ways(p);
	for (i = 0; i < p->nmore; i++)
		response_join(&p->rec, j, &p->more[i]);
	if (j->left) {
		; /* the record keeps its request */
	} else if (j->code != NULL && !response_may_lack(&p->rec, j)) {
		response_fail(&p->rec, j);
		complain(l, p, j->code);
	} else {
		response_put(&p->rec, j, keep && p->nmore == 0);
		l->metrics.answered += j->code == NULL;
	}
	l->metrics.cached += j->cached > 0 && j->attempts == 0;
	for (i = 0; i < p->nmore; i++)
		chat_job_free(&p->more[i]);
	/* the slot may serve another record as soon as it is given back */
	chat_job_free(j);
	output_done(&l->out, p);
}

/* Take a finished job, and finish its record with the last of them. */
static void
job_done(struct llm *l, struct chat_job *j)
{
	struct slot *p = j->ctx;

	if (j->ask.query.p != NULL) {
		p = rescore_done(l->o, l->chat, j);
		if (p != NULL)
			record_done(l, p);
	} else if (--p->pending == 0)
		record_done(l, p);
}

/* Make the jobs of a record, one for each way: their kind, or REC_NO_KIND. */
static enum rec_kind
make_jobs(struct llm *l, struct slot *p)
{
	const struct chat_job new = {
		.ctx = p, .file = l->in.name, .lineno = l->in.lineno
	};
	enum rec_kind kind;
	int i;

	p->job = new;
	p->more = NULL;
	p->nmore = 0;
	if (rec_kind(&p->rec, "request") != REC_RESCORE)
		p->nmore = response_ways(&p->rec, l->o) - 1;
	p->pending = p->nmore + 1;
	kind = response_job(&p->rec, l->o, &p->job, 0);
	if (p->nmore > 0)
		p->more =
		    arena_get(&p->rec.mem, (size_t)p->nmore * sizeof *p->more);
	for (i = 0; kind != REC_NO_KIND && i < p->nmore; i++) {
		p->more[i] = new;
		kind = response_job(&p->rec, l->o, &p->more[i], i + 1);
	}
	return kind;
}

/* Take the vectors of a job, and write the lines that have all of theirs. */
static void
vectors_done(struct llm *l, struct chat_job *j)
{
	struct embed_batch *b = j->ctx;
	struct slot *p;
	size_t i;

	if (!embed_done(&l->embed, l->chat, j))
		return;
	for (i = 0; i < b->n; i++) {
		p = b->texts[i].slot;
		if (j->code != NULL && !p->rec.failed) {
			response_fail(&p->rec, j);
			complain(l, p, j->code);
		}
		if (--p->texts > 0)
			continue;
		l->metrics.answered += !p->rec.failed;
		l->metrics.cached += j->cached > 0 && j->attempts == 0;
		output_done(&l->out, p);
	}
	chat_job_free(j);
	embed_batch_free(b);
}

/* Hold a record until the vectors of its texts come. */
static void
hold_texts(struct llm *l, struct slot *p)
{
	size_t at = 0;

	if (embed_next(&p->rec, l->embed.field, l->embed.prefix, &at).p ==
	    NULL) {
		embed_lacks(&l->embed);
		output_pass(&l->out, buf_span(&p->line));
		return;
	}
	output_hold(&l->out, p);
	p->job =
	    (struct chat_job){ .file = l->in.name, .lineno = l->in.lineno };
	metrics_embed(&l->metrics);
	embed_take(&l->embed, l->chat, p);
}

static void
ask(struct llm *l, struct slot *p)
{
	enum rec_kind kind = make_jobs(l, p);
	int i;

	if (kind == REC_NO_KIND) {
		complain(l, p, "bad_request_member");
		output_done(&l->out, p);
		return;
	}
	metrics_asked(&l->metrics, kind, rec_step(&p->rec, "request"));
	if (kind == REC_RESCORE) {
		rescore_take(l->o, l->chat, p);
		return;
	}
	chat_ask(l->chat, &p->job);
	for (i = 0; i < p->nmore; i++)
		chat_ask(l->chat, &p->more[i]);
}

/* Pass on the error record of a line; why NULL: the line is too long. */
static void
bad_line(struct llm *l, struct span line, size_t bytes, const char *why)
{
	struct buf b = { 0 };
	const char *code;

	code = filter_bad_line(&l->o->f, &l->in, line, bytes, why, &b);
	counts_add(&l->metrics.errors, span_of(code));
	output_pass(&l->out, buf_span(&b));
	buf_free(&b);
}

static void
take_line(struct llm *l, struct span line, size_t bytes, enum lines_got got)
{
	struct slot *p;
	const char *why = NULL;

	if (got == LINES_LONG ||
	    (p = output_read(&l->out, line, &why)) == NULL) {
		bad_line(l, line, bytes, why);
		if (l->o->embed != NULL)
			embed_lacks(&l->embed);
	} else if (l->o->embed != NULL) {
		hold_texts(l, p);
	} else if (!response_wanted(&p->rec, l->o)) {
		output_pass(&l->out, buf_span(&p->line));
	} else {
		output_hold(&l->out, p);
		ask(l, p);
	}
}

/* Stop reading after a failure of the input; records already read go on. */
static void
input_failed(struct llm *l)
{
	io_warn("%s: %s", l->in.name, kind_unreadable(errno));
	l->eof = l->in_failed = 1;
}

/* Return the number of records to hold for jobs requests in flight. */
static size_t
slots_for(const struct llm_opts *o, unsigned jobs)
{
	size_t batch = o->embed != NULL ? (size_t)o->embed_batch * 2 : 0;
	size_t each = batch > SLOTS_A_JOB ? batch : SLOTS_A_JOB;
	size_t size = each * (size_t)jobs;

	return size < WINDOW_MIN ? WINDOW_MIN : size;
}

/* Return whether another line is wanted: one that can soon be sent. */
static int
wants_input(const struct llm *l)
{
	return !l->eof && !output_full(&l->out) &&
	       l->out.count < slots_for(l->o, chat_width(l->chat)) &&
	       output_left(&l->out) <= OUT_HIGH &&
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
		got = errno == EINTR ? 0 : -1;
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

/*
 * Ask the texts that are at hand, although more would go into their request,
 * if a request could be sent, or no more lines come.
 */
static void
flush_texts(struct llm *l)
{
	if (!l->more &&
	    (l->eof || chat_stopped(l->chat) != NULL || chat_hungry(l->chat)))
		embed_flush(&l->embed, l->chat);
}

static void
enter(struct llm *l, enum loop_state state, int ms)
{
	l->state = state;
	l->until = clock_ms() + ms;
}

/* Stop at the first signal, with new time for what is left. */
static void
heed_signal(struct llm *l)
{
	char why[80];

	l->signals = 1;
	if (signals_orphaned)
		snprintf(
		    why, sizeof why, "process %ld has ended", (long)l->o->pid);
	else
		snprintf(why, sizeof why, "stopped by signal %d (%s)",
		    (int)signals_last, strsignal(signals_last));
	if (once_due("stop", 0))
		io_warn("%s; finishing what is in flight, for %d s at most%s",
		    why, DRAIN_MS / 1000,
		    signals_orphaned ? "" : "; once more stops at once");
	chat_stop(l->chat, why, 0);
	enter(l, l->state == LOOP_CUT ? LOOP_CUT : LOOP_DRAINING, DRAIN_MS);
}

/* Cancel what is in flight, and end a line that has begun. */
static void
cut_off(struct llm *l, int ms)
{
	enter(l, LOOP_CUT, ms);
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
	if (signals_came() && l->signals == 0)
		heed_signal(l);
	if (l->state == LOOP_RUNNING && chat_stopped(l->chat) != NULL)
		enter(l, LOOP_DRAINING, DRAIN_MS);
	if (l->signals == 1 && signals_seen > 1) {
		l->signals = 2;
		cut_off(l, CUT_MS);
	} else if (l->state == LOOP_DRAINING && clock_ms() >= l->until) {
		cut_off(l, DRAIN_MS);
	} else if (l->state == LOOP_CUT && l->signals > 0) {
		return clock_ms() < l->until;
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
	if (output_left(&l->out) > 0)
		p[OUT].events = POLLOUT;
	if (wants_input(l)) {
		/* an unopened file needs no waiting */
		if (lines_ready(&l->in))
			timeout = 0;
		p[IN].fd = l->in.fd;
	}
	if (chat_poll(l->chat, p, NPOLL, timeout, &why) == -1) {
		io_warn("poll: %s", why);
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
	while (chat_stats(l->chat)->pending > 0 && clock_ms() < until &&
	       signals_seen < 2) {
		(void)signals_came();
		(void)signals_poll(p);
		while ((j = chat_next(l->chat)) != NULL) {
			if (j->ask.query.p != NULL) {
				rescore_drop(j);
				continue;
			}
			chat_job_free(j);
			if (l->o->embed != NULL)
				embed_batch_free(j->ctx);
		}
		if (chat_poll(l->chat, p, 2, 100, &why) == -1)
			return;
	}
}

void
llm_init(struct llm *l)
{
	const struct llm_opts *o = l->o;

	metrics_init(&l->metrics, o->progress);
	l->metrics.jobs = o->chat.jobs_auto ? 0 : o->chat.jobs;
	output_init(&l->out, slots_for(o, o->chat.jobs), o->unordered);
	lines_init(&l->in, (const char *const *)o->files, o->f.found.max_line);
}

void
llm_free(struct llm *l)
{
	output_free(&l->out);
	lines_free(&l->in);
	counts_free(&l->metrics.errors);
}

void
llm_run(struct llm *l)
{
	struct chat_job *j;

	while (!l->out.broken && heed_stops(l)) {
		/* answers go first, so that new records reuse their memory */
		while ((j = chat_next(l->chat)) != NULL) {
			if (l->o->embed != NULL)
				vectors_done(l, j);
			else
				job_done(l, j);
			if (output_left(&l->out) >= OUT_SOME)
				output_write(&l->out);
		}
		read_some(l);
		flush_texts(l);
		output_write(&l->out);
		if (l->eof && l->out.count == 0 && output_left(&l->out) == 0)
			return;
		metrics_show(&l->metrics, l->chat);
		if (!l->out.broken)
			wait_some(l);
	}
	store_rest(l);
}
