/* reply: bodies as servers were seen to send them */
#include "llm/reply.h"

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

/* Where an answer stands, and where the reasoning. */
static void
places(void)
{
	static const struct {
		const char *who, *message, *text;
		int reasoned;
	} all[] = {
		/* docs, features/reasoning_outputs: reasoning, and until 0.11
		 * reasoning_content */
		{ "vLLM", "{\"content\":\"a\",\"reasoning\":\"hm\"}", "a", 1 },
		{ "vLLM, all of it reasoning",
		    "{\"content\":null,\"reasoning\":\"hm\"}", NULL, 1 },
		{ "vLLM, none",
		    "{\"content\":\"a\",\"reasoning\":null,"
		    "\"reasoning_content\":null}",
		    "a", 0 },
		{ "SGLang, llama.cpp",
		    "{\"content\":\"\",\"reasoning_content\":\"hm\"}", "", 1 },
		{ "Ollama", "{\"content\":\"a\",\"reasoning\":\"\"}", "a", 0 },
		/* docs.mistral.ai, reasoning: magistral's content */
		{ "Mistral",
		    "{\"content\":[{\"type\":\"thinking\",\"thinking\":[{"
		    "\"type\":\"text\",\"text\":\"hm\"}]},{\"type\":\"text\","
		    "\"text\":\"a\"},{\"type\":\"text\",\"text\":\"b\"}]}",
		    "ab", 1 },
		{ "parts of no kind", "{\"content\":[1,{},[]]}", "", 1 },
		{ "an object", "{\"content\":{}}", NULL, 0 },
	};
	char body[600];
	struct reply r;
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++) {
		snprintf(body, sizeof body, "{\"choices\":[{\"message\":%s}]}",
		    all[i].message);
		ok(reads(body, &r) == 0, "%s", all[i].who);
		if (all[i].text == NULL)
			ok(r.choices[0].text.p == NULL, "null");
		else
			is_span(r.choices[0].text, span_of(all[i].text),
			    "its text");
		is_int(r.choices[0].reasoned, all[i].reasoned, "its reasoning");
	}
	ok(reads("{\"choices\":[{\"message\":{\"content\":\"<think>1</think>0"
		 "\"},\"logprobs\":{\"content\":[{\"token\":\"<think>1</think>"
		 "\",\"logprob\":0},{\"token\":\"0\",\"logprob\":-1}]}}]}",
	       &r) == 0,
	    "logprobs");
	is_span(r.choices[0].logprobs, S("{\"0\":-1}"), "of the answer");
	ok(reads("{\"choices\":[{\"message\":{\"content\":null},\"logprobs\":{"
		 "\"content\":[{\"token\":\"0\",\"logprob\":-1}]}}]}",
	       &r) == 0 &&
		r.choices[0].logprobs.p == NULL,
	    "no answer, none");
}

static void
endings(void)
{
	static const struct {
		const char *word;
		enum reply_finish is;
	} all[] = { { "stop", FINISH_STOP }, { "", FINISH_STOP },
		{ "eos_token", FINISH_STOP }, { "length", FINISH_LENGTH },
		{ "model_length", FINISH_LENGTH },
		{ "content_filter", FINISH_FILTER },
		{ "SAFETY", FINISH_FILTER }, { "abort", FINISH_ABORT },
		{ "error", FINISH_ABORT },
		{ "insufficient_system_resource", FINISH_ABORT },
		{ "tool_calls", FINISH_TOOL }, { "function_call", FINISH_TOOL },
		{ "lengthy", FINISH_STOP }, { "leng", FINISH_STOP } };
	struct reply_choice c = { 0 };
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++) {
		c.finish_reason = span_of(all[i].word);
		is_int(reply_finish(&c), all[i].is, "\"%s\"", all[i].word);
	}
}

static void
quotes(void)
{
	static const char *const all[][2] = { { "\"1\"", "1" },
		{ " \"a\\u00e4\"\n", "a\xc3\xa4" }, { "1", "1" },
		{ "\"1\" or \"2\"", "\"1\" or \"2\"" }, { "\"1", "\"1" },
		{ "{\"a\":1}", "{\"a\":1}" }, { "", "" },
		{ "<think>x</think>\"1\"", "1" } };
	struct reply_choice c;
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++) {
		c = (struct reply_choice){ .text = span_of(all[i][0]) };
		reply_unquote(&c, &mem);
		is_span(c.text, span_of(all[i][1]), "%s", all[i][0]);
	}
	c.text = NONE;
	reply_unquote(&c, &mem);
	ok(c.text.p == NULL, "no text");
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
	struct reply_choice in = { .text = S("a\"\0\xc3\xa4"),
		.finish_reason = S("stop"),
		.model = S("m"),
		.refused = 1,
		.logprobs = S("{\"1\":-0.5}") };
	struct reply_choice none = { .finish_reason = S(""), .model = S("") },
			    out;
	struct buf b = { 0 };

	reply_choice_write(&b, &in);
	is_span(buf_span(&b),
	    S("{\"text\":\"a\\\"\\u0000\xc3\xa4\",\"finish_reason\":\"stop\","
	      "\"model\":\"m\",\"refused\":true,\"logprobs\":{\"1\":-0.5}}"),
	    "as it is stored");
	ok(reply_choice_read(buf_span(&b), &mem, &out) == 0 && out.refused,
	    "and read");
	is_span(out.text, in.text, "the same text");
	is_span(out.finish_reason, in.finish_reason, "the same end");
	is_span(out.logprobs, in.logprobs, "the same logprobs");
	ok(reply_choice_read(S("{\"logprobs\":[]}"), &mem, &out) == 0 &&
		out.logprobs.p == NULL,
	    "or none");
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
	/* openai cookbook, how to handle rate limits */
	{ "OpenAI, more than a minute's", 429,
	    "{\"error\":{\"message\":\"Request too large for gpt-4o in "
	    "organization org-x on tokens per min (TPM): Limit 30000, "
	    "Requested "
	    "40000.\",\"type\":\"tokens\",\"param\":null,\"code\":"
	    "\"rate_limit_exceeded\"}}",
	    "request_too_large", REPLY_RECORD, 0, 0 },
	{ "OpenAI, input over the limit", 400,
	    "{\"error\":{\"message\":\"Input tokens exceed the configured "
	    "limit "
	    "of 272000 tokens. Your messages resulted in 300000 tokens.\","
	    "\"type\":\"invalid_request_error\",\"param\":\"messages\","
	    "\"code\":\"context_length_exceeded\"}}",
	    "context_overflow", REPLY_RECORD, 272000, 0 },
	/* vllm renderers/params.py, entrypoints/openai/serving_engine.py */
	{ "vLLM, prompt", 400,
	    "{\"error\":{\"message\":\"You passed 5000 input tokens and "
	    "requested 0 output tokens. However, the model's context length is "
	    "only 4096 tokens, resulting in a maximum input length of 4096 "
	    "tokens.\",\"type\":\"BadRequestError\",\"param\":\"input_tokens"
	    "\",\"code\":400}}",
	    "context_overflow", REPLY_RECORD, 4096, 0 },
	{ "vLLM, decoder prompt", 400,
	    "{\"object\":\"error\",\"message\":\"The decoder prompt (length "
	    "5000) is longer than the maximum model length of 4096.\",\"type\":"
	    "\"BadRequestError\",\"param\":null,\"code\":400}",
	    "context_overflow", REPLY_RECORD, 4096, 0 },
	/* anomalyco/opencode#25230 */
	{ "SGLang, both", 400,
	    "{\"object\":\"error\",\"message\":\"Requested token count exceeds "
	    "the model's maximum context length of 202752 tokens. You "
	    "requested "
	    "a total of 202941 tokens: 170941 tokens from the input messages "
	    "and "
	    "32000 tokens for the completion.\",\"type\":\"BadRequestError\","
	    "\"param\":null,\"code\":400}",
	    "context_overflow", REPLY_RECORD, 202752, 0 },
	/* ggml-org/llama.cpp#15780: 500 to begin with */
	{ "llama.cpp, once", 500,
	    "{\"error\":{\"code\":500,\"message\":\"the request exceeds the "
	    "available context size. try increasing the context size or enable "
	    "context shift\",\"type\":\"exceed_context_size_error\","
	    "\"n_prompt_tokens\":1407,\"n_ctx\":256}}",
	    "context_overflow", REPLY_RECORD, 256, 0 },
	{ "Ollama, busy", 503,
	    "{\"error\":{\"message\":\"server busy, please try again.  maximum "
	    "pending requests exceeded\",\"type\":\"api_error\",\"param\":null,"
	    "\"code\":null}}",
	    "server_error", REPLY_RETRY, 0, 0 },
	{ "Anthropic, prompt", 400,
	    "{\"error\":{\"code\":\"invalid_request_error\",\"message\":"
	    "\"prompt is too long: 208310 tokens > 200000 maximum\"}}",
	    "context_overflow", REPLY_RECORD, 0, 0 },
	/* openrouter docs, errors: a 200 that is none; and one it tells of */
	{ "a gateway's 429 in a 200", 200,
	    "{\"error\":{\"message\":\"Rate limit exceeded\",\"code\":429}}",
	    "rate_limited", REPLY_RETRY, 0, 0 },
	{ "a gateway's 402 in a 200", 200,
	    "{\"error\":{\"message\":\"Insufficient credits\",\"code\":\"402\""
	    "}}",
	    "out_of_quota", REPLY_SERVICE, 0, 0 },
	{ "no status at all in a 200", 200, "{\"error\":{\"code\":7}}",
	    "server_error", REPLY_RETRY, 0, 0 },
	{ "billing", 429,
	    "{\"error\":{\"message\":\"Your account is not active\",\"type\":"
	    "\"billing_not_active\",\"param\":null,\"code\":"
	    "\"billing_not_active\"}}",
	    "out_of_quota", REPLY_SERVICE, 0, 0 },
};

/*
 * Refusals of a member of the request, and which it is. Sources: openai and
 * azure: microsoft/clarity-agent#59, OpenHands/OpenHands#6777,
 * owndev/Open-WebUI-Functions#98, 567-labs/instructor#155; vLLM before 0.6:
 * 1Panel-dev/MaxKB#2912; Mistral: nomtek/mistralai_client_dart#44 and
 * partITech/php-mistral#76; NIM: NVIDIA/garak#748; Gemini:
 * MinLL/SkyrimNet-GamePlugin#77; Kimi: XCNXNXNX/dsh-portable-tavern#1.
 */
static const struct {
	const char *who, *body, *culprit;
} members[] = {
	{ "OpenAI, cap",
	    "{\"error\":{\"message\":\"Unsupported parameter: 'max_tokens' is "
	    "not supported with this model. Use 'max_completion_tokens' "
	    "instead.\",\"type\":\"invalid_request_error\",\"param\":"
	    "\"max_tokens\",\"code\":\"unsupported_parameter\"}}",
	    "max_tokens" },
	{ "OpenAI, temperature",
	    "{\"error\":{\"message\":\"Unsupported value: 'temperature' does "
	    "not "
	    "support 0.01 with this model. Only the default (1) value is "
	    "supported.\",\"type\":\"invalid_request_error\",\"param\":"
	    "\"temperature\",\"code\":\"unsupported_value\"}}",
	    "temperature" },
	{ "OpenAI, argument",
	    "{\"error\":{\"message\":\"Unrecognized request argument supplied: "
	    "repetition_penalty\",\"type\":\"invalid_request_error\",\"param\":"
	    "null,\"code\":null}}",
	    "repetition_penalty" },
	{ "OpenAI, schema",
	    "{\"error\":{\"message\":\"Invalid parameter: 'response_format' of "
	    "type 'json_schema' is not supported with this model.\",\"type\":"
	    "\"invalid_request_error\",\"param\":\"response_format.type\","
	    "\"code\":null}}",
	    "response_format" },
	{ "vLLM, pydantic as text",
	    "{\"object\":\"error\",\"message\":\"[{'type': 'extra_forbidden', "
	    "'loc': ('body', 'max_tokens'), 'msg': 'Extra inputs are not "
	    "permitted', 'input': 800}]\",\"type\":\"BadRequestError\","
	    "\"param\":null,\"code\":400}",
	    "max_tokens" },
	{ "Mistral",
	    "{\"object\":\"error\",\"message\":{\"detail\":[{\"type\":"
	    "\"extra_forbidden\",\"loc\":[\"body\",\"top_p\"],\"msg\":\"Extra "
	    "inputs are not permitted\",\"input\":1}]},\"type\":"
	    "\"invalid_request_error\",\"param\":null,\"code\":null}",
	    "top_p" },
	{ "Mistral, lately",
	    "{\"object\":\"Error\",\"detail\":[{\"type\":\"extra_forbidden\","
	    "\"loc\":[\"body\",\"seed\"],\"msg\":\"Extra inputs are not "
	    "permitted\",\"input\":[]}],\"message\":[{\"type\":"
	    "\"extra_forbidden\",\"loc\":[\"body\",\"seed\"],\"msg\":\"Extra "
	    "inputs are not permitted\",\"input\":[]}],\"type\":"
	    "\"invalid_request_error\",\"code\":3001}",
	    "seed" },
	{ "FastAPI",
	    "{\"detail\":[{\"type\":\"extra_forbidden\",\"loc\":[\"body\","
	    "\"top_p\"],\"msg\":\"Extra inputs are not permitted\"}]}",
	    "top_p" },
	{ "NIM",
	    "{\"type\":\"urn:inference-service:problem-details:unprocessable-"
	    "entity\",\"title\":\"Unprocessable Entity\",\"status\":422,"
	    "\"detail\":\"body -> top_p\\n  Extra inputs are not permitted "
	    "(type=extra_forbidden)\\nbody -> seed\\n  Extra inputs are not "
	    "permitted (type=extra_forbidden)\"}",
	    "top_p" },
	{ "Gemini",
	    "[{\"error\":{\"code\":400,\"message\":\"Invalid JSON payload "
	    "received. Unknown name \\\"seed\\\": Cannot find field.\","
	    "\"status\":\"INVALID_ARGUMENT\"}}]",
	    "seed" },
	{ "Kimi",
	    "{\"error\":{\"message\":\"invalid temperature: only 1 is allowed "
	    "for this model\",\"type\":\"invalid_request_error\"}}",
	    "temperature" },
	{ "Groq",
	    "{\"error\":{\"message\":\"property 'repetition_penalty' is "
	    "unsupported\",\"type\":\"invalid_request_error\"}}",
	    "repetition_penalty" },
	{ "Anthropic",
	    "{\"error\":{\"message\":\"`temperature` and `top_p` cannot both "
	    "be "
	    "specified for this model. Please use only one.\"}}",
	    "top_p" },
	{ "what was not sent",
	    "{\"error\":{\"message\":\"Unsupported parameter: "
	    "'foo'\",\"param\":"
	    "\"foo\"}}",
	    "" },
	{ "another's list",
	    "{\"error\":{\"message\":\"Unknown parameter 'top_k', supported "
	    "are "
	    "temperature, seed\"}}",
	    "top_k" },
	{ "a value, not the member",
	    "{\"error\":{\"message\":\"temperature must be between 0 and 2\","
	    "\"param\":\"temperature\"}}",
	    "" },
	{ "vLLM, greedy",
	    "{\"error\":{\"message\":\"n must be 1 when using greedy sampling, "
	    "got 7.\",\"code\":400}}",
	    "" },
	{ "a message, never dropped",
	    "{\"error\":{\"message\":\"Unsupported value\",\"param\":"
	    "\"messages[0].role\"}}",
	    "" },
	{ "part of a word",
	    "{\"error\":{\"message\":\"unknown max_tokens_x, xseed, "
	    "my_top_p\"}}",
	    "" },
	{ "no words", "{}", "" },
	{ "no JSON", "unsupported seed", "seed" },
};

/* What of an overflow is the prompt alone. */
static void
prompts(void)
{
	static const struct {
		const char *message;
		long prompt, context;
	} all[] = {
		{ "This model's maximum context length is 16385 tokens. "
		  "However, you requested 20000 tokens (12000 in the messages, "
		  "8000 in the completion).",
		    12000, 16385 },
		{ "This model's maximum context length is 16385 tokens. "
		  "However, your messages resulted in 20000 tokens.",
		    20000, 16385 },
		{ "'max_tokens' or 'max_completion_tokens' is too large: 8192. "
		  "This model's maximum context length is 4096 tokens and your "
		  "request has 35 input tokens (8192 > 4096 - 35).",
		    35, 4096 },
		{ "The input (90000 tokens) is longer than the model's context "
		  "length (32768 tokens).",
		    90000, 32768 },
		{ "Requested token count exceeds the model's maximum context "
		  "length of 202752 tokens. You requested a total of 202941 "
		  "tokens: 170941 tokens from the input messages and 32000 "
		  "tokens for the completion.",
		    170941, 202752 },
		{ "The decoder prompt (length 5000) is longer than the maximum "
		  "model length of 4096.",
		    5000, 4096 },
		{ "nothing of the kind", 0, 0 },
	};
	struct reply_error e;
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++) {
		reply_error_read(400, span_of(all[i].message), &e);
		is_int(e.prompt, all[i].prompt, "prompt: %s", all[i].message);
		is_int(e.context_max, all[i].context, "and context");
	}
	reply_error_read(
	    400, S("{\"error\":{\"n_prompt_tokens\":9,\"n_ctx\":4}}"), &e);
	ok(e.prompt == 9 && e.context_max == 4, "llama.cpp");
}

static void
culprits(void)
{
	static const char sent[] =
	    "{\"messages\":[],\"model\":\"m\",\"temperature\":1,\"top_p\":1,"
	    "\"max_tokens\":1,\"repetition_penalty\":1,\"seed\":1,"
	    "\"response_format\":{},\"n\":7,\"top_k\":1,\"\":1}";
	struct reply_error e;
	struct span got;
	size_t i;

	for (i = 0; i < sizeof members / sizeof *members; i++) {
		reply_error_read(400, span_of(members[i].body), &e);
		got = reply_culprit(&e, S(sent));
		is_span(got.p ? got : S(""), span_of(members[i].culprit),
		    "refused: %s", members[i].who);
		ok(reply_culprit(&e, S("{}")).p == NULL, "of nothing, none");
	}
}

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
	reply_error_read(502,
	    S("<html><head><title>502 Bad Gateway</title></head></html>"), &e);
	is_str(e.message, "502 Bad Gateway", "the title of a page");
	reply_error_read(502, S("<html><title>502"), &e);
	is_str(e.message, "<html><title>502", "one that does not end");
	reply_error_read(400,
	    S("{\"detail\":[{\"loc\":[\"body\",\"x\"],\"msg\":\"bad\"}]}"), &e);
	is_str(e.message, "x; bad", "what a validator lists");
	reply_error_read(400, NONE, &e);
	is_str(e.message, "no reason given", "no body");
	for (i = 0; i < 5000; i++)
		buf_adds(&b, "\xc3\xa4");
	reply_error_read(400, buf_span(&b), &e);
	ok(strlen(e.message) < sizeof e.message && strlen(e.message) > 300,
	    "a long one is cut");
	buf_free(&b);
}

/* A reader that walks to each choice anew takes minutes for these. */
static void
many_choices(void)
{
	enum { MANY = 100000, LARGE = 1024, ITEMS = 20000 };
	struct buf b = { 0 };
	struct reply r;
	int i, k;

	alarm(20);
	for (i = 0; i < MANY; i++)
		buf_adds(&b, i ? ",{\"message\":{\"content\":\"x\"}}"
			       : "{\"choices\":[{\"message\":{}}");
	buf_adds(&b, "]}");
	ok(reads(buf_cstr(&b), &r) == 0 && r.nchoices == 1024,
	    "of 100,000 choices the first 1,024 are read, in time");
	is_span(r.choices[1023].text, S("x"), "the last of them is its own");
	buf_clear(&b);
	for (i = 0; i < LARGE; i++) {
		buf_adds(&b, i ? ",{\"x\":[0" : "{\"choices\":[{\"x\":[0");
		for (k = 0; k < ITEMS; k++)
			buf_adds(&b, ",0");
		buf_adds(&b, "]}");
	}
	buf_adds(&b, "]}");
	ok(reads(buf_cstr(&b), &r) == 0 && r.nchoices == LARGE,
	    "1,024 choices of 40 KB are read in time");
	alarm(0);
	buf_free(&b);
}

int
main(void)
{
	answers();
	many_choices();
	places();
	endings();
	quotes();
	no_answers();
	round_trip();
	refusals();
	prompts();
	culprits();
	arena_free(&mem);
	return done();
}
