/* request: requests, and their keys in the response cache */
#include "llm/request.h"

#include "tap.h"

#define MESSAGES "[{\"role\":\"user\",\"content\":\"\\u00e4\"}]"

/* Return the body behind the messages, in a buffer that is used again. */
static struct span
rest(const struct request_opts *o, const char *dialect, const char *params,
    long cap, int n, int seed_add)
{
	static struct buf b;
	static const char head[] = "{\"messages\":" MESSAGES;
	struct request_ask a = { .messages = span_of(MESSAGES) };

	if (params != NULL)
		a.params = span_of(params);
	buf_clear(&b);
	request_write(
	    &b, o, dialect_find(dialect), "M\"", &a, cap, n, seed_add);
	if (b.n < sizeof head || memcmp(b.p, head, sizeof head - 1) != 0)
		return buf_span(&b);
	return (struct span){ b.p + sizeof head - 1, b.n - (sizeof head - 1) };
}

#define WITH ",\"model\":\"M\\\"\""
#define DEF WITH ",\"temperature\":1.0,\"top_p\":0.6,\"max_tokens\":8192"

static void
members(void)
{
	struct request_opts o = { 0 };

	is_span(rest(&o, "generic", NULL, 0, 1, 0), S(DEF "}"),
	    "a request has the default parameters");
	is_span(rest(&o, "generic", "{}", 0, 7, 3), S(DEF ",\"n\":7}"),
	    "n is added, and a missing seed is not");
	is_span(rest(&o, "generic", "{\"top_p\":0.10,\"max_tokens\":null}", 0,
		    1, 0),
	    S(WITH ",\"temperature\":1.0,\"top_p\":0.10,\"max_tokens\":8192}"),
	    "params win over defaults, and null counts as missing");
	is_span(
	    rest(&o, "generic", "{\"stop\" : [ 1 ],\"a\\u0062\":{}}", 0, 1, 0),
	    S(DEF ",\"stop\":[ 1 ],\"a\\u0062\":{}}"),
	    "other members are sent as they are");
	is_span(rest(&o, "generic",
		    "{\"n\":3,\"stream\":true,\"model\":1,\"messages\":[]}", 0,
		    1, 0),
	    S(DEF "}"), "params cannot set n, stream, model or messages");
	is_span(rest(&o, "generic",
		    "{\"\\u006e\":3,\"stre\\u0061m\":true,\"mod\\u0065l\":1,"
		    "\"m\\u0065ssages\":[],\"top\\u005fp\":0.5}",
		    0, 1, 0),
	    S(WITH ",\"temperature\":1.0,\"top_p\":0.5,\"max_tokens\":8192}"),
	    "params cannot set these with escapes in their names");
	is_span(rest(&o, "generic", "{\"n\\u0000\":3}", 0, 1, 0),
	    S(DEF ",\"n\\u0000\":3}"),
	    "a name that goes on behind a NUL is another name");
	is_span(rest(&o, "openai-reasoning", "{\"temperature\":0}", 0, 1, 0),
	    S(WITH ",\"max_completion_tokens\":8192}"),
	    "fixed sampling leaves temperature and top_p out");
	is_span(rest(&o, "generic", NULL, 4096, 1, 0),
	    S(WITH ",\"temperature\":1.0,\"top_p\":0.6,\"max_tokens\":4096}"),
	    "a lowered token limit is sent");
	is_span(rest(&o, "generic", "{\"max_tokens\":8}", 4096, 1, 0),
	    S(WITH ",\"temperature\":1.0,\"top_p\":0.6,\"max_tokens\":4096}"),
	    "a smaller token limit of the params is sent");
	o.param[REQUEST_SEED] = "9223372036854775807";
	o.param[REQUEST_TEMPERATURE] = "0.70";
	is_span(rest(&o, "generic", "{\"temperature\":0,\"seed\":1}", 0, 1, 0),
	    S(WITH ",\"temperature\":0.70,\"top_p\":0.6,\"max_tokens\":8192,"
		   "\"seed\":9223372036854775807}"),
	    "options win over params");
	is_span(rest(&o, "generic", NULL, 0, 1, 1),
	    S(WITH ",\"temperature\":0.70,\"top_p\":0.6,\"max_tokens\":8192,"
		   "\"seed\":-9223372036854775808}"),
	    "the seed wraps around at its end");
}

static void
extra(void)
{
	struct request_opts o = { .extra = S("{ \"top_p\" : 1, \"x\":2}") };

	is_span(rest(&o, "generic", "{\"x\":1}", 0, 1, 0),
	    S(WITH ",\"temperature\":1.0,\"max_tokens\":8192,\"top_p\":1,"
		   "\"x\":2}"),
	    "members of --extra-body come last and once");
	o.extra = S("{\"model\":\"X\",\"n\":2,\"max_tokens\":1}");
	is_span(rest(&o, "generic", NULL, 0, 7, 0),
	    S(",\"temperature\":1.0,\"top_p\":0.6,\"model\":\"X\",\"n\":2,"
	      "\"max_tokens\":1}"),
	    "--extra-body can replace any member");
	is_span(rest(&o, "openai", NULL, 0, 1, 0),
	    S(",\"temperature\":1.0,\"top_p\":0.6,\"model\":\"X\",\"n\":2,"
	      "\"max_tokens\":1}"),
	    "--extra-body replaces a parameter under any of its names");
	o.extra = S("{\"messages\":[1]}");
	is_span(rest(&o, "generic", NULL, 0, 1, 0),
	    S("{\"messages\":[1]" DEF "}"),
	    "--extra-body can replace the messages");
	o.extra = S("{\"m\\u0065ssages\":[1],\"mod\\u0065l\":2}");
	is_span(rest(&o, "generic", "{\"model\\u0000\":3}", 0, 1, 0),
	    S("{\"messages\":[1],\"temperature\":1.0,\"top_p\":0.6,"
	      "\"max_tokens\":8192,\"model\\u0000\":3,\"mod\\u0065l\":2}"),
	    "--extra-body replaces names with escapes once");
	o.extra = S("{\"grammar\":\"g\"}");
	is_span(rest(&o, "llamacpp", "{\"choice\":[\"0\"]}", 0, 1, 0),
	    S(DEF ",\"grammar\":\"g\"}"),
	    "--extra-body can replace the constraint");
	o.extra = S("{}");
	is_span(rest(&o, "generic", NULL, 0, 1, 0), S(DEF "}"),
	    "an empty --extra-body changes nothing");
	is_span(rest(&o, "sglang", "{\"choice\":[\"0\",1]}", 0, 1, 0),
	    S(DEF "}"),
	    "a choice with other values than strings constrains nothing");
	is_span(rest(&o, "sglang", "{\"choice\":[]}", 0, 1, 0), S(DEF "}"),
	    "an empty choice constrains nothing");
}

/* Test that refused members are left out of the body, but not of the key. */
static void
learned(void)
{
	struct request_opts o = { .extra = S("{\"x\":1,\"top_p\":1}") };
	struct request_ask a = {
		.messages = S(MESSAGES),
		.params =
		    S("{\"temperature\":0,\"regex\":\"r\",\"choice\":[\"0\"]}"),
	};
	struct dialect d = *dialect_find("vllm");
	struct buf b = { 0 }, name = { 0 };

	o.logprobs = "5";
	request_name(&name, &o, "M", &a);
	is_span(buf_span(&name),
	    S("{\"messages\":" MESSAGES ",\"model\":\"M\",\"temperature\":0,"
	      "\"top_p\":0.6,\"max_tokens\":8192,\"choice\":[\"0\"],"
	      "\"logprobs\":5,\"regex\":\"r\",\"extra\":{\"x\":1,"
	      "\"top_p\":1}}"),
	    "log probabilities are part of the key if they are asked for");
	request_write(&b, &o, &d, "M", &a, 0, 1, 0);
	is_span(buf_span(&b),
	    S("{\"messages\":" MESSAGES ",\"model\":\"M\",\"temperature\":0,"
	      "\"max_tokens\":8192,\"structured_outputs\":{\"choice\":[\"0\"]},"
	      "\"logprobs\":true,\"top_logprobs\":5,\"regex\":\"r\","
	      "\"x\":1,\"top_p\":1}"),
	    "the body has all members");
	is_span(request_constrains(&o, &d, &a), S("[\"0\"]"),
	    "the request is constrained");
	dialect_forgo(&d, S("temperature"));
	dialect_forgo(&d, S("max_tokens"));
	dialect_forgo(&d, S("structured_outputs"));
	dialect_forgo(&d, S("top_logprobs"));
	dialect_forgo(&d, S("top_p"));
	buf_clear(&b);
	request_write(&b, &o, &d, "M", &a, 100, 1, 0);
	is_span(buf_span(&b),
	    S("{\"messages\":" MESSAGES ",\"model\":\"M\","
	      "\"max_completion_tokens\":100,\"guided_choice\":[\"0\"],"
	      "\"regex\":\"r\",\"x\":1,\"top_p\":1}"),
	    "refused members are left out, and --extra-body stays");
	buf_clear(&b);
	request_name(&b, &o, "M", &a);
	is_span(buf_span(&b), buf_span(&name),
	    "refused members do not change the key");
	ok(request_owns(&o, &a, S("temperature")),
	    "temperature is a member of tg-llm");
	ok(!request_owns(&o, &a, S("x")),
	    "a member of --extra-body is not one of tg-llm");
	ok(!request_owns(&o, &a, S("top_p")),
	    "a member of --extra-body is not one of tg-llm even if it has the "
	    "name of one");
	ok(!request_owns(&o, &a, S("regex")),
	    "a member of the record is not one of tg-llm");
	o.extra = S("{\"\\u0078\":1,\"top_p\":1}");
	ok(!request_owns(&o, &a, S("x")),
	    "a member with an escaped name is not one of tg-llm");
	a.params = S("{\"r\\u0065gex\":\"r\",\"s\\u0065ed\":1}");
	ok(!request_owns(&o, &a, S("regex")) && request_owns(&o, &a, S("seed")),
	    "members of the record may have escaped names");
	ok(request_is_param(REQUEST_MAX_TOKENS, S("max_completion_tokens")) &&
		request_is_param(REQUEST_SEED, S("seed")) &&
		!request_is_param(REQUEST_SEED, S("x")),
	    "parameters are known by any of their names");
	o.extra = S("{\"top_logprobs\":1}");
	a.params = S("{\"logprobs\":false,\"top_logprobs\":9}");
	buf_clear(&b);
	request_write(&b, &o, dialect_find("openai"), "M", &a, 0, 1, 0);
	is_span(buf_span(&b),
	    S("{\"messages\":" MESSAGES ",\"model\":\"M\",\"temperature\":1.0,"
	      "\"top_p\":0.6,\"max_completion_tokens\":8192,"
	      "\"logprobs\":true,\"top_logprobs\":1}"),
	    "the option --logprobs wins over the record, and --extra-body over "
	    "both");
	o = (struct request_opts){ 0 };
	buf_clear(&b);
	request_write(&b, &o, dialect_find("openai"), "M", &a, 0, 1, 0);
	ok(memmem(b.p, b.n, S("\"logprobs\":false").p, 16) != NULL,
	    "without --logprobs the record's member is sent");
	buf_free(&b);
	buf_free(&name);
}

static void
names(void)
{
	struct request_opts o = { .extra = S("{\"x\":1}") };
	struct request_ask a = {
		.messages = S(MESSAGES),
		.params = S("{\"choice\":[\"0\"],\"stop\":1,\"max_tokens\":5}"),
	};
	struct buf b = { 0 };

	o.param[REQUEST_REPETITION_PENALTY] = "1.1";
	request_name(&b, &o, "M", &a);
	is_span(buf_span(&b),
	    S("{\"messages\":" MESSAGES ",\"model\":\"M\",\"temperature\":1.0,"
	      "\"top_p\":0.6,\"max_tokens\":5,\"repetition_penalty\":1.1,"
	      "\"choice\":[\"0\"],\"stop\":1,\"extra\":{\"x\":1}}"),
	    "the key has not changed, since caches depend on it");
	is_int(request_cap(&o, &a), 5, "the token limit comes from the params");
	o.param[REQUEST_MAX_TOKENS] = "6";
	is_int(
	    request_cap(&o, &a), 6, "the token limit comes from the options");
	buf_free(&b);
}

/* Test that a repeated request has a key and a seed of its own. */
static void
again(void)
{
	struct request_opts o = { .param = { [REQUEST_SEED] = "7" } };
	struct request_ask a = request_ask_of(
	    S("{\"step\":1,\"again\":2,\"messages\":" MESSAGES "}"));
	struct buf b = { 0 };

	is_int(a.again, 2, "the request is asked for the third time");
	request_name(&b, &o, "M", &a);
	is_span(buf_span(&b),
	    S("{\"messages\":" MESSAGES ",\"model\":\"M\",\"temperature\":1.0,"
	      "\"top_p\":0.6,\"max_tokens\":8192,\"seed\":7,\"again\":2}"),
	    "the key of a repeated request has again");
	buf_clear(&b);
	request_write(&b, &o, dialect_find("generic"), "M", &a, 0, 1, 3);
	is_span(buf_span(&b),
	    S("{\"messages\":" MESSAGES ",\"model\":\"M\",\"temperature\":1.0,"
	      "\"top_p\":0.6,\"max_tokens\":8192,\"seed\":2010}"),
	    "a repeated request gets another seed and no other change");
	is_int(request_ask_of(S("{\"again\":-1}")).again, 0,
	    "a negative again counts as 0");
	is_int(request_ask_of(S("{\"again\":1e9}")).again, 0,
	    "a very large again counts as 0");
	is_int(request_ask_of(S("{\"again\":\"1\"}")).again, 0,
	    "an again in words counts as 0");
	buf_free(&b);
}

int
main(void)
{
	members();
	extra();
	learned();
	names();
	again();
	return done();
}
