/* dialect: what the servers that speak "chat completions" call things */
#include "dialect.h"

#include <string.h>

#include "js.h"

/*
 * Sources: vllm docs/features/structured_outputs; sglang protocol.py; llama.cpp
 * tools/server/README.md; ollama openai/openai.go; openai-python types/chat.
 */
static const struct dialect table[] = {
	{ "generic", NULL, "max_tokens", "repetition_penalty", NULL,
	    CHOICE_NONE, 0, 0 },
	{ "openai", "openai", "max_tokens", NULL, NULL, CHOICE_NONE, 0, 0 },
	{ "openai-reasoning", NULL, "max_completion_tokens", NULL, NULL,
	    CHOICE_NONE, 1, 0 },
	{ "vllm", "vllm", "max_tokens", "repetition_penalty",
	    "structured_outputs", CHOICE_LIST, 0, 0 },
	{ "sglang", "sglang", "max_tokens", "repetition_penalty", "regex",
	    CHOICE_REGEX, 0, 0 },
	{ "llamacpp", "llamacpp", "max_tokens", "repeat_penalty", "grammar",
	    CHOICE_GRAMMAR, 0, 0 },
	{ "ollama", "library", "max_tokens", NULL, NULL, CHOICE_NONE, 0, 1 },
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

const struct dialect *
dialect_of_owner(struct span owner)
{
	int i;

	for (i = 0; i < NTABLE; i++)
		if (table[i].owned_by != NULL && owner.p != NULL &&
		    span_is(owner, table[i].owned_by))
			return &table[i];
	return &table[0];
}

void
dialect_names(struct buf *b)
{
	int i;

	for (i = 0; i < NTABLE; i++)
		buf_fmt(b, "%s%s", i ? ", " : "", table[i].name);
}

/* The words of list, each between open and close, joined by sep. */
static void
words(struct buf *b, struct span list, const char *around, const char *sep)
{
	size_t i, n = js_count(list);
	struct span w;

	for (i = 0; i < n; i++) {
		w = js_at(list, i);
		if (i > 0)
			buf_adds(b, sep);
		buf_adds(b, around);
		buf_add(b, w.p + 1, w.n - 2);
		buf_adds(b, around);
	}
}

void
dialect_constrain(const struct dialect *d, struct buf *b, struct span list)
{
	if (d->how == CHOICE_NONE)
		return;
	buf_fmt(b, ",\"%s\":", d->choice);
	switch (d->how) {
	case CHOICE_LIST:
		buf_adds(b, "{\"choice\":");
		buf_addspan(b, list);
		buf_addc(b, '}');
		break;
	case CHOICE_REGEX:
		buf_adds(b, "\"(");
		words(b, list, "", "|");
		buf_adds(b, ")\"");
		break;
	case CHOICE_GRAMMAR:
		buf_adds(b, "\"root ::= ");
		words(b, list, "\\\"", " | ");
		buf_addc(b, '"');
		break;
	case CHOICE_NONE:
		break;
	}
}
