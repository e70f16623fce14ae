/* dialect: the names that servers of chat completions have for things */
#include "llm/dialect.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "json/find.h"
#include "json/string.h"
#include "llm/reply.h"

enum { MODELS_MAX = 100 }; /* models of a server that are read */

static const char cap_old[] = "max_tokens", cap_new[] = "max_completion_tokens";
static const char choice_old[] = "guided_choice"; /* vllm until 0.11 */

/* The names by enum request_param; only two of them vary. */
#define NAMES_BUT(cap, penalty, logprobs, top_logprobs)                        \
	{                                                                      \
		"temperature", "top_p", cap, penalty, "logit_bias", "seed",    \
		    logprobs, top_logprobs, "stream", "encoding_format"        \
	}
#define NAMES(cap, penalty) NAMES_BUT(cap, penalty, "logprobs", "top_logprobs")

/*
 * Sources: vllm docs/features/structured_outputs; sglang protocol.py; llama.cpp
 * tools/server/README.md; ollama openai/openai.go; openai-python types/chat.
 * OpenAI's older models, and Azure's older interfaces, do not know the newer
 * cap; the newer models refuse the older: dialect_forgo finds the right one.
 */
static const struct dialect table[] = {
	{ "generic", NULL, NAMES(cap_old, "repetition_penalty"), NULL,
	    CHOICE_NONE, 0, 0 },
	{ "openai", "openai", NAMES(cap_new, NULL), NULL, CHOICE_NONE, 0, 0 },
	{ "openai-reasoning", NULL, NAMES_BUT(cap_new, NULL, NULL, NULL), NULL,
	    CHOICE_NONE, 1, 0 },
	{ "azure", NULL, NAMES(cap_old, NULL), NULL, CHOICE_NONE, 0, 0 },
	{ "vllm", "vllm", NAMES(cap_old, "repetition_penalty"),
	    "structured_outputs", CHOICE_OBJECT, 0, 0 },
	{ "sglang", "sglang", NAMES(cap_old, "repetition_penalty"), "regex",
	    CHOICE_REGEX, 0, 0 },
	{ "llamacpp", "llamacpp", NAMES(cap_old, "repeat_penalty"), "grammar",
	    CHOICE_GRAMMAR, 0, 0 },
	{ "ollama", "library", NAMES(cap_old, NULL), "response_format",
	    CHOICE_SCHEMA, 0, 1 },
};
enum { NTABLE = sizeof table / sizeof *table };

const struct dialect *
dialect_find(const char *name)
{
	int i;

	for (i = 0; i < NTABLE; i++)
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}

/* Return whether the host of url is domain, or within it. */
static int
is_within(const char *url, const char *domain)
{
	const char *host = strstr(url, "://");
	size_t n, k = strlen(domain);

	if (host == NULL)
		return 0;
	host += 3;
	n = strcspn(host, ":/?#");
	return n >= k && strncasecmp(host + n - k, domain, k) == 0 &&
	       (n == k || host[n - k - 1] == '.');
}

/*
 * o1, o3-mini, gpt-5-nano: they take no temperature. gpt-5-chat and those from
 * gpt-5.1 on do, unless they are told to reason.
 */
static int
is_reasoning(const char *model)
{
	if (strncmp(model, "gpt-5", 5) == 0)
		return model[5] == '\0' ||
		       (model[5] == '-' && strncmp(model + 5, "-chat", 5) != 0);
	return model[0] == 'o' && model[1] >= '1' && model[1] <= '9' &&
	       (model[2] == '\0' || model[2] == '-');
}

const struct dialect *
dialect_of_model(const char *model)
{
	return dialect_find(
	    is_reasoning(model) ? "openai-reasoning" : "openai");
}

const struct dialect *
dialect_of_url(const char *url, const char *model)
{
	static const char *const domains[] = { "api.openai.com",
		"openai.azure.com", "services.ai.azure.com",
		"cognitiveservices.azure.com" };
	size_t i;

	for (i = 0; i < sizeof domains / sizeof *domains; i++)
		if (is_within(url, domains[i]))
			return dialect_of_model(model);
	return NULL;
}

static const struct dialect *
by_owner(struct span owner)
{
	int i;

	if (!js_is_string(owner))
		return NULL;
	owner = (struct span){ owner.p + 1, owner.n - 2 };
	for (i = 0; i < NTABLE; i++)
		if (table[i].owned_by && span_is(owner, table[i].owned_by))
			return &table[i];
	return NULL;
}

/* Ollama's owner is the first part of "someone/name:tag". */
static int
is_ollamas(struct span entry)
{
	struct span id = js_find(entry, "id"), by = js_find(entry, "owned_by");
	const char *at;

	if (!js_is_string(id) || !js_is_string(by) || by.n < 3)
		return 0;
	at = memmem(id.p, id.n, by.p + 1, by.n - 2);
	return at != NULL && (at[-1] == '"' || at[-1] == '/') &&
	       at[by.n - 2] == '/' &&
	       memchr(at, ':', (size_t)(span_end(id) - at)) != NULL;
}

const struct dialect *
dialect_of_models(struct span data, struct span entry)
{
	const struct dialect *d = by_owner(js_find(entry, "owned_by"));
	struct span other;
	size_t at = 0;
	int i;

	if (d != NULL)
		return d;
	if (js_find(entry, "max_model_len").p != NULL)
		return dialect_find(js_is_array(js_find(entry, "permission"))
					? "vllm"
					: "sglang");
	if (js_find(js_find(entry, "meta"), "n_ctx_train").p != NULL)
		return dialect_find("llamacpp");
	if (is_ollamas(entry))
		return dialect_find("ollama");
	/* the owner of another model of the server may tell */
	for (i = 0; i < MODELS_MAX && js_next(data, &at, &other); i++) {
		d = by_owner(js_find(other, "owned_by"));
		if (d != NULL && strcmp(d->name, "openai") != 0)
			return d;
	}
	return &table[0];
}

/*
 * vLLM and SGLang tell max_model_len; llama.cpp tells meta.n_ctx, of one slot.
 * Its n_ctx_train is what the model was made for: the server may run with a
 * smaller context, or a larger one.
 */
long
dialect_context(struct span entry)
{
	struct span v = js_find(entry, "max_model_len");

	return reply_tokens(v.p ? v : js_find(js_find(entry, "meta"), "n_ctx"));
}

void
dialect_names(struct buf *b)
{
	int i;

	for (i = 0; i < NTABLE; i++)
		buf_fmt(b, "%s%s", i ? ", " : "", table[i].name);
}

void
dialect_constrain(const struct dialect *d, struct buf *b, struct span list)
{
	/* around NULL: the list as it is, else its words and what is between */
	static const struct {
		const char *before, *around, *between, *after;
	} forms[] = {
		[CHOICE_OBJECT] = { "{\"choice\":", NULL, NULL, "}" },
		[CHOICE_LIST] = { "", NULL, NULL, "" },
		[CHOICE_REGEX] = { "\"(", "", "|", ")\"" },
		[CHOICE_GRAMMAR] = { "\"root ::= ", "\\\"", " | ", "\"" },
		[CHOICE_SCHEMA] = { "{\"type\":\"json_schema\",\"json_schema\":"
				    "{\"name\":"
				    "\"answer\",\"schema\":{\"type\":"
				    "\"string\",\"enum\":",
		    NULL, NULL, "}}}" },
	};
	struct span word;
	size_t at = 0;
	int i;

	if (d->how == CHOICE_NONE)
		return;
	buf_fmt(b, ",\"%s\":%s", d->choice, forms[d->how].before);
	if (forms[d->how].around == NULL)
		buf_addspan(b, list);
	else
		for (i = 0; js_next(list, &at, &word); i++)
			buf_fmt(b, "%s%s%.*s%s", i ? forms[d->how].between : "",
			    forms[d->how].around, (int)word.n - 2, word.p + 1,
			    forms[d->how].around);
	buf_adds(b, forms[d->how].after);
}

int
dialect_forgo(struct dialect *d, struct span name)
{
	/* names that the dialect had, or that others have */
	const struct span known = span_of(
	    "temperature|top_p|max_tokens|max_completion_tokens|"
	    "repetition_penalty|repeat_penalty|logit_bias|seed|logprobs|"
	    "top_logprobs|stream|encoding_format|structured_outputs|guided_"
	    "choice|regex|"
	    "grammar|"
	    "response_format");
	const char *first_cap =
	    dialect_find(d->name)->names[REQUEST_MAX_TOKENS];
	const char *other = first_cap == cap_old ? cap_new : cap_old;
	int p;

	for (p = 0; p < REQUEST_NNAMES; p++) {
		if (d->names[p] == NULL || !span_is(name, d->names[p]))
			continue;
		/* once the other name was tried, there is none */
		d->names[p] = d->names[p] == first_cap ? other : NULL;
		return 1;
	}
	if (d->choice != NULL && span_is(name, d->choice)) {
		d->choice = d->how == CHOICE_OBJECT ? choice_old : NULL;
		d->how = d->how == CHOICE_OBJECT ? CHOICE_LIST : CHOICE_NONE;
		return 1;
	}
	return text_is_one_of(name, known) ? 0 : -1;
}
