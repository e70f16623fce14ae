/* options: tg-llm's options, their bounds and defaults */
#include "options.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json/find.h"
#include "json/scan.h"

enum { JOBS_AUTO_MAX = 1024, NO_PRICE = -1 };

static const char usage[] =
    "usage: tg-llm [-m model] [-u base-url]... [--provider openai | azure]\n"
    "           [--dialect NAME] [-j jobs] [-n choices] [--temperature X]\n"
    "           [--top-p X] [--max-tokens N] [--repetition-penalty X]\n"
    "           [--logit-bias JSON] [--seed N] [--logprobs N]\n"
    "           [--extra-body JSON] [--timeout S] [--retries N]\n"
    "           [--retry-time S] [--hedge P] [--rpm N] [--tpm N]\n"
    "           [--price-in X] [--price-out X] [--price-cached X]\n"
    "           [--max-cost X] [--max-tokens-total N] [--share NAME]\n"
    "           [--share-jobs N] [--cache DIR] [--cache-read-only]\n"
    "           [--unordered] [--keep-thinking] [--keep] [--stats FILE]\n"
    "           [--progress] [-v] [--pid PID]\n"
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
    "      --cache-read-only    but store nothing there\n"
    "      --unordered          write records as they are answered\n"
    "      --keep-thinking      leave a <think> block in the answer\n"
    "      --keep               note prompt and answer in tg.log\n"
    "      --stats FILE         write what happened as JSON at the end\n"
    "      --progress           show it meanwhile, on stderr\n"
    "  -v, --verbose            say on stderr what each retry is about\n"
    "      --pid PID            stop, as on SIGTERM, when process PID has "
    "ended\n"
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
	CACHE_READ_ONLY,
	UNORDERED,
	KEEP_THINKING,
	KEEP,
	STATS,
	PROGRESS,
	PID,
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
	{ "cache-read-only", no_argument, NULL, CACHE_READ_ONLY },
	{ "unordered", no_argument, NULL, UNORDERED },
	{ "keep-thinking", no_argument, NULL, KEEP_THINKING },
	{ "keep", no_argument, NULL, KEEP },
	{ "stats", required_argument, NULL, STATS },
	{ "progress", no_argument, NULL, PROGRESS },
	{ "verbose", no_argument, NULL, 'v' },
	{ "pid", required_argument, NULL, PID },
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

static void
add_url(struct llm_opts *o)
{
	int i;

	for (i = 0; o->urls[i] != NULL; i++)
		;
	if (i == LLM_URLS)
		filter_usage(&o->f, "-u: more than %d", LLM_URLS);
	o->urls[i] = optarg;
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
set_dialect(struct llm_opts *o)
{
	struct buf names = { 0 };

	if (strcmp(optarg, "auto") == 0)
		return;
	if ((o->chat.dialect = dialect_find(optarg)) != NULL)
		return;
	dialect_names(&names);
	filter_usage(&o->f, "--dialect: \"%s\" is none of auto, %s", optarg,
	    buf_cstr(&names));
}

static void
set_provider(struct llm_opts *o)
{
	o->chat.azure = strcmp(optarg, "azure") == 0;
	if (!o->chat.azure && strcmp(optarg, "openai") != 0)
		filter_usage(
		    &o->f, "--provider: \"%s\" is not openai or azure", optarg);
}

static void
set_jobs(struct llm_opts *o)
{
	o->chat.jobs_auto = strcmp(optarg, "auto") == 0;
	o->chat.jobs = o->chat.jobs_auto
			   ? JOBS_AUTO_MAX
			   : (unsigned)filter_int(&o->f, "-j", 1, 4096);
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
set_param(struct llm_opts *o, int ch)
{
	const struct filter *f = &o->f;
	const char **p = o->chat.body.param;

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
		o->chat.body.logprobs = number(optarg);
		return 1;
	default:
		return 0;
	}
}

/* What may be used, and what it costs. */
static int
set_limit(struct llm_opts *o, int ch)
{
	struct limits_max *m = &o->chat.limits;
	const struct filter *f = &o->f;
	struct spend *p = &o->chat.prices;

	switch (ch) {
	case RPM:
		m->rpm = filter_real(f, "--rpm", 0.001, 1e9);
		return 1;
	case TPM:
		m->tpm = filter_real(f, "--tpm", 0.001, 1e12);
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
		return 1;
	case MAX_COST:
		m->cost = spend_amount(filter_real(f, "--max-cost", 1e-6, 1e6));
		return 1;
	case MAX_TOTAL:
		m->tokens = filter_int(f, "--max-tokens-total", 1, 1LL << 60);
		return 1;
	case SHARE:
		o->chat.share = optarg;
		return 1;
	case SHARE_JOBS:
		m->jobs = filter_int(f, "--share-jobs", 1, 1 << 20);
		return 1;
	default:
		return 0;
	}
}

/* An option that was not given, from a variable that is set to something. */
static void
or_env(const char **value, const char *name)
{
	const char *v = getenv(name);

	if (*value == NULL && v != NULL && *v != '\0')
		*value = v;
}

/* Limits that lack what they need. */
static void
check_limits(struct llm_opts *o)
{
	struct spend *p = &o->chat.prices;

	if (p->cached == NO_PRICE)
		p->cached = p->in;
	if (o->chat.limits.cost > 0 && p->in + p->out == 0)
		filter_usage(
		    &o->f, "--max-cost: needs --price-in and --price-out");
	if (o->chat.limits.jobs > 0 && o->chat.share == NULL)
		filter_usage(&o->f, "--share-jobs: needs --share");
}

static void
defaults(struct llm_opts *o, const char *tool)
{
	*o = (struct llm_opts){
		.f = { .tool = tool, .usage = usage },
		.chat = { .tool = tool,
		    .jobs = 64,
		    .retries = 5,
		    .retry_ms = 1800 * 1000,
		    .timeout_ms = 90 * 1000,
		    .prices = { .cached = NO_PRICE } },
		.batch = { .tool = tool,
		    .max = REQUESTS_MAX,
		    .max_bytes = REQUESTS_BYTES },
		.only = REC_NO_KIND,
		.choices = 1,
	};
}

void
llm_opts_parse(struct llm_opts *o, const char *tool, int argc, char **argv)
{
	struct filter *f = &o->f;
	int ch, import = 0;

	defaults(o, tool);
	while (
	    (ch = getopt_long(argc, argv, "m:u:j:n:v", options, NULL)) != -1) {
		if (set_param(o, ch) || set_limit(o, ch))
			continue;
		switch (ch) {
		case 'm':
			o->chat.model = optarg;
			break;
		case 'u':
			add_url(o);
			break;
		case 'j':
			set_jobs(o);
			break;
		case 'n':
			o->choices = (int)filter_int(f, "-n", 1, 1000);
			break;
		case PROVIDER:
			set_provider(o);
			break;
		case DIALECT:
			set_dialect(o);
			break;
		case EXTRA:
			o->chat.body.extra = json_arg(f, "--extra-body");
			if (span_is(
				js_find(o->chat.body.extra, "stream"), "true"))
				filter_usage(f,
				    "--extra-body: answers cannot be streamed");
			break;
		case TIMEOUT:
			o->chat.timeout_ms =
			    (long)(filter_real(f, "--timeout", 0.001, 1e6) *
				   1000);
			break;
		case RETRIES:
			o->chat.retries =
			    (int)filter_int(f, "--retries", 0, 1000);
			break;
		case RETRY_TIME:
			o->chat.retry_ms =
			    (long)(filter_real(f, "--retry-time", 0, 1e6) *
				   1000);
			break;
		case HEDGE:
			o->chat.hedge = filter_real(f, "--hedge", 1, 100);
			break;
		case CACHE:
			o->chat.cache = optarg;
			break;
		case CACHE_READ_ONLY:
			o->chat.cache_read_only = 1;
			break;
		case UNORDERED:
			o->unordered = 1;
			break;
		case KEEP_THINKING:
			o->chat.keep_thinking = 1;
			break;
		case KEEP:
			o->keep = 1;
			break;
		case STATS:
			o->stats_file = optarg;
			break;
		case PROGRESS:
			o->progress = 1;
			break;
		case PID:
			o->pid = (pid_t)filter_int(f, "--pid", 1, INT_MAX);
			break;
		case 'v':
			o->chat.verbose = 1;
			break;
		case KEY_FILE:
			o->key_file = optarg;
			break;
		case PLAIN_KEY:
			o->chat.allow_plain_key = 1;
			break;
		case CACERT:
			o->chat.ca_file = optarg;
			break;
		case PROXY_ENV:
			o->chat.proxy_env = 1;
			break;
		case SINGLE:
			o->chat.single = 1;
			break;
		case ONLY:
			o->only = kind_arg(f);
			break;
		case EXPORT:
			o->batch.file = optarg;
			break;
		case EXPORT_MAX:
			o->batch.max = (size_t)filter_int(
			    f, "--export-max", 1, 1000000000);
			break;
		case EXPORT_BYTES:
			o->batch.max_bytes = (size_t)filter_int(
			    f, "--export-bytes", 1000, INT64_MAX);
			break;
		case IMPORT:
			import = 1;
			break;
		case DRY_RUN:
			o->dry_run = 1;
			break;
		case PRETEND:
			o->pretend = 1;
			break;
		case PRINT_MODEL:
			o->print_model = 1;
			break;
		default:
			filter_option(f, ch);
		}
	}
	o->files = argv + optind;
	if (import) {
		o->results = o->files;
		o->batch.import = (const char *const *)o->files;
		o->files = argv + argc;
	}
	or_env(&o->chat.model, "TG_MODEL");
	or_env(&o->chat.share, "TG_SHARE");
	check_limits(o);
}
