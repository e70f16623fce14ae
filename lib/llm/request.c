/* request: the JSON of a chat completion request */
#include "llm/request.h"

#include <ctype.h>
#include <string.h>

#include "json/find.h"
#include "json/string.h"

enum {
	SEEDS = 1000, /* seeds that the samples of one request may take */
	AGAIN_MAX = 1000000,
};

/* Parameters by enum request_param. */
static const struct {
	const char *name, *alias; /* neutral name, and one of some dialects */
	const char *def;          /* published generator's default, or NULL */
} params[REQUEST_NPARAM] = {
	{ "temperature", "temperature", "1.0" },
	{ "top_p", "top_p", "0.6" },
	{ "max_tokens", "max_completion_tokens", "8192" },
	{ "repetition_penalty", "repeat_penalty", NULL },
	{ "logit_bias", "logit_bias", NULL },
	{ "seed", "seed", NULL },
};

static int
is_number(struct span v)
{
	return v.p[0] == '-' || (v.p[0] >= '0' && v.p[0] <= '9');
}

/*
 * Return whether a value is a list of words that go into any grammar as they
 * are: letters, digits and "_- ".
 */
static int
is_word_list(struct span list)
{
	struct span word;
	size_t at = 0, i;

	while (js_next(list, &at, &word)) {
		if (!js_is_string(word) || word.n == 2)
			return 0;
		for (i = 1; i < word.n - 1; i++)
			if (!isalnum((unsigned char)word.p[i]) &&
			    strchr("_- ", word.p[i]) == NULL)
				return 0;
	}
	return at > 0;
}

const char *
request_bad_param(const struct request_ask *a)
{
	struct span v;
	int p;

	for (p = 0; p < REQUEST_NPARAM; p++) {
		v = js_find(a->params, params[p].name);
		if (js_is_there(v) &&
		    (p == REQUEST_LOGIT_BIAS ? !js_is_object(v)
					     : !is_number(v)))
			return params[p].name;
	}
	v = js_find(a->params, "choice");
	return js_is_there(v) && !is_word_list(v) ? "choice" : NULL;
}

/* Return the value in force; p NULL if nothing sets it. */
static struct span
value_of(const struct request_opts *o, const struct request_ask *a,
    enum request_param p)
{
	struct span v = js_find(a->params, params[p].name);

	if (o->param[p] != NULL)
		return span_of(o->param[p]);
	if (!js_is_there(v))
		v = params[p].def ? span_of(params[p].def)
				  : (struct span){ NULL, 0 };
	return v;
}

int
request_is_param(enum request_param p, struct span name)
{
	return span_is(name, params[p].name) || span_is(name, params[p].alias);
}

/* Return whether --extra-body sets a member, which is written with it then. */
static int
overridden(const struct request_opts *o, const char *name)
{
	return js_has(o->extra, span_of(name));
}

/* Return whether --extra-body sets a parameter, by any of its names. */
static int
is_param_overridden(const struct request_opts *o, enum request_param p)
{
	return overridden(o, params[p].name) || overridden(o, params[p].alias);
}

long
request_cap(const struct request_opts *o, const struct request_ask *a)
{
	return (long)js_int(value_of(o, a, REQUEST_MAX_TOKENS), 0);
}

int
request_cap_is_given(const struct request_opts *o)
{
	return o->param[REQUEST_MAX_TOKENS] != NULL ||
	       is_param_overridden(o, REQUEST_MAX_TOKENS);
}

static void
write_param(struct buf *b, const struct request_opts *o,
    const struct dialect *d, const struct request_ask *a, enum request_param p,
    long cap, int seed_add)
{
	struct span v = value_of(o, a, p);

	if (v.p == NULL || d->names[p] == NULL || is_param_overridden(o, p))
		return;
	/* a user who asks for them by an option sees the refusal */
	if (d->fixed_sampling && o->param[p] == NULL &&
	    (p == REQUEST_TEMPERATURE || p == REQUEST_TOP_P))
		return;
	buf_fmt(b, ",\"%s\":", d->names[p]);
	if (p == REQUEST_MAX_TOKENS && cap > 0 && js_int(v, 0) != cap)
		buf_fmt(b, "%ld", cap);
	else if (p == REQUEST_SEED && seed_add > 0)
		/* a seed may be of any size, and may wrap */
		buf_fmt(b, "%lld",
		    (long long)((unsigned long long)js_int(v, 0) +
				(unsigned)seed_add));
	else
		buf_addspan(b, v);
}

/* Return whether a member of params is written elsewhere, or not at all. */
static int
is_own(const struct request_opts *o, struct span name)
{
	static const char *const more[] = { "choice", "messages", "model", "n",
		"stream" };
	size_t i;

	for (i = 0; i < REQUEST_NPARAM; i++)
		if (span_is(name, params[i].name))
			return 1;
	for (i = 0; i < sizeof more / sizeof *more; i++)
		if (span_is(name, more[i]))
			return 1;
	return o->logprobs != NULL &&
	       (span_is(name, "logprobs") || span_is(name, "top_logprobs"));
}

static void
write_member(struct buf *b, struct span key, struct span val)
{
	buf_addc(b, ',');
	buf_addspan(b, key);
	buf_addc(b, ':');
	buf_addspan(b, val);
}

/* Write the other members of object, less those that extra has. */
static void
write_others(struct buf *b, const struct request_opts *o, struct span extra,
    struct span object)
{
	struct buf name = { 0 };
	struct span key, val;
	size_t at = 0;

	while (js_each(object, &at, &key, &val)) {
		buf_clear(&name);
		js_decode(&name, key);
		if (!is_own(o, buf_span(&name)) &&
		    !js_has(extra, buf_span(&name)))
			write_member(b, key, val);
	}
	buf_free(&name);
}

static void
write_logprobs(
    struct buf *b, const struct request_opts *o, const struct dialect *d)
{
	/* top_logprobs needs logprobs, so both are sent or neither is */
	if (o->logprobs == NULL || d->names[REQUEST_LOGPROBS] == NULL ||
	    d->names[REQUEST_TOP_LOGPROBS] == NULL)
		return;
	if (!overridden(o, "logprobs"))
		buf_adds(b, ",\"logprobs\":true");
	if (!overridden(o, "top_logprobs"))
		buf_fmt(b, ",\"top_logprobs\":%s", o->logprobs);
}

int
request_owns(
    const struct request_opts *o, const struct request_ask *a, struct span name)
{
	return !js_has(o->extra, name) &&
	       (is_own(o, name) || !js_has(a->params, name));
}

struct span
request_constrains(const struct request_opts *o, const struct dialect *d,
    const struct request_ask *a)
{
	struct span list = js_find(a->params, "choice");
	const struct span none = { NULL, 0 };

	return is_word_list(list) && d->choice != NULL &&
		       !overridden(o, d->choice)
		   ? list
		   : none;
}

struct request_ask
request_ask_of(struct span request)
{
	long long again = js_int(js_find(request, "again"), 0);

	int scores = span_is(js_find(request, "kind"), "\"rescore\"");

	return (struct request_ask){
		.messages = js_find(request, scores ? "documents" : "messages"),
		.params = js_find(request, "params"),
		.query = js_find(
		    scores ? request : (struct span){ NULL, 0 }, "query"),
		.again = again > 0 && again < AGAIN_MAX ? (int)again : 0,
	};
}

size_t
request_bytes(const struct request_ask *a)
{
	size_t each = a->query.p != NULL ? js_count(a->messages) : 0;

	return a->messages.n + each * a->query.n;
}

/* Write the request for the vectors of the texts of an ask. */
static void
write_embed(struct buf *b, const struct request_opts *o,
    const struct dialect *d, const char *model, const struct request_ask *a)
{
	struct span key, val;
	size_t at = 0;

	buf_adds(b, "{\"input\":");
	buf_addspan(b, a->messages);
	if (!overridden(o, "model")) {
		buf_adds(b, ",\"model\":");
		js_quote(b, span_of(model));
	}
	if (d->names[REQUEST_ENCODING] != NULL &&
	    !overridden(o, d->names[REQUEST_ENCODING]))
		buf_fmt(b, ",\"%s\":\"base64\"", d->names[REQUEST_ENCODING]);
	while (js_each(o->extra, &at, &key, &val))
		if (!js_key_is(key, span_of("input")))
			write_member(b, key, val);
	buf_addc(b, '}');
}

/* Append the name of the request for scores of an ask. */
static void
name_rescore(struct buf *b, const struct request_opts *o, const char *model,
    const struct request_ask *a)
{
	buf_adds(b, "{\"rescore\":");
	buf_addspan(b, a->query);
	write_member(b, span_of("\"documents\""), a->messages);
	buf_adds(b, ",\"model\":");
	js_quote(b, span_of(model));
	if (o->extra.p != NULL)
		write_member(b, span_of("\"extra\""), o->extra);
	if (a->again > 0)
		buf_fmt(b, ",\"again\":%d", a->again);
	buf_addc(b, '}');
}

/* Append the name of the request for the vectors of the texts of an ask. */
static void
name_embed(struct buf *b, const struct request_opts *o, const char *model,
    const struct request_ask *a)
{
	buf_adds(b, "{\"embed\":");
	buf_addspan(b, a->messages);
	buf_adds(b, ",\"model\":");
	js_quote(b, span_of(model));
	if (o->extra.p != NULL)
		write_member(b, span_of("\"extra\""), o->extra);
	buf_addc(b, '}');
}

void
request_write(struct buf *b, const struct request_opts *o,
    const struct dialect *d, const char *model, const struct request_ask *a,
    long cap, int n, int seed_add)
{
	struct span choice, key, val;
	size_t at = 0;
	int p;

	seed_add += a->again * SEEDS;
	buf_need(b, a->messages.n + 512);
	if (a->query.p != NULL) {
		rescore_write(
		    b, a->form, model, o->extra, a->query, a->messages);
		return;
	}
	if (o->embed) {
		write_embed(b, o, d, model, a);
		return;
	}
	/* messages come first, as they are always there */
	buf_adds(b, "{\"messages\":");
	val = js_find(o->extra, "messages");
	buf_addspan(b, val.p ? val : a->messages);
	if (!overridden(o, "model")) {
		buf_adds(b, ",\"model\":");
		js_quote(b, span_of(model));
	}
	for (p = 0; p < REQUEST_NPARAM; p++)
		write_param(b, o, d, a, p, cap, seed_add);
	choice = request_constrains(o, d, a);
	if (choice.p != NULL)
		dialect_constrain(d, b, choice);
	write_logprobs(b, o, d);
	write_others(b, o, o->extra, a->params);
	if (n > 1 && !overridden(o, "n"))
		buf_fmt(b, ",\"n\":%d", n);
	if (o->no_stream && d->names[REQUEST_STREAM] != NULL &&
	    !overridden(o, "stream"))
		buf_fmt(b, ",\"%s\":false", d->names[REQUEST_STREAM]);
	while (js_each(o->extra, &at, &key, &val))
		if (!js_key_is(key, span_of("messages")))
			write_member(b, key, val);
	buf_addc(b, '}');
}

void
request_name(struct buf *b, const struct request_opts *o, const char *model,
    const struct request_ask *a)
{
	static const struct span no_extra;
	struct span choice = js_find(a->params, "choice"), v;
	int p;

	if (a->query.p != NULL) {
		name_rescore(b, o, model, a);
		return;
	}
	if (o->embed) {
		name_embed(b, o, model, a);
		return;
	}
	buf_adds(b, "{\"messages\":");
	buf_addspan(b, a->messages);
	buf_adds(b, ",\"model\":");
	js_quote(b, span_of(model));
	for (p = 0; p < REQUEST_NPARAM; p++) {
		v = value_of(o, a, p);
		if (v.p != NULL) {
			buf_fmt(b, ",\"%s\":", params[p].name);
			buf_addspan(b, v);
		}
	}
	if (choice.p != NULL)
		write_member(b, span_of("\"choice\""), choice);
	if (o->logprobs != NULL)
		buf_fmt(b, ",\"logprobs\":%s", o->logprobs);
	write_others(b, o, no_extra, a->params);
	if (o->extra.p != NULL)
		write_member(b, span_of("\"extra\""), o->extra);
	if (a->again > 0)
		buf_fmt(b, ",\"again\":%d", a->again);
	buf_addc(b, '}');
}
