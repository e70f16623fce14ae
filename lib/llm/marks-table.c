/* marks-table: the marks of the vendors' chat templates */
#include "llm/marks-table.h"

/*
 * Sources: the templates of the models on Hugging Face, the reasoning parsers
 * of vLLM (vllm/reasoning), llama.cpp (common/chat-parser), OpenAI's
 * description of Harmony, and the cards of models that are prompted for tags.
 */
/* The bar of DeepSeek's special tokens, a wide one, and their space. */
#define BAR "\xef\xbd\x9c"
#define SPACE "\xe2\x96\x81"

const struct mark marks_starts[] = {
	/* DeepSeek, Qwen, GLM, Kimi, Phi, Nemotron and many others */
	{ REASONING, ALONE, "<think>", NULL, "</think>" },
	{ REASONING, ALONE, "<thinking>", NULL, "</thinking>" },
	{ REASONING, ALONE, "<thought>", NULL, "</thought>" }, /* Gemini */
	{ REASONING, ALONE, "<thoughts>", NULL, "</thoughts>" },
	{ REASONING, ALONE, "<reasoning>", NULL, "</reasoning>" },
	{ REASONING, ALONE, "<reflection>", NULL, "</reflection>" },
	{ REASONING, ALONE, "<scratchpad>", NULL, "</scratchpad>" },
	{ REASONING, ALONE, "<antthinking>", NULL, "</antthinking>" },
	{ REASONING, ALONE, "<seed:think>", NULL, "</seed:think>" },
	{ REASONING, ALONE, "<mm:think>", NULL, "</mm:think>" }, /* MiniMax */
	{ REASONING, ALONE, "<longcat_think>", NULL, "</longcat_think>" },
	{ REASONING, ALONE, "[THINK]", NULL, "[/THINK]" },      /* Magistral */
	{ REASONING, ALONE, "[unused16]", NULL, "[unused17]" }, /* Pangu */
	{ REASONING, ALONE, "<unused94>", NULL, "<unused95>" }, /* MedGemma */
	{ REASONING, ALONE, "\xe2\x97\x81think\xe2\x96\xb7", NULL,
	    "\xe2\x97\x81/think\xe2\x96\xb7" }, /* Kimi-VL */
	/* Cohere, Apertus, Sky-T1 and OpenThinker, Gemma 4, Solar, s1 */
	{ REASONING, ALONE, "<|START_THINKING|>", NULL, "<|END_THINKING|>" },
	{ REASONING, ALONE, "<|inner_prefix|>", NULL, "<|inner_suffix|>" },
	{ REASONING, ALONE, "<|begin_of_thought|>", NULL,
	    "<|end_of_thought|>" },
	{ REASONING, ALONE, "<|channel>thought", NULL, "<channel|>" },
	{ REASONING, PAIR, "<|think|>", NULL, "<|/think|>" },
	{ REASONING, ALONE, "<|think|>", NULL, "<|content|>" },
	{ REASONING, PAIR, "<|thinking|>", NULL, "<|/thinking|>" },
	{ REASONING, PAIR, "<|im_start|>think", NULL, "<|im_start|>answer" },
	/* Harmony, and what is left of it without its special tokens */
	{ REASONING, ALONE | PAIR | KEEP, "<|channel|>analysis", "<|message|>",
	    "<|start|>assistant<|channel|>final" },
	{ REASONING, PAIR | KEEP, "<|channel|>analysis", "<|message|>",
	    "<|channel|>final" },
	{ REASONING, PAIR | KEEP, "<|channel|>commentary", "<|message|>",
	    "<|channel|>final" },
	{ REASONING, 0, "<|channel|>analysis", "<|message|>", "<|end|>" },
	{ REASONING, 0, "<|channel|>commentary", "<|message|>", "<|end|>" },
	{ REASONING, PAIR | TIGHT, "analysis", NULL, "assistantfinal" },
	{ REASONING, PAIR | TIGHT, "assistantanalysis", NULL,
	    "assistantfinal" },
	/* Granite, HuatuoGPT, Ollama's terminal, Open WebUI */
	{ REASONING, PAIR, "Here is my thought process:", NULL,
	    "Here is my response:" },
	{ REASONING, PAIR, "Here's my thought process:", NULL,
	    "Here's my response:" },
	{ REASONING, PAIR, "Here is my thought process:", NULL,
	    "Here's my response:" },
	{ REASONING, PAIR, "Here's my thought process:", NULL,
	    "Here is my response:" },
	{ REASONING, PAIR | LEAVES, "## Thinking\n", NULL,
	    "## Final Response\n" },
	{ REASONING, PAIR | LEAVES, "Thinking...\n", NULL,
	    "...done thinking.\n" },
	{ REASONING, PAIR | LEAVES, "<details type=\"reasoning\"", ">",
	    "</details>" },
	/* tags that prompts ask for, and that documents may have as well */
	{ REASONING, PAIR | LEAVES, "<reason>", NULL, "</reason>" },
	{ REASONING, PAIR | LEAVES, "<analysis>", NULL, "</analysis>" },
	{ REASONING, PAIR | LEAVES, "<cot>", NULL, "</cot>" },
	{ REASONING, PAIR | LEAVES, "<chain_of_thought>", NULL,
	    "</chain_of_thought>" },
	{ REASONING, PAIR | LEAVES, "<deep_think>", NULL, "</deep_think>" },
	{ REASONING, PAIR | LEAVES, "<reasoning_content>", NULL,
	    "</reasoning_content>" },
	{ REASONING, PAIR | LEAVES, "<reasoning_process>", NULL,
	    "</reasoning_process>" },
	{ REASONING, PAIR | LEAVES, "<think_process>", NULL,
	    "</think_process>" },
	{ REASONING, PAIR | LEAVES, "<thinking_process>", NULL,
	    "</thinking_process>" },
	{ REASONING, PAIR | LEAVES, "<thought_process>", NULL,
	    "</thought_process>" },
	{ REASONING, PAIR | LEAVES, "<inner_thoughts>", NULL,
	    "</inner_thoughts>" },
	{ REASONING, PAIR | LEAVES, "<inner_monologue>", NULL,
	    "</inner_monologue>" },

	{ ANSWER, 0, "<|channel|>final", "<|message|>", NULL },
	{ ANSWER, TIGHT, "assistantfinal", NULL, NULL },
	{ ANSWER, 0, "<|START_RESPONSE|>", NULL, "<|END_RESPONSE|>" },
	{ ANSWER, 0, "<|START_TEXT|>", NULL, "<|END_TEXT|>" },
	{ ANSWER, 0, "<|begin_of_solution|>", NULL, "<|end_of_solution|>" },
	{ ANSWER, 0, "<|begin_of_box|>", NULL, "<|end_of_box|>" },
	{ ANSWER, 0, "<|answer_prefix|>", NULL, "<|answer_suffix|>" },
	{ ANSWER, TAG, "<answer>", NULL, "</answer>" },     /* Hunyuan */
	{ ANSWER, TAG, "<response>", NULL, "</response>" }, /* Ernie */
	{ ANSWER, TAG, "<output>", NULL, "</output>" },
	{ ANSWER, TAG, "<final>", NULL, "</final>" },
	{ ANSWER, TAG, "<final_answer>", NULL, "</final_answer>" },
	{ ANSWER, TAG, "<solution>", NULL, "</solution>" },
	{ ANSWER, TAG, "<conclusion>", NULL, "</conclusion>" },

	{ TURN, 0, "<|im_start|>assistant", NULL, NULL },
	{ TURN, 0, "<|im_assistant|>assistant", "<|im_middle|>", NULL },
	{ TURN, 0, "<|start_header_id|>assistant", "<|end_header_id|>", NULL },
	{ TURN, 0, "assistant<|end_header_id|>", NULL, NULL },
	{ TURN, 0, "assistant\n", NULL, NULL }, /* special tokens are lost */
	{ TURN, 0, "<|header_start|>assistant", "<|header_end|>", NULL },
	{ TURN, 0, "<|start_of_role|>assistant", "<|end_of_role|>", NULL },
	{ TURN, 0, "<role>assistant</role>", NULL, NULL },
	{ TURN, 0, "<start_of_turn>model", NULL, NULL },
	{ TURN, 0, "<|turn>model", NULL, NULL },
	{ TURN, 0, "<|start|>assistant", NULL, NULL },
	{ TURN, 0, "<|begin|>assistant", NULL, NULL },
	{ TURN, 0, "<seed:bos>assistant", NULL, NULL },
	{ TURN, 0, "<SPECIAL_11>assistant", NULL, NULL }, /* Nemotron */
	{ TURN, 0, "]~b]ai", NULL, NULL },                /* MiniMax */
	{ TURN, 0, "<|assistant_start|>", NULL, NULL },
	{ TURN, 0, "<|assistant|>", NULL, NULL },
	{ TURN, 0, "<|message|>", NULL, NULL },
	{ TURN, 0, "<" BAR "Assistant" BAR ">", NULL, NULL },
	{ TURN, 0, "[|assistant|]", NULL, NULL },
	{ TURN, 0, "<|START_OF_TURN_TOKEN|>", "<|CHATBOT_TOKEN|>", NULL },
	{ TURN, 0, "<|begin_of_text|>", NULL, NULL },
	{ TURN, 0, "<" BAR "begin" SPACE "of" SPACE "sentence" BAR ">", NULL,
	    NULL },
	{ TURN, 0, "<bos>", NULL, NULL },
	{ TURN, WHOLE, "<s>", NULL, "</s>" },
	{ TURN, 0, "[/INST]", NULL, NULL },
	{ TURN, 0, NULL, NULL, NULL },
};
_Static_assert(sizeof marks_starts / sizeof *marks_starts <= MARKS_STARTS_MAX,
    "the rows have room");

const struct mark marks_ends[] = {
	{ END, 0, "<|im_start|>", NULL, "<|im_end|>" },
	{ END, 0, "<|start_header_id|>", NULL, "<|eot_id|>" },
	{ END, 0, "<|start_header_id|>", NULL, "<|eom_id|>" },
	{ END, 0, "<|header_start|>", NULL, "<|eot|>" },
	{ END, 0, "<start_of_turn>", NULL, "<end_of_turn>" },
	{ END, 0, "<|turn>", NULL, "<turn|>" },
	{ END, 0, "<|start_of_role|>", NULL, "<|end_of_text|>" },
	{ END, 0, "<role>", NULL, "<|role_end|>" },
	{ END, 0, "<|start|>", NULL, "<|return|>" },
	{ END, 0, "<|start|>", NULL, "<|end|>" },
	{ END, 0, "<|user|>", NULL, "<|endoftext|>" },
	{ END, 0, "<|user_start|>", NULL, "<|assistant_end|>" },
	{ END, 0, "<" BAR "User" BAR ">", NULL,
	    "<" BAR "end" SPACE "of" SPACE "sentence" BAR ">" },
	{ END, 0, "<|START_OF_TURN_TOKEN|>", NULL, "<|END_OF_TURN_TOKEN|>" },
	{ END, 0, "[|user|]", NULL, "[|endofturn|]" },
	{ END, 0, "<seed:bos>", NULL, "<seed:eos>" },
	{ END, 0, "<s>", NULL, "</s>" },
	{ END, 0, "<|user|>", NULL, "<|end_of_turn|>" },
	{ END, 0, "<|user|>", NULL, "<|EOT|>" },
	{ END, TAG, "<bos>", NULL, "<eos>" },
	{ END, TAG, "<bos>", NULL, "<pad>" },
	{ END, 0, "]~b]", NULL, "[e~[" },
	{ END, 0, NULL, NULL, "<end_of_utterance>" },
	{ END, 0, NULL, NULL, "<SPECIAL_12>" },
	{ END, 0, NULL, NULL, "<extra_id_1>" },
	{ END, 0, NULL, NULL, "[UNUSED_TOKEN_145]" }, /* InternLM */
	{ END, 0, NULL, NULL, "<|END_RESPONSE|>" },
	{ END, 0, NULL, NULL, "<|END_TEXT|>" },
	{ END, 0, NULL, NULL, "<|end_of_solution|>" },
	{ END, 0, NULL, NULL, "<|answer_suffix|>" },
	{ END, 0, NULL, NULL, "<|im_start|>" },
	{ END, 0, NULL, NULL, "<|user|>" },
	{ END, 0, NULL, NULL, "<|observation|>" },
	{ END, TAG, "[INST]", NULL, "[/INST]" },
	{ END, TAG, "[BOS]", NULL, "[EOS]" },
	{ END, TAG, NULL, NULL, "<EOT>" },
	{ END, TAG, NULL, NULL, "<eod>" },
	{ END, TAG, NULL, NULL, "<eoa>" },
	{ END, TAG, NULL, NULL, "<sep>" }, /* Reka */
	{ END, TAG, NULL, NULL, "<file_sep>" },
	{ END, 0, NULL, NULL, NULL },
};
_Static_assert(sizeof marks_ends / sizeof *marks_ends <= MARKS_ENDS_MAX,
    "the rows have room");
