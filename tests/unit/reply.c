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
	    "OpenAI's reply is read");
	is_span(r.choices[0].text, S("a\n\xc3\xa4"),
	    "the text of a choice is read");
	is_span(r.choices[0].finish_reason, S("stop"),
	    "finish_reason of a choice is read");
	is_span(r.choices[0].model, S("gpt-4o-mini-2024-07-18"),
	    "the model of a choice is read");
	ok(r.nchoices == 1 && !r.choices[0].refused,
	    "the reply has one choice that is not refused");
	ok(r.prompt_tokens == 19 && r.completion_tokens == 10 &&
		r.cached_tokens == 3,
	    "the usage of tokens is read");

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
	    "vLLM's reply with two choices is read");
	is_span(r.choices[0].text, S("x"), "reasoning is not the text");
	is_span(r.choices[1].finish_reason, S("length"),
	    "finish_reason of the second choice is read");

	ok(reads("{\"choices\":[{\"message\":{\"content\":\"x\"},"
		 "\"finish_reason\":{\"type\":\"stop\"},\"matched_stop\":"
		 "151645}]}",
	       &r) == 0,
	    "SGLang's reply is read");
	is_span(r.choices[0].finish_reason, S("stop"),
	    "the type of a finish_reason is read");
	is_span(r.choices[0].model, S(""), "a missing model is empty");

	ok(reads("{\"choices\":[{\"finish_reason\":null,\"message\":{\"role\":"
		 "\"assistant\",\"content\":\"\"}}],\"timings\":{}}",
	       &r) == 0,
	    "a reply of llama.cpp and Ollama is read");
	is_span(r.choices[0].text, S(""), "an empty text is a text");

	ok(reads("{\"choices\":[{\"message\":{\"content\":null,\"refusal\":"
		 "\"no\"},\"finish_reason\":\"stop\"}]}",
	       &r) == 0 &&
		r.choices[0].refused,
	    "a refusal is read");
	ok(reads("{\"choices\":[{\"message\":{\"content\":null},"
		 "\"finish_reason\":\"content_filter\",\"content_filter_"
		 "results\":"
		 "{\"hate\":{\"filtered\":true,\"severity\":\"high\"}}}],"
		 "\"prompt_filter_results\":[]}",
	       &r) == 0 &&
		r.choices[0].text.p == NULL,
	    "Azure's filtered reply has no text");
	ok(reads("{\"choices\":[1,null,[],{}]}", &r) == 0 && r.nchoices == 4 &&
		r.choices[0].text.p == NULL,
	    "choices that are no objects have no text");
	ok(reads("{\"choices\":[{}],\"usage\":{\"prompt_tokens\":-1,"
		 "\"completion_tokens\":9223372036854775807}}",
	       &r) == 0 &&
		r.prompt_tokens == 0 && r.completion_tokens == 0,
	    "absurd numbers of tokens count as 0");
}

/* Test the places of the answer and of the reasoning. */
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
		{ "Mistral, with a reference",
		    "{\"content\":[{\"type\":\"text\",\"text\":\"a\"},{"
		    "\"type\":\"reference\",\"reference_ids\":[1]},{"
		    "\"type\":\"text\",\"text\":\"b\"}]}",
		    "ab", 0 },
		{ "parts that are strings", "{\"content\":[\"a\",\"b\"]}",
		    "ab", 0 },
		{ "parts without a type", "{\"content\":[{\"text\":\"a\"}]}",
		    "a", 0 },
		{ "parts of the Responses API",
		    "{\"content\":[{\"type\":\"output_text\",\"text\":\"a\","
		    "\"annotations\":[]}]}",
		    "a", 0 },
		{ "one part", "{\"content\":{\"type\":\"text\",\"text\":"
			      "\"a\"}}",
		    "a", 0 },
		{ "Gemini's parts",
		    "{\"content\":[{\"text\":\"hm\",\"thought\":true},{"
		    "\"text\":\"a\"}]}",
		    "a", 1 },
		{ "parts of no kind", "{\"content\":[1,{},[]]}", NULL, 0 },
		{ "an object", "{\"content\":{}}", NULL, 0 },
		{ "parts within parts", "{\"content\":[[[[[[[\"a\"]]]]]]]}",
		    NULL, 0 },
	};
	char body[600];
	struct reply r;
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++) {
		snprintf(body, sizeof body, "{\"choices\":[{\"message\":%s}]}",
		    all[i].message);
		ok(reads(body, &r) == 0, "the reply of %s is read", all[i].who);
		if (all[i].text == NULL)
			ok(r.choices[0].text.p == NULL, "the text is null");
		else
			is_span(r.choices[0].text, span_of(all[i].text),
			    "the text is right");
		is_int(r.choices[0].reasoned, all[i].reasoned,
		    "reasoning is noticed");
	}
	ok(reads("{\"choices\":[{\"message\":{\"content\":\"<think>1</think>0"
		 "\"},\"logprobs\":{\"content\":[{\"token\":\"<think>1</think>"
		 "\",\"logprob\":0},{\"token\":\"0\",\"logprob\":-1}]}}]}",
	       &r) == 0,
	    "a reply with log probabilities is read");
	is_span(r.choices[0].logprobs, S("{\"0\":-1}"),
	    "log probabilities of the answer are read");
	ok(reads("{\"choices\":[{\"message\":{\"content\":null},\"logprobs\":{"
		 "\"content\":[{\"token\":\"0\",\"logprob\":-1}]}}]}",
	       &r) == 0 &&
		r.choices[0].logprobs.p == NULL,
	    "a reply without an answer has no log probabilities");
}

static void
endings(void)
{
	static const struct {
		const char *word;
		enum reply_finish is;
	} all[] = { { "stop", FINISH_STOP }, { "", FINISH_STOP },
		{ "STOP", FINISH_STOP }, { "eos", FINISH_STOP },
		{ "eos_token", FINISH_STOP }, { "stop_sequence", FINISH_STOP },
		{ "end_turn", FINISH_STOP }, { "COMPLETE", FINISH_STOP },
		{ "FINISH_REASON_STOP", FINISH_STOP },
		{ "endoftext", FINISH_STOP }, { "end_of_turn", FINISH_STOP },
		{ "STOP_CRITERIA_MET", FINISH_STOP },
		{ "maximum_tokens", FINISH_LENGTH },
		{ "time_limit", FINISH_ABORT },
		{ "server_error", FINISH_ABORT },
		{ "length", FINISH_LENGTH }, { "model_length", FINISH_LENGTH },
		{ "MAX_TOKENS", FINISH_LENGTH },
		{ "max_output_tokens", FINISH_LENGTH },
		{ "model_context_window_exceeded", FINISH_LENGTH },
		{ "content_filter", FINISH_FILTER },
		{ "content-filter", FINISH_FILTER },
		{ "content_filtered", FINISH_FILTER },
		{ "SAFETY", FINISH_FILTER }, { "sensitive", FINISH_FILTER },
		{ "RECITATION", FINISH_FILTER },
		{ "FINISH_REASON_SAFETY", FINISH_FILTER },
		{ "guardrail_intervened", FINISH_FILTER },
		{ "PROHIBITED_CONTENT", FINISH_FILTER },
		{ "BLOCKLIST", FINISH_FILTER }, { "refusal", FINISH_REFUSAL },
		{ "abort", FINISH_ABORT }, { "error", FINISH_ABORT },
		{ "network_error", FINISH_ABORT },
		{ "MALFORMED_FUNCTION_CALL", FINISH_ABORT },
		{ "insufficient_system_resource", FINISH_ABORT },
		{ "tool_calls", FINISH_TOOL }, { "tool_use", FINISH_TOOL },
		{ "function_call", FINISH_TOOL },
		{ "lengthy", FINISH_UNKNOWN }, { "leng", FINISH_UNKNOWN },
		{ "OTHER", FINISH_UNKNOWN }, { "unknown", FINISH_UNKNOWN },
		{ "FINISH_REASON_", FINISH_UNKNOWN } };
	struct reply_choice c = { 0 };
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++) {
		c.finish_reason = span_of(all[i].word);
		is_int(reply_finish(&c), all[i].is,
		    "the finish_reason \"%s\" has its meaning", all[i].word);
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
		is_span(c.text, span_of(all[i][1]),
		    "thinking is removed from: %s", all[i][0]);
	}
	c.text = NONE;
	reply_unquote(&c, &mem);
	ok(c.text.p == NULL, "no text stays no text");
}

/* A whole completion, a chunk of a stream, and its last one. */
#define DONE_A                                                                 \
	"{\"choices\":[{\"message\":{\"content\":\"a\"},\"finish_reason\":"      \
	"\"stop\"}]}"
#define PART(s)                                                                \
	"data: {\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0," \
	"\"delta\":{\"content\":\"" s "\"},\"finish_reason\":null}]}\n\n"
#define LAST                                                                   \
	"data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":"       \
	"\"stop\"}]}\n\n"

static void
no_answers(void)
{
	static const char *const all[] = { "", " ", "<html>", "null", "[]",
		"{}", "{\"choices\":[]}", "{\"choices\":null}",
		"{\"choices\":{}}", "{\"error\":{\"message\":\"x\"}}",
		"{\"choices\":[{\"message\":{\"content\":\"x\"}}]",
		"{\"choices\":[{\"message\":{\"content\":\"x}}]}",
		"{\"choices\":[{}]} x", "{\"choices\":[{}]} data: x",
		": only a comment\n", "data: [DONE]\n\n",
		"data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n",
		"data: {\"choices\":[{\"delta\":{\"content\":\"x\"},"
		"\"finish_reason\":\"stop\"}]}\n\ndata: {\"error\":{}}\n\n",
		PART("x") "data: {\"object\":\"error\",\"code\":500}\n\ndata: "
			  "[DONE]\n\n",
		PART("x") "event: error\ndata: {\"message\":\"x\"}\n\ndata: "
			  "[DONE]\n\n",
		"data: {\"choices\":[{\"delta\":{\"content\":\"x\"},\"error\":"
		"{\"code\":502},\"finish_reason\":\"stop\"}]}\n\n",
		"{\"error\":{\"message\":\"x\"},\"choices\":[{\"message\":{"
		"\"content\":\"x\"}}]}",
		"{\"message\":\"not found\"}", "{\"a\":NaN}", "{\"a\":Nan}",
		"{\"error\":{},\"content\":[]}" };
	struct reply r;
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++)
		ok(reads(all[i], &r) == -1, "body %zu is not a completion", i);
	ok(reply_read(NONE, &mem, &r, &(const char *){ NULL }) == -1,
	    "an empty body is not a completion");
}

/* Test the shapes of a body other than plain JSON with choices. */
static void
shapes(void)
{
	static const struct {
		const char *what, *body, *text;
	} all[] = {
		{ "white space around", " \n \n  " DONE_A "\r\n\r\n", "a" },
		{ "a byte order mark", "\xef\xbb\xbf" DONE_A, "a" },
		{ "comments in front",
		    ": OPENROUTER PROCESSING\n\n: it's \"so\"\n\n" DONE_A, "a" },
		{ "comments behind", DONE_A "\n: keep-alive\n", "a" },
		{ "the end of a stream behind", DONE_A "\n\ndata: [DONE]\n\n",
		    "a" },
		{ "one event", "data: " DONE_A "\n\n", "a" },
		{ "one event of a kind, with its number",
		    "event: message\nid: 1\nretry: 3\ndata:" DONE_A "\n\n"
		    "data: [DONE]\n",
		    "a" },
		{ "chunks", PART("a ") PART("b") LAST "data: [DONE]\n\n",
		    "a b" },
		{ "chunks with CRLF and comments",
		    ": ping\r\n\r\n" PART("a\\n") ": ping\r\n\r\n" LAST, "a\n" },
		{ "chunks without a last one", PART("a") "data: [DONE]\n", "a" },
		{ "chunks and the whole message",
		    PART("a") PART("b") "data: " DONE_A "\n\n", "a" },
		{ "chunks without their field",
		    "{\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n"
		    "{\"choices\":[{\"delta\":{\"content\":\"b\"},"
		    "\"finish_reason\":\"stop\"}]}\n",
		    "ab" },
		{ "numbers that JSON does not have",
		    "{\"x\":[NaN,-Infinity,Infinity],\"choices\":[{\"message\":"
		    "{\"content\":\"NaN\"},\"logprobs\":{\"content\":[{"
		    "\"token\":\"N\",\"logprob\":NaN}]}}]}",
		    "NaN" },
		{ "a damaged text that nothing depends on",
		    "{\"\xff\":\"\\ud800\",\"choices\":[{\"message\":{"
		    "\"content\":\"a\"}}]}",
		    "a" },
		{ "numbers as Python and C print them",
		    "{\"x\":[nan,-nan,inf,-inf,-Infinity],\"choices\":[{"
		    "\"message\":{\"content\":\"a\"}}]}",
		    "a" },
		{ "an event of several lines",
		    "data: {\"choices\":[{\"delta\":\ndata: {\"content\":\"a\"}"
		    ",\ndata:\"finish_reason\":\"stop\"}]}\n\n",
		    "a" },
		{ "an error that is none",
		    "{\"error\":\"\",\"choices\":[{\"error\":{},\"message\":{"
		    "\"content\":\"a\"}}]}",
		    "a" },
		{ "half of a surrogate pair",
		    "{\"choices\":[{\"message\":{\"content\":\"\\ud83d\"}}]}",
		    NULL },
		{ "the older completions",
		    "{\"choices\":[{\"text\":\"a\",\"finish_reason\":\"stop\""
		    "}]}",
		    "a" },
		{ "the Responses API",
		    "{\"object\":\"response\",\"status\":\"completed\","
		    "\"error\":null,\"output\":[{\"type\":\"reasoning\","
		    "\"summary\":[]},{\"type\":\"message\",\"content\":[{"
		    "\"type\":\"output_text\",\"text\":\"a\"}]}]}",
		    "a" },
		{ "Anthropic's interface",
		    "{\"type\":\"message\",\"content\":[{\"type\":\"text\","
		    "\"text\":\"a\"}],\"stop_reason\":\"end_turn\"}",
		    "a" },
		{ "Ollama's own interface",
		    "{\"message\":{\"content\":\"a\"},\"done\":true,"
		    "\"done_reason\":\"stop\"}",
		    "a" },
	};
	struct reply r;
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++) {
		ok(reads(all[i].body, &r) == 0 && r.nchoices == 1,
		    "a reply is read: %s", all[i].what);
		if (r.nchoices != 1)
			continue;
		if (all[i].text == NULL)
			ok(r.choices[0].text.p == NULL && r.choices[0].broken,
			    "its text is known to be broken");
		else
			is_span(r.choices[0].text, span_of(all[i].text),
			    "its text is right");
		is_int(reply_finish(&r.choices[0]), FINISH_STOP,
		    "its end is right");
	}
	ok(reads("{\"choices\":[{\"message\":{\"content\":\"a\"},\"error\":{"
		 "\"code\":502},\"finish_reason\":\"stop\"}]}",
	       &r) == 0 &&
		reply_finish(&r.choices[0]) == FINISH_ABORT,
	    "a choice with an error is no whole answer");
	ok(reads("{\"status\":\"incomplete\",\"incomplete_details\":{\"reason"
		 "\":\"max_output_tokens\"},\"usage\":{\"input_tokens\":3,"
		 "\"output_tokens\":4},\"output\":[]}",
	       &r) == 0 &&
		reply_finish(&r.choices[0]) == FINISH_LENGTH &&
		r.prompt_tokens == 3 && r.completion_tokens == 4,
	    "an incomplete reply of the Responses API tells end and usage");
}

/* Test what a stream has besides the text, and several choices. */
static void
streams(void)
{
	struct reply r;

	ok(reads("data: {\"model\":\"m\",\"choices\":[{\"index\":1,\"delta\":{"
		 "\"role\":\"assistant\",\"content\":\"b\"},\"logprobs\":{"
		 "\"content\":[{\"token\":\"b\",\"logprob\":-1}]}},{\"index\":"
		 "0,\"delta\":{\"reasoning_content\":\"hm\"}}]}\n\n"
		 "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":"
		 "\"a\\\"\"},\"finish_reason\":\"length\"},{\"index\":1,"
		 "\"delta\":{\"content\":\"c\"},\"logprobs\":{\"content\":[{"
		 "\"token\":\"c\",\"logprob\":-2}]},\"finish_reason\":\"stop\""
		 "}]}\n\n"
		 "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,"
		 "\"completion_tokens\":4}}\n\ndata: [DONE]\n\n",
	       &r) == 0 &&
		r.nchoices == 2,
	    "a stream of two choices is read");
	is_span(r.choices[0].text, S("a\""), "the text of choice 0 is right");
	is_span(r.choices[0].finish_reason, S("length"), "so is its end");
	ok(r.choices[0].reasoned, "its reasoning is noticed");
	is_span(r.choices[0].reasoning, S("hm"), "its reasoning is read");
	is_span(r.choices[1].text, S("bc"), "the text of choice 1 is right");
	is_span(r.choices[1].logprobs, S("{\"b\":-1}"),
	    "so are its log probabilities");
	is_span(r.choices[1].model, S("m"), "the stream tells the model");
	ok(r.prompt_tokens == 3 && r.completion_tokens == 4,
	    "the stream tells the usage");
	ok(reads("{\"choices\":[{\"message\":{\"content\":\"a\"}},{\"message\":"
		 "{\"content\":\"\\ud83d b\"}},{\"message\":{\"content\":"
		 "\"\xc3\"}},{\"message\":{\"content\":\"d\"}}]}",
	       &r) == 0 &&
		r.nchoices == 4,
	    "a reply with broken choices is read");
	ok(!r.choices[0].broken && r.choices[1].broken && r.choices[2].broken &&
		!r.choices[3].broken,
	    "only the broken choices are broken");
	is_span(r.choices[3].text, S("d"), "a choice behind them is right");
}

/* A reader that looks at all of a body for each part of it takes minutes. */
static void
long_bodies(void)
{
	static const struct {
		const char *head, *unit, *tail;
	} all[] = { { "", " ", "" }, { "", "\n", DONE_A }, { "", ":\n", DONE_A },
		{ "", "data:", DONE_A }, { "", "{", "" }, { "", "{\"a\":", "" },
		{ "", PART("a"), "data: [DONE]\n" }, { "", "{}", "" },
		{ "[", "NaN,", "NaN]" }, { "{\"a\":[", "\"\xff\",", "1]}" },
		{ "{\"a\":\"", "\\\"", "" }, { "{\"a\":\"\xff", "\\\"", "" },
		{ "{\"choices\":[{\"message\":{\"content\":[", "\"a\",",
		    "\"a\"]}}]}" },
		{ DONE_A, "\xef\xbb\xbf", "" },
		{ "{\"choices\":[", "{\"index\":1023,\"delta\":{}},",
		    "{\"finish_reason\":NaN}]}" } };
	enum { BYTES = 8000000 };
	struct buf b = { 0 };
	struct reply r;
	size_t i;

	cpu_limit(100);
	for (i = 0; i < sizeof all / sizeof *all; i++) {
		buf_clear(&b);
		buf_adds(&b, all[i].head);
		while (b.n < BYTES)
			buf_adds(&b, all[i].unit);
		buf_adds(&b, all[i].tail);
		ok(reads(buf_cstr(&b), &r) <= 0,
		    "a body of 8 MB is read in time, row %zu", i);
	}
	cpu_limit(0);
	buf_free(&b);
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

	reply_choice_write(&b, &in, 1);
	is_span(buf_span(&b),
	    S("{\"text\":\"a\\\"\\u0000\xc3\xa4\",\"finish_reason\":\"stop\","
	      "\"model\":\"m\",\"refused\":true,\"logprobs\":{\"1\":-0.5}}"),
	    "a choice is stored in its form");
	b.n = 0;
	reply_choice_write(&b, &in, 0);
	is_span(buf_span(&b),
	    S("{\"text\":\"a\\\"\\u0000\xc3\xa4\",\"finish_reason\":\"stop\","
	      "\"logprobs\":{\"1\":-0.5}}"),
	    "a record has a choice without its model");
	b.n = 0;
	reply_choice_write(&b, &in, 1);
	ok(reply_choice_read(buf_span(&b), &mem, &out) == 0 && out.refused,
	    "a stored choice is read");
	is_span(out.text, in.text, "a stored choice keeps its text");
	is_span(out.finish_reason, in.finish_reason,
	    "a stored choice keeps its finish_reason");
	is_span(out.logprobs, in.logprobs,
	    "a stored choice keeps its log probabilities");
	ok(reply_choice_read(S("{\"logprobs\":[]}"), &mem, &out) == 0 &&
		out.logprobs.p == NULL,
	    "stored log probabilities that are no object are left out");
	b.n = 0;
	reply_choice_write(&b, &none, 1);
	ok(reply_choice_read(buf_span(&b), &mem, &out) == 0 &&
		out.text.p == NULL && !out.refused,
	    "a stored choice without text has none");
	ok(reply_choice_read(S("[]"), &mem, &out) == -1,
	    "a stored line that is no object is refused");
	buf_free(&b);
}

static void
many_parts(void)
{
	struct buf b = { 0 };
	struct reply r;
	int i;

	buf_adds(&b, "{\"choices\":[{\"message\":{\"content\":[");
	for (i = 0; i < 70; i++)
		buf_adds(&b, &",{\"type\":\"text\",\"text\":\"x\"}"[i == 0]);
	buf_adds(&b, "]}}]}");
	ok(reads(buf_cstr(&b), &r) == 0 && r.choices[0].text.n == 70,
	    "all of 70 parts of a content are read");
	buf_free(&b);
	ok(reads("{\"choices\":[{\"message\":{\"content\":null,"
		 "\"refusal\":\"x\"}}]}",
	       &r) == 0 &&
		r.choices[0].refused,
	    "a refusal of one letter is a refusal");
}

/* A reader that walks to each choice anew takes minutes for these. */
static void
many_choices(void)
{
	enum { MANY = 100000, LARGE = 1024, ITEMS = 20000 };
	struct buf b = { 0 };
	struct reply r;
	int i, k;

	cpu_limit(60);
	for (i = 0; i < MANY; i++)
		buf_adds(&b, i ? ",{\"message\":{\"content\":\"x\"}}"
			       : "{\"choices\":[{\"message\":{}}");
	buf_adds(&b, "]}");
	ok(reads(buf_cstr(&b), &r) == 0 && r.nchoices == 1024,
	    "the first 1,024 of 100,000 choices are read in time");
	is_span(r.choices[1023].text, S("x"),
	    "the last choice that is read has its text");
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
	cpu_limit(0);
	buf_free(&b);
}

int
main(void)
{
	answers();
	many_choices();
	many_parts();
	places();
	endings();
	quotes();
	no_answers();
	shapes();
	streams();
	long_bodies();
	round_trip();
	arena_free(&mem);
	return done();
}
