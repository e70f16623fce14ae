/* models: the list of models that a server gives, and which can chat */
#include "llm/models.h"

#include <string.h>

#include "base/text.h"
#include "json/find.h"
#include "json/scan.h"
#include "json/string.h"

enum {
	MODELS_MAX = 1000, /* models of a list that are read */
	NAME_BYTES = 500,  /* bytes of a model's name */
};

/* Members that say in a word, or in a list of words, what a model does. */
static const char *const members[] = { "task", "type", "model_type", "mode",
	"kind", "object", "pipeline_tag", "capabilities", "model_ability",
	"labels" };

/* Words in these members that mean that a model can chat. */
static const char chat_words[] =
    "chat|llm|vlm|language|code|generate|completion|completions|"
    "completion_chat|chat-completion|chat-completions|chat_completion|"
    "chat_completions|conversational|text generation|text-generation|"
    "text2text-generation|"
    "image-text-to-text|llm/v1/chat";

/*
 * Strings in these members, or in the name of a model, that mean that it cannot
 * chat, and words of the same meaning that are too short to be looked for
 * within others.
 */
static const char *const other_strings[] = { "embed", "rerank", "whisper",
	"transcri", "speech", "moderation", "guard", "shieldgemma", "diffusion",
	"minilm", "colbert", "splade", "dall-e", "turbo-instruct", "classif",
	"davinci", "babbage", "computer-use", "deep-research",
	"sentence-transformers", "sentence-similarity", "sentence-t5",
	"cross-encoder", "retriever", "contriever", "codebert", "roberta",
	"deberta", "modernbert", "unixcoder", "text2vec", "wav2vec", "musicgen",
	"xtts", "codex" };
static const char other_words[] =
    "bge|e5|gte|tts|stt|asr|ocr|clip|siglip|image|imagen|images|video|veo|sora|"
    "flux|sdxl|audio|realtime|rank|score|reward|kokoro|parakeet|paraphrase|"
    "voyage|aqa|pooling|encode|feature-extraction|bert|labse|gtr|uae|stella|"
    "m3e|instructor|bark|orpheus";

/* The kind of a model, as words tell it. */
enum told { TOLD_NOTHING, TOLD_CHAT, TOLD_OTHER };

static int
is_part(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z');
}

/* Return whether a text has a string or a word of those that cannot chat. */
static int
names_other(const char *text)
{
	size_t i, n;

	for (i = 0; i < sizeof other_strings / sizeof *other_strings; i++)
		if (strcasestr(text, other_strings[i]) != NULL)
			return 1;
	if (text_is_one_of(span_of(text), span_of(other_words)))
		return 1;
	for (; *text != '\0'; text += n + (text[n] != '\0')) {
		for (n = 0; is_part(text[n]);)
			n++;
		if (n > 0 && text_is_one_of((struct span){ text, n },
				 span_of(other_words)))
			return 1;
	}
	return 0;
}

/* Note in *told what a word tells; what was told of chat stays. */
static void
read_word(struct span word, struct arena *mem, enum told *told)
{
	struct span s = js_string(word, mem);

	if (s.p == NULL || s.n == 0)
		return;
	if (text_is_one_of(s, span_of(chat_words)))
		*told = TOLD_CHAT;
	else if (*told == TOLD_NOTHING && names_other(arena_dup(mem, s.p, s.n)))
		*told = TOLD_OTHER;
}

/*
 * Note what the value of a member tells: a word, a list of words, or an object
 * whose members are true or false, as Mistral's, or name a type, as GitHub's.
 */
static void
read_value(struct span value, struct arena *mem, enum told *told)
{
	struct span key, v;
	size_t at = 0;

	if (js_is_string(value))
		read_word(value, mem, told);
	while (js_is_array(value) && js_next(value, &at, &v))
		read_word(v, mem, told);
	while (js_is_object(value) && js_each(value, &at, &key, &v)) {
		if (span_is(v, "true"))
			read_word(key, mem, told);
		else if (span_is(v, "false") &&
			 js_key_is(key, span_of("completion_chat")) &&
			 *told == TOLD_NOTHING)
			*told = TOLD_OTHER;
		else if (js_key_is(key, span_of("type")) ||
			 js_key_is(key, span_of("name")))
			read_word(v, mem, told);
	}
}

/* Return whether a list of modalities, if it is one, lacks text. */
static int
lacks_text(struct span list)
{
	struct span v;
	size_t at = 0;

	if (!js_is_array(list))
		return 0;
	while (js_next(list, &at, &v))
		if (span_is(v, "\"text\""))
			return 0;
	return 1;
}

/* Return what the members of an entry tell. */
static enum told
read_entry(struct span entry, struct arena *mem)
{
	struct span made = js_find(entry, "architecture");
	struct span chats = js_find(entry, "supports_chat");
	enum told told = TOLD_NOTHING;
	size_t i;

	for (i = 0; i < sizeof members / sizeof *members; i++)
		read_value(js_find(entry, members[i]), mem, &told);
	if (span_is(chats, "true"))
		told = TOLD_CHAT;
	if (span_is(chats, "false") ||
	    lacks_text(js_find(made, "input_modalities")) ||
	    lacks_text(js_find(made, "output_modalities")))
		told = TOLD_OTHER;
	return told;
}

int
models_can_chat(struct span entry)
{
	struct arena mem = { 0 };
	enum told told = read_entry(entry, &mem);
	struct span id = js_string(js_find(entry, "id"), &mem);
	int can = told == TOLD_CHAT;

	if (told == TOLD_NOTHING && id.p != NULL)
		can = !names_other(arena_dup(&mem, id.p, id.n));
	arena_free(&mem);
	return can;
}

struct span
models_list(struct span body)
{
	struct span list = js_find(body, "data");

	/* Together's is an array alone */
	return js_is_array(body) ? body : list;
}

/* Return whether the name of an entry is there and can be shown as it is. */
static int
has_name(struct span entry)
{
	struct arena mem = { 0 };
	struct span id = js_string(js_find(entry, "id"), &mem);
	struct buf shown = { 0 };
	int same;

	text_printable(&shown, id, NAME_BYTES);
	same = id.n > 0 && shown.n == id.n && memcmp(shown.p, id.p, id.n) == 0;
	buf_free(&shown);
	arena_free(&mem);
	return same;
}

/* Return whether an entry calls its model a reranker. */
static int
is_reranker(struct span entry)
{
	struct arena mem = { 0 };
	const char *text = arena_dup(&mem, entry.p, entry.n);
	int is = strcasestr(text, "rerank") != NULL ||
		 strcasestr(text, "cross-encoder") != NULL;

	arena_free(&mem);
	return is;
}

/* Return how well the model of an entry fits a use; 0: not at all. */
static int
fits(struct span entry, enum models_use use)
{
	int chats = models_can_chat(entry);

	if (use == MODELS_CHAT)
		return chats;
	return use == MODELS_RERANK && is_reranker(entry) ? 3 : chats ? 1 : 2;
}

struct span
models_pick(struct span list, enum models_use use)
{
	struct span entry, best = { NULL, 0 };
	size_t at = 0;
	int i, fit, most = 0;

	for (i = 0; i < MODELS_MAX && js_next(list, &at, &entry); i++) {
		fit = has_name(entry) ? fits(entry, use) : 0;
		if (fit <= most)
			continue;
		most = fit;
		best = entry;
	}
	return best;
}
