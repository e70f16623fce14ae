/* cap: the token limit of a request, fitted to its endpoint and its prompt */
#include "chat/chat-in.h"
#include "io/io.h"

enum {
	CAP_LEAST = 64,   /* tokens of the shortest answer worth asking for */
	CAP_MARGIN = 16,  /* tokens left over where a prompt's are known */
	JUDGE_CAP = 8192, /* tokens for a judge who reasons, as for others */
};

/*
 * Return the tokens of an attempt's prompt: as many a byte as those answered
 * had, and a little more; before any is answered, a token is taken for four
 * bytes. The estimate is rather low: a prompt that turns out longer is refused,
 * and asked again with what the refusal tells; too high an estimate cuts an
 * answer.
 */
static long
prompt_tokens(const struct chat *c, const struct attempt *k)
{
	size_t bytes = request_bytes(&k->job->ask);

	if (c->spend.replies == 0)
		return (long)cost_tokens_of(bytes);
	return (long)(1.1 * c->spend.per_byte * (double)bytes);
}

/*
 * Return the limit that an endpoint takes instead of cap. One no smaller than
 * the context becomes half the context, so that the other half is the prompt's;
 * one larger than the model allows becomes what it allows.
 */
static long
of_endpoint(const struct endpoint *e, long cap)
{
	if (e->context > 0 && cap >= e->context)
		cap = (e->context + 1) / 2;
	return e->cap_max > 0 && cap > e->cap_max ? e->cap_max : cap;
}

/*
 * Return the limit that an attempt at an endpoint gets instead of cap: in
 * addition, no more than the prompt is estimated to leave of the context, but
 * at least CAP_LEAST, and no more than cap_top, which a refusal has set.
 */
static long
fit_cap(const struct chat *c, const struct attempt *k, const struct endpoint *e,
    long cap)
{
	long room = e->context - prompt_tokens(c, k);

	cap = of_endpoint(e, cap);
	if (room < CAP_LEAST)
		room = CAP_LEAST;
	if (e->context > 0 && cap > room)
		cap = room;
	return k->cap_top > 0 && cap > k->cap_top ? k->cap_top : cap;
}

/* Warn once of what an endpoint makes of a limit that is asked for, and why. */
static void
warn_lower(struct endpoint *e, long asked, const char *why)
{
	long cap = of_endpoint(e, asked);

	if (cap == asked || (e->cap_warned > 0 && cap >= e->cap_warned))
		return;
	e->cap_warned = cap;
	io_warn(
	    "%s: the token limit of %ld is too large for the model, %ld from "
	    "now on (%s)",
	    e->url, asked, cap, why);
}

void
cap_set(struct chat *c, struct attempt *k, struct endpoint *e)
{
	long cap = request_cap(&c->o.body, &k->job->ask);

	if (!job_has_words(k->job))
		return; /* vectors and scores have no limit */
	if (k->job->length_ok && cap > 0 && cap < e->judge_cap)
		cap = e->judge_cap;
	warn_lower(e, cap, "its context is no larger than that");
	k->cap = fit_cap(c, k, e, cap);
}

void
cap_keep_halved(struct chat *c, const struct attempt *k)
{
	struct endpoint *e = k->at;
	long prompt = prompt_tokens(c, k);
	int explained =
	    e->context > 0 ? 2 * k->cap + prompt > e->context : k->cap < prompt;

	if (k->halved != e || explained ||
	    (e->cap_max > 0 && e->cap_max <= k->cap))
		return;
	e->cap_max = k->cap;
	warn_lower(e, request_cap(&c->o.body, &k->job->ask),
	    "larger ones were refused");
}

/* Return whether the limit of an attempt is sent, and is chat's to change. */
static int
is_cap_ours(const struct chat *c, const struct attempt *k)
{
	const struct request_opts *o = &c->o.body;

	return k->cap > 0 && k->at->dialect.names[REQUEST_MAX_TOKENS] != NULL &&
	       request_owns(o, &k->job->ask, span_of("max_tokens")) &&
	       request_owns(o, &k->job->ask, span_of("max_completion_tokens"));
}

/*
 * Lower the limit of a refused attempt to what its prompt leaves of the
 * context. Where the prompt's tokens are neither told nor implied, the
 * endpoint's limits may do; else the attempt's is halved. 0 if too little is
 * left for an answer.
 */
static int
lower_own_cap(const struct chat *c, struct attempt *k, const struct refusal *e)
{
	long rest = e->total - k->cap, prompt = e->prompt, top;

	if (prompt == 0 && rest > 0 && rest < e->context_max)
		prompt = rest;
	top = e->context_max - prompt - CAP_MARGIN;
	if (prompt == 0 || e->context_max == 0 || top >= k->cap) {
		if (fit_cap(c, k, k->at, k->cap) < k->cap)
			return 1;
		top = k->cap / 2;
		k->halved = k->at;
	}
	k->cap_top = top;
	return top >= CAP_LEAST;
}

int
cap_lower(struct chat *c, struct attempt *k, struct refusal *e)
{
	struct endpoint *at = k->at;

	if (!e->about_cap || !is_cap_ours(c, k))
		return 0;
	/* no limit helps a prompt that is too long by itself */
	if (e->context_max > 0 &&
	    (e->prompt >= e->context_max || e->prompt_least >= e->context_max))
		return 0;
	if (e->context_max > 0)
		at->context = e->context_max;
	if (e->cap_max > 0 && e->cap_max < k->cap)
		at->cap_max = e->cap_max;
	warn_lower(at, request_cap(&c->o.body, &k->job->ask), e->message);
	if (k->adapted >= ADAPT_MAX || !lower_own_cap(c, k, e)) {
		e->code = "context_overflow";
		return 0;
	}
	k->adapted++;
	return 1;
}

int
cap_raise(struct chat *c, struct attempt *k, const struct reply *r)
{
	struct endpoint *e = k->at;
	long cap = of_endpoint(e, JUDGE_CAP);

	if (!k->job->length_ok || session_stops(&c->session) ||
	    r->nchoices != 1 || !job_is_cut_off(&c->jobs, &r->choices[0]) ||
	    k->cap <= 0 || k->cap >= fit_cap(c, k, e, cap) ||
	    request_cap_is_given(&c->o.body))
		return 0;
	if (e->judge_cap == 0)
		io_warn("%s: the judge reasons, and %ld tokens are too few for "
			"that; %ld from now on",
		    e->url, k->cap, cap);
	e->judge_cap = cap;
	return 1;
}
