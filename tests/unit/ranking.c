/* ranking: which answers are rankings, and of what */
#include "llm/ranking.h"

#include "base/buf.h"
#include "tap.h"

static struct span
read_all(const char *answer)
{
	static struct buf b;
	int order[12], n = ranking_read(span_of(answer), 12, order), i;

	buf_clear(&b);
	for (i = 0; i < n; i++)
		buf_fmt(&b, "%s%d", i > 0 ? " " : "", order[i]);
	if (n == 0)
		buf_adds(&b, "none");
	if (n == -1)
		buf_adds(&b, "unreadable");
	return buf_span(&b);
}

int
main(void)
{
	static const char *const good[][2] = {
		{ "3, 1", "3 1" },
		{ "12", "12" },
		{ " 2 ,5,\n1. ", "2 5 1" },
		{ "[3] > [1] > [2]", "3 1 2" },
		{ "[3, 1]", "3 1" },
		{ "**3, 1**", "3 1" },
		{ "```\n3, 1\n```", "3 1" },
		{ "\\boxed{3, 1}", "3 1" },
		{ "3\n1", "3 1" },
		{ "- 3\n- 1", "3 1" },
		{ "3 1 2", "3 1 2" },
		{ "3; 1", "3 1" },
		{ "Answer: 3, 1", "3 1" },
		{ "**Answer:** 3, 1", "3 1" },
		{ "Answer:\n3, 1", "3 1" },
		{ "3, 1\n\nDocument 3 does it best.", "3 1" },
		{ "Document 2 sorts.\nAnswer: 3, 1", "3 1" },
		{ "<think>1, 2</think>\n3", "3" },
		{ "none", "none" },
		{ "None.", "none" },
		{ "\"none\"", "none" },
		{ "0", "none" },
		{ "[]", "none" },
		{ "Answer: none", "none" },
		{ "none\n\nAll of them sort.", "none" },
		{ "Document 3, Document 1", "3 1" },
		{ "Documents 3, 1", "3 1" },
		{ "**Document 3**\n- document 1", "3 1" },
		{ "Answer: Document 3", "3" },
	};
	static const char *const bad[] = { "", "x", "13", "3, 13", "3, 3",
		"0, 3", "-1", "1.5", "1 or 2", "2 (not 1)", "1-3", "1. 3\n2. 1",
		"3, 1\nAnswer: 2", "Not relevant: 3, 1", "no: 1", "3, 1 and 2",
		"None of them", "Document", "Document x", "Document3",
		"The best is 3, then 1.", "3,", ", 3", "1e3", "99999999999999",
		"3\n1\nBecause both sort.", "1: sorts\n2: counts",
		"Sorts well.\n3, 1", "<b>3</b>", "a b c d e: 3" };
	size_t i;

	for (i = 0; i < sizeof good / sizeof *good; i++)
		is_span(read_all(good[i][0]), span_of(good[i][1]),
		    "ranking %zu is read", i);
	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		is_span(read_all(bad[i]), span_of("unreadable"),
		    "text %zu is no ranking", i);
	return done();
}
