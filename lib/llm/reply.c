/* reply: the answer of a chat completion server */
#include "llm/reply.h"

#include "base/text.h"
#include "json/find.h"
#include "json/scan.h"
#include "json/string.h"
#include "llm/logprobs.h"

enum {
	CHOICES_MAX = 1024, /* choices of a reply that are read */
	PARTS_MAX = 64,     /* parts of a content that are read */
};

static struct span
or_empty(struct span s)
{
	return s.p != NULL ? s : span_of("");
}

/* Return the text parts of a content that is a list of parts, joined. */
static struct span
join_parts(struct span parts, struct arena *mem)
{
	struct span part, joined;
	struct buf b = { 0 };
	size_t at = 0;
	int i;

	for (i = 0; i < PARTS_MAX && js_next(parts, &at, &part); i++)
		if (span_is(js_find(part, "type"), "\"text\""))
			js_decode(&b, js_find(part, "text"));
	joined = (struct span){ arena_dup(mem, b.p, b.n), b.n };
	buf_free(&b);
	return joined;
}

static void
read_choice(struct span c, struct span model, struct arena *mem,
    struct reply_choice *out)
{
	enum { MESSAGE, FINISH, LOGPROBS, NKEYS };
	static const char *const keys[] = { "message", "finish_reason",
		"logprobs" };
	/*
	 * message.reasoning is vLLM's and Ollama's, reasoning_content SGLang's,
	 * llama.cpp's and older vLLM's; a list with "thinking" parts Mistral's.
	 */
	enum { CONTENT, REFUSAL, REASONING, REASONING2, NPARTS };
	static const char *const parts[] = { "content", "refusal", "reasoning",
		"reasoning_content" };
	struct span v[NKEYS], m[NPARTS], tokens;

	js_find_all(c, keys, v, NKEYS);
	js_find_all(v[MESSAGE], parts, m, NPARTS);
	if (!js_is_string(m[REASONING]))
		m[REASONING] = m[REASONING2];
	*out = (struct reply_choice){
		.text = js_is_array(m[CONTENT]) ? join_parts(m[CONTENT], mem)
						: js_string(m[CONTENT], mem),
		.finish_reason = or_empty(js_string(v[FINISH], mem)),
		.model = model,
		.reasoned = js_is_array(m[CONTENT]) ||
			    (js_is_string(m[REASONING]) && m[REASONING].n > 2),
		.reasoning = js_string(m[REASONING], mem),
	};
	if (out->text.n == 0 && js_is_string(m[REFUSAL])) {
		out->text = js_string(m[REFUSAL], mem);
		out->refused = out->text.n > 0;
	}
	tokens = js_find(v[LOGPROBS], "content");
	if (js_is_array(tokens) && out->text.p != NULL)
		out->logprobs =
		    logprobs_of(tokens, text_unthink(out->text), mem);
}

enum reply_finish
reply_finish(const struct reply_choice *c)
{
	/* words of OpenAI, SGLang, Mistral, Gemini, OpenRouter, DeepSeek */
	static const char *const words[] = {
		[FINISH_LENGTH] = "length|max_tokens|model_length",
		[FINISH_FILTER] = "content_filter|safety",
		[FINISH_ABORT] =
		    "abort|error|cancelled|insufficient_system_resource",
		[FINISH_TOOL] = "tool_calls|function_call",
	};
	enum reply_finish i;

	if (span_is(c->finish_reason, "stop")) /* nearly all */
		return FINISH_STOP;
	for (i = FINISH_LENGTH; i <= FINISH_TOOL; i++)
		if (text_is_one_of(c->finish_reason, span_of(words[i])))
			return i;
	return FINISH_STOP;
}

void
reply_unquote(struct reply_choice *c, struct arena *mem)
{
	const char *why;
	struct span s;

	if (c->text.p == NULL || c->refused)
		return;
	s = js_text(text_unthink(c->text), &why);
	if (js_is_string(s))
		c->text = js_string(s, mem);
}

long
reply_tokens(struct span number)
{
	long long n = js_int(number, 0);

	return n < 0 || n > 1000000000 ? 0 : (long)n;
}

int
reply_read(
    struct span body, struct arena *mem, struct reply *r, const char **why)
{
	enum { CHOICES, MODEL, USAGE, NKEYS };
	static const char *const keys[] = { "choices", "model", "usage" };
	struct span doc = js_text(body, why), v[NKEYS], one, model;
	size_t n, at = 0;

	*r = (struct reply){ 0 };
	if (doc.p == NULL)
		return -1;
	js_find_all(doc, keys, v, NKEYS);
	n = js_count(v[CHOICES]);
	if (n == 0) {
		*why = "the reply has no choices";
		return -1;
	}
	model = or_empty(js_string(v[MODEL], mem));
	n = n < CHOICES_MAX ? n : CHOICES_MAX;
	r->choices = arena_get(mem, n * sizeof *r->choices);
	while ((size_t)r->nchoices < n && js_next(v[CHOICES], &at, &one))
		read_choice(one, model, mem, &r->choices[r->nchoices++]);
	r->prompt_tokens = reply_tokens(js_find(v[USAGE], "prompt_tokens"));
	r->completion_tokens =
	    reply_tokens(js_find(v[USAGE], "completion_tokens"));
	r->cached_tokens = reply_tokens(js_find(
	    js_find(v[USAGE], "prompt_tokens_details"), "cached_tokens"));
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
