/* dialect: what the servers call things */
#include "llm/dialect.h"

#include "tap.h"

/*
 * Entries of /v1/models as servers give them. vLLM: entrypoints/openai,
 * ModelCard; SGLang: srt/entrypoints, ModelCard; llama.cpp: tools/server,
 * get_models; Ollama: openai/openai.go, ToListCompletion.
 */
#define VLLM(by)                                                               \
	"{\"id\":\"Q\",\"object\":\"model\",\"created\":1,\"owned_by\":"       \
	"\"" by                                                                \
	"\",\"root\":\"/m/Q\",\"parent\":null,\"max_model_len\":32768,"        \
	"\"permission\":[{\"id\":\"modelperm-1\"}]}"
#define SGLANG(by)                                                             \
	"{\"id\":\"Q\",\"object\":\"model\",\"created\":1,\"owned_by\":"       \
	"\"" by "\",\"root\":\"Q\",\"parent\":null,\"max_model_len\":32768}"
#define LLAMACPP(by)                                                           \
	"{\"id\":\"Q\",\"object\":\"model\",\"created\":1,\"owned_by\":"       \
	"\"" by                                                                \
	"\",\"meta\":{\"vocab_type\":2,\"n_vocab\":9,\"n_ctx_train\":9}}"
#define PLAIN(by)                                                              \
	"{\"id\":\"Q\",\"object\":\"model\",\"created\":1,\"owned_by\":"       \
	"\"" by "\"}"
#define NAMED(id, by)                                                          \
	"{\"id\":\"" id "\",\"object\":\"model\",\"created\":1,"               \
	"\"owned_by\":\"" by "\"}"

/* How many tokens the model holds, as an entry of /v1/models tells. */
static void
contexts(void)
{
	static const struct {
		const char *entry;
		long is;
	} all[] = { { VLLM("vllm"), 32768 }, { SGLANG("sglang"), 32768 },
		{ LLAMACPP("llamacpp"), 0 }, { PLAIN("library"), 0 },
		/* ggml-org/llama.cpp, server-context.cpp: of one slot */
		{ "{\"meta\":{\"n_ctx\":4096,\"n_ctx_train\":32768}}", 4096 },
		{ "{\"max_model_len\":null}", 0 },
		{ "{\"max_model_len\":\"4096\"}", 0 },
		{ "{\"max_model_len\":-1}", 0 },
		{ "{\"max_model_len\":99999999999999999999}", 0 },
		{ "{\"max_model_len\":9223372036854775807}", 0 },
		{ "[]", 0 }, { "{}", 0 } };
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++)
		is_int(dialect_context(span_of(all[i].entry)), all[i].is,
		    "the context in %s", all[i].entry);
	is_int(dialect_context(NONE), 0, "no entry, no context");
}

static void
found(void)
{
	static const struct {
		const char *entry, *name;
	} all[] = { { VLLM("vllm"), "vllm" }, { VLLM("me"), "vllm" },
		{ SGLANG("sglang"), "sglang" }, { SGLANG("x"), "sglang" },
		{ LLAMACPP("llamacpp"), "llamacpp" },
		{ LLAMACPP(""), "llamacpp" }, { PLAIN("library"), "ollama" },
		{ NAMED("some/q:8b", "some"), "ollama" },
		{ NAMED("hf.co/some/q:Q4_0", "some"), "ollama" },
		{ NAMED("some/q", "some"), "generic" },
		{ NAMED("one/q:x", "some"), "generic" },
		{ NAMED("asome/q:x", "some"), "generic" },
		{ NAMED("", ""), "generic" }, { PLAIN("openai"), "openai" },
		{ PLAIN("system"), "generic" }, { PLAIN(""), "generic" },
		{ PLAIN("vllm2"), "generic" }, { PLAIN("VLLM"), "generic" },
		{ "{}", "generic" }, { "{\"owned_by\":1}", "generic" },
		{ "[]", "generic" } };
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++)
		is_str(dialect_of_models(NONE, span_of(all[i].entry))->name,
		    all[i].name, "%s", all[i].entry);
	is_str(dialect_of_models(NONE, NONE)->name, "generic", "no entry");
	is_str(dialect_of_models(S("[{\"owned_by\":\"x\"},"
				   "{\"owned_by\":\"library\"}]"),
		   S("{\"owned_by\":\"x\"}"))
		   ->name,
	    "ollama", "another model of the server tells");
	is_str(dialect_of_models(
		   S("[{\"owned_by\":\"openai\"}]"), S("{\"owned_by\":\"x\"}"))
		   ->name,
	    "generic", "but not that it is a gateway");
	ok(dialect_find("auto") == NULL, "auto is none");
	ok(dialect_find("") == NULL, "nor is nothing");
}

static void
by_url(void)
{
	static const struct {
		const char *url, *model, *name;
	} all[] = {
		{ "https://api.openai.com/v1", "gpt-5", "openai-reasoning" },
		{ "https://api.openai.com/v1", "gpt-5-nano",
		    "openai-reasoning" },
		{ "https://api.openai.com/v1", "gpt-5-chat-latest", "openai" },
		{ "https://api.openai.com/v1", "gpt-5.2", "openai" },
		{ "https://api.openai.com/v1", "gpt-4o", "openai" },
		{ "https://eu.API.openai.com:443/v1", "m", "openai" },
		{ "https://api.openai.com/v1", "o3-mini", "openai-reasoning" },
		{ "https://api.openai.com/v1", "o1", "openai-reasoning" },
		{ "https://api.openai.com/v1", "o1x", "openai" },
		{ "https://x.openai.azure.com/openai/v1/", "d", "openai" },
		{ "https://x.services.ai.azure.com/openai/v1", "d", "openai" },
		{ "https://x.cognitiveservices.azure.com", "d", "openai" },
		{ "https://api.openai.com.evil.net/v1", "m", NULL },
		{ "https://evil.net/api.openai.com/v1", "m", NULL },
		{ "https://notapi.openai.com.net", "m", NULL },
		{ "https://myapi.openai.com/v1", "m", NULL },
		{ "http://localhost:8000/v1", "o3", NULL }, { "x", "m", NULL }
	};
	const struct dialect *d;
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++) {
		d = dialect_of_url(all[i].url, all[i].model);
		if (all[i].name == NULL)
			ok(d == NULL, "%s tells nothing", all[i].url);
		else
			is_str(d ? d->name : "", all[i].name, "%s, %s",
			    all[i].url, all[i].model);
	}
}

static void
learned(void)
{
	struct dialect d = *dialect_find("vllm");

	is_int(dialect_forgo(&d, S("max_tokens")), 1, "the cap is refused");
	is_str(d.cap, "max_completion_tokens", "its other name stands in");
	is_int(dialect_forgo(&d, S("max_tokens")), 0, "that is known");
	is_int(dialect_forgo(&d, S("max_completion_tokens")), 1, "this, too");
	ok(d.cap == NULL, "then there is none");
	is_int(dialect_forgo(&d, S("max_completion_tokens")), 0, "known");
	is_int(dialect_forgo(&d, S("structured_outputs")), 1, "the new choice");
	is_str(d.choice, "guided_choice", "then the old one");
	is_int(dialect_forgo(&d, S("structured_outputs")), 0, "known");
	is_int(dialect_forgo(&d, S("guided_choice")), 1, "not even that");
	ok(d.choice == NULL && d.how == CHOICE_NONE, "then none");
	is_int(dialect_forgo(&d, S("repetition_penalty")), 1, "the penalty");
	ok(d.penalty == NULL, "goes");
	ok(!dialect_leaves_out(&d, "top_p"), "top_p is sent");
	is_int(dialect_forgo(&d, S("top_p")), 1, "refused");
	ok(dialect_leaves_out(&d, "top_p"), "it is left out");
	ok(!dialect_leaves_out(&d, "temperature"), "temperature is not");
	is_int(dialect_forgo(&d, S("top_p")), 0, "known");
	is_int(dialect_forgo(&d, S("messages")), -1, "messages are needed");
	is_int(dialect_forgo(&d, S("top_k")), -1, "others are not ours");
	is_int(dialect_forgo(&d, S("")), -1, "nothing");
	ok(!dialect_leaves_out(dialect_find("vllm"), "top_p") &&
		dialect_find("vllm")->penalty != NULL,
	    "the table stays");
	d = *dialect_find("openai");
	is_int(dialect_forgo(&d, S("max_completion_tokens")), 1, "the new cap");
	is_str(d.cap, "max_tokens", "becomes the old");
}

static void
constrained(void)
{
	static const struct {
		const char *name, *want;
	} all[] = { { "generic", "" }, { "openai", "" },
		{ "openai-reasoning", "" }, { "azure", "" },
		{ "ollama", ",\"response_format\":{\"type\":\"json_schema\","
			    "\"json_schema\":{\"name\":\"answer\",\"schema\":{"
			    "\"type\":\"string\",\"enum\":[\"0\", \"1\"]}}}" },
		{ "vllm",
		    ",\"structured_outputs\":{\"choice\":[\"0\", \"1\"]}" },
		{ "sglang", ",\"regex\":\"(0|1)\"" },
		{ "llamacpp",
		    ",\"grammar\":\"root ::= \\\"0\\\" | \\\"1\\\"\"" } };
	struct buf b = { 0 }, names = { 0 };
	struct dialect old = *dialect_find("vllm");
	size_t i;

	dialect_forgo(&old, S("structured_outputs"));
	dialect_constrain(&old, &b, S("[\"0\"]"));
	is_str(buf_cstr(&b), ",\"guided_choice\":[\"0\"]", "vLLM until 0.11");
	for (i = 0; i < sizeof all / sizeof *all; i++) {
		b.n = 0;
		dialect_constrain(
		    dialect_find(all[i].name), &b, span_of("[\"0\", \"1\"]"));
		is_str(buf_cstr(&b), all[i].want, "%s", all[i].name);
	}
	dialect_names(&names);
	is_span(buf_span(&names),
	    span_of("generic, openai, openai-reasoning, azure, vllm, sglang, "
		    "llamacpp, ollama"),
	    "all names");
	buf_free(&b);
	buf_free(&names);
}

int
main(void)
{
	found();
	contexts();
	by_url();
	learned();
	constrained();
	return done();
}
