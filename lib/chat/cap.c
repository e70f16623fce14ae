/* cap: the token limit of a request, fitted to its endpoint and its prompt */
#include "chat/cap.h"

#include "chat/chat-in.h"
#include "io/io.h"

enum {
	CAP_LEAST = 64,  /* tokens of the shortest answer worth asking for */
	CAP_MARGIN = 16, /* tokens left over where a prompt's are known */
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
	size_t bytes = k->job->ask.messages.n;

	if (c->spend.replies == 0)
		return (long)cost_tokens_of(bytes);
	return (long)(1.1 * c->spend.per_byte * (double)bytes);
}

/*
 * Return the limit that an endpoint takes instead of the one asked for. A limit
 * no smaller than the context becomes half the context, so that the other half
 * is the prompt's; one larger than the model allows becomes what it allows.
 */
long
cap_of_endpoint(const struct endpoint *e, long cap)
{
	if (e->context > 0 && cap >= e->context)
		cap = (e->context + 1) / 2;
	return e->cap_max > 0 && cap > e->cap_max ? e->cap_max : cap;
}

/*
 * Return the same for one attempt. A limit that leaves less of the context than
 * the prompt is estimated to take becomes what the prompt leaves, but at least
 * CAP_LEAST; and no limit is over cap_top, which a refusal has set. Neither
 * concerns any other attempt.
 */
long
cap_fit(const struct chat *c, const struct attempt *k, const struct endpoint *e,
    long cap)
{
	long room = e->context - prompt_tokens(c, k);

	cap = cap_of_endpoint(e, cap);
	if (room < CAP_LEAST)
		room = CAP_LEAST;
	if (e->context > 0 && cap > room)
		cap = room;
	return k->cap_top > 0 && cap > k->cap_top ? k->cap_top : cap;
}

void
cap_warn(struct chat *c, struct endpoint *e, long asked, const char *why)
{
	long cap = cap_of_endpoint(e, asked);

	if (cap == asked || (e->cap_warned > 0 && cap >= e->cap_warned))
		return;
	e->cap_warned = cap;
	io_warn(c->o.tool,
	    "%s: the token limit of %ld is too large for the model, %ld from "
	    "now on (%s)",
	    e->url, asked, cap, why);
}

/*
 * An attempt was answered. The limit that it found by halving holds for all
 * that goes to the endpoint, unless its own prompt explains why twice as much
 * was refused.
 */
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
	cap_warn(c, e, body_cap(&c->o.body, &k->job->ask),
	    "larger ones were refused");
}

/* Return whether the limit of an attempt is sent, and is chat's to change. */
static int
cap_is_ours(const struct chat *c, const struct attempt *k)
{
	const struct body_opts *o = &c->o.body;

	return k->cap > 0 && k->at->dialect.cap != NULL &&
	       body_owns(o, &k->job->ask, span_of("max_tokens")) &&
	       body_owns(o, &k->job->ask, span_of("max_completion_tokens"));
}

/* Return the prompt's tokens that a refusal tells or implies; 0: neither. */
static long
told_prompt(const struct reply_error *e, long sent)
{
	long rest = e->total - sent;

	if (e->prompt == 0 && rest > 0 && rest < e->context_max)
		return rest;
	return e->prompt;
}

/*
 * Lower the limit of a refused attempt to what its prompt leaves of the
 * context. Where the prompt's tokens are not told, the endpoint's limits may
 * do; else the attempt's is halved. 0 if too little is left for an answer.
 */
static int
lower_own_cap(
    const struct chat *c, struct attempt *k, const struct reply_error *e)
{
	long prompt = told_prompt(e, k->cap);
	long top = e->context_max - prompt - CAP_MARGIN;

	if (prompt == 0 || e->context_max == 0 || top >= k->cap) {
		if (cap_fit(c, k, k->at, k->cap) < k->cap)
			return 1;
		top = k->cap / 2;
		k->halved = k->at;
	}
	k->cap_top = top;
	return top >= CAP_LEAST;
}

/*
 * Return whether a refusal is about the token limit and the request can go
 * again with a lower one. What the refusal tells of the model holds for all
 * that goes to the endpoint; what it tells of the prompt, for this request
 * alone. When it tells no number that helps, the limit is halved; see
 * cap_keep_halved.
 */
int
cap_lower(struct chat *c, struct attempt *k, struct reply_error *e)
{
	struct endpoint *at = k->at;
	long asked = body_cap(&c->o.body, &k->job->ask);

	if (!e->about_cap || !cap_is_ours(c, k))
		return 0;
	/* no limit helps a prompt that is too long by itself */
	if (e->context_max > 0 &&
	    (e->prompt >= e->context_max || e->prompt_least >= e->context_max))
		return 0;
	if (e->context_max > 0)
		at->context = e->context_max;
	if (e->cap_max > 0 && e->cap_max < k->cap)
		at->cap_max = e->cap_max;
	cap_warn(c, at, asked, e->message);
	if (k->adapted >= ADAPT_MAX || !lower_own_cap(c, k, e)) {
		e->code = "context_overflow";
		return 0;
	}
	k->adapted++;
	return 1;
}
