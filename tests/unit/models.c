/* models: which models of a server's list can chat */
#include "llm/models.h"

#include "json/find.h"
#include "json/string.h"
#include "tap.h"

#define NAMED(id) "{\"id\":\"" id "\",\"object\":\"model\",\"owned_by\":\"x\"}"
#define WITH(id, more) "{\"id\":\"" id "\",\"object\":\"model\"," more "}"

/* Entries of /v1/models: whether each can chat. */
static void
can_chat(void)
{
	static const char *const chats[] = { NAMED("qwen2.5-coder:7b"),
		NAMED("Qwen/Qwen2.5-Coder-32B-Instruct"), NAMED("gpt-4o-mini"),
		NAMED("llama-3.3-70b-versatile"), NAMED("gemma-3-27b-it"),
		NAMED("models/gemini-2.5-flash"), NAMED("deepseek-chat"),
		NAMED("command-r-plus"), NAMED("AgentPublic/albertlight-7b"),
		NAMED("/models/q4.gguf"),
		/* what members tell wins over a name: LM Studio, Together */
		WITH("my-embed-chat", "\"type\":\"llm\""),
		WITH("x", "\"type\":\"chat\""),
		WITH("x", "\"capabilities\":{\"completion_chat\":true,"
			  "\"classification\":false}"),
		WITH("x", "\"capabilities\":[\"completion\",\"embedding\"]"),
		WITH("x", "\"capabilities\":[\"vision\",\"tools\"]"),
		WITH("x", "\"task\":{\"name\":\"Text Generation\"}"),
		WITH("x", "\"task\":\"generate\",\"type\":\"model\""),
		WITH(
		    "x", "\"model_type\":\"LLM\",\"model_ability\":[\"chat\"]"),
		WITH("x", "\"supports_chat\":true,\"kind\":\"HF_BASE_MODEL\""),
		WITH("x", "\"capabilities\":{\"type\":\"chat\"}"),
		WITH("x", "\"architecture\":{\"input_modalities\":[\"image\","
			  "\"text\"],\"output_modalities\":[\"text\"]}") };
	static const char *const others[] = { NAMED("nomic-embed-text:latest"),
		NAMED("bge-m3:latest"), NAMED("BAAI/bge-reranker-v2-m3"),
		NAMED("text-embedding-3-small"), NAMED("whisper-1"),
		NAMED("whisper-large-v3-turbo"), NAMED("tts-1-hd"),
		NAMED("gpt-4o-mini-transcribe"), NAMED("dall-e-3"),
		NAMED("gpt-image-1"), NAMED("omni-moderation-latest"),
		NAMED("meta-llama/Llama-Guard-4-12B"), NAMED("all-minilm"),
		NAMED("intfloat/multilingual-e5-large"), NAMED("davinci-002"),
		NAMED("Alibaba-NLP/gte-Qwen2-7B-instruct"),
		NAMED("gpt-3.5-turbo-instruct"), NAMED("stable-diffusion-3"),
		NAMED("mistral-ocr-latest"), NAMED("gpt-realtime"),
		NAMED("models/veo-3"), NAMED("microsoft/graphcodebert-base"),
		NAMED("hkunlp/instructor-xl"), NAMED("bert-base-uncased"),
		NAMED("infly/inf-retriever-v1"), NAMED("gpt-5-codex"),
		NAMED("WhereIsAI/UAE-Large-V1"), NAMED("canopylabs/orpheus-v1"),
		WITH("x", "\"type\":\"embedding\""),
		WITH("x", "\"type\":\"rerank\""),
		WITH("x", "\"type\":\"embeddings\""),
		WITH("x", "\"type\":\"image\""),
		WITH("x", "\"type\":\"audio\""),
		WITH("x", "\"task\":\"embed\""),
		WITH("x", "\"task\":\"score\""),
		WITH("x", "\"task\":\"classify\""),
		WITH("x", "\"pipeline_tag\":\"feature-extraction\""),
		WITH("x", "\"mode\":\"audio_transcription\""),
		WITH("x", "\"kind\":\"EMBEDDING_MODEL\""),
		WITH("x", "\"supports_chat\":false"),
		WITH("x", "\"labels\":[\"embeddings\"]"),
		WITH("x", "\"capabilities\":[\"embed\",\"rerank\"]"),
		WITH("x", "\"capabilities\":{\"completion_chat\":false,"
			  "\"completion_fim\":true}"),
		WITH("x", "\"capabilities\":{\"type\":\"embeddings\"}"),
		WITH("x", "\"architecture\":{\"input_modalities\":[\"text\"],"
			  "\"output_modalities\":[\"embeddings\"]}"),
		WITH("x", "\"architecture\":{\"input_modalities\":[\"audio\"],"
			  "\"output_modalities\":[\"text\"]}"),
		"{\"id\":\"x\",\"object\":\"embedding\"}" };
	size_t i;

	for (i = 0; i < sizeof chats / sizeof *chats; i++)
		ok(models_can_chat(span_of(chats[i])), "%s can chat", chats[i]);
	for (i = 0; i < sizeof others / sizeof *others; i++)
		ok(!models_can_chat(span_of(others[i])), "%s cannot chat",
		    others[i]);
}

static void
picks(void)
{
	static const struct {
		const char *body, *id;
	} all[] = { { "{\"data\":[" NAMED("bge-m3") "," NAMED("a") "," NAMED(
			  "b") "]}",
			"\"a\"" },
		/* Together's list */
		{ "[" WITH("e", "\"type\":\"embedding\"") "," WITH(
		      "c", "\"type\":\"chat\"") "]",
		    "\"c\"" },
		/* names that could drive a terminal are no names */
		{ "{\"data\":[" NAMED("a\\u001b[31m") "," NAMED(
		      "a\\u009b1m") "," NAMED("") ",{},5," NAMED("d") "]}",
		    "\"d\"" },
		{ "{\"data\":[" NAMED("bge-m3") "]}", NULL },
		{ "{\"data\":[]}", NULL }, { "{}", NULL }, { "5", NULL },
		{ "{\"data\":{\"id\":\"a\"}}", NULL } };
	struct span entry;
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++) {
		entry =
		    models_pick(models_list(span_of(all[i].body)), MODELS_CHAT);
		is_span(js_find(entry, "id"), tap_span(all[i].id),
		    "the model that is taken of %s", all[i].body);
	}
}

/* A model for scores is called a reranker, or cannot chat, or is the first. */
static void
rerankers(void)
{
	static const struct {
		const char *body, *id;
	} all[] = { { "{\"data\":[" NAMED("gpt") "," NAMED("bge-m3") "," NAMED(
			  "BAAI/bge-Reranker-v2") "]}",
			"\"BAAI/bge-Reranker-v2\"" },
		{ "{\"data\":[" NAMED("bge-m3") "," WITH(
		      "x", "\"task\":\"rerank\"") "]}",
		    "\"x\"" },
		{ "{\"data\":[" NAMED("gpt") "," NAMED("bge-m3") "]}",
		    "\"bge-m3\"" },
		{ "{\"data\":[" NAMED("gpt") "," NAMED("gpt2") "]}",
		    "\"gpt\"" },
		{ "{}", NULL } };
	struct span entry;
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++) {
		entry = models_pick(
		    models_list(span_of(all[i].body)), MODELS_RERANK);
		is_span(js_find(entry, "id"), tap_span(all[i].id),
		    "the model for scores of %s", all[i].body);
	}
}

int
main(void)
{
	can_chat();
	picks();
	rerankers();
	return done();
}
