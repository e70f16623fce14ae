/* verdict: how judges were seen to spell their answers */
#include "llm/verdict.h"

#include "tap.h"

static const struct {
	const char *answer;
	int verdict; /* -1: unreadable */
} rows[] = {
	/* bare */
	{ "0", 0 },
	{ "1", 1 },
	{ "2", 2 },
	{ " 1.\n", 1 },
	{ "**1**", 1 },
	{ "**1.**", 1 },
	{ "**1**.", 1 },
	{ "\"1\"", 1 },
	{ "'2'", 2 },
	{ "`1`", 1 },
	{ "\xe2\x80\x9c"
	  "1\xe2\x80\x9d",
	    1 },
	{ "(1)", 1 },
	{ "[1]", 1 },
	{ "{1}", 1 },
	{ "<1>", 1 },
	{ "- 1", 1 },
	{ "* 1", 1 },
	{ "\xe2\x80\xa2 0", 0 },
	{ "\\boxed{1}", 1 },
	{ "$\\boxed{2}$", 2 },
	{ "\\[\\boxed{1}\\]", 1 },
	{ "```\n1\n```", 1 },
	{ "```text\n1\n```", 1 },
	{ "```\n1", 1 },
	{ "<think>0 or 1?</think>\n\n1", 1 },
	/* the digit first */
	{ "1\nThe query asks for what the code does.", 1 },
	{ "2\n\nThey do not belong together, by 2 of 3 signs.", 2 },
	{ "1\r\nBecause.", 1 },
	{ "**1**\n\nThe query has 2 words.", 1 },
	{ "1: The query asks for what the code does.", 1 },
	{ "**0**: The query is empty.", 0 },
	{ "**1:** It fits.", 1 },
	{ "1. It fits.", 1 },
	{ "0. Option 1 is false.", 0 },
	{ "1.\nIt fits.", 1 },
	{ "1:", 1 },
	/* a label first */
	{ "Answer: 1", 1 },
	{ "Answer: **1**", 1 },
	{ "**Answer:** 1", 1 },
	{ "**Answer: 1**", 1 },
	{ "Answer:\n1", 1 },
	{ "Answer:\n```\n1\n```", 1 },
	{ "Final verdict: 2.", 2 },
	{ "The answer is: 1", 1 },
	{ "### Verdict: 0", 0 },
	{ "{\"verdict\": 1}", 1 },
	{ "Answer: 1\n\nThe query asks for what the code does.", 1 },
	{ "Answer: 1. It fits.", 1 },
	{ "Answer: \\boxed{1}", 1 },
	/* a label last */
	{ "The query asks for a sum.\n\nAnswer: 1", 1 },
	{ "It fits. Verdict: 1.", 1 },
	{ "It is about 2 lists.\n**Final answer:** 1\n", 1 },
	{ "It fits.\nAnswer:\n\n1", 1 },
	{ "The final verdict:\n\nIt fits.\nAnswer: 2", 2 },
	/* a tag */
	{ "<answer>1</answer>", 1 },
	{ "<answer>\n **2**.\n</answer>\n", 2 },
	{ "It fits.\n<verdict>1</verdict>", 1 },
	{ "<answer>1</answer>\nIt fits.", 1 },
	/* other marks around it, and wide ones */
	{ "__1__", 1 },
	{ "\\boxed{\\text{1}}", 1 },
	{ "\xc2\xab"
	  "1\xc2\xbb",
	    1 },
	{ "\xe3\x80\x90"
	  "1\xe3\x80\x91",
	    1 },
	{ "1\xe3\x80\x82", 1 },
	{ "1\xef\xbc\x9a\xe7\xac\xa6\xe5\x90\x88", 1 },
	{ "\xe7\xad\x94\xe6\xa1\x88\xef\xbc\x9a"
	  "1",
	    1 },
	{ "**\xe7\xad\x94\xe6\xa1\x88\xef\xbc\x9a** 2\xe3\x80\x82", 2 },
	{ "R\xc3\xa9ponse : 1", 1 },
	{ "\xd0\x9e\xd1\x82\xd0\xb2\xd0\xb5\xd1\x82: 0", 0 },
	/* digits within sentences */
	{ "1\nIt prints two numbers: 2 and 3.", 1 },
	{ "1\nVersion 2. 1 of them fits.", 1 },
	{ "1. The scale goes from 0 (bad) to 2 (good).", 1 },
	/* no verdict */
	{ "not: 1", -1 },
	{ "It is not: 1", -1 },
	{ "<not>1</not>", -1 },
	{ "\xe4\xb8\x8d\xe6\x98\xaf\xef\xbc\x9a"
	  "1",
	    -1 },
	{ "1\nWait, no: 2", -1 },
	{ "1: It fits. 2: It does not.", -1 },
	{ "1. The query. 2. The document.", -1 },
	{ "1\nIt fits. 2) It is short.", -1 },
	{ "<answer>1 or 2</answer>", -1 },
	{ "<query>1</query>\n<document>2</document>", -1 },
	{ "<answer>10</answer>", -1 },
	{ "~~1~~", -1 },
	{ "1_000", -1 },
	{ "\\boxed{1, 2}", -1 },
	{ "\\boxed{1}\\boxed{2}", -1 },
	{ "[0, 1, 2]", -1 },
	{ "0|1|2", -1 },
	{ "1 out of 5", -1 },
	{ "Score: 1/5", -1 },
	{ "1,5", -1 },
	{ "1%", -1 },
	{ "1st", -1 },
	{ "v1", -1 },
	{ "0-1", -1 },
	{ "neither 1 nor 2", -1 },
	{ "\xe2\x91\xa0", -1 },
	{ "Options: 0, 1, 2", -1 },
	{ "", -1 },
	{ ".", -1 },
	{ "*", -1 },
	{ "3", -1 },
	{ "10", -1 },
	{ "01", -1 },
	{ "-1", -1 },
	{ "+1", -1 },
	{ "1.5", -1 },
	{ "1.0", -1 },
	{ "1..", -1 },
	{ ".1", -1 },
	{ "1,", -1 },
	{ "1/2", -1 },
	{ "1 or 2", -1 },
	{ "1 1", -1 },
	{ "2 (not 1)", -1 },
	{ "Answer: 2 (not 1)", -1 },
	{ "1 because it fits", -1 },
	{ "1: 2", -1 },
	{ "1:2", -1 },
	{ "1\n2", -1 },
	{ "1\n\n1", -1 },
	{ "1. The query.\n2. The document.", -1 },
	{ "1) The query.\n2) The document.", -1 },
	{ "1\nAnswer: 2", -1 },
	{ "0: no\n1: yes\nAnswer: 1", -1 },
	{ "Query: 1\nDocument: 2", -1 },
	{ "The query is fine.\n\n1", -1 },
	{ "It fits, so I would say about: 1", -1 },
	{ "Answer: 1\nand more. Answer: 2", -1 },
	{ "Answer:1", -1 },
	{ "{\"verdict\":1}", -1 },
	{ "1e0", -1 },
	{ "0x1", -1 },
	{ "1!", -1 },
	{ "1?", -1 },
	{ "\xef\xbc\x91", -1 },
	{ "\xc2\xb2", -1 },
	{ "yes", -1 },
	{ "one", -1 },
	{ "true", -1 },
	{ "<think>1", -1 },
};

static void
spellings(void)
{
	size_t i, n;
	char *p;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		n = strlen(rows[i].answer);
		/* memory of exactly that size shows a read behind the end */
		p = malloc(n ? n : 1);
		memcpy(p, rows[i].answer, n);
		is_int(verdict_read((struct span){ p, n }), rows[i].verdict,
		    "the verdict is read, row %zu: %.30s", i, rows[i].answer);
		free(p);
	}
	is_int(verdict_read(S("1\0")), -1, "a digit and a NUL are no verdict");
	is_int(verdict_read(NONE), -1, "no answer is no verdict");
}

/* A reader that looks at all of an answer for each line takes minutes. */
static void
long_answers(void)
{
	static const char *const units[] = { "a:\n", "\n", " ", "(", "#", "1",
		"a. ", "a: ", ".", "- ", "1: ", "1\n", "a b c d e ", "``` \n",
		"\\boxed{", "a:\n\n", ": ", "</a>", "<a>", "1\xef\xbc\x9a" };
	enum { BYTES = 1000000 };
	struct buf b = { 0 };
	size_t i;

	cpu_limit(15);
	for (i = 0; i < sizeof units / sizeof *units; i++) {
		buf_clear(&b);
		buf_adds(&b, "1\n");
		while (b.n < BYTES)
			buf_adds(&b, units[i]);
		buf_adds(&b, "a");
		ok(verdict_read(buf_span(&b)) <= 2,
		    "a megabyte of a unit is read in time, unit %zu", i);
	}
	cpu_limit(0);
	buf_free(&b);
}

int
main(void)
{
	spellings();
	long_answers();
	return done();
}
