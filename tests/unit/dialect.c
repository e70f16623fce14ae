/* dialect: what the servers call things */
#include "dialect.h"

#include "tap.h"

static void
found(void)
{
	static const struct {
		const char *owner, *name;
	} owners[] = { { "vllm", "vllm" }, { "sglang", "sglang" },
		{ "llamacpp", "llamacpp" }, { "library", "ollama" },
		{ "openai", "openai" }, { "system", "generic" },
		{ "", "generic" }, { "vllm2", "generic" },
		{ "VLLM", "generic" } };
	size_t i;

	for (i = 0; i < sizeof owners / sizeof *owners; i++)
		is_str(dialect_of_owner(span_of(owners[i].owner))->name,
		    owners[i].name, "owned by \"%s\"", owners[i].owner);
	is_str(dialect_of_owner(NONE)->name, "generic", "no owner");
	ok(dialect_find("auto") == NULL, "auto is none");
	ok(dialect_find("") == NULL, "nor is nothing");
}

static void
constrained(void)
{
	static const struct {
		const char *name, *want;
	} all[] = { { "generic", "" }, { "openai", "" },
		{ "openai-reasoning", "" }, { "ollama", "" },
		{ "vllm",
		    ",\"structured_outputs\":{\"choice\":[\"0\", \"1\"]}" },
		{ "sglang", ",\"regex\":\"(0|1)\"" },
		{ "llamacpp",
		    ",\"grammar\":\"root ::= \\\"0\\\" | \\\"1\\\"\"" } };
	struct buf b = { 0 }, names = { 0 };
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++) {
		b.n = 0;
		dialect_constrain(
		    dialect_find(all[i].name), &b, span_of("[\"0\", \"1\"]"));
		is_str(buf_cstr(&b), all[i].want, "%s", all[i].name);
	}
	dialect_names(&names);
	is_span(buf_span(&names),
	    span_of(
		"generic, openai, openai-reasoning, vllm, sglang, llamacpp, "
		"ollama"),
	    "all names");
	buf_free(&b);
	buf_free(&names);
}

int
main(void)
{
	found();
	constrained();
	return done();
}
