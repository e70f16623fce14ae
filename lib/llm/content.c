/* content: the text of a message, whatever its shape */
#include "llm/content.h"

#include "base/text.h"
#include "json/find.h"
#include "json/string.h"

enum { LEVELS_MAX = 4 }; /* levels of parts within parts that are read */

/* A text being joined from its parts. */
struct joined {
	struct buf text;
	int found; /* parts that were text */
	struct content *out;
};

/*
 * Join the text of a value: a string, a part, or a list of these. The parts of
 * OpenAI, Mistral and Anthropic have type "text", those of the Responses API
 * "output_text", within an item of type "message"; a part of reasoning has
 * type "thinking" or "reasoning", and Gemini's a flag "thought".
 */
static void
join_value(struct joined *j, struct span value, int level)
{
	enum { TYPE, TEXT, CONTENT, REFUSAL, THOUGHT, NKEYS };
	static const char *const keys[] = { "type", "text", "content",
		"refusal", "thought" };
	struct span v[NKEYS], part, type;
	size_t at = 0;

	if (js_is_string(value))
		j->found += js_decode(&j->text, value) == 0;
	else if (span_is(value, "false"))
		j->out->broken = 1;
	if (level == LEVELS_MAX)
		return;
	while (js_next(value, &at, &part))
		join_value(j, part, level + 1);
	if (!js_is_object(value))
		return;
	js_find_all(value, keys, v, NKEYS);
	type = js_is_string(v[TYPE])
		   ? (struct span){ v[TYPE].p + 1, v[TYPE].n - 2 }
		   : span_of("text");
	if (span_is(v[THOUGHT], "true") ||
	    text_is_one_of(
		type, span_of("thinking|reasoning|redacted_thinking"))) {
		j->out->reasoned = 1;
	} else if (span_is(type, "refusal")) {
		j->out->refused = 1;
		join_value(j, v[REFUSAL], LEVELS_MAX);
	} else if (text_is_one_of(type, span_of("text|output_text|message"))) {
		join_value(
		    j, js_is_there(v[TEXT]) ? v[TEXT] : v[CONTENT], level + 1);
	}
}

/* Join the text of a value that is no string. */
static struct span
join_all(struct span value, struct content *out, struct arena *mem)
{
	struct joined j = { .out = out };
	struct span text = { NULL, 0 };

	join_value(&j, value, 0);
	if (j.found > 0)
		text = (struct span){ arena_dup(mem, j.text.p, j.text.n),
			j.text.n };
	buf_free(&j.text);
	return text;
}

static int
says_something(struct span string)
{
	return js_is_string(string) && string.n > 2;
}

struct content
content_read(struct span message, struct arena *mem)
{
	/*
	 * reasoning is vLLM's and Ollama's, reasoning_content SGLang's,
	 * llama.cpp's and older vLLM's. text is that of a choice of the older
	 * completions, output that of the Responses API.
	 */
	enum { CONTENT, REFUSAL, REASONING, REASONING2, NKEYS };
	static const char *const keys[] = { "content", "refusal", "reasoning",
		"reasoning_content" };
	static const char *const others[] = { "text", "output_text", "output" };
	struct span v[NKEYS], value;
	struct content c = { 0 };
	size_t i;

	js_find_all(message, keys, v, NKEYS);
	if (!says_something(v[REASONING]))
		v[REASONING] = v[REASONING2];
	c.reasoned = says_something(v[REASONING]);
	if (c.reasoned)
		c.reasoning = js_string(v[REASONING], mem);
	value = v[CONTENT];
	for (i = 0; value.p == NULL && i < sizeof others / sizeof *others; i++)
		value = js_find(message, others[i]);
	if (js_is_string(value))
		c.text = js_string(value, mem);
	else if (js_is_there(value))
		c.text = join_all(value, &c, mem);
	if (c.broken)
		c.text = (struct span){ NULL, 0 };
	if (c.text.n == 0 && says_something(v[REFUSAL])) {
		c.text = js_string(v[REFUSAL], mem);
		c.refused = 1;
	}
	return c;
}

int
content_is_error(struct span value)
{
	return js_is_there(value) && value.n > 2 && !span_is(value, "false");
}
