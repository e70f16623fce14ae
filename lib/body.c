/* body: the JSON of a chat completion request */
#include "body.h"

#include <string.h>

#include "js.h"

/* By enum body_param: neutral names and the published generator's defaults. */
static const struct {
	const char *name, *def;
} params[BODY_NPARAM] = {
	{ "temperature", "1.0" },
	{ "top_p", "0.6" },
	{ "max_tokens", "8192" },
	{ "repetition_penalty", NULL },
	{ "logit_bias", NULL },
	{ "seed", NULL },
};

/* The value in force, p NULL if nobody sets it. */
static struct span
value_of(const struct body_opts *o, const struct body_ask *a,
    enum body_param p)
{
	struct span v = { NULL, 0 };

	if (o->param[p] != NULL)
		return span_of(o->param[p]);
	v = js_find(a->params, params[p].name);
	if (js_is_there(v))
		return v;
	return params[p].def ? span_of(params[p].def) : (struct span){ NULL, 0 };
}

/* The name of a parameter in the dialect; NULL if it has none. */
static const char *
name_of(const struct dialect *d, enum body_param p)
{
	switch (p) {
	case BODY_MAX_TOKENS:
		return d->cap;
	case BODY_REPETITION_PENALTY:
		return d->penalty;
	default:
		return params[p].name;
	}
}

/* Whether --extra-body sets a member, which then is written with it. */
static int
overridden(const struct body_opts *o, const char *name)
{
	return js_find(o->extra, name).p != NULL;
}

long
body_cap(const struct body_opts *o, const struct body_ask *a)
{
	return (long)js_int(value_of(o, a, BODY_MAX_TOKENS), 0);
}

static void
write_param(struct buf *b, const struct body_opts *o, const struct body_ask *a,
    enum body_param p, const char *name, long cap_max, int seed_add)
{
	struct span v = value_of(o, a, p);

	if (v.p == NULL || name == NULL || overridden(o, name))
		return;
	if (p == BODY_MAX_TOKENS && cap_max > 0 && js_int(v, 0) > cap_max)
		buf_fmt(b, ",\"%s\":%ld", name, cap_max);
	else if (p == BODY_SEED && seed_add > 0)
		buf_fmt(b, ",\"%s\":%lld", name, js_int(v, 0) + seed_add);
	else
		buf_fmt(b, ",\"%s\":%.*s", name, (int)v.n, v.p);
}

/* Members of a request's params that are written elsewhere. */
static int
is_own(struct span raw)
{
	int p;

	raw = (struct span){ raw.p + 1, raw.n - 2 };
	for (p = 0; p < BODY_NPARAM; p++)
		if (span_is(raw, params[p].name))
			return 1;
	return span_is(raw, "choice");
}

static void
write_others(struct buf *b, const struct body_opts *o, struct span object)
{
	struct span key, val;
	size_t at = 0;
	char name[64];

	while (js_each(object, &at, &key, &val)) {
		if (is_own(key) || key.n - 2 >= sizeof name)
			continue;
		memcpy(name, key.p + 1, key.n - 2);
		name[key.n - 2] = '\0';
		if (!overridden(o, name))
			buf_fmt(b, ",%.*s:%.*s", (int)key.n, key.p, (int)val.n,
			    val.p);
	}
}

void
body_write(struct buf *b, const struct body_opts *o, const struct dialect *d,
    const char *model, const struct body_ask *a, long cap_max, int n,
    int seed_add)
{
	struct span choice = js_find(a->params, "choice"), key, val;
	size_t at = 0;
	int p;

	buf_adds(b, "{\"messages\":");
	buf_addspan(b, a->messages);
	if (!overridden(o, "model")) {
		buf_adds(b, ",\"model\":");
		js_quote(b, span_of(model));
	}
	for (p = 0; p < BODY_NPARAM; p++)
		write_param(b, o, a, p, name_of(d, p), cap_max, seed_add);
	if (js_is_array(choice) && d->choice && !overridden(o, d->choice))
		dialect_constrain(d, b, choice);
	write_others(b, o, a->params);
	if (n > 1)
		buf_fmt(b, ",\"n\":%d", n);
	while (js_each(o->extra, &at, &key, &val))
		buf_fmt(b, ",%.*s:%.*s", (int)key.n, key.p, (int)val.n, val.p);
	buf_addc(b, '}');
}
