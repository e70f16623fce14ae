/* dialect: the names that servers have for parameters */
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
		{ "{\"max_model_len\":9223372036854775807}", 0 }, { "[]", 0 },
		{ "{}", 0 } };
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++)
		is_int(dialect_context(span_of(all[i].entry)), all[i].is,
		    "the context is found in %s", all[i].entry);
	is_int(dialect_context(NONE), 0, "no entry gives no context");
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
		{ NAMED("a/q:x", "a"), "ollama" },
		{ NAMED("asome/q:x", "some"), "generic" },
		{ NAMED("", ""), "generic" }, { PLAIN("openai"), "openai" },
		{ PLAIN("system"), "generic" }, { PLAIN(""), "generic" },
		{ PLAIN("vllm2"), "generic" }, { PLAIN("vllx"), "generic" },
		{ PLAIN("VLLM"), "generic" }, { "{}", "generic" },
		{ "{\"owned_by\":1}", "generic" }, { "[]", "generic" } };
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++)
		is_str(dialect_of_models(NONE, span_of(all[i].entry))->name,
		    all[i].name, "the dialect is found in %s", all[i].entry);
	is_str(dialect_of_models(NONE, NONE)->name, "generic",
	    "no entry gives the generic dialect");
	is_str(dialect_of_models(S("[{\"owned_by\":\"x\"},"
				   "{\"owned_by\":\"library\"}]"),
		   S("{\"owned_by\":\"x\"}"))
		   ->name,
	    "ollama", "another model of the server decides the dialect");
	is_str(dialect_of_models(
		   S("[{\"owned_by\":\"openai\"}]"), S("{\"owned_by\":\"x\"}"))
		   ->name,
	    "generic",
	    "another model of the server does not make it a gateway");
	ok(dialect_find("ollama")->one_choice &&
		!dialect_find("vllm")->one_choice,
	    "ollama ignores n");
	ok(!dialect_find("sglang")->fixed_sampling &&
		dialect_find("openai-reasoning")->fixed_sampling,
	    "reasoning models take no temperature");
	ok(dialect_find("auto") == NULL, "auto is not a dialect");
	ok(dialect_find("") == NULL, "the empty name is not a dialect");
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
			ok(d == NULL, "%s decides no dialect", all[i].url);
		else
			is_str(d ? d->name : "", all[i].name,
			    "%s with the model %s decides the dialect",
			    all[i].url, all[i].model);
	}
}

static void
learned(void)
{
	struct dialect d = *dialect_find("vllm");

	is_int(dialect_forgo(&d, S("max_tokens")), 1,
	    "a refused max_tokens can be replaced");
	is_str(d.names[REQUEST_MAX_TOKENS], "max_completion_tokens",
	    "max_completion_tokens replaces a refused max_tokens");
	is_int(dialect_forgo(&d, S("max_tokens")), 0,
	    "a second refusal of max_tokens is known already");
	is_int(dialect_forgo(&d, S("max_completion_tokens")), 1,
	    "a refused max_completion_tokens can be left out");
	ok(d.names[REQUEST_MAX_TOKENS] == NULL,
	    "no limit is sent after both names were refused");
	is_int(dialect_forgo(&d, S("max_completion_tokens")), 0,
	    "a second refusal of max_completion_tokens is known already");
	is_int(dialect_forgo(&d, S("structured_outputs")), 1,
	    "a refused structured_outputs can be replaced");
	is_str(d.choice, "guided_choice",
	    "guided_choice replaces a refused structured_outputs");
	is_int(dialect_forgo(&d, S("structured_outputs")), 0,
	    "a second refusal of structured_outputs is known already");
	is_int(dialect_forgo(&d, S("guided_choice")), 1,
	    "a refused guided_choice can be left out");
	ok(d.choice == NULL && d.how == CHOICE_NONE,
	    "no choice is sent after both names were refused");
	is_int(dialect_forgo(&d, S("repetition_penalty")), 1,
	    "a refused penalty can be left out");
	ok(d.names[REQUEST_REPETITION_PENALTY] == NULL,
	    "a refused penalty is left out");
	ok(d.names[REQUEST_TOP_P] != NULL,
	    "top_p is sent before it is refused");
	is_int(dialect_forgo(&d, S("top_p")), 1,
	    "a refused top_p can be left out");
	ok(d.names[REQUEST_TOP_P] == NULL, "a refused top_p is left out");
	ok(d.names[REQUEST_TEMPERATURE] != NULL,
	    "temperature is sent after top_p was refused");
	is_int(dialect_forgo(&d, S("top_p")), 0,
	    "a second refusal of top_p is known already");
	is_int(dialect_forgo(&d, S("messages")), -1,
	    "refused messages cannot be left out");
	is_int(dialect_forgo(&d, S("top_k")), -1,
	    "a member that tg-llm does not add cannot be left out");
	is_int(
	    dialect_forgo(&d, S("")), -1, "an empty name cannot be left out");
	ok(dialect_find("vllm")->names[REQUEST_TOP_P] != NULL &&
		dialect_find("vllm")->names[REQUEST_REPETITION_PENALTY] != NULL,
	    "a refusal leaves the table of dialects unchanged");
	d = *dialect_find("openai");
	is_int(dialect_forgo(&d, S("max_completion_tokens")), 1,
	    "a refused max_completion_tokens can be replaced");
	is_str(d.names[REQUEST_MAX_TOKENS], "max_tokens",
	    "max_tokens replaces a refused max_completion_tokens");
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
	is_str(buf_cstr(&b), ",\"guided_choice\":[\"0\"]",
	    "vLLM until 0.11 gets guided_choice");
	for (i = 0; i < sizeof all / sizeof *all; i++) {
		b.n = 0;
		dialect_constrain(
		    dialect_find(all[i].name), &b, span_of("[\"0\", \"1\"]"));
		is_str(buf_cstr(&b), all[i].want, "a choice is written for %s",
		    all[i].name);
	}
	dialect_names(&names);
	is_span(buf_span(&names),
	    span_of("generic, openai, openai-reasoning, azure, vllm, sglang, "
		    "llamacpp, ollama"),
	    "the list has the names of all dialects");
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
