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
	/* no verdict */
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
		"\\boxed{", "a:\n\n" };
	enum { BYTES = 2000000 };
	struct buf b = { 0 };
	size_t i;

	cpu_limit(60);
	for (i = 0; i < sizeof units / sizeof *units; i++) {
		buf_clear(&b);
		buf_adds(&b, "1\n");
		while (b.n < BYTES)
			buf_adds(&b, units[i]);
		buf_adds(&b, "a");
		ok(verdict_read(buf_span(&b)) <= 2,
		    "two megabytes of a unit are read in time, unit %zu", i);
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
