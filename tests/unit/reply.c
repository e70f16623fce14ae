/* reply: bodies as servers were seen to send them */
#include "reply.h"

#include "tap.h"

static struct arena mem;

static int
reads(const char *body, struct reply *r)
{
	const char *why = "";

	arena_reset(&mem);
	return reply_read(span_of(body), &mem, r, &why);
}

static void
answers(void)
{
	struct reply r;

	ok(reads(
	       "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\","
	       "\"created\":1,\"model\":\"gpt-4o-mini-2024-07-18\",\"choices\":"
	       "[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":"
	       "\"a\\n\\u00e4\",\"refusal\":null,\"annotations\":[]},"
	       "\"logprobs\":null,\"finish_reason\":\"stop\"}],\"usage\":{"
	       "\"prompt_tokens\":19,\"completion_tokens\":10,\"total_tokens\":"
	       "29,\"prompt_tokens_details\":{\"cached_tokens\":3},"
	       "\"completion_tokens_details\":{\"reasoning_tokens\":0}},"
	       "\"system_fingerprint\":\"fp\"}",
	       &r) == 0,
	    "OpenAI");
	is_span(r.choices[0].text, S("a\n\xc3\xa4"), "text");
	is_span(r.choices[0].finish_reason, S("stop"), "finish_reason");
	is_span(r.choices[0].model, S("gpt-4o-mini-2024-07-18"), "model");
	ok(r.nchoices == 1 && !r.choices[0].refused, "one, not refused");
	ok(r.prompt_tokens == 19 && r.completion_tokens == 10 &&
		r.cached_tokens == 3,
	    "usage");

	ok(reads(
	       "{\"id\":\"c\",\"object\":\"chat.completion\",\"model\":\"q\","
	       "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
	       "\"reasoning\":\"hm\",\"content\":\"x\",\"tool_calls\":[]},"
	       "\"finish_reason\":\"stop\",\"stop_reason\":null},{\"index\":1,"
	       "\"message\":{\"content\":\"y\"},\"finish_reason\":\"length\"}],"
	       "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,"
	       "\"prompt_tokens_details\":null},\"kv_transfer_params\":null}",
	       &r) == 0 &&
		r.nchoices == 2,
	    "vLLM, two");
	is_span(r.choices[0].text, S("x"), "reasoning is no text");
	is_span(r.choices[1].finish_reason, S("length"), "the second");

	ok(reads("{\"choices\":[{\"message\":{\"content\":\"x\"},"
		 "\"finish_reason\":{\"type\":\"stop\"},\"matched_stop\":"
		 "151645}]}",
	       &r) == 0,
	    "SGLang");
	is_span(r.choices[0].finish_reason, S(""), "no word for the end");
	is_span(r.model, S(""), "no model");

	ok(reads("{\"choices\":[{\"finish_reason\":null,\"message\":{\"role\":"
		 "\"assistant\",\"content\":\"\"}}],\"timings\":{}}",
	       &r) == 0,
	    "llama.cpp, Ollama");
	is_span(r.choices[0].text, S(""), "an empty text is one");

	ok(reads("{\"choices\":[{\"message\":{\"content\":null,\"refusal\":"
		 "\"no\"},\"finish_reason\":\"stop\"}]}",
	       &r) == 0 &&
		r.choices[0].refused,
	    "a refusal");
	ok(reads("{\"choices\":[{\"message\":{\"content\":null},"
		 "\"finish_reason\":\"content_filter\",\"content_filter_"
		 "results\":"
		 "{\"hate\":{\"filtered\":true,\"severity\":\"high\"}}}],"
		 "\"prompt_filter_results\":[]}",
	       &r) == 0 &&
		r.choices[0].text.p == NULL,
	    "Azure, filtered");
	ok(reads("{\"choices\":[1,null,[],{}]}", &r) == 0 && r.nchoices == 4 &&
		r.choices[0].text.p == NULL,
	    "choices that are none");
	ok(reads("{\"choices\":[{}],\"usage\":{\"prompt_tokens\":-1,"
		 "\"completion_tokens\":9223372036854775807}}",
	       &r) == 0 &&
		r.prompt_tokens == 0 && r.completion_tokens == 0,
	    "absurd usage");
}

static void
no_answers(void)
{
	static const char *const all[] = { "", " ", "<html>", "null", "[]",
		"{}", "{\"choices\":[]}", "{\"choices\":null}",
		"{\"choices\":{}}", "{\"error\":{\"message\":\"x\"}}",
		"{\"choices\":[{\"message\":{\"content\":\"x\"}}]",
		"{\"choices\":[{\"message\":{\"content\":\"\\ud800\"}}]}",
		"data: {\"choices\":[{}]}\n\n", "{\"choices\":[{}]} x" };
	struct reply r;
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++)
		ok(reads(all[i], &r) == -1, "no completion: %s",
		    strchr(all[i], '\n') ? "a stream" : all[i]);
	ok(reply_read(NONE, &mem, &r, &(const char *){ NULL }) == -1,
	    "no body");
}

static void
round_trip(void)
{
	struct reply_choice in = { S("a\"\0\xc3\xa4"), S("stop"), S("m"), 1 },
			    out;
	struct reply_choice none = { NONE, S(""), S(""), 0 };
	struct buf b = { 0 };

	reply_choice_write(&b, &in);
	is_span(buf_span(&b),
	    S("{\"text\":\"a\\\"\\u0000\xc3\xa4\",\"finish_reason\":\"stop\","
	      "\"model\":\"m\",\"refused\":true}"),
	    "as it is stored");
	ok(reply_choice_read(buf_span(&b), &mem, &out) == 0 && out.refused,
	    "and read");
	is_span(out.text, in.text, "the same text");
	is_span(out.finish_reason, in.finish_reason, "the same end");
	b.n = 0;
	reply_choice_write(&b, &none);
	ok(reply_choice_read(buf_span(&b), &mem, &out) == 0 &&
		out.text.p == NULL && !out.refused,
	    "no text stays none");
	ok(reply_choice_read(S("[]"), &mem, &out) == -1, "no object");
	buf_free(&b);
}

static const struct {
	const char *who;
	long status;
	const char *body, *code;
	enum reply_end end;
	long context_max, cap_max;
} errors[] = {
	{ "OpenAI, key", 401,
	    "{\"error\":{\"message\":\"Incorrect API key provided: "
	    "sk-***\",\"type\":\"invalid_request_error\",\"param\":null,"
	    "\"code\":\"invalid_api_key\"}}",
	    "unauthorised", REPLY_SERVICE, 0, 0 },
	{ "OpenAI, quota", 429,
	    "{\"error\":{\"message\":\"You exceeded your current quota\","
	    "\"type\":\"insufficient_quota\",\"param\":null,\"code\":"
	    "\"insufficient_quota\"}}",
	    "out_of_quota", REPLY_SERVICE, 0, 0 },
	{ "OpenAI, rate", 429,
	    "{\"error\":{\"message\":\"Rate limit reached for "
	    "gpt-4o\",\"type\":"
	    "\"requests\",\"param\":null,\"code\":\"rate_limit_exceeded\"}}",
	    "rate_limited", REPLY_RETRY, 0, 0 },
	{ "OpenAI, overflow", 400,
	    "{\"error\":{\"message\":\"This model's maximum context length is "
	    "16385 tokens. However, you requested 20000 tokens (12000 in the "
	    "messages, 8000 in the completion).\",\"type\":"
	    "\"invalid_request_error\",\"param\":\"messages\",\"code\":"
	    "\"context_length_exceeded\"}}",
	    "context_overflow", REPLY_RECORD, 16385, 0 },
	{ "OpenAI, cap", 400,
	    "{\"error\":{\"message\":\"max_tokens is too large: 100000. This "
	    "model supports at most 16384 completion tokens, whereas you "
	    "provided "
	    "100000.\",\"type\":\"invalid_request_error\",\"param\":"
	    "\"max_tokens\",\"code\":\"invalid_value\"}}",
	    "bad_request", REPLY_RECORD, 0, 16384 },
	{ "OpenAI, argument", 400,
	    "{\"error\":{\"message\":\"Unrecognized request argument supplied: "
	    "repetition_penalty\",\"type\":\"invalid_request_error\",\"param\":"
	    "null,\"code\":null}}",
	    "bad_request", REPLY_RECORD, 0, 0 },
	{ "OpenAI, server", 500,
	    "{\"error\":{\"message\":\"The server had an error\",\"type\":"
	    "\"server_error\",\"param\":null,\"code\":null}}",
	    "server_error", REPLY_RETRY, 0, 0 },
	{ "Azure, filter", 400,
	    "{\"error\":{\"message\":\"The response was filtered due to the "
	    "prompt\",\"type\":null,\"param\":\"prompt\",\"code\":"
	    "\"content_filter\",\"status\":400,\"innererror\":{\"code\":"
	    "\"ResponsibleAIPolicyViolation\",\"content_filter_result\":{}}}}",
	    "content_filter", REPLY_RECORD, 0, 0 },
	{ "Azure, key", 401,
	    "{\"statusCode\":401,\"message\":\"Unauthorized. Access token is "
	    "missing\"}",
	    "unauthorised", REPLY_SERVICE, 0, 0 },
	{ "Azure, deployment", 404,
	    "{\"error\":{\"code\":\"DeploymentNotFound\",\"message\":\"The API "
	    "deployment for this resource does not exist.\"}}",
	    "not_found", REPLY_SERVICE, 0, 0 },
	{ "vLLM, cap", 400,
	    "{\"error\":{\"message\":\"'max_tokens' or 'max_completion_tokens' "
	    "is too large: 8192. This model's maximum context length is 4096 "
	    "tokens and your request has 35 input tokens (8192 > 4096 - 35).\","
	    "\"type\":\"BadRequestError\",\"param\":null,\"code\":400}}",
	    "context_overflow", REPLY_RECORD, 4096, 0 },
	{ "vLLM, busy", 503,
	    "{\"error\":{\"message\":\"busy\",\"type\":"
	    "\"ServiceUnavailableError\",\"code\":503}}",
	    "server_error", REPLY_RETRY, 0, 0 },
	{ "vLLM, greedy n", 400,
	    "{\"object\":\"error\",\"message\":\"n must be 1 when using greedy "
	    "sampling, got 7.\",\"type\":\"BadRequestError\",\"param\":null,"
	    "\"code\":400}",
	    "bad_request", REPLY_RECORD, 0, 0 },
	{ "SGLang, overflow", 400,
	    "{\"object\":\"error\",\"message\":\"The input (90000 tokens) is "
	    "longer than the model's context length (32768 tokens).\",\"type\":"
	    "\"BadRequestError\",\"param\":null,\"code\":400}",
	    "context_overflow", REPLY_RECORD, 32768, 0 },
	{ "llama.cpp, overflow", 400,
	    "{\"error\":{\"code\":400,\"message\":\"the request exceeds the "
	    "available context size, try increasing it\",\"type\":"
	    "\"exceed_context_size_error\",\"n_prompt_tokens\":9000,\"n_ctx\":"
	    "4096}}",
	    "context_overflow", REPLY_RECORD, 4096, 0 },
	{ "llama.cpp, loading", 503,
	    "{\"error\":{\"message\":\"Loading model\",\"type\":"
	    "\"unavailable_error\",\"code\":503}}",
	    "server_error", REPLY_RETRY, 0, 0 },
	{ "Ollama, model", 404,
	    "{\"error\":{\"message\":\"model 'x' not found\",\"type\":"
	    "\"not_found_error\",\"param\":null,\"code\":null}}",
	    "not_found", REPLY_SERVICE, 0, 0 },
	{ "FastAPI", 422, "{\"detail\":[{\"loc\":[\"body\"],\"msg\":\"x\"}]}",
	    "bad_request", REPLY_RECORD, 0, 0 },
	{ "a gateway", 502, "<html><h1>502 Bad Gateway</h1></html>",
	    "server_error", REPLY_RETRY, 0, 0 },
	{ "moderation", 403,
	    "{\"error\":{\"message\":\"Your input was flagged\",\"code\":403}}",
	    "content_filter", REPLY_RECORD, 0, 0 },
	{ "no money", 402, "{\"error\":{\"message\":\"Insufficient Balance\"}}",
	    "out_of_quota", REPLY_SERVICE, 0, 0 },
	{ "too large", 413, "", "request_too_large", REPLY_RECORD, 0, 0 },
	{ "redirection", 308, "", "redirected", REPLY_SERVICE, 0, 0 },
	{ "timeout", 408, "", "timeout", REPLY_RETRY, 0, 0 },
	{ "conflict", 409, "", "server_error", REPLY_RETRY, 0, 0 },
	{ "odd error", 400, "{\"error\":\"plain\"}", "bad_request",
	    REPLY_RECORD, 0, 0 },
};

static void
refusals(void)
{
	struct reply_error e;
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < sizeof errors / sizeof *errors; i++) {
		reply_error_read(errors[i].status, span_of(errors[i].body), &e);
		is_str(e.code, errors[i].code, "%s: code", errors[i].who);
		is_int(e.end, errors[i].end, "%s: end", errors[i].who);
		is_int(e.context_max, errors[i].context_max, "%s: context",
		    errors[i].who);
		is_int(e.cap_max, errors[i].cap_max, "%s: cap", errors[i].who);
	}
	reply_error_read(400, S("{\"error\":\"plain\"}"), &e);
	is_str(e.message, "plain", "a plain message");
	reply_error_read(400, S("a\x1b[1m\xff\n\0b"), &e);
	is_str(e.message, "a?[1m? ?b", "controls are harmless");
	reply_error_read(400, NONE, &e);
	is_str(e.message, "", "no body, no message");
	for (i = 0; i < 5000; i++)
		buf_adds(&b, "\xc3\xa4");
	reply_error_read(400, buf_span(&b), &e);
	ok(strlen(e.message) < sizeof e.message && strlen(e.message) > 300,
	    "a long one is cut");
	buf_free(&b);
}

int
main(void)
{
	answers();
	no_answers();
	round_trip();
	refusals();
	arena_free(&mem);
	return done();
}
