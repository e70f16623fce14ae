/* estimate: counts what requests would take, without sending any */
#include "estimate.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "io/io.h"
#include "json/find.h"
#include "llm/reply.h"
#include "response.h"

/* The tokens that an answer is assumed to have where no answer is known. */
static const double assumed[REC_NO_KIND] = {
	[REC_GENERATE] = 400,
	[REC_JUDGE] = 2,
	[REC_NEGATIVES] = 400,
};

/* Return the tokens that an answer is expected to take, cap at most. */
static double
answer_tokens(const struct estimate *f, enum rec_kind kind, long cap)
{
	const struct estimate_kind *k = &f->kinds[kind];
	double n = k->known > 0 ? k->length : assumed[kind];

	return cap > 0 && n > (double)cap ? (double)cap : n;
}

/* Look for the answer of sample i in the cache; return 1 if it is there. */
static int
find_answer(const struct estimate *f, const char *key, int i, struct arena *mem,
    struct reply_choice *c)
{
	struct buf b = { 0 };
	int got = 0;

	if (responses_get(f->answers, key, i, &b)) {
		struct span held = { arena_dup(mem, b.p, b.n), b.n };

		got = reply_choice_read(held, mem, c) == 0 && c->text.p != NULL;
	}
	buf_free(&b);
	return got;
}

/* Fill an answer with words of about so many tokens, different for each i. */
static void
filler(struct reply_choice *c, enum rec_kind kind, double tokens, int i,
    struct arena *mem)
{
	static const char yes[] = "1", word[] = "word";
	struct buf b = { 0 };

	*c = (struct reply_choice){ 0 };
	if (kind == REC_JUDGE) {
		c->text = (struct span){ yes, 1 };
	} else {
		buf_fmt(&b, "%d", i);
		while (cost_tokens_of(b.n) < (long long)tokens)
			buf_fmt(&b, " %s", word);
		c->text = (struct span){ arena_dup(mem, b.p, b.n), b.n };
		buf_free(&b);
	}
	c->finish_reason = span_of("stop");
	c->model = span_of("none");
}

static void
learn(struct estimate_kind *k, struct span text)
{
	k->known++;
	k->length += ((double)cost_tokens_of(text.n) - k->length) / k->known;
}

/* Fill in the answers that the cache has, and return their number. */
static int
from_cache(struct estimate *f, struct rec *r, enum rec_kind kind,
    const struct body_ask *a, int want, struct reply_choice *to)
{
	struct buf b = { 0 };
	char key[SHA256_HEX];
	int i, n = 0;

	if (f->answers == NULL || f->model == NULL)
		return 0;
	body_name(&b, f->body, f->model, a);
	hash_sha256(buf_span(&b), key);
	buf_free(&b);
	for (i = 0; i < want; i++) {
		if (!find_answer(f, key, i, &r->mem, &to[n]))
			continue;
		learn(&f->kinds[kind], to[n].text);
		n++;
	}
	return n;
}

static void
answer(struct rec *r, enum rec_kind kind, double tokens,
    struct reply_choice *choices, int want, int had)
{
	struct chat_job j = { .choices = choices, .nchoices = want };
	int i;

	for (i = had; i < want; i++)
		filler(&choices[i], kind, tokens, i, &r->mem);
	response_put(r, &j, 0);
}

int
estimate_add(struct estimate *f, struct rec *r, int pretend)
{
	struct span request = rec_tg(r, "request");
	int step, want, had, calls;
	enum rec_kind kind = rec_kind(r, "request", &step);
	struct body_ask a = body_ask_of(request);
	struct reply_choice *choices;
	struct estimate_kind *k;
	double tokens;
	long cap;

	if (kind == REC_NO_KIND || js_count(a.messages) == 0)
		return -1;
	k = &f->kinds[kind];
	want = kind == REC_JUDGE ? 1 : f->choices;
	choices = arena_get(&r->mem, (size_t)want * sizeof *choices);
	had = from_cache(f, r, kind, &a, want, choices);
	cap = body_cap(f->body, &a);
	tokens = answer_tokens(f, kind, cap);
	calls = had == want ? 0 : f->single ? want - had : 1;
	k->requests++;
	k->cached += had == want;
	k->answers += (unsigned long)want;
	k->had += (unsigned long)had;
	k->calls += (unsigned long)calls;
	k->prompt += calls * cost_tokens_of(a.messages.n);
	k->most += (want - had) * (long long)cap;
	k->expected += llround((want - had) * tokens);
	if (pretend)
		answer(r, kind, tokens, choices, want, had);
	return 0;
}

static struct estimate_kind
sum(const struct estimate *f)
{
	struct estimate_kind all = { 0 };
	int i;

	for (i = 0; i < REC_NO_KIND; i++) {
		all.requests += f->kinds[i].requests;
		all.cached += f->kinds[i].cached;
		all.had += f->kinds[i].had;
		all.calls += f->kinds[i].calls;
		all.prompt += f->kinds[i].prompt;
		all.most += f->kinds[i].most;
		all.expected += f->kinds[i].expected;
	}
	return all;
}

/* Return the cost of a kind of request if its answers have out tokens. */
static double
cost(const struct estimate *f, const struct estimate_kind *k, long long out)
{
	return cost_money(cost_of(&f->prices, k->prompt, out, 0));
}

void
estimate_json(const struct estimate *f, struct buf *b)
{
	struct estimate_kind all = sum(f);
	int i;

	buf_adds(b, "{\"requests\":{");
	for (i = 0; i < REC_NO_KIND; i++)
		buf_fmt(b, "%s\"%s\":%lu", i ? "," : "",
		    rec_kind_name((enum rec_kind)i), f->kinds[i].requests);
	buf_fmt(b,
	    "},\"answered_by_cache\":%lu,\"cached\":%lu,\"calls\":%lu,"
	    "\"prompt_tokens\":%lld,\"completion_tokens\":%lld,"
	    "\"completion_tokens_max\":%lld,\"answer_tokens\":{",
	    all.cached, all.had, all.calls, all.prompt, all.expected, all.most);
	for (i = 0; i < REC_NO_KIND; i++)
		buf_fmt(b, "%s\"%s\":{\"tokens\":%.0f,\"assumed\":%s}",
		    i ? "," : "", rec_kind_name((enum rec_kind)i),
		    answer_tokens(f, (enum rec_kind)i, 0),
		    f->kinds[i].known > 0 ? "false" : "true");
	buf_fmt(b, "},\"cost\":%.6f,\"cost_max\":%.6f,\"estimated\":true}\n",
	    cost(f, &all, all.expected), cost(f, &all, all.most));
}

void
estimate_words(const struct estimate *f, struct buf *b)
{
	struct estimate_kind all = sum(f);
	const char *comma = " (";
	int i;

	buf_fmt(b, "%lu request%s", all.requests, all.requests == 1 ? "" : "s");
	for (i = 0; i < REC_NO_KIND; i++) {
		if (f->kinds[i].requests == 0)
			continue;
		buf_fmt(b, "%s%lu %s", comma, f->kinds[i].requests,
		    rec_kind_name((enum rec_kind)i));
		comma = ", ";
	}
	buf_fmt(b,
	    "%s, %lu of them answered in the cache; about %lld tokens in, "
	    "%lld out, at most %lld",
	    all.requests > 0 ? ")" : "", all.cached, all.prompt, all.expected,
	    all.most);
	if (f->prices.in + f->prices.out > 0)
		buf_fmt(b, "; cost about %.4f, at most %.4f",
		    cost(f, &all, all.expected), cost(f, &all, all.most));
}

static enum filter_did
serve(struct filter *filter, struct rec *r)
{
	struct estimate *f = filter->ctx;
	enum filter_did did = f->pretend ? FILTER_PASS : FILTER_TAKE;
	int step;

	if (rec_state(r) != REC_ASKED ||
	    (f->only != REC_NO_KIND &&
		rec_kind(r, "request", &step) != f->only))
		return did;
	if (estimate_add(f, r, f->pretend) == -1)
		rec_error(r, filter->tool, "bad_request_member",
		    "tg.request needs a kind and messages");
	return did;
}

static void
end(struct filter *filter)
{
	struct estimate *f = filter->ctx;
	struct buf b = { 0 };

	estimate_words(f, &b);
	if (!f->pretend || f->stats == NULL)
		io_warn(filter->tool, "%s", buf_cstr(&b));
	b.n = 0;
	estimate_json(f, &b);
	if (!f->pretend)
		buf_addspan(&filter->out, buf_span(&b));
	if (f->stats != NULL && io_replace(f->stats, buf_span(&b)) == -1) {
		io_warn(filter->tool, "%s: %s", f->stats, strerror(errno));
		f->failed = 1;
	}
	buf_free(&b);
}

int
estimate_run(struct estimate *f, struct filter *filter, char *const *files)
{
	int status;

	filter->ctx = f;
	filter->serve = serve;
	filter->serve_bad = !f->pretend;
	filter->end = end;
	status = filter_run(filter, files);
	return f->failed ? TG_EX_IO : status;
}
