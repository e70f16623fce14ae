/* tg-llm - send each request to the LLM service and attach the answers */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "batch.h"
#include "chat.h"
#include "clock.h"
#include "filter.h"
#include "forecast.h"
#include "io.h"
#include "meter.h"
#include "response.h"
#include "sink.h"
#include "window.h"

static const char usage[] =
    "usage: tg-llm [-m model] [-u base-url]... [--provider openai | azure]\n"
    "           [--dialect NAME] [-j jobs] [-n choices] [--temperature X]\n"
    "           [--top-p X] [--max-tokens N] [--repetition-penalty X]\n"
    "           [--logit-bias JSON] [--seed N] [--logprobs N]\n"
    "           [--extra-body JSON] [--timeout S] [--retries N]\n"
    "           [--retry-time S] [--hedge P] [--rpm N] [--tpm N]\n"
    "           [--price-in X] [--price-out X] [--price-cached X]\n"
    "           [--max-cost X] [--max-tokens-total N] [--share NAME]\n"
    "           [--share-jobs N] [--cache DIR] [--unordered]\n"
    "           [--keep-thinking] [--keep] [--stats FILE] [--progress] [-v]\n"
    "           [--key-file FILE] [--allow-plain-key] [--cacert FILE]\n"
    "           [--proxy-env] [--single] [--only KIND] [--max-line BYTES]\n"
    "           [file ...]\n"
    "       tg-llm --export FILE [--export-max N] [--export-bytes N] "
    "[options]\n"
    "           [file ...]\n"
    "       tg-llm --import [--export FILE] [options] results ...\n"
    "       tg-llm --dry-run [--pretend] [options] [file ...]\n"
    "       tg-llm --print-model [-u base-url]...\n"
    "\n"
    "Send each record's tg.request to a chat completion service and attach\n"
    "what it answers as tg.response. Records without one pass unchanged.\n"
    "\n"
    "  -m, --model NAME         the server's first model unless given "
    "($TG_MODEL)\n"
    "  -u, --base-url URL       http://localhost:8000/v1 unless given\n"
    "                           ($OPENAI_BASE_URL); may be repeated\n"
    "      --provider NAME      openai (any server of its kind) or azure\n"
    "      --dialect NAME       what the server calls things; found out "
    "unless\n"
    "                           given: generic, openai, openai-reasoning,\n"
    "                           azure, vllm, sglang, llamacpp, ollama\n"
    "  -j, --jobs N             requests in flight, 64 unless given; auto: as "
    "many\n"
    "                           as are worth while\n"
    "  -n, --choices N          answers a request, 1 unless given\n"
    "      --temperature X      1.0 unless given\n"
    "      --top-p X            0.6 unless given\n"
    "      --max-tokens N       8192 unless given\n"
    "      --repetition-penalty X, --logit-bias JSON, --seed N\n"
    "                           not sent unless given\n"
    "      --logprobs N         keep how sure it was of the answer's first "
    "token,\n"
    "                           with N others (0 to 20)\n"
    "      --extra-body JSON    members merged into every request, last\n"
    "      --timeout S          for one attempt, 90 unless given\n"
    "      --retries N          after the first attempt, 5 unless given\n"
    "      --retry-time S       and so long after its failure, 1800\n"
    "      --hedge P            ask again what takes longer than P per cent "
    "do\n"
    "      --rpm N, --tpm N     requests, tokens a minute at most\n"
    "      --price-in X, --price-out X, --price-cached X\n"
    "                           of a million tokens: to count what is spent\n"
    "      --max-cost X, --max-tokens-total N\n"
    "                           stop before more than that is spent\n"
    "      --share NAME         these limits are those of all that name it\n"
    "                           ($TG_SHARE)\n"
    "      --share-jobs N       requests in flight of all these together\n"
    "      --cache DIR          keep every answer there; never ask twice\n"
    "      --unordered          write records as they are answered\n"
    "      --keep-thinking      leave a <think> block in the answer\n"
    "      --keep               note prompt and answer in tg.log\n"
    "      --stats FILE         write what happened as JSON at the end\n"
    "      --progress           show it meanwhile, on stderr\n"
    "  -v, --verbose            say on stderr what each retry is about\n"
    "      --key-file FILE      read the API key from there\n"
    "      --allow-plain-key    send the key over http to another machine\n"
    "      --cacert FILE        trust the certificates in this file only\n"
    "                           ($SSL_CERT_FILE, $CURL_CA_BUNDLE)\n"
    "      --proxy-env          use http_proxy and its like\n"
    "      --single             one answer a request, whatever -n\n"
    "      --only KIND          serve only generate, judge or negatives\n"
    "      --export FILE        ask nobody: write the requests there, as a "
    "batch\n"
    "      --export-max N       requests a file, 50000 unless given\n"
    "      --export-bytes N     bytes a file, 200000000 unless given\n"
    "      --import             ask nobody: the files are results of "
    "batches,\n"
    "                           the records come on standard input\n"
    "      --dry-run            ask nobody: count requests, tokens and cost\n"
    "      --pretend            and pass records on, with made-up answers\n"
    "      --print-model        print the model that would be used, and exit\n"
    "      --max-line BYTES     longest line taken, 64 MiB\n"
    "      --help, --version\n"
    "\n"
    "The key comes from OPENAI_API_KEY or AZURE_OPENAI_API_KEY, never from an\n"
    "option. A local server needs none.\n"
    "\n"
    "Example: tg-prompt generate -t code_summary_retrieval < code.jsonl |\n"
    "             tg-llm -j 32 --cache answers | tg-arrange | tg-emit\n";

enum {
	WINDOW_MIN = 1024,
	WINDOW_A_JOB = 64, /* records held a request in flight */
	JOBS_AUTO_MAX = 1024,
	DRAIN_MS = 30 * 1000, /* for what is in flight after a stop */
	CUT_MS = 1000,        /* for what is to be written after two */
	OUT_HIGH = 1 << 20,   /* read no more while so much waits */
	OUT_SOME = 32 * 1024, /* worth a write */
	LINES_A_TURN = 256,
	WARN_MAX = 20, /* messages of failed records; all say it in tg.error */
};

struct llm {
	struct filter f; /* for options and messages */
	struct chat_opts o;
	struct chat *chat;
	struct meter meter;
	struct window window;
	struct lines in;
	struct sink out;
	int eof, more, in_failed, unordered, keep, choices, print_model;
	int signalled, cut, priced_cached;
	long long drain_until;
	const char *stats_file, *key_file;
	struct batch batch;
	enum rec_kind only; /* serve no other, unless it is REC_NO_KIND */
	int import, dry_run, pretend;
	size_t failed;
	int warned;
};

/* Signals: counted, and told to poll through a pipe. */
static volatile sig_atomic_t signals, last_signal;
static int signal_pipe[2];

static void
on_signal(int sig)
{
	int saved = errno;
	ssize_t n;

	last_signal = sig;
	signals++;
	n = write(signal_pipe[1], "", 1);
	(void)n; /* a full pipe wakes poll as well */
	errno = saved;
}

static void
catch_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal }, old;

	if (pipe2(signal_pipe, O_CLOEXEC | O_NONBLOCK) == -1) {
		io_warn("tg-llm", "pipe: %s", strerror(errno));
		exit(TG_EX_IO);
	}
	sigaction(SIGTERM, &sa, NULL);
	/* a shell's background job ignores SIGINT, and goes on doing so */
	sigaction(SIGINT, NULL, &old);
	if (old.sa_handler != SIG_IGN)
		sigaction(SIGINT, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

/* Say where and why a record ends in error here. */
static void
complain(struct llm *l, const char *file, size_t lineno, const char *code,
    const char *what, struct span why)
{
	l->failed++;
	/* of these one message comes at the end */
	if (strcmp(code, "stopped") == 0)
		return;
	if (l->warned == WARN_MAX)
		return;
	meter_clear(&l->meter);
	io_warn(l->f.tool, "%s:%zu: %s%.*s", file, lineno, what,
	    (int)(why.n < 1024 ? why.n : 1024), why.p);
	if (++l->warned == WARN_MAX)
		io_warn(l->f.tool, "further errors are only in the records");
}

/* The record of a place has got its answer or error. */
static void
finish(struct llm *l, struct place *p)
{
	struct span error, code;
	struct arena *mem = &p->rec.mem;

	if (p->rec.failed) {
		error = rec_tg(&p->rec, "error");
		code = js_string(js_find(error, "code"), mem);
		complain(l, p->file, p->lineno, arena_dup(mem, code.p, code.n),
		    "", js_string(js_find(error, "message"), mem));
	}
	window_done(&l->window, p, &l->out.buf);
}

static int
can_emit(const struct llm *l)
{
	return window_ready(&l->window) && sink_left(&l->out) <= OUT_HIGH;
}

static void
job_done(struct llm *l, struct chat_job *j)
{
	struct place *p = j->ctx;

	if (!j->left)
		meter_job(&l->meter, j);
	if (j->left)
		; /* the record stays asked */
	else if (j->code != NULL)
		response_fail(&p->rec, l->f.tool, j);
	else
		response_put(&p->rec, j, l->keep);
	finish(l, p);
	chat_job_free(j);
}

static void
ask(struct llm *l, struct place *p)
{
	struct span request = rec_tg(&p->rec, "request");
	int step;
	enum rec_kind kind = rec_kind(&p->rec, "request", &step);
	struct span messages = js_find(request, "messages");

	if (kind == REC_NO_KIND || js_count(messages) == 0) {
		rec_error(&p->rec, l->f.tool, "bad_request_member",
		    "tg.request needs a kind and messages");
		meter_error(&l->meter, "bad_request_member");
		finish(l, p);
		return;
	}
	p->job = (struct chat_job){
		.ctx = p,
		.ask = { messages, js_find(request, "params") },
		.want = kind == REC_JUDGE ? 1 : l->choices,
		.length_ok = kind == REC_JUDGE,
		.file = p->file,
		.lineno = p->lineno,
		.kind = rec_kind_name(kind),
	};
	meter_asked(&l->meter, rec_kind_name(kind), step);
	chat_ask(l->chat, &p->job);
}

static void
bad_line(struct llm *l, const char *code, const char *why, struct span head,
    size_t bytes)
{
	struct buf b = { 0 };

	complain(
	    l, l->in.name, l->in.lineno, code, "not a record, ", span_of(why));
	meter_error(&l->meter, code);
	rec_bad_line(&b, l->f.tool, code, why, l->in.lineno, head, bytes);
	window_pass(&l->window, buf_span(&b), &l->out.buf);
	buf_free(&b);
}

/* Whether the record that was read is one to ask for. */
static int
is_ours(const struct llm *l, const struct rec *r)
{
	int step;

	return rec_state(r) == REC_ASKED &&
	       (l->only == REC_NO_KIND ||
		   l->only == rec_kind(r, "request", &step));
}

static void
take_line(struct llm *l, struct span line, size_t bytes, enum lines_got got)
{
	struct place *p;
	char why[100];
	const char *reason;

	if (got == LINES_LONG) {
		snprintf(why, sizeof why,
		    "a line of %zu bytes, over the limit of %zu", bytes,
		    l->in.limit);
		bad_line(l, "line_too_long", why, line, bytes);
		return;
	}
	if ((p = window_read(&l->window, line, &reason)) == NULL) {
		bad_line(l, "bad_record", reason, line, bytes);
		return;
	}
	if (!is_ours(l, &p->rec)) {
		window_pass(&l->window, buf_span(&p->line), &l->out.buf);
		return;
	}
	window_hold(&l->window, p);
	p->file = l->in.name;
	p->lineno = l->in.lineno;
	ask(l, p);
}

/* No more can be read; what was read is finished all the same. */
static void
input_failed(struct llm *l)
{
	meter_clear(&l->meter);
	io_warn(l->f.tool, "%s: %s",
	    l->in.fd == -1 && *l->in.files ? *l->in.files : l->in.name,
	    strerror(errno));
	l->eof = l->in_failed = 1;
}

/* Records held, for so many requests in flight. */
static size_t
window_size(unsigned jobs)
{
	size_t size = WINDOW_A_JOB * (size_t)jobs;

	return size < WINDOW_MIN ? WINDOW_MIN : size;
}

/* Whether another line is wanted: not more than can soon be sent. */
static int
wants_input(const struct llm *l)
{
	return !l->eof && !window_full(&l->window) &&
	       l->window.count < window_size(chat_width(l->chat)) &&
	       sink_left(&l->out) <= OUT_HIGH &&
	       (chat_stopped(l->chat) != NULL || chat_hungry(l->chat));
}

/*
 * The buffer is used up. Once stopped, only a line that has begun is read to
 * its end. 0 if there are no more lines for now.
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

/* Take lines while there are any at hand, and room and use for them. */
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

/* Empty the pipe, so that a poll waits for the next signal. */
static void
drop_signals(void)
{
	static sig_atomic_t dropped;
	char drop[16];

	if (dropped == signals)
		return;
	dropped = signals;
	while (read(signal_pipe[0], drop, sizeof drop) > 0)
		;
}

/*
 * A signal or a stop leaves a while for what is in flight; a second signal,
 * or the end of that while, none. 0: enough, even if nobody takes the output.
 */
static int
heed_stops(struct llm *l)
{
	long long now = clock_ms();
	char why[80];

	drop_signals();
	if (signals > 0 && !l->signalled) {
		l->signalled = 1;
		l->drain_until = 0;
		snprintf(why, sizeof why, "stopped by signal %d (%s)",
		    (int)last_signal, strsignal(last_signal));
		meter_clear(&l->meter);
		io_warn(l->f.tool, "%s; finishing what is in flight", why);
		chat_stop(l->chat, why, 0);
	}
	if (chat_stopped(l->chat) == NULL)
		return 1;
	if (l->drain_until == 0)
		l->drain_until = now + DRAIN_MS;
	if (l->cut < 2 && signals > 1) {
		l->cut = 2;
		l->drain_until = now + CUT_MS;
	} else if (l->cut == 0 && now >= l->drain_until) {
		l->cut = 1;
		l->drain_until = now + DRAIN_MS;
	} else if (l->cut > 0 && signals > 0 && now >= l->drain_until) {
		return 0;
	} else {
		return 1;
	}
	chat_stop(l->chat, "", 1);
	l->in.eof = 1; /* a line that has begun ends here */
	return 1;
}

/* Wait for the network, for input if it is wanted, and for the reader. */
static void
wait_some(struct llm *l)
{
	struct pollfd p[3] = {
		{ .fd = signal_pipe[0], .events = POLLIN },
		{ .fd = l->out.fd },
		{ .fd = -1, .events = POLLIN },
	};
	int timeout = meter_wait(&l->meter);
	const char *why;

	if (l->drain_until != 0 && (timeout < 0 || timeout > 100))
		timeout = 100;
	if (l->more)
		timeout = 0;
	if (sink_left(&l->out) > 0)
		p[1].events = POLLOUT;
	if (wants_input(l)) {
		/* an unopened file needs no waiting */
		if (lines_ready(&l->in))
			timeout = 0;
		p[2].fd = l->in.fd;
	}
	if (chat_poll(l->chat, p, 3, timeout, &why) == -1) {
		io_warn(l->f.tool, "poll: %s", why);
		exit(TG_EX_IO);
	}
	/* nobody reads any more, even if there is nothing to write yet */
	if (p[1].revents & (POLLERR | POLLHUP))
		l->out.broken = 1;
}

/*
 * Nobody takes the output any more, maybe as a signal has ended the reader,
 * too. What is in flight is paid for, and can still be stored.
 */
static void
store_rest(struct llm *l)
{
	struct pollfd p = { .fd = signal_pipe[0], .events = POLLIN };
	long long until = clock_ms() + DRAIN_MS;
	struct chat_job *j;
	const char *why;

	chat_stop(l->chat, "nobody reads the output", l->o.cache == NULL);
	while (chat_pending(l->chat) > 0 && clock_ms() < until && signals < 2) {
		drop_signals();
		while ((j = chat_next(l->chat)) != NULL)
			chat_job_free(j);
		if (chat_poll(l->chat, &p, 1, 100, &why) == -1)
			return;
	}
}

static void
run(struct llm *l)
{
	struct chat_job *j;

	while (!l->out.broken && heed_stops(l)) {
		/* first, so that new records get the memory of these */
		while ((j = chat_next(l->chat)) != NULL) {
			job_done(l, j);
			if (sink_left(&l->out) >= OUT_SOME)
				sink_write(&l->out);
		}
		while (can_emit(l)) {
			window_emit(&l->window, &l->out.buf);
			if (sink_left(&l->out) >= OUT_SOME)
				sink_write(&l->out);
		}
		read_some(l);
		sink_write(&l->out);
		if (l->eof && l->window.count == 0 && sink_left(&l->out) == 0)
			return;
		meter_show(&l->meter, l->chat);
		if (!l->out.broken && !can_emit(l))
			wait_some(l);
	}
	store_rest(l);
}

/* Options. */

enum {
	PROVIDER = OPT_OWN,
	DIALECT,
	TEMPERATURE,
	TOP_P,
	MAX_TOKENS,
	PENALTY,
	LOGIT_BIAS,
	SEED,
	LOGPROBS,
	EXTRA,
	TIMEOUT,
	RETRIES,
	RETRY_TIME,
	HEDGE,
	RPM,
	TPM,
	PRICE_IN,
	PRICE_OUT,
	PRICE_CACHED,
	MAX_COST,
	MAX_TOTAL,
	SHARE,
	SHARE_JOBS,
	CACHE,
	UNORDERED,
	KEEP_THINKING,
	KEEP,
	STATS,
	PROGRESS,
	KEY_FILE,
	PLAIN_KEY,
	CACERT,
	PROXY_ENV,
	SINGLE,
	ONLY,
	EXPORT,
	EXPORT_MAX,
	EXPORT_BYTES,
	IMPORT,
	DRY_RUN,
	PRETEND,
	PRINT_MODEL
};

static const struct option options[] = {
	{ "model", required_argument, NULL, 'm' },
	{ "base-url", required_argument, NULL, 'u' },
	{ "provider", required_argument, NULL, PROVIDER },
	{ "dialect", required_argument, NULL, DIALECT },
	{ "jobs", required_argument, NULL, 'j' },
	{ "choices", required_argument, NULL, 'n' },
	{ "temperature", required_argument, NULL, TEMPERATURE },
	{ "top-p", required_argument, NULL, TOP_P },
	{ "max-tokens", required_argument, NULL, MAX_TOKENS },
	{ "repetition-penalty", required_argument, NULL, PENALTY },
	{ "logit-bias", required_argument, NULL, LOGIT_BIAS },
	{ "seed", required_argument, NULL, SEED },
	{ "logprobs", required_argument, NULL, LOGPROBS },
	{ "extra-body", required_argument, NULL, EXTRA },
	{ "timeout", required_argument, NULL, TIMEOUT },
	{ "retries", required_argument, NULL, RETRIES },
	{ "retry-time", required_argument, NULL, RETRY_TIME },
	{ "hedge", required_argument, NULL, HEDGE },
	{ "rpm", required_argument, NULL, RPM },
	{ "tpm", required_argument, NULL, TPM },
	{ "price-in", required_argument, NULL, PRICE_IN },
	{ "price-out", required_argument, NULL, PRICE_OUT },
	{ "price-cached", required_argument, NULL, PRICE_CACHED },
	{ "max-cost", required_argument, NULL, MAX_COST },
	{ "max-tokens-total", required_argument, NULL, MAX_TOTAL },
	{ "share", required_argument, NULL, SHARE },
	{ "share-jobs", required_argument, NULL, SHARE_JOBS },
	{ "cache", required_argument, NULL, CACHE },
	{ "unordered", no_argument, NULL, UNORDERED },
	{ "keep-thinking", no_argument, NULL, KEEP_THINKING },
	{ "keep", no_argument, NULL, KEEP },
	{ "stats", required_argument, NULL, STATS },
	{ "progress", no_argument, NULL, PROGRESS },
	{ "verbose", no_argument, NULL, 'v' },
	{ "key-file", required_argument, NULL, KEY_FILE },
	{ "allow-plain-key", no_argument, NULL, PLAIN_KEY },
	{ "cacert", required_argument, NULL, CACERT },
	{ "proxy-env", no_argument, NULL, PROXY_ENV },
	{ "single", no_argument, NULL, SINGLE },
	{ "only", required_argument, NULL, ONLY },
	{ "export", required_argument, NULL, EXPORT },
	{ "export-max", required_argument, NULL, EXPORT_MAX },
	{ "export-bytes", required_argument, NULL, EXPORT_BYTES },
	{ "import", no_argument, NULL, IMPORT },
	{ "dry-run", no_argument, NULL, DRY_RUN },
	{ "pretend", no_argument, NULL, PRETEND },
	{ "print-model", no_argument, NULL, PRINT_MODEL },
	FILTER_OPTIONS,
	{ NULL, 0, NULL, 0 },
};

enum { URLS_MAX = 64 };
static const char *urls[URLS_MAX + 1];

static void
add_url(const struct filter *f, const char *url)
{
	int i;

	for (i = 0; urls[i] != NULL; i++)
		;
	if (i == URLS_MAX)
		filter_usage(f, "-u: more than %d", URLS_MAX);
	urls[i] = url;
}

/* optarg, checked to be an object of JSON. */
static struct span
json_arg(const struct filter *f, const char *opt)
{
	const char *why = "it is no object";
	struct span v = js_text(span_of(optarg), &why);

	if (!js_is_object(v))
		filter_usage(f, "%s: not a JSON object, %s", opt, why);
	return v;
}

/* optarg as the kind of a request. */
static enum rec_kind
kind_arg(const struct filter *f)
{
	static const enum rec_kind kinds[] = { REC_GENERATE, REC_JUDGE,
		REC_NEGATIVES };
	size_t i;

	for (i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(optarg, rec_kind_name(kinds[i])) == 0)
			return kinds[i];
	filter_usage(
	    f, "--only: \"%s\" is not generate, judge or negatives", optarg);
}

static void
set_dialect(struct llm *l)
{
	struct buf names = { 0 };

	if (strcmp(optarg, "auto") == 0)
		return;
	if ((l->o.dialect = dialect_find(optarg)) != NULL)
		return;
	dialect_names(&names);
	filter_usage(&l->f, "--dialect: \"%s\" is none of auto, %s", optarg,
	    buf_cstr(&names));
}

static void
set_provider(struct llm *l)
{
	l->o.azure = strcmp(optarg, "azure") == 0;
	if (!l->o.azure && strcmp(optarg, "openai") != 0)
		filter_usage(
		    &l->f, "--provider: \"%s\" is not openai or azure", optarg);
}

static void
set_jobs(struct llm *l)
{
	l->o.jobs_auto = strcmp(optarg, "auto") == 0;
	l->o.jobs = l->o.jobs_auto ? JOBS_AUTO_MAX
				   : (unsigned)filter_int(&l->f, "-j", 1, 4096);
}

/*
 * A number that has been checked, as JSON: as it was written, but that ".5",
 * "1." and "007" get the form they need.
 */
static const char *
number(const char *s)
{
	static char made[BODY_NPARAM * 2 + 2][40];
	static size_t n;
	const char *why;

	if (js_text(span_of(s), &why).p != NULL ||
	    n == sizeof made / sizeof *made)
		return s;
	snprintf(made[n], sizeof *made, "%.15g", strtod(s, NULL));
	return made[n++];
}

/* The sampling parameters: checked as numbers, sent as they were written. */
static int
set_param(struct llm *l, int ch)
{
	const struct filter *f = &l->f;
	const char **p = l->o.body.param;

	switch (ch) {
	case TEMPERATURE:
		filter_real(f, "--temperature", 0, 100);
		p[BODY_TEMPERATURE] = number(optarg);
		return 1;
	case TOP_P:
		filter_real(f, "--top-p", 0, 1);
		p[BODY_TOP_P] = number(optarg);
		return 1;
	case MAX_TOKENS:
		filter_int(f, "--max-tokens", 1, 1 << 30);
		p[BODY_MAX_TOKENS] = number(optarg);
		return 1;
	case PENALTY:
		filter_real(f, "--repetition-penalty", 0, 100);
		p[BODY_REPETITION_PENALTY] = number(optarg);
		return 1;
	case LOGIT_BIAS:
		json_arg(f, "--logit-bias");
		p[BODY_LOGIT_BIAS] = optarg;
		return 1;
	case SEED:
		filter_int(f, "--seed", INT64_MIN, INT64_MAX);
		p[BODY_SEED] = number(optarg);
		return 1;
	case LOGPROBS:
		filter_int(f, "--logprobs", 0, 20);
		l->o.body.logprobs = number(optarg);
		return 1;
	default:
		return 0;
	}
}

/* What may be used, and what it costs. */
static int
set_limit(struct llm *l, int ch)
{
	struct share_limits *m = &l->o.limits;
	const struct filter *f = &l->f;
	struct spend *p = &l->o.prices;

	switch (ch) {
	case RPM:
		m->rpm = filter_real(f, "--rpm", 0, 1e9);
		return 1;
	case TPM:
		m->tpm = filter_real(f, "--tpm", 0, 1e12);
		return 1;
	case PRICE_IN:
		p->in = spend_price(filter_real(f, "--price-in", 0, 1e6));
		return 1;
	case PRICE_OUT:
		p->out = spend_price(filter_real(f, "--price-out", 0, 1e6));
		return 1;
	case PRICE_CACHED:
		p->cached =
		    spend_price(filter_real(f, "--price-cached", 0, 1e6));
		l->priced_cached = 1;
		return 1;
	case MAX_COST:
		m->cost = spend_amount(filter_real(f, "--max-cost", 1e-6, 1e6));
		return 1;
	case MAX_TOTAL:
		m->tokens = filter_int(f, "--max-tokens-total", 1, 1LL << 60);
		return 1;
	case SHARE:
		l->o.share = optarg;
		return 1;
	case SHARE_JOBS:
		m->jobs = filter_int(f, "--share-jobs", 1, 1 << 20);
		return 1;
	default:
		return 0;
	}
}

/* Limits that lack what they need. */
static void
check_limits(struct llm *l)
{
	const char *share = getenv("TG_SHARE");
	struct spend *p = &l->o.prices;

	if (l->o.share == NULL && share != NULL && *share != '\0')
		l->o.share = share;
	if (!l->priced_cached)
		p->cached = p->in;
	if (l->o.limits.cost > 0 && p->in + p->out == 0)
		filter_usage(
		    &l->f, "--max-cost: needs --price-in and --price-out");
	if (l->o.limits.jobs > 0 && l->o.share == NULL)
		filter_usage(&l->f, "--share-jobs: needs --share");
}

static void
parse(struct llm *l, int argc, char **argv)
{
	struct filter *f = &l->f;
	int ch, progress = 0;

	while (
	    (ch = getopt_long(argc, argv, "m:u:j:n:v", options, NULL)) != -1) {
		if (set_param(l, ch) || set_limit(l, ch))
			continue;
		switch (ch) {
		case 'm':
			l->o.model = optarg;
			break;
		case 'u':
			add_url(f, optarg);
			break;
		case 'j':
			set_jobs(l);
			break;
		case 'n':
			l->choices = (int)filter_int(f, "-n", 1, 1000);
			break;
		case PROVIDER:
			set_provider(l);
			break;
		case DIALECT:
			set_dialect(l);
			break;
		case EXTRA:
			l->o.body.extra = json_arg(f, "--extra-body");
			if (span_is(js_find(l->o.body.extra, "stream"), "true"))
				filter_usage(f,
				    "--extra-body: answers cannot be streamed");
			break;
		case TIMEOUT:
			l->o.timeout_ms =
			    (long)(filter_real(f, "--timeout", 0.001, 1e6) *
				   1000);
			break;
		case RETRIES:
			l->o.retries = (int)filter_int(f, "--retries", 0, 1000);
			break;
		case RETRY_TIME:
			l->o.retry_ms =
			    (long)(filter_real(f, "--retry-time", 0, 1e6) *
				   1000);
			break;
		case HEDGE:
			l->o.hedge = filter_real(f, "--hedge", 1, 100);
			break;
		case CACHE:
			l->o.cache = optarg;
			break;
		case UNORDERED:
			l->unordered = 1;
			break;
		case KEEP_THINKING:
			l->o.keep_thinking = 1;
			break;
		case KEEP:
			l->keep = 1;
			break;
		case STATS:
			l->stats_file = optarg;
			break;
		case PROGRESS:
			progress = 1;
			break;
		case 'v':
			l->o.verbose = 1;
			break;
		case KEY_FILE:
			l->key_file = optarg;
			break;
		case PLAIN_KEY:
			l->o.allow_plain_key = 1;
			break;
		case CACERT:
			l->o.ca_file = optarg;
			break;
		case PROXY_ENV:
			l->o.proxy_env = 1;
			break;
		case SINGLE:
			l->o.single = 1;
			break;
		case ONLY:
			l->only = kind_arg(f);
			break;
		case EXPORT:
			l->batch.file = optarg;
			break;
		case EXPORT_MAX:
			l->batch.max = (size_t)filter_int(
			    f, "--export-max", 1, 1000000000);
			break;
		case EXPORT_BYTES:
			l->batch.max_bytes = (size_t)filter_int(
			    f, "--export-bytes", 1000, INT64_MAX);
			break;
		case IMPORT:
			l->import = 1;
			break;
		case DRY_RUN:
			l->dry_run = 1;
			break;
		case PRETEND:
			l->pretend = 1;
			break;
		case PRINT_MODEL:
			l->print_model = 1;
			break;
		default:
			filter_option(f, ch);
		}
	}
	check_limits(l);
	meter_init(&l->meter, f->tool, progress);
}

/* The first line of the key file; NULL if there is none. */
static char *
read_key(const struct llm *l)
{
	static char key[8192];
	FILE *f = fopen(l->key_file, "re");

	if (f == NULL || fgets(key, sizeof key, f) == NULL) {
		io_warn(l->f.tool, "--key-file: %s: %s", l->key_file,
		    f && !ferror(f) ? "is empty" : strerror(errno));
		exit(TG_EX_USAGE);
	}
	fclose(f);
	key[strcspn(key, "\r\n")] = '\0';
	if (key[0] == '\0')
		filter_usage(&l->f, "--key-file: %s: the first line is empty",
		    l->key_file);
	return key;
}

/* An environment variable that is set to something. */
static char *
env(const char *name)
{
	char *v = getenv(name);

	return v != NULL && *v != '\0' ? v : NULL;
}

/* Blank a secret where it stands: a core or /proc shall not have it. */
static void
forget(const char *name, char *value)
{
	if (value != NULL)
		explicit_bzero(value, strlen(value));
	unsetenv(name);
}

/* Whom to trust. The variables are curl's and OpenSSL's; libcurl heeds none. */
static void
find_ca(struct llm *l)
{
	const char *named = env("CURL_CA_BUNDLE");

	if (l->o.ca_file != NULL && access(l->o.ca_file, R_OK) == -1)
		filter_usage(
		    &l->f, "--cacert: %s: %s", l->o.ca_file, strerror(errno));
	if (l->o.ca_file == NULL)
		l->o.ca_file = named ? named : env("SSL_CERT_FILE");
}

/* Where to ask, unless that is told. */
static void
find_url(struct llm *l)
{
	const char *url =
	    env(l->o.azure ? "AZURE_OPENAI_ENDPOINT" : "OPENAI_BASE_URL");

	if (urls[0] == NULL && url == NULL && l->o.azure)
		filter_usage(
		    &l->f, "set AZURE_OPENAI_ENDPOINT, or name it with -u");
	if (urls[0] == NULL)
		urls[0] = url ? url : "http://localhost:8000/v1";
	l->o.api_version = env("OPENAI_API_VERSION");
}

/* Nobody is asked: requests go to files, or answers come from them. */
static void
open_batch(struct llm *l, char **files)
{
	struct filter *f = &l->f;
	const char *why;

	if (l->batch.file == NULL && !l->import)
		return;
	if (l->o.limits.cost > 0 || l->o.limits.tokens > 0)
		filter_usage(f, "a budget is kept where a server is asked, not "
				"by a batch");
	if (l->import && *files == NULL)
		filter_usage(f, "--import: name the files of results");
	if (l->o.model == NULL && env("TG_MODEL") == NULL)
		filter_usage(f, "name the model with -m: nobody is asked");
	if (l->import)
		l->batch.import = (const char *const *)files;
	if (batch_open(&l->batch, &why) == -1) {
		io_warn(f->tool, "%s", why);
		exit(TG_EX_IO);
	}
	l->o.batch = &l->batch;
	urls[0] = NULL;
}

static void
open_chat(struct llm *l)
{
	char *openai = env("OPENAI_API_KEY"),
	     *azure = env("AZURE_OPENAI_API_KEY");
	char *ad = env("AZURE_OPENAI_AD_TOKEN"), *file = NULL;
	char *headers = env("OPENAI_CUSTOM_HEADERS");
	const char *why;
	int status;

	/* with a key in memory: no core file, no look from other processes */
	if (openai || azure || ad || headers || l->key_file)
		prctl(PR_SET_DUMPABLE, 0);

	if (l->o.batch == NULL)
		find_url(l);
	l->o.urls = urls;
	l->o.org = env("OPENAI_ORG_ID");
	l->o.project = env("OPENAI_PROJECT_ID");
	l->o.headers = headers;
	if (l->key_file != NULL)
		file = read_key(l);
	l->o.key = file ? file : l->o.azure ? azure : openai;
	if (l->o.azure)
		l->o.ad_token = ad;
	find_ca(l);
	if (l->o.model == NULL)
		l->o.model = env("TG_MODEL");
	if ((l->chat = chat_new(&l->o, &status, &why)) == NULL) {
		io_warn(l->f.tool, "%s", why);
		exit(status);
	}
	if (file != NULL)
		explicit_bzero(file, strlen(file));
	forget("OPENAI_API_KEY", openai);
	forget("AZURE_OPENAI_API_KEY", azure);
	forget("AZURE_OPENAI_AD_TOKEN", ad);
	forget("OPENAI_CUSTOM_HEADERS", headers);
	l->o.headers = NULL;
}

/* Count instead of asking. */
static int
dry_run(struct llm *l, char *const *files)
{
	struct forecast f = { .body = &l->o.body,
		.model = l->o.model ? l->o.model : env("TG_MODEL"),
		.prices = l->o.prices,
		.choices = l->choices,
		.single = l->o.single,
		.only = l->only,
		.pretend = l->pretend,
		.stats = l->stats_file };
	const char *why;
	int status;

	if (l->o.batch != NULL)
		filter_usage(&l->f, "--dry-run: not with --export or --import");
	if (l->o.cache != NULL && f.model == NULL)
		filter_usage(&l->f,
		    "--dry-run: name the model with -m to look into --cache");
	/* it is not made for this */
	if (l->o.cache != NULL && access(l->o.cache, F_OK) == 0 &&
	    (f.answers = answers_new(l->o.cache, &why)) == NULL) {
		io_warn(l->f.tool, "%s", why);
		return TG_EX_IO;
	}
	status = forecast_run(&f, &l->f, files);
	answers_free(f.answers);
	return status;
}

static int
print_model(struct llm *l)
{
	int status = TG_EX_OK;

	if (*chat_model(l->chat) == '\0' && chat_prepare(l->chat) == -1) {
		io_warn(l->f.tool, "%s", chat_stopped(l->chat));
		status = TG_EX_SERVICE;
	} else {
		printf("%s\n", chat_model(l->chat));
		if (fflush(stdout) == EOF)
			io_die_stdout(l->f.tool);
		io_close_stdout(l->f.tool);
	}
	chat_free(l->chat);
	return status;
}

/* Everything is written: say what happened, close, and how it went. */
static int
wind_up(struct llm *l)
{
	const char *stopped = chat_stopped(l->chat);
	int status = l->failed ? TG_EX_SOME : TG_EX_OK;

	if (stopped != NULL)
		status = TG_EX_SERVICE;
	if (l->in_failed)
		status = TG_EX_IO;
	meter_end(&l->meter, l->chat);
	if (stopped != NULL && signals == 0 && !l->out.broken)
		io_warn(l->f.tool,
		    "stopped: %s; what was not answered can be sent again",
		    stopped);
	if (l->stats_file != NULL &&
	    meter_write(&l->meter, l->stats_file, l->chat) == -1) {
		io_warn(l->f.tool, "%s: %s", l->stats_file, strerror(errno));
		status = TG_EX_IO;
	}
	if (l->o.batch != NULL &&
	    batch_close(&l->batch, l->eof && !l->in_failed && !signals &&
				       !l->out.broken && stopped == NULL) == -1)
		status = TG_EX_IO;
	if (chat_cache_failed(l->chat))
		status = TG_EX_IO;
	if (chat_free(l->chat) == -1) {
		io_warn(l->f.tool, "%s: %s", l->o.cache, strerror(errno));
		status = TG_EX_IO;
	}
	if (l->out.broken && signals == 0) {
		errno = l->out.error ? l->out.error : EPIPE;
		io_die_stdout(l->f.tool);
	}
	if (signals == 0)
		io_close_stdout(l->f.tool);
	if (signals > 0) {
		signal(last_signal, SIG_DFL);
		raise(last_signal);
	}
	return status;
}

int
main(int argc, char *argv[])
{
	struct llm l = {
		.f = { .tool = "tg-llm", .usage = usage },
		.o = { .tool = "tg-llm",
		    .jobs = 64,
		    .retries = 5,
		    .retry_ms = 1800 * 1000,
		    .timeout_ms = 90 * 1000 },
		.batch = { .tool = "tg-llm",
		    .max = REQUESTS_MAX,
		    .max_bytes = REQUESTS_BYTES },
		.choices = 1,
		.only = REC_NO_KIND,
	};
	char **files;
	int status;

	parse(&l, argc, argv);
	files = argv + optind;
	if (l.import)
		files = argv + argc;
	if (!l.print_model)
		filter_tty(&l.f, files);
	open_batch(&l, argv + optind);
	if (l.dry_run)
		return dry_run(&l, files);
	if (l.pretend)
		filter_usage(&l.f, "--pretend: needs --dry-run");
	sink_init(&l.out);
	catch_signals();
	l.o.cancel = &signals;
	open_chat(&l);
	if (l.print_model)
		return print_model(&l);
	window_init(&l.window, window_size(l.o.jobs), l.unordered);
	lines_init(&l.in, (const char *const *)files,
	    l.f.max_line ? l.f.max_line : LINES_LIMIT);
	run(&l);
	status = wind_up(&l);
	window_free(&l.window);
	meter_free(&l.meter);
	lines_free(&l.in);
	sink_free(&l.out);
	/* the keys are gone */
	prctl(PR_SET_DUMPABLE, 1);
	return status;
}
