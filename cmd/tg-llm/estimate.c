/* estimate: counts what requests would take, without sending any */
#include "estimate.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "embed.h"
#include "io/io.h"
#include "json/find.h"
#include "respcache/responses.h"
#include "response.h"

struct kind {
	unsigned long requests;
	double known, length; /* number of answers in the cache; their mean
				 tokens */
};

struct estimate {
	const struct llm_opts *o;
	struct responses *answers;        /* cache; NULL: none */
	struct kind kinds[ONLY_ALL];      /* by the value of --only */
	unsigned long requests, cached;   /* cached: answered by the cache */
	unsigned long had;                /* answers that the cache has */
	unsigned long calls;              /* calls left to make */
	long long prompt, most, expected; /* tokens of these calls */
	int failed;                       /* 1: --stats could not be written */
	unsigned long judged;             /* answers of a judge made up */
	struct span field, prefix; /* member and prefix that --embed names */
};

/* The tokens that an answer is assumed to have where no answer is known. */
static const double assumed[ONLY_ALL] = {
	[REC_GENERATE] = 400,
	[REC_JUDGE] = 2,
	[REC_NEGATIVES] = 400,
	[REC_VERIFY] = 6,
	[REC_MIRROR] = 200,
	[ONLY_SECOND] = 2,
};

/* Return the name of a kind of request, by the value of --only. */
static const char *
kind_name(int kind)
{
	return kind == ONLY_SECOND ? "second"
				   : rec_kind_name((enum rec_kind)kind);
}

/* Return the tokens that an answer is expected to take, cap at most. */
static double
answer_tokens(const struct estimate *f, int kind, long cap)
{
	const struct kind *k = &f->kinds[kind];
	double n = k->known > 0 ? k->length : assumed[kind];

	if (kind == REC_RESCORE)
		return 0; /* scores are no tokens */
	if (k->known == 0 && kind != REC_JUDGE && kind != ONLY_SECOND &&
	    f->o->answer_tokens > 0)
		n = (double)f->o->answer_tokens;
	return cap > 0 && n > (double)cap ? (double)cap : n;
}

/* Fill in the answers that the cache has, and return their number. */
static int
from_cache(
    struct estimate *f, struct rec *r, const struct chat_job *j, struct kind *k)
{
	struct buf b = { 0 };
	struct reply_choice *c = j->choices;
	char key[SHA256_HEX];
	int i;

	if (f->answers == NULL)
		return 0;
	request_name(&b, &f->o->chat.body, f->o->chat.model, &j->ask);
	hash_sha256(buf_span(&b), key);
	for (i = j->skip; i < j->want; i++) {
		b.n = 0;
		if (!responses_get(f->answers, key, i, &b) ||
		    reply_choice_read(rec_hold(r, &b), &r->mem, c) == -1 ||
		    c->text.p == NULL)
			continue;
		k->known++;
		k->length +=
		    ((double)cost_tokens_of(c->text.n) - k->length) / k->known;
		c++;
	}
	buf_free(&b);
	return (int)(c - j->choices);
}

/* Return whether each answer takes a request, as far as the options tell. */
static int
asks_for_one(const struct llm_opts *o)
{
	return o->chat.single ||
	       (o->chat.dialect != NULL && o->chat.dialect->one_choice);
}

/* Return a list of n scores, each lower than the one before. */
static struct span
falling_scores(struct rec *r, size_t n)
{
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < n; i++)
		buf_fmt(&b, "%s%.9g", i > 0 ? "," : "[", 1 / (1 + (double)i));
	buf_addc(&b, ']');
	return rec_hold(r, &b);
}

/*
 * Return made-up log probabilities of a judge: from one answer to the next p
 * goes all over 0..1 evenly, so that --unsure of tg-judge takes as many pairs
 * as its band is wide.
 */
static struct span
even_logprobs(struct estimate *f, struct rec *r)
{
	/* multiples of the golden ratio */
	double p = fmod(0.5 + (double)f->judged++ * 0.6180339887498949, 1);
	struct buf b = { 0 };

	p = fmin(fmax(p, 1e-6), 1 - 1e-6);
	buf_fmt(&b, "{\"1\":%.9g,\"0\":%.9g}", log(p), log(1 - p));
	return rec_hold(r, &b);
}

/*
 * Fill an answer with words of about so many tokens, different for each step
 * and i: tg-arrange takes no query that equals its positive. Where scores are
 * asked for it gets so many of them.
 */
static void
filler(struct reply_choice *c, enum rec_kind kind, double tokens, int i,
    size_t scores, struct rec *r)
{
	struct buf b = { 0 };

	*c = (struct reply_choice){ .text = span_of("1"),
		.finish_reason = span_of("stop"),
		.model = span_of("none") };
	if (kind == REC_JUDGE || kind == REC_VERIFY)
		return;
	if (kind == REC_RESCORE) {
		c->text = falling_scores(r, scores);
		return;
	}
	buf_fmt(&b, "%d of step %d", i, rec_step(r, "request"));
	while (cost_tokens_of(b.n) < (long long)tokens)
		buf_adds(&b, " word");
	c->text = rec_hold(r, &b);
}

/*
 * Count one way of a record's request, as job j, and answer it: its kind, or
 * REC_NO_KIND if nothing will be asked.
 */
static enum rec_kind
count_way(struct estimate *f, struct rec *r, struct chat_job *j, int way)
{
	const struct llm_opts *o = f->o;
	int i, had, left, calls, only = response_only(r);
	enum rec_kind kind = response_job(r, o, j, way);
	double tokens;
	long cap;

	if (kind == REC_NO_KIND)
		return kind;
	j->nchoices = j->want - j->skip;
	j->choices =
	    arena_get(&r->mem, (size_t)j->nchoices * sizeof *j->choices);
	had = from_cache(f, r, j, &f->kinds[only]);
	cap = request_cap(&o->chat.body, &j->ask);
	tokens = answer_tokens(f, only, cap);
	left = j->nchoices - had;
	if (j->stored_only && left > 0)
		return REC_NO_KIND; /* no server will be asked */
	calls = asks_for_one(o) ? left : left > 0;
	f->kinds[only].requests++;
	f->requests++;
	f->cached += left == 0;
	f->had += (unsigned long)had;
	f->calls += (unsigned long)calls;
	f->prompt += calls * cost_tokens_of(request_bytes(&j->ask));
	f->most += kind != REC_RESCORE ? left * (long long)cap : 0;
	f->expected += llround(left * tokens);
	for (i = had; i < j->nchoices && o->pretend; i++)
		filler(&j->choices[i], kind, tokens, i + j->skip,
		    js_count(j->ask.messages), r);
	if (had == 0 && o->pretend && kind == REC_JUDGE)
		j->choices[0].logprobs = even_logprobs(f, r);
	return kind;
}

/* Count the request of a record; with --pretend, answer it. */
static void
count_request(struct estimate *f, struct rec *r)
{
	struct chat_job j = { 0 }, other;
	enum rec_kind kind = count_way(f, r, &j, 0);
	int way;

	for (way = 1; kind != REC_NO_KIND && way < response_ways(r, f->o);
	     way++) {
		other = (struct chat_job){ 0 };
		kind = count_way(f, r, &other, way);
		if (kind != REC_NO_KIND)
			response_join(r, &j, &other);
	}
	if (kind != REC_NO_KIND && f->o->pretend)
		response_put(r, &j, 0);
}

/* Count the texts of a line whose vectors would be asked for. */
static void
count_texts(struct estimate *f, struct rec *r)
{
	struct request_ask ask = { 0 };
	struct buf b = { 0 };
	char key[SHA256_HEX];
	size_t at = 0;

	while ((ask.messages = embed_next(r, f->field, f->prefix, &at)).p) {
		f->requests++;
		b.n = 0;
		request_name(&b, &f->o->chat.body, f->o->chat.model, &ask);
		hash_sha256(buf_span(&b), key);
		if (f->answers != NULL && responses_get(f->answers, key, 0, &b))
			f->cached++;
		else
			f->prompt += cost_tokens_of(ask.messages.n);
	}
	buf_free(&b);
}

/* Return the fewest requests that ask for the vectors of n texts. */
static unsigned long
batches_of(const struct llm_opts *o, unsigned long n)
{
	unsigned long each = (unsigned long)o->embed_batch;

	return (n + each - 1) / each;
}

/* Return the cost of the calls if their answers have out tokens. */
static double
cost(const struct estimate *f, long long out)
{
	return cost_money(cost_of(&f->o->chat.prices, f->prompt, out, 0));
}

/* Return whether a kind is told of: that of a second judge only if it is. */
static int
is_told(const struct estimate *f, int kind)
{
	return kind != ONLY_SECOND || f->kinds[kind].requests > 0;
}

/* Append the estimate as one JSON object. */
static void
add_json(const struct estimate *f, struct buf *b)
{
	int i;

	buf_adds(b, "{\"requests\":{");
	for (i = 0; i < ONLY_ALL; i++)
		if (is_told(f, i))
			buf_fmt(b, "%s\"%s\":%lu", i ? "," : "", kind_name(i),
			    f->kinds[i].requests);
	if (f->o->embed != NULL)
		buf_fmt(b, ",\"embed\":%lu", f->requests);
	buf_fmt(b,
	    "},\"answered_by_cache\":%lu,\"cached\":%lu,\"calls\":%lu,"
	    "\"prompt_tokens\":%lld,\"completion_tokens\":%lld,"
	    "\"completion_tokens_max\":%lld,\"answer_tokens\":{",
	    f->cached, f->had, f->calls, f->prompt, f->expected, f->most);
	for (i = 0; i < ONLY_ALL; i++)
		if (is_told(f, i))
			buf_fmt(b, "%s\"%s\":{\"tokens\":%.0f,\"assumed\":%s}",
			    i ? "," : "", kind_name(i), answer_tokens(f, i, 0),
			    f->kinds[i].known > 0 ? "false" : "true");
	buf_fmt(b, "},\"cost\":%.6f,\"cost_max\":%.6f,\"estimated\":true}\n",
	    cost(f, f->expected), cost(f, f->most));
}

/* Append the estimate as a line of words. */
static void
add_words(const struct estimate *f, struct buf *b)
{
	const char *comma = " (";
	int i;

	buf_fmt(b, "%lu %s%s", f->requests, f->o->embed ? "text" : "request",
	    f->requests == 1 ? "" : "s");
	for (i = 0; i < ONLY_ALL; i++) {
		if (f->kinds[i].requests == 0)
			continue;
		buf_fmt(
		    b, "%s%lu %s", comma, f->kinds[i].requests, kind_name(i));
		comma = ", ";
	}
	buf_fmt(b,
	    "%s, %lu of them answered in the cache; about %lld tokens in",
	    *comma == ',' ? ")" : "", f->cached, f->prompt);
	if (f->o->embed != NULL)
		buf_fmt(b, " of %lu requests or more", f->calls);
	else
		buf_fmt(b, ", %lld out, at most %lld", f->expected, f->most);
	if (f->o->chat.prices.in + f->o->chat.prices.out > 0)
		buf_fmt(b, "; cost about %.4f, at most %.4f",
		    cost(f, f->expected), cost(f, f->most));
}

static enum filter_did
serve(struct filter *filter, struct rec *r)
{
	struct estimate *f = filter->ctx;

	if (f->o->embed != NULL)
		count_texts(f, r);
	else if (response_wanted(r, f->o))
		count_request(f, r);
	return f->o->pretend ? FILTER_PASS : FILTER_TAKE;
}

static void
end(struct filter *filter)
{
	struct estimate *f = filter->ctx;
	const char *stats = f->o->stats_file;
	struct buf b = { 0 };

	if (f->o->embed != NULL)
		f->calls = batches_of(f->o, f->requests - f->cached);
	add_words(f, &b);
	if (!f->o->pretend || stats == NULL)
		io_warn("%s", buf_cstr(&b));
	b.n = 0;
	add_json(f, &b);
	if (!f->o->pretend)
		buf_addspan(&filter->out, buf_span(&b));
	if (stats != NULL && io_replace(stats, buf_span(&b)) == -1) {
		io_warn("%s: %s", stats, strerror(errno));
		f->failed = 1;
	}
	buf_free(&b);
}

int
estimate_run(struct llm_opts *o)
{
	const char *cache = o->chat.cache, *why;
	struct estimate f = { .o = o };
	int status;

	if (o->chat.batch != NULL)
		options_refuse("--dry-run: not with --export or --import");
	if (cache != NULL && o->chat.model == NULL)
		options_refuse(
		    "--dry-run: name the model with -m to look into --cache");
	/* an estimate does not make the cache */
	if (cache != NULL && access(cache, F_OK) == 0 &&
	    (f.answers = responses_new(cache, 1, &why)) == NULL) {
		io_warn("%s", why);
		return TG_EX_IO;
	}
	if (o->embed != NULL)
		embed_field(o, &f.field, &f.prefix);
	o->f.ctx = &f;
	o->f.serve = serve;
	o->f.serve_bad = !o->pretend;
	o->f.end = end;
	status = filter_run(&o->f, o->files);
	responses_free(f.answers);
	return f.failed ? TG_EX_IO : status;
}
