/* reply: the answer of a chat completion server */
#include "llm/reply.h"

#include <string.h>

#include "base/text.h"
#include "json/find.h"
#include "json/scan.h"
#include "json/string.h"
#include "llm/content.h"
#include "llm/logprobs.h"
#include "llm/marks.h"
#include "llm/stream.h"

enum { CHOICES_MAX = 1024 }; /* choices of a reply that are read */

static struct span
or_empty(struct span s)
{
	return s.p != NULL ? s : span_of("");
}

/*
 * Return the reason for which a choice ended, decoded; "" if none is told. One
 * of SGLang's is an object with a type; the Responses API has a status.
 */
static struct span
finish_of(struct span choice, struct span finish, struct arena *mem)
{
	static const char *const others[] = { "stop_reason", "done_reason",
		"status" };
	struct span why =
	    js_find(js_find(choice, "incomplete_details"), "reason");
	size_t i;

	for (i = 0; finish.p == NULL && i < sizeof others / sizeof *others; i++)
		finish = js_find(choice, others[i]);
	if (js_is_object(finish))
		finish = js_find(finish, "type");
	return or_empty(js_string(js_is_string(why) ? why : finish, mem));
}

static void
read_choice(struct span c, struct span model, struct arena *mem,
    struct reply_choice *out)
{
	enum { MESSAGE, FINISH, LOGPROBS, ERROR, NKEYS };
	static const char *const keys[] = { "message", "finish_reason",
		"logprobs", "error" };
	struct span v[NKEYS], tokens;
	struct content m;

	js_find_all(c, keys, v, NKEYS);
	m = content_read(js_is_object(v[MESSAGE]) ? v[MESSAGE] : c, mem);
	*out = (struct reply_choice){
		.text = m.text,
		.finish_reason = js_is_string(v[FINISH])
				     ? js_string(v[FINISH], mem)
				     : finish_of(c, v[FINISH], mem),
		.model = model,
		.refused = m.refused && m.text.n > 0,
		.reasoned = m.reasoned,
		.reasoning = m.reasoning,
		.broken = m.broken,
	};
	if (content_is_error(v[ERROR])) /* OpenRouter's */
		out->finish_reason = span_of("error");
	tokens = js_find(v[LOGPROBS], "content");
	if (js_is_array(tokens) && out->text.p != NULL)
		out->logprobs =
		    logprobs_of(tokens, marks_strip(out->text, NULL), mem);
}

enum reply_finish
reply_finish(const struct reply_choice *c)
{
	/*
	 * Words of OpenAI, Azure, Anthropic, Gemini, Mistral, Cohere, Bedrock,
	 * DeepSeek, Zhipu, OpenRouter, SGLang, TGI and Ollama. An answer of an
	 * end that is in no list may lack its last part.
	 */
	static const char *const words[] = {
		[FINISH_STOP] = "stop|eos|eos_token|stop_sequence|stop_token|"
				"stop_words|stop_criteria_met|end_id|end_turn|"
				"end_of_turn|end_of_text|endoftext|complete|"
				"completed|finish|finished|done|normal",
		[FINISH_LENGTH] = "length|max_tokens|model_length|max_length|"
				  "max_output_tokens|max_completion_tokens|"
				  "max_new_tokens|maximum_tokens|token_limit|"
				  "length_limit|limit|context_length|"
				  "model_context_window_exceeded",
		[FINISH_FILTER] =
		    "content_filter|content-filter|content_filtered|safety|"
		    "sensitive|guardrail_intervened|recitation|"
		    "prohibited_content|blocklist|blacklist|spii|error_toxic|"
		    "image_safety|language",
		[FINISH_REFUSAL] = "refusal|refused",
		[FINISH_ABORT] = "abort|aborted|error|failed|incomplete|"
				 "not_finished|cancelled|canceled|user_cancel|"
				 "timeout|time_limit|network_error|"
				 "server_error|preempted|"
				 "insufficient_system_resource|"
				 "malformed_function_call|"
				 "unexpected_tool_call|malformed_response",
		[FINISH_TOOL] =
		    "tool_calls|tool-calls|tool_call|tool_use|function_call",
	};
	static const char prefix[] = "FINISH_REASON_"; /* Vertex's */
	struct span word = c->finish_reason;
	enum reply_finish i;

	if (word.n == 0 || span_is(word, "stop")) /* nearly all */
		return FINISH_STOP;
	if (word.n > sizeof prefix - 1 &&
	    memcmp(word.p, prefix, sizeof prefix - 1) == 0) {
		word.p += sizeof prefix - 1;
		word.n -= sizeof prefix - 1;
	}
	for (i = FINISH_STOP; i < FINISH_UNKNOWN; i++)
		if (text_is_one_of(word, span_of(words[i])))
			break;
	return i;
}

void
reply_unquote(struct reply_choice *c, struct arena *mem)
{
	const char *why;
	struct span s;

	if (c->text.p == NULL || c->refused)
		return;
	s = js_text(marks_strip(c->text, NULL), &why);
	if (js_is_string(s))
		c->text = js_string(s, mem);
}

long
reply_tokens(struct span number)
{
	long long n = js_int(number, 0);

	return n < 0 || n > 1000000000 ? 0 : (long)n;
}

/*
 * Return whether a body without choices is one choice by itself: the names in
 * which others than OpenAI's interface for chat have the answer.
 */
static int
is_lone_choice(struct span doc)
{
	static const char *const keys[] = { "message", "content", "output",
		"output_text" };
	struct span v[4];

	if (js_is_there(js_find(doc, "error")))
		return 0;
	js_find_all(doc, keys, v, 4);
	return js_is_object(v[0]) || js_is_array(v[1]) || js_is_array(v[2]) ||
	       js_is_string(v[3]);
}

/* Return the number of tokens by the first of two names in usage. */
static long
tokens_of(struct span usage, const char *name, const char *other)
{
	struct span v = js_find(usage, name);

	return reply_tokens(v.p != NULL ? v : js_find(usage, other));
}

int
reply_read(
    struct span body, struct arena *mem, struct reply *r, const char **why)
{
	enum { CHOICES, MODEL, USAGE, ERROR, NKEYS };
	static const char *const keys[] = { "choices", "model", "usage",
		"error" };
	struct span doc = js_text(body, why), v[NKEYS], one, model;
	size_t n, at = 0;

	*r = (struct reply){ 0 };
	if (doc.p == NULL)
		doc = stream_read(body, mem, why);
	if (doc.p == NULL)
		return -1;
	js_find_all(doc, keys, v, NKEYS);
	n = js_count(v[CHOICES]);
	model = or_empty(js_string(v[MODEL], mem));
	if (content_is_error(v[ERROR])) {
		*why = "the reply holds an error";
		return -1;
	}
	if (n == 0 && !is_lone_choice(doc)) {
		*why = "the reply has no choices";
		return -1;
	}
	n = n < CHOICES_MAX ? n : CHOICES_MAX;
	r->choices = arena_get(mem, (n + (n == 0)) * sizeof *r->choices);
	if (n == 0)
		read_choice(doc, model, mem, &r->choices[r->nchoices++]);
	while ((size_t)r->nchoices < n && js_next(v[CHOICES], &at, &one))
		read_choice(one, model, mem, &r->choices[r->nchoices++]);
	r->prompt_tokens = tokens_of(v[USAGE], "prompt_tokens", "input_tokens");
	r->completion_tokens =
	    tokens_of(v[USAGE], "completion_tokens", "output_tokens");
	r->cached_tokens = reply_tokens(js_find(
	    js_find(v[USAGE], "prompt_tokens_details"), "cached_tokens"));
	r->reasoning_tokens =
	    reply_tokens(js_find(js_find(v[USAGE], "completion_tokens_details"),
		"reasoning_tokens"));
	return 0;
}

void
reply_choice_write(struct buf *b, const struct reply_choice *c, int stored)
{
	buf_adds(b, "{\"text\":");
	if (c->text.p != NULL)
		js_quote(b, c->text);
	else
		buf_adds(b, "null");
	buf_adds(b, ",\"finish_reason\":");
	if (c->finish_reason.n > 0)
		js_quote(b, c->finish_reason);
	else
		buf_adds(b, "null");
	if (stored) {
		buf_adds(b, ",\"model\":");
		js_quote(b, c->model);
	}
	if (stored && c->refused)
		buf_adds(b, ",\"refused\":true");
	if (stored && c->reasoning.n > 0) {
		buf_adds(b, ",\"reasoning\":");
		js_quote(b, c->reasoning);
	}
	if (c->logprobs.p != NULL) {
		buf_adds(b, ",\"logprobs\":");
		buf_addspan(b, c->logprobs);
	}
	buf_addc(b, '}');
}

int
reply_choice_read(struct span json, struct arena *mem, struct reply_choice *c)
{
	if (!js_is_object(json))
		return -1;
	*c = (struct reply_choice){
		.text = js_string(js_find(json, "text"), mem),
		.finish_reason =
		    or_empty(js_string(js_find(json, "finish_reason"), mem)),
		.model = or_empty(js_string(js_find(json, "model"), mem)),
		.refused = span_is(js_find(json, "refused"), "true"),
		.reasoning = js_string(js_find(json, "reasoning"), mem),
		.logprobs = js_find(json, "logprobs"),
	};
	if (!js_is_object(c->logprobs))
		c->logprobs = (struct span){ NULL, 0 };
	return 0;
}
