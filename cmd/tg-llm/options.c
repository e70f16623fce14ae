/* options: tg-llm's options, their bounds and defaults */
#include "options.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/find.h"
#include "json/scan.h"

enum { JOBS_AUTO_MAX = 1024 };

/* Store a dialect at *at, a const struct dialect *; "auto" is NULL. */
static void
set_dialect(void *at, const char *value)
{
	const struct dialect **d = at;
	static struct buf names; /* static: it is held at the exit */

	*d = dialect_find(value);
	if (*d != NULL || strcmp(value, "auto") == 0)
		return;
	dialect_names(&names);
	options_refuse(
	    "--dialect: \"%s\" is none of auto, %s", value, buf_cstr(&names));
}

/* Store a number of requests in flight in the struct chat_opts at. */
static void
set_jobs(void *at, const char *value)
{
	struct chat_opts *o = at;

	o->jobs_given = 1;
	o->jobs_auto = strcmp(value, "auto") == 0;
	o->jobs = o->jobs_auto ? JOBS_AUTO_MAX
			       : (unsigned)options_int("-j", value, 1, 4096);
}

/*
 * Store a number that has been checked at *at, a const char *, as JSON: the
 * text as written, but ".5", "1." and "007" get the form that JSON needs.
 */
static void
set_number(void *at, const char *value)
{
	static char made[REQUEST_NPARAM * 2 + 2][40];
	static size_t n;
	const char **number = at, *why;

	*number = value;
	if (js_text(span_of(value), &why).p != NULL ||
	    n == sizeof made / sizeof *made)
		return;
	snprintf(made[n], sizeof *made, "%.15g", strtod(value, NULL));
	*number = made[n++];
}

/* Store a value that has been checked at *at, a const char *. */
static void
set_text(void *at, const char *value)
{
	*(const char **)at = value;
}

#define AT(member) OPTION_AT(struct llm_opts, member)
#define PARAM(p) AT(chat.body.param[p])

static const struct option_def options[] = {
	{ "model", 'm', OPTION_STRING, OPTION_ANSWER, "NAME",
	    "the server's first model that can chat unless given ($TG_MODEL)",
	    AT(chat.model) },
	{ "base-url", 'u', OPTION_LIST, OPTION_RUN, "URL",
	    "http://localhost:8000/v1 unless given ($OPENAI_BASE_URL), or "
	    "@FILE "
	    "for those that a file names; may be repeated",
	    AT(urls), .hi = 64 },
	{ "provider", 0, OPTION_CHOICE, OPTION_ANSWER, "NAME",
	    "openai (any server of its kind) or azure", AT(chat.azure),
	    .choices = "openai | azure" },
	{ "dialect", 0, OPTION_STRING, OPTION_RUN, "NAME",
	    "names that the server uses; found out unless given: generic, "
	    "openai, openai-reasoning, azure, vllm, sglang, llamacpp, ollama",
	    AT(chat.dialect), .set = set_dialect },
	{ "jobs", 'j', OPTION_STRING, OPTION_RUN, "N",
	    "requests in flight, 64 unless given; auto: find the number that "
	    "gives the most answers",
	    AT(chat), .set = set_jobs },
	{ "choices", 'n', OPTION_INT, OPTION_ANSWER, "N",
	    "answers a request, 1 unless given", AT(choices), .lo = 1,
	    .hi = 1000 },
	{ "temperature", 0, OPTION_REAL, OPTION_SAMPLING, "X",
	    "1.0 unless given", PARAM(REQUEST_TEMPERATURE), .max = 100,
	    .set = set_number },
	{ "top-p", 0, OPTION_REAL, OPTION_ANSWER, "X", "0.6 unless given",
	    PARAM(REQUEST_TOP_P), .max = 1, .set = set_number },
	{ "max-tokens", 0, OPTION_INT, OPTION_SAMPLING, "N",
	    "8192 unless given", PARAM(REQUEST_MAX_TOKENS), .lo = 1,
	    .hi = 1 << 30, .set = set_number },
	{ "repetition-penalty", 0, OPTION_REAL, OPTION_ANSWER, "X", NULL,
	    PARAM(REQUEST_REPETITION_PENALTY), .max = 100, .set = set_number },
	{ "logit-bias", 0, OPTION_OBJECT, OPTION_ANSWER, "JSON", NULL,
	    PARAM(REQUEST_LOGIT_BIAS), .set = set_text },
	{ "seed", 0, OPTION_INT, OPTION_ANSWER, "N", "not sent unless given",
	    PARAM(REQUEST_SEED), .lo = INT64_MIN, .hi = INT64_MAX,
	    .set = set_number },
	{ "logprobs", 0, OPTION_INT, OPTION_ANSWER, "N",
	    "keep the probability of the answer's first token and of N others, "
	    "0 to 20",
	    AT(chat.body.logprobs), .hi = 20, .set = set_number },
	{ "extra-body", 0, OPTION_OBJECT, OPTION_ANSWER, "JSON",
	    "members merged into every request, last", AT(chat.body.extra) },
	{ "timeout", 0, OPTION_REAL, OPTION_RUN, "S",
	    "seconds an attempt may take, 90 unless given", AT(chat.timeout_ms),
	    .scale = 1000, .min = 0.001, .max = 1e6 },
	{ "retries", 0, OPTION_INT, OPTION_RUN, "N",
	    "attempts after the first, 5 unless given", AT(chat.retries),
	    .hi = 1000 },
	{ "retry-time", 0, OPTION_REAL, OPTION_RUN, "S",
	    "give a request up S seconds after its first failure, 1800 unless "
	    "given",
	    AT(chat.retry_ms), .scale = 1000, .max = 1e6 },
	{ "hedge", 0, OPTION_REAL, OPTION_RUN, "P",
	    "send a request that takes longer than P per cent of them a second "
	    "time, and take the first answer",
	    AT(chat.hedge), .min = 1, .max = 100 },
	{ "rpm", 0, OPTION_REAL, OPTION_LIMIT, "N", NULL, AT(chat.limits.rpm),
	    .min = 0.001, .max = 1e9 },
	{ "tpm", 0, OPTION_REAL, OPTION_LIMIT, "N",
	    "send at most N requests, N tokens a minute", AT(chat.limits.tpm),
	    .min = 0.001, .max = 1e12 },
	{ "price-in", 0, OPTION_REAL, OPTION_RUN, "X", NULL, AT(chat.prices.in),
	    .scale = COST_PRICE, .max = 1e6 },
	{ "price-out", 0, OPTION_REAL, OPTION_RUN, "X", NULL,
	    AT(chat.prices.out), .scale = COST_PRICE, .max = 1e6 },
	{ "price-cached", 0, OPTION_REAL, OPTION_RUN, "X",
	    "price of a million tokens, to count what is spent",
	    AT(chat.prices.cached), .scale = COST_PRICE, .max = 1e6 },
	{ "max-cost", 0, OPTION_REAL, OPTION_LIMIT, "X", NULL,
	    AT(chat.limits.cost), .scale = COST_MONEY, .min = 1e-6,
	    .max = 1e6 },
	{ "max-tokens-total", 0, OPTION_INT, OPTION_LIMIT, "N",
	    "stop before more than that is spent", AT(chat.limits.tokens),
	    .lo = 1, .hi = 1LL << 60 },
	{ "share", 0, OPTION_STRING, OPTION_RUN, "NAME",
	    "share these limits with all that give NAME ($TG_SHARE)",
	    AT(chat.share) },
	{ "share-jobs", 0, OPTION_INT, OPTION_RUN, "N",
	    "with --share: requests in flight of all together",
	    AT(chat.limits.jobs), .lo = 1, .hi = 1 << 20 },
	{ "cache", 0, OPTION_STRING, OPTION_RUN, "DIR",
	    "keep every answer there; never ask twice", AT(chat.cache) },
	{ "cache-read-only", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "with --cache: store nothing there", AT(chat.cache_read_only) },
	{ "unordered", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "write records as they are answered", AT(unordered) },
	{ "keep-thinking", 0, OPTION_FLAG, OPTION_ANSWER, NULL,
	    "leave a <think> block in the answer", AT(chat.keep_thinking) },
	{ "keep", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "note prompt and answer in tg.log", AT(keep) },
	{ "stats", 0, OPTION_STRING, OPTION_RUN, "FILE",
	    "write counts and times there at the end, as JSON",
	    AT(stats_file) },
	{ "progress", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "show on stderr how far it is", AT(progress) },
	{ "verbose", 'v', OPTION_FLAG, OPTION_RUN, NULL,
	    "say on stderr what each retry is about", AT(chat.verbose) },
	{ "pid", 0, OPTION_INT, OPTION_RUN, "PID",
	    "stop, as on SIGTERM, when process PID has ended", AT(pid), .lo = 1,
	    .hi = INT_MAX },
	{ "quiet", 'q', OPTION_FLAG, OPTION_RUN, NULL,
	    "do not say who gets text", AT(chat.quiet) },
	{ "only-host", 0, OPTION_LIST, OPTION_RUN, "HOST",
	    "refuse every host but this; may be repeated", AT(only_hosts),
	    .hi = 64 },
	{ "key-file", 0, OPTION_LIST, OPTION_RUN, "[HOST=]FILE",
	    "read the API key from there, or that of a host alone; may be "
	    "repeated",
	    AT(key_files), .hi = 16 },
	{ "allow-plain-key", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "send a key over http to the other machine that it is for",
	    AT(chat.allow_plain_key) },
	{ "cacert", 0, OPTION_STRING, OPTION_RUN, "FILE",
	    "trust the certificates in this file only ($SSL_CERT_FILE, "
	    "$CURL_CA_BUNDLE)",
	    AT(chat.ca_file) },
	{ "proxy-env", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "use http_proxy and the other proxy variables",
	    AT(chat.proxy_env) },
	{ "single", 0, OPTION_FLAG, OPTION_ANSWER, NULL,
	    "one answer a request, whatever -n", AT(chat.single) },
	{ "only", 0, OPTION_CHOICE, OPTION_ANSWER, "KIND",
	    "serve only generate, judge, negatives, verify, mirror, rescore, "
	    "or second: the requests to a second judge, which judge leaves out",
	    AT(only),
	    .choices = "generate | judge | negatives | verify | mirror | "
		       "rescore | second" },
	{ "embed", 0, OPTION_STRING, OPTION_RUN, "FIELD[=PREFIX]",
	    "ask for the vectors of that field of every line, with a prefix "
	    "before each text",
	    AT(embed), .forms = OPTION_NO_FORM },
	{ "vectors", 0, OPTION_STRING, OPTION_RUN, "FILE",
	    "with --embed: write them there, as .npy", AT(vectors),
	    .forms = OPTION_NO_FORM },
	{ "embed-batch", 0, OPTION_INT, OPTION_RUN, "N",
	    "with --embed: texts a request, 32 unless given", AT(embed_batch),
	    .lo = 1, .hi = 2048, .forms = OPTION_NO_FORM },
	{ "rescore", 0, OPTION_CHOICE, OPTION_RUN, "PATH",
	    "ask for scores by /rerank, the default, or by /score",
	    AT(chat.rescore), .choices = "rerank | score" },
	{ "rescore-batch", 0, OPTION_INT, OPTION_RUN, "N",
	    "documents a request for scores, all unless given",
	    AT(rescore_batch), .lo = 1, .hi = 1000000 },
	{ "export", 0, OPTION_STRING, OPTION_RUN, "FILE",
	    "ask nobody: write the requests there, as a batch", AT(batch.file),
	    .forms = OPTION_NO_FORM },
	{ "export-max", 0, OPTION_INT, OPTION_RUN, "N",
	    "requests a file, 50000 unless given", AT(batch.max), .lo = 1,
	    .hi = 1000000000, .forms = OPTION_NO_FORM },
	{ "export-bytes", 0, OPTION_INT, OPTION_RUN, "N",
	    "bytes a file, 200000000 unless given", AT(batch.max_bytes),
	    .lo = 1000, .hi = INT64_MAX, .forms = OPTION_NO_FORM },
	{ "import", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "ask nobody: the files are results of batches, the records come "
	    "on standard input",
	    AT(import), .forms = OPTION_NO_FORM },
	{ "batch", 0, OPTION_CHOICE, OPTION_RUN, "ACTION",
	    "have files of requests answered by the service's batch API: "
	    "submit, poll, fetch or cancel",
	    AT(batch_action), .choices = "submit | poll | fetch | cancel",
	    .forms = OPTION_NO_FORM },
	{ "dry-run", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "ask nobody: count requests, tokens and cost", AT(dry_run),
	    .forms = OPTION_NO_FORM },
	{ "pretend", 0, OPTION_FLAG, OPTION_ANSWER, NULL,
	    "with --dry-run: pass records on, with made-up answers",
	    AT(pretend), .forms = OPTION_NO_FORM },
	{ "answer-tokens", 0, OPTION_INT, OPTION_RUN, "N",
	    "with --dry-run: tokens of an answer where the cache has none, 400 "
	    "unless given; not those of a judge",
	    AT(answer_tokens), .lo = 1, .hi = 1 << 20,
	    .forms = OPTION_NO_FORM },
	{ "print-model", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "print the model that would be used, and exit", AT(print_model),
	    .forms = OPTION_NO_FORM },
	{ "print-servers", 0, OPTION_FLAG, OPTION_RUN, NULL,
	    "print that model and who would get text, and exit",
	    AT(print_servers), .forms = OPTION_NO_FORM },
	{ OPTION_MAX_LINE_DEF },
	OPTIONS_COMMON,
};

static const struct program program = {
	.name = "tg-llm",
	.forms = { { 1, "", "[file ...]" },
	    { 0,
		"--embed FIELD[=PREFIX] --vectors FILE [--embed-batch N] "
		"[options]",
		"[file ...]" },
	    { 0, "--export FILE [--export-max N] [--export-bytes N] [options]",
		"[file ...]" },
	    { 0, "--import [--export FILE] [options]", "results ..." },
	    { 0, "--batch submit | poll | fetch | cancel [options]",
		"requests ..." },
	    { 0, "--dry-run [--pretend] [--answer-tokens N] [options]",
		"[file ...]" },
	    { 0, "--print-model | --print-servers [options]", "" } },
	.options = options,
	.about =
	    "Send each record's tg.request to a chat completion service and "
	    "attach\n"
	    "what it answers as tg.response. Records without one pass "
	    "unchanged.\n",
	.notes =
	    "The key comes from OPENAI_API_KEY or AZURE_OPENAI_API_KEY, or a "
	    "file, never\n"
	    "from an option. It goes only to a server that is named, over "
	    "https or on this\n"
	    "machine. A local server needs none.\n"
	    "\n"
	    "Example: tg-prompt generate -t code_summary_retrieval < "
	    "code.jsonl "
	    "|\n"
	    "             tg-llm -j 32 --cache answers | tg-arrange | "
	    "tg-emit\n",
};

/* Return value, or if that is NULL the variable name unless it is empty. */
static const char *
or_env(const char *value, const char *name)
{
	const char *v = getenv(name);

	return value == NULL && v != NULL && *v != '\0' ? v : value;
}

/* Refuse what does not go with --embed. */
static void
check_embed(struct llm_opts *o)
{
	o->chat.body.embed = o->embed != NULL;
	if (o->embed == NULL) {
		if (o->vectors != NULL)
			options_refuse("--vectors: needs --embed");
		return;
	}
	if (*o->embed == '\0' || *o->embed == '=')
		options_refuse("--embed: name a field");
	if (o->vectors == NULL && !o->dry_run && !o->print_model &&
	    !o->print_servers)
		options_refuse("--embed: name the file of vectors with "
			       "--vectors");
	if (o->batch.file != NULL || o->batch.import != NULL ||
	    o->batch_action != BATCH_NONE || o->only != ONLY_ALL ||
	    o->choices > 1 || o->keep || o->chat.single || o->pretend)
		options_refuse("--embed: not with --batch, --export, --import, "
			       "--only, --choices, --single, --keep or "
			       "--pretend");
}

void
llm_opts_parse(struct llm_opts *o, int argc, char **argv)
{
	struct cost *prices = &o->chat.prices;

	*o = (struct llm_opts){
		.f = { .program = &program },
		.chat = { .jobs = 64,
		    .retries = 5,
		    .retry_ms = 1800 * 1000,
		    .timeout_ms = 90 * 1000,
		    .prices.cached = -1 },
		.batch = { .max = BATCH_OUT_MAX, .max_bytes = BATCH_OUT_BYTES },
		.batch_action = BATCH_NONE,
		.only = ONLY_ALL,
		.choices = 1,
		.embed_batch = 32,
	};
	o->files = filter_options(&o->f, o, argc, argv);
	if (o->import) {
		o->batch.import = (const char *const *)o->files;
		o->files = argv + argc;
	}
	o->chat.model = or_env(o->chat.model, "TG_MODEL");
	o->chat.share = or_env(o->chat.share, "TG_SHARE");
	/* spending is recorded in the folder of the work */
	o->chat.budget_dir = or_env(NULL, "TG_BUDGET_DIR");
	if (o->chat.budget_dir == NULL && !o->chat.cache_read_only)
		o->chat.budget_dir = o->chat.cache;
	if (prices->cached == -1)
		prices->cached = prices->in;
	check_embed(o);
	if (o->chat.limits.cost > 0 && prices->in + prices->out == 0)
		options_refuse("--max-cost: needs --price-in and --price-out");
	if (o->chat.limits.jobs > 0 && o->chat.share == NULL)
		options_refuse("--share-jobs: needs --share");
	if (span_is(js_find(o->chat.body.extra, "stream"), "true"))
		options_refuse("--extra-body: answers cannot be streamed");
}
