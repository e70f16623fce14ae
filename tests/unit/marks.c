/* marks: answers in the marks of the vendors' chat templates */
#include "llm/marks.h"

#include "parts.h"
#include "tap.h"

static const struct row rows[] = {
	SAME(""),
	SAME(" "),
	SAME("answer"),
	ROW("  answer</think", "  answer</think"),
	SAME("think about it"),
	/* blocks of reasoning in front */
	ROW("<think>a</think>b", "b"),
	ROW("<think>a\nb\n</think>\n\nanswer", "answer"),
	ROW("<think>a</think>\n    indented", "    indented"),
	ROW("  \n<think>a</think>b", "b"),
	ROW("<think></think>b", "b"),
	ROW("<think>\n\n</think>\n\nb", "b"),
	ROW("<think>a</think>", ""),
	ROW("<think>a ```py\nx\n``` b</think>c", "c"),
	ROW("<think>a\0b</think>c\0d", "c\0d"),
	ROW("<think>x</think>\"1\"", "\"1\""),
	ROW("<think>it is \"a\"</think>b", "b"),
	ROW("<think> a </think> b", " b"),
	ROW("<THINK>a</THINK>b", "b"),
	ROW("<think>a</think>\n<think>b</think>\nc", "c"),
	/* in every spelling */
	ROW("<thinking>a</thinking>b", "b"),
	ROW("<thought>\na\n</thought>\nb", "b"),
	ROW("<thoughts>a</thoughts>b", "b"),
	ROW("<reasoning>a</reasoning>\nb", "b"),
	ROW("<reflection>a</reflection>b", "b"),
	ROW("<scratchpad>a</scratchpad>b", "b"),
	ROW("<antThinking>a</antThinking>b", "b"),
	ROW("<seed:think>a</seed:think>b<seed:eos>", "b"),
	ROW("<mm:think>\na\n</mm:think>\n\nb", "b"),
	ROW("<longcat_think>a</longcat_think>b", "b"),
	ROW("[THINK]a[/THINK]b", "b"),
	ROW("[unused16]a[unused17]b", "b"),
	ROW("\xe2\x97\x81think\xe2\x96\xb7"
	    "a\xe2\x97\x81/think\xe2\x96\xb7"
	    "b",
	    "b"),
	ROW("<|START_THINKING|>a<|END_THINKING|><|START_RESPONSE|>b"
	    "<|END_RESPONSE|>",
	    "b"),
	ROW("<|inner_prefix|>a<|inner_suffix|>b<|assistant_end|>", "b"),
	ROW("<|begin_of_thought|>\na\n<|end_of_thought|>\n\n"
	    "<|begin_of_solution|>\nb\n<|end_of_solution|>",
	    "b\n"),
	ROW("<|channel>thought\na\n<channel|>b<turn|>", "b"),
	ROW("<|think|>a<|end|><|begin|>assistant<|content|>b<|end|>", "b"),
	ROW("Here is my thought process: a\nHere is my response: b", " b"),
	ROW("<think>\na\n</think>\n<answer>\nb\n</answer>", "b\n"),
	ROW("<think>a</think>\n\n<response>\nb\n</response>\n", "b\n"),
	ROW("<Thought>a</Thought>\n<Output>b</Output>", "b"),
	ROW("<think >a</think >b", "b"),
	ROW("<think type=\"deep\">\na\n</think>\nb", "b"),
	ROW("<unused94>thought\na<unused95>b", "b"),
	ROW("<|thinking|>a<|/thinking|>b", "b"),
	ROW("<|im_start|>think\na<|im_start|>answer\nb<|im_end|>", "b"),
	ROW("Here is my thought process:\na\nHere's my response:\nb", "b"),
	ROW("## Thinking\n\na\n\n## Final Response\n\nb", "b"),
	ROW("Thinking...\na\n...done thinking.\n\nb", "b"),
	ROW("<details type=\"reasoning\" done=\"true\">\n<summary>a</summary>\n"
	    "</details>\nb",
	    "b"),
	ROW("<thought_process>a</thought_process>\nb", "b"),
	ROW("<inner_monologue>a</inner_monologue>\nb", "b"),
	ROW("<reason>a</reason>\nb", "b"),
	ROW("<reasoning>a</reasoning><conclusion>b</conclusion>", "b"),
	/* tags of a document, unless text follows */
	SAME("<reason>\n<code>1</code>\n</reason>"),
	SAME("<analysis>a"),
	/* Harmony */
	ROW("<|channel|>analysis<|message|>a.<|end|><|start|>assistant"
	    "<|channel|>final<|message|>b<|return|>",
	    "b"),
	ROW("<|start|>assistant<|channel|>analysis<|message|>a<|end|>\n"
	    "<|start|>assistant<|channel|>final<|message|>b",
	    "b"),
	ROW("<|channel|>analysis<|message|>a<|end|><|start|>assistant"
	    "<|channel|>commentary<|message|>b<|end|><|start|>assistant"
	    "<|channel|>final<|message|>\"c\"<|return|>",
	    "\"c\""),
	ROW("<|channel|>final <|constrain|>json<|message|>{}<|return|>", "{}"),
	ROW("a<|end|><|start|>assistant<|channel|>final<|message|>b", "b"),
	ROW("a<|end|><|start|>assistant<|channel|>final<|message|>\"b\"",
	    "\"b\""),
	ROW("<|channel|>analysis<|message|>a", ""),
	ROW("<|channel|>commentary to=functions.x<|message|>{}<|call|>", ""),
	ROW("analysisWe think.assistantfinalb", "b"),
	ROW("assistantanalysisHm.assistantfinalb", "b"),
	ROW("assistantfinalb", "b"),
	ROW("analysis<|message|>a<|end|><|start|>assistant<|channel|>final"
	    "<|message|>b",
	    "b"),
	ROW("<|channel|>analysis<|message|>a<|channel|>final<|message|>b", "b"),
	ROW("<|channel|>analysis<|message|>a<|end|>\n<|channel|>final"
	    "<|message|>b",
	    "b"),
	ROW("<|start|>assistant<|message|>b<|end|>", "b"),
	ROW("<|message|>b<|return|>", "b"),
	SAME("analysis of it: assistantfinalize"),
	SAME("analysis of the code"),
	SAME("Here is my thought process: short"),
	/* a block without an end makes all of the text reasoning */
	ROW("<think>", ""),
	ROW("<think>a", ""),
	ROW(" <think>a </thin>", ""),
	ROW("<thinking>a</think>", ""),
	ROW("[THINK]a", ""),
	/* only the end of a block, whose start stood in the prompt */
	ROW("a\n</think>\nb", "b"),
	ROW("a.</think>b", "b"),
	ROW("a.</think>\n\nb", "b"),
	ROW("a.</think>\"b\"", "\"b\""),
	ROW("So it is. </think>\n\nb", "b"),
	ROW("</think>b", "b"),
	ROW("</think>\n\nb", "b"),
	ROW("</think>", ""),
	ROW("a\n</think>\n\n</think>\n\nb", "b"),
	ROW("a\0</think>b", "b"),
	ROW("Maybe\n```py\nx\n```\nor so.\n</think>\ny", "y"),
	ROW("``` and so on\n```\n</think>```py\nx\n```", "```py\nx\n```"),
	ROW("a\n</thinking>\nb", "b"),
	ROW("a[/THINK]b", "b"),
	ROW("a\n</seed:think>b", "b"),
	ROW("a<|END_THINKING|><|START_RESPONSE|>b<|END_RESPONSE|>", "b"),
	ROW("The tag </think> is to be found.\n</think>\n\nFinds it.",
	    "Finds it."),
	/* reasoning that speaks of the mark */
	ROW("<think>It looks for \"</think>\" in s.\n</think>\n\nFinds it.",
	    "Finds it."),
	ROW("<think>\nThe end is </think> there.\n</think>\nb", "b"),
	ROW("<think>\n```\n</think>\n```\nso.\n</think>\nb", "b"),
	ROW("<think>see </think> or </think> there", ""),
	ROW("<think>It splits on \"</think>\" and", ""),
	ROW("<think>It splits on `</think>` first.</think>b", "b"),
	/* an answer that speaks of a mark */
	SAME("split on \"</think>\" first"),
	SAME("x = '</think>'"),
	SAME("'</think> ends it'"),
	SAME("it ends in </think>'"),
	SAME("the tag `</think>` ends it"),
	SAME("```\na </think> b\n```"),
	SAME("Like so:\n```html\n</think>\n```\n"),
	ROW("The code:\n```py\nx =\n</think>\n\n```py\nx\n```",
	    "```py\nx\n```"),
	ROW("It is: ```py\nx\n```\n</think>\nb", "b"),
	SAME("````md\n```\nx\n```\n</think>\n````"),
	SAME("a <think>b</think> c"),
	SAME("x\n<thinking mode=\"on\">\na\n</thinking>\nb"),
	SAME("re.sub(r\"<think>.*</think>\", s)"),
	SAME("Strip everything up to </think> from the output."),
	SAME("s = s.partition(END)[2]  # END is </think> here\nreturn s"),
	SAME("Checks that the answer ends with </think> before it is read."),
	SAME("Cuts find(</think>) off."),
	SAME("The mark <|im_end|> ends a turn."),
	SAME("`<think>` begins the reasoning."),
	SAME("<think> is a tag; how can it be removed?"),
	SAME("<think>, <answer>: which of them?"),
	SAME("<think> and </think> delimit the reasoning."),
	SAME("<think>...</think> blocks should be removed."),
	SAME("Everything before the tag.</think> is cut."),
	SAME("</think> is the end."),
	SAME("[THINK] and [/THINK] are Magistral's."),
	SAME("<|assistant|> is the mark of Phi."),
	SAME("<bos> and <eos> tokens must be added"),
	SAME("<|channel|>final<|message|> is Harmony's mark."),
	SAME("<|fim_middle|> comes last"),
	SAME("re.compile(r'(.*?)</think>(.*)', re.S)"),
	SAME("assert strip('x</think>y') == 'y'"),
	SAME("assert strip(\"x\\n</think>y\") == \"y\""),
	ROW("It's his 'x'.</think>it's", "it's"),
	SAME("/* </think> */\nint x;"),
	SAME("<!-- </think> -->\n<p>"),
	SAME("val x: List<Sep>"),
	SAME("fn f() -> Option<EOS>"),
	ROW("b<eos>", "b"),
	ROW("<bos>b<end_of_turn><eos>", "b"),
	SAME("<think>: the start. </think>: the end."),
	SAME("[INST] q [/INST]"),
	SAME("<|system|>\n{s}<|user|>\n{u}<|unknown|>"),
	SAME("< think>a"),
	SAME("<answer>b</answer>"),
	SAME("Ends a sequence with </s>"),
	SAME("stop = \"<|im_end|>\""),
	SAME("<p><s>old</s>"),
	SAME("<|im_start|>user\n{q}<|im_end|>\n<|im_start|>assistant\n"),
	ROW("<think>\na\n</think>\n\nFinds </think> in a string.",
	    "Finds </think> in a string."),
	/* marks of turns, in front and behind */
	ROW("<|im_start|>assistant\nb<|im_end|>", "b"),
	ROW("<|start_header_id|>assistant<|end_header_id|>\n\nb<|eot_id|>",
	    "b"),
	ROW("<start_of_turn>model\nb<end_of_turn>\n", "b"),
	ROW("<|turn>model\nb<turn|>", "b"),
	ROW("<|assistant|>\nb<|user|>", "b"),
	ROW("<s> b</s>", " b"),
	ROW("b</s></s>", "b"),
	ROW("b.\n<|im_end|>\n<|endoftext|>", "b."),
	ROW("b<\xef\xbd\x9c"
	    "end\xe2\x96\x81of\xe2\x96\x81sentence\xef\xbd\x9c>",
	    "b"),
	ROW("}\n<|eot_id|>", "}"),
	ROW("b<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nc", "b"),
	ROW("b<|im_end|>\n<|im_start|>user\nc<|im_end|>", "b"),
	ROW("<think>a</think>\nb<|im_end|>", "b"),
	ROW("<|im_start|>assistant\n<think>a</think>\nb<|im_end|>", "b"),
	ROW("[|assistant|]b[|endofturn|]", "b"),
	ROW("<|im_end|>", ""),
	ROW("assistant<|end_header_id|>\n\nb<|eot_id|>", "b"),
	ROW("assistant\n\nb", "b"),
	ROW("<|im_start|>assistant<|im_sep|>b<|im_end|>", "b"),
	ROW("]~b]ai\n<think>a</think>b[e~[", "b"),
	ROW("<SPECIAL_11>Assistant\nb<SPECIAL_12>", "b"),
	ROW("<role>ASSISTANT</role>b<|role_end|>", "b"),
	ROW("b[UNUSED_TOKEN_145]", "b"),
	ROW("b.<sep>", "b."),
	ROW("b. [/INST]", "b."),
	ROW("b<|end|>\n<|user|>\nc", "b"),
	ROW("b<|eot_id|>assistant\n\nc", "b"),
	/* special tokens that are in no table */
	ROW("<|hy_Assistant|>b<|hy_eos|>", "b"),
	ROW("b<|eos|>", "b"),
	ROW("b\n<|file_sep|>\n<|x.y-1|>\n", "b"),
	ROW("<\xef\xbd\x9chy_Assistant\xef\xbd\x9c>b<\xef\xbd\x9chy\xe2\x96\x81"
	    "2\xef\xbd\x9c>",
	    "b"),
	SAME("f <|y|>"),
	SAME("x <|> y"),
	SAME("xs |> ys <| zs |>"),
};

static struct span
strip(struct span s)
{
	return marks_strip(s, NULL);
}

static void
reasoning(void)
{
	static const struct {
		const char *text;
		int reasoned;
	} t[] = { { "b", 0 }, { "<think>a</think>b", 1 }, { "<think>a", 1 },
		{ "a\n</think>\nb", 1 }, { "<|im_end|>", 0 },
		{ "analysisa.assistantfinalb", 1 } };
	size_t i;
	int reasoned;

	for (i = 0; i < sizeof t / sizeof *t; i++) {
		reasoned = -1;
		marks_strip(span_of(t[i].text), &reasoned);
		is_int(reasoned, t[i].reasoned,
		    "reasoning is noticed or not in: %s", t[i].text);
	}
}

/* A reader that looks at all of a text for each mark takes minutes for these.
 */
static void
long_texts(void)
{
	static const char *const units[] = { "<think>", "</think>", "a</think>",
		"<think>a</think>", "<think>\n```a\nx</think>", "<|im_end|>",
		"<|im_end|>\n<|im_start|>", "<bos>", "<answer>", "[THINK]", " ",
		"\n", "<", "[/", "</think> \"", "\"</think>", "analysis", "A",
		"<|channel|>final", "</s>", "<s>", "\n</think>\n", "<|x|>",
		"<|x", "'</think>", "<think a", "assistant\n", "</think  " };
	static const char *const heads[] = { "", "<think>", "analysis",
		"<think>a</think>", "<think>a</think><answer>" };
	enum { BYTES = 250000 };
	struct buf b = { 0 };
	size_t i, k;

	cpu_limit(25);
	for (k = 0; k < sizeof heads / sizeof *heads; k++)
		for (i = 0; i < sizeof units / sizeof *units; i++) {
			buf_clear(&b);
			buf_adds(&b, heads[k]);
			while (b.n < BYTES)
				buf_adds(&b, units[i]);
			ok(marks_strip(buf_span(&b), NULL).n <= b.n,
			    "a quarter of a megabyte of %s%s is read in time",
			    heads[k], units[i][0] == '\n' ? "lines" : units[i]);
		}
	cpu_limit(0);
	buf_free(&b);
}

int
main(void)
{
	CHECK(strip, rows);
	reasoning();
	long_texts();
	return done();
}
