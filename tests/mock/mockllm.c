/* mockllm - a server that talks like an LLM's, as well or badly as asked */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/mem.h"
#include "mock.h"

struct opts opt = { .owned_by = "mock",
	.batch_ends = "completed",
	.batch_code = "invalid_json_line",
	.batch_polls = 1,
	.fail_status = 503,
	.refusal_status = 400 };

static const struct {
	const char *name;
	double *to, min, max;
} numbers[] = {
	{ "any", &opt.any, 0, 1 },
	{ "batch_polls", &opt.batch_polls, 1, 1e6 },
	{ "batch_some", &opt.batch_some, 0, 1e6 },
	{ "burst", &opt.burst, 1, 1e6 },
	{ "cap", &opt.cap, 1, 1e9 },
	{ "ctx", &opt.ctx, 1, 1e9 },
	{ "documents", &opt.documents, 1, 1e6 },
	{ "fail_rate", &opt.fail_rate, 0, 1 },
	{ "fail_status", &opt.fail_status, 400, 599 },
	{ "file_pending", &opt.file_pending, 0, 1e6 },
	{ "hard", &opt.hard, 1, 1e6 },
	{ "ignore_n", &opt.ignore_n, 0, 1 },
	{ "page", &opt.page, 1, 1e6 },
	{ "port", &opt.port, 0, 65535 },
	{ "refusal_status", &opt.refusal_status, 400, 599 },
	{ "rpm", &opt.rpm, 1, 1e9 },
	{ "seed", &opt.seed, 0, 1e15 },
	{ "slots", &opt.slots, 1, 1e6 },
	{ "tokens", &opt.tokens, 1, 1e6 },
};

static _Noreturn void
usage(void)
{
	fputs("usage: mockllm [-a answered] [-d] [-l log] [-o key=value]...\n"
	      "               [-p port-file] [-s script]\n"
	      "\t-a\tappend \"answered HASH\" for each call answered in full, and\n"
	      "\t\t\"read HASH\" when the client then asks on that connection\n"
	      "\t-d\tstop when the parent does\n"
	      "\t-l\tappend requests as JSONL\n"
	      "\t-p\twrite the port there when ready; else the URL to stdout\n"
	      "\t-s\trules, one JSON object a line\n"
	      "\t-o\tany=1  api=openai|vllm|sglang|llamacpp  batch_code=CODE\n"
	      "\t\tbatch_ends=completed|failed|expired|cancelled,...\n"
	      "\t\tbatch_polls=N  batch_some=N  burst  cap=TOKENS  ctx=TOKENS\n"
	      "\t\tdocuments=N  fail_rate  fail_status  file_pending=N  hard=N  ignore_n=1\n"
	      "\t\tknee=N[:FALLOFF]\n"
	      "\t\tlatency=lognormal:P50:P99  latency_ms  owned_by  page=N  port\n"
	      "\t\trefusal=BODY, with {in} {out} {all} {least} {less} {ctx} {cap}\n"
	      "\t\trefusal_status  require_key  rpm  seed  slots  tokens\n",
	    stderr);
	exit(TG_EX_USAGE);
}

static _Noreturn void
bad_option(const char *arg)
{
	fprintf(stderr, "mockllm: bad option '%s'\n", arg);
	exit(TG_EX_USAGE);
}

/* The number at *s, from 0 to 1e15; moves *s past it and the byte stop. */
static double
number(const char *arg, const char **s, char stop)
{
	char *end;
	double d = strtod(*s, &end);

	if (end == *s || *end != stop || !(d >= 0 && d <= 1e15))
		bad_option(arg);
	*s = end + (stop != '\0');
	return d;
}

static void
set_option(const char *arg)
{
	const char *v = strchr(arg, '=');
	size_t i, n;

	if (v == NULL)
		bad_option(arg);
	n = (size_t)(v++ - arg);
	for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		if (!span_is((struct span){ arg, n }, numbers[i].name))
			continue;
		*numbers[i].to = number(arg, &v, '\0');
		if (*numbers[i].to < numbers[i].min ||
		    *numbers[i].to > numbers[i].max)
			bad_option(arg);
		return;
	}
	if (strncmp(arg, "knee=", 5) == 0) {
		opt.knee = number(arg, &v, strchr(v, ':') ? ':' : '\0');
		if (v[-1] == ':')
			opt.falloff = number(arg, &v, '\0');
		if (opt.knee < 1)
			bad_option(arg);
	} else if (strncmp(arg, "latency=lognormal:", 18) == 0) {
		v = arg + 18;
		opt.p50 = number(arg, &v, ':');
		opt.p99 = number(arg, &v, '\0');
		if (opt.p50 <= 0 || opt.p99 < opt.p50)
			bad_option(arg);
	} else if (strncmp(arg, "latency_ms=", 11) == 0) {
		opt.p50 = opt.p99 = number(arg, &v, '\0');
	} else if (strncmp(arg, "owned_by=", 9) == 0) {
		opt.owned_by = v;
	} else if (strncmp(arg, "batch_ends=", 11) == 0) {
		opt.batch_ends = v;
	} else if (strncmp(arg, "batch_code=", 11) == 0) {
		opt.batch_code = v;
	} else if (strncmp(arg, "refusal=", 8) == 0) {
		opt.refusal = v;
	} else if (strncmp(arg, "require_key=", 12) == 0) {
		opt.require_key = v;
	} else if (strncmp(arg, "api=", 4) == 0 &&
	    (strcmp(v, "openai") == 0 || strcmp(v, "vllm") == 0 ||
		strcmp(v, "sglang") == 0 || strcmp(v, "llamacpp") == 0)) {
		opt.api = v;
	} else {
		bad_option(arg);
	}
}

int
main(int argc, char *argv[])
{
	const char *answered = NULL, *log = NULL, *port = NULL;
	pid_t parent = getppid();
	int ch, status;

	while ((ch = getopt(argc, argv, "a:dl:o:p:s:")) != -1) {
		switch (ch) {
		case 'a':
			answered = optarg;
			break;
		case 'd':
			prctl(PR_SET_PDEATHSIG, SIGTERM);
			if (getppid() != parent)
				return TG_EX_OK;
			break;
		case 'l':
			log = optarg;
			break;
		case 'o':
			set_option(optarg);
			break;
		case 'p':
			port = optarg;
			break;
		case 's':
			script_load(optarg);
			break;
		default:
			usage();
		}
	}
	if (optind != argc)
		usage();
	if (log_open(log, answered) == -1) {
		perror("mockllm: log");
		return TG_EX_IO;
	}
	status = serve(port);
	log_close();
	script_free();
	seen_free();
	batches_free();
	return status;
}
