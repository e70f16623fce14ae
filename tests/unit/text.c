/* text: what is done to the text of prompts and of answers */
#include "base/text.h"

#include "plain.h"
#include "tap.h"

struct row {
	struct span in, want;
};

#define ROW(in, want)                                                         \
	{ { in, sizeof(in) - 1 }, { want, sizeof(want) - 1 } }
#define SAME(in) ROW(in, in)

/* Test that the result lies within the text, which is held in exact memory. */
static void
check(struct span (*f)(struct span), const char *name, const struct row *t,
    size_t n)
{
	struct span in, got;
	size_t i;
	char *p;

	for (i = 0; i < n; i++) {
		in = t[i].in;
		p = malloc(in.n ? in.n : 1);
		memcpy(p, in.p, in.n);
		in.p = p;
		got = f(in);
		is_span(got, t[i].want, "%s gives the right text, row %zu",
		    name, i);
		ok(got.p >= in.p && got.p + got.n <= in.p + in.n,
		    "%s gives a part of the text, row %zu", name, i);
		free(p);
	}
}

#define CHECK(f, t) check(f, #f, t, sizeof(t) / sizeof *(t))

static const struct row trims[] = { SAME(""), ROW(" ", ""), ROW("\n\t \r", ""),
	ROW(" a b ", "a b"), ROW("\na", "a"), ROW("a\n", "a"), SAME("\0"),
	ROW(" \0 ", "\0"), SAME("\xc2\xa0x"), ROW("\v\fx\v\f", "x") };

static const struct row cleans[] = {
	/* white space */
	SAME(""),
	ROW(" ", ""),
	ROW(" \n\t\r\n ", ""),
	SAME("\0"),
	ROW("\n\n  x\n", "  x"),
	ROW("  \n\t\n    if x:\n        y()  \n\n", "    if x:\n        y()"),
	ROW("\r\n  x\r\n", "  x"),
	SAME("a\0b"),
	/* outer fences */
	ROW("```\ncode\n```", "code"),
	ROW("```python\ncode\n```", "code"),
	ROW("``` python\ncode\n```", "code"),
	ROW("```c++ title=\"x.cc\"\ncode\n```", "code"),
	ROW("```python \ncode\n``` ", "code"),
	ROW("\n\n```\ncode\n```\n\n", "code"),
	ROW("  ```\n  code\n  ```", "  code"),
	ROW("~~~\ncode\n~~~", "code"),
	ROW("~~~~\ncode\n~~~~", "code"),
	ROW("~~~~ py\ncode\n~~~\nmore\n~~~~", "code\n~~~\nmore"),
	ROW("````\n```\ninner\n```\n````", "```\ninner\n```"),
	ROW("````md\n```py\ninner\n```\n````", "```py\ninner\n```"),
	ROW("````md\n```py\nnever closed\n````", "```py\nnever closed"),
	ROW("```\r\ncode\r\n```\r\n", "code"),
	ROW("```python\r\n  a\r\n  b\r\n```", "  a\r\n  b"),
	ROW("```\n    code\n```", "    code"),
	ROW("```\n\n  code\n\n```", "  code"),
	ROW("```\n```", ""),
	ROW("```\n\n```", ""),
	ROW("```py\n```\n", ""),
	ROW("```\na\0b\n```", "a\0b"),
	ROW("```\ncode\n`````", "code"),
	/* nested blocks with tags count as one block */
	ROW("```markdown\n# T\n```py\nx\n```\ndone\n```",
	    "# T\n```py\nx\n```\ndone"),
	ROW("```md\n```a\nx\n```\n```b\ny\n```\n```",
	    "```a\nx\n```\n```b\ny\n```"),
	ROW("```md\n````py\nx\n````\n```", "````py\nx\n````"),
	ROW("```md\n- item:\n  ```py\n  x\n  ```\n```",
	    "- item:\n  ```py\n  x\n  ```"),
	/* blocks that do not enclose the whole */
	SAME("```\ncode"),
	SAME("```"),
	SAME("```python"),
	SAME("```code```"),
	SAME("``\ncode\n``"),
	SAME("code\n```"),
	SAME("```\ncode\n``"),
	SAME("````\ncode\n```"),
	SAME("```\ncode\n~~~"),
	SAME("~~~\ncode\n```"),
	SAME("Here it is:\n```\ncode\n```"),
	SAME("```\ncode\n```\nHope this helps."),
	SAME("```\na\n```\nand\n```\nb\n```"),
	SAME("```py\na\n```\n```py\nb\n```"),
	SAME("```a`b\ncode\n```"),
	SAME("``` this is a sentence that goes on, not any language "
	     "tag\nx\n```"),
	/* outer quotes */
	ROW("\"text\"", "text"),
	ROW("'text'", "text"),
	ROW("\xe2\x80\x9ctext\xe2\x80\x9d", "text"),
	ROW("  \"text\"\n", "text"),
	ROW("\" text \"", "text"),
	ROW("\"it's\"", "it's"),
	ROW("'say \"hi\"'", "say \"hi\""),
	ROW("\"two\nlines\"", "two\nlines"),
	ROW("\"a\0b\"", "a\0b"),
	ROW("```\n\"text\"\n```", "text"),
	ROW("'\"text\"'", "\"text\""),
	SAME("\"\""),
	SAME("''"),
	SAME("\""),
	SAME("'"),
	SAME("\"text"),
	SAME("text\""),
	SAME("\"text'"),
	SAME("\xe2\x80\x9ctext\""),
	SAME("\"a\" + \"b\""),
	SAME("'a' or 'b'"),
	SAME("\"say \\\"hi\\\"\""),
	SAME("\"\"\"docstring\"\"\""),
	SAME("'it's'"),
	SAME("\"use strict\";"),
	SAME("print(\"x\")"),
	SAME("\xe2\x80\x9c"
	     "a\xe2\x80\x9d and \xe2\x80\x9c"
	     "b\xe2\x80\x9d"),
	SAME("\xe2\x80\x9c"
	     "a\xe2\x80\x9d b\xe2\x80\x9d"),
	SAME("`text`"),
	/* only one pair of each is removed */
	ROW("``````\n`````\nx\n`````\n``````", "`````\nx\n`````"),
};

static const struct row thoughts[] = {
	SAME(""),
	SAME(" "),
	SAME("answer"),
	ROW("  answer</think", "  answer</think"),
	SAME("think about it"),
	ROW("<think>a</think>b", "b"),
	ROW("<think>a\nb\n</think>\n\nanswer\n", "answer"),
	ROW("<think>a</think>\n    indented", "    indented"),
	ROW("  \n<think>a</think>b", "b"),
	ROW("<think></think>b", "b"),
	ROW("<think>\n\n</think>\n\nb", "b"),
	ROW("<think>a</think>", ""),
	ROW("<think>a</think>b</think>c", "b</think>c"),
	ROW("<think>a ```py\nx\n``` b</think>c", "c"),
	ROW("<think>a\0b</think>c\0d", "c\0d"),
	ROW("<think>if \"</think>\" then</think>b", "\" then</think>b"),
	/* an open block makes all of the text thinking */
	ROW("<think>", ""),
	ROW("<think>a", ""),
	ROW(" <think>a </thin>", ""),
	/* only the end of a block */
	ROW("a\n</think>\nb", "b"),
	ROW("</think>b", "b"),
	ROW("</think>", ""),
	ROW("a\n</think>\n\n  b\n</think>", "  b\n</think>"),
	ROW("a\0</think>b", "b"),
	ROW("Maybe\n```py\nx\n```\nor so.\n</think>\ny", "y"),
	ROW("``` and so on\n```\n</think>```py\nx\n```", "```py\nx\n```"),
	/* part of the answer: in quotes, in code, not leading */
	SAME("split on \"</think>\" first"),
	SAME("x = '</think>'"),
	SAME("'</think> ends it'"),
	SAME("it ends in </think>'"),
	SAME("the tag `</think>` ends it"),
	SAME("```\na </think> b\n```"),
	SAME("Like so:\n```html\n</think>\n```\n"),
	SAME("````md\n```\nx\n```\n</think>\n````"),
	SAME("a <think>b</think> c"),
	SAME("re.sub(r\"<think>.*</think>\", s)"),
	SAME("<thinking>a"),
	SAME("< think>a"),
};

/* Test that a fenced text comes out again, even if it looks like fences. */
static void
round_trip(void)
{
	static const struct span t[] = { { "x", 1 }, { "```", 3 },
		{ "```py", 5 }, { "```\na\n```", 9 }, { "```py\na", 7 },
		{ "~~~\n```x\n````y", 14 }, { "a\0`b", 4 } };
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < sizeof t / sizeof *t; i++) {
		b.n = 0;
		plain_fence(&b, t[i]);
		is_span(text_clean(buf_span(&b)), t[i],
		    "quoting and cleaning give the same text, row %zu", i);
	}
	buf_free(&b);
}

/*
 * The lengths of all sequences of two to four bytes from the boundaries of
 * Unicode's table 3-7, against that table.
 */
static size_t
table_3_7(const unsigned char *p, size_t n)
{
	static const struct {
		unsigned char first, last, low, high;
		size_t n;
	} t[] = { { 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 },
		{ 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 } };
	size_t i, k;

	if (n == 0)
		return 0;
	if (p[0] <= 0x7f)
		return 1;
	for (i = 0; i < sizeof t / sizeof *t; i++) {
		if (p[0] < t[i].first || p[0] > t[i].last || n < t[i].n ||
		    p[1] < t[i].low || p[1] > t[i].high)
			continue;
		for (k = 2; k < t[i].n; k++)
			if (p[k] < 0x80 || p[k] > 0xbf)
				return 0;
		return t[i].n;
	}
	return 0;
}

static void
utf8(void)
{
	static const unsigned char edge[] = { 0x00, 0x7f, 0x80, 0x8f, 0x90,
		0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed,
		0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf7, 0xf8, 0xff };
	enum { N = sizeof edge };
	unsigned char *p;
	size_t i, n, k, all, left, bad = 0, lengths[5] = { 0 };

	for (n = 0, all = 1; n <= 4; n++, all *= N) {
		/* Memory of exactly n bytes shows a read behind the end. */
		p = malloc(n ? n : 1);
		for (i = 0; i < all; i++) {
			for (k = 0, left = i; k < n; k++, left /= N)
				p[k] = edge[left % N];
			k = text_utf8((char *)p, (char *)p + n);
			bad += k != table_3_7(p, n);
			lengths[k]++;
		}
		free(p);
	}
	is_int((long long)bad, 0, "text_utf8 is table 3-7 at its boundaries");
	ok(lengths[0] && lengths[1] && lengths[2] && lengths[3] && lengths[4],
	    "characters of all lengths came up");
}

static void
char_starts(void)
{
	static const char s[] = "a\xc3\xa4\xf0\x9f\x98\x80z\x80\x80";
	static const int want[] = { 0, 1, 1, 3, 3, 3, 3, 7, 7, 7 };
	int i;

	for (i = 0; i < 10; i++)
		is_int(text_char_start(s + i, s) - s, want[i],
		    "the start of the character at %d is found", i);
	is_int(text_char_start(s + 5, s + 4) - s, 4,
	    "the start of a character is not looked for before the text");
}

static void
printable(void)
{
	static const struct {
		struct span in;
		size_t max;
		const char *want;
	} t[] = {
		{ { "", 0 }, 10, "" },
		{ { "abc", 3 }, 10, "abc" },
		{ { "abc", 3 }, 3, "abc" },
		{ { "abcd", 4 }, 3, "abc..." },
		{ { "abc", 3 }, 0, "..." },
		{ { "", 0 }, 0, "" },
		{ { "a\nb\tc", 5 }, 10, "a b c" },
		{ { "\x1b[31m\x07\x7f\r\0\b", 10 }, 20, "?[31m?????" },
		{ { "\xc2\x9b" "1m\xc2\xa0", 6 }, 20, "?1m\xc2\xa0" },
		{ { "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 9 }, 9,
		    "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80" },
		{ { "\xc3\xa4\xe2\x82\xac", 5 }, 4, "\xc3\xa4..." },
		{ { "\xff\xc0\x80\xed\xa0\x80\xc3", 7 }, 20, "???????" },
	};
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < sizeof t / sizeof *t; i++) {
		b.n = 0;
		text_printable(&b, t[i].in, t[i].max);
		ok(span_is(buf_span(&b), t[i].want),
		    "row %zu is made printable", i);
	}
	buf_free(&b);
}

static void
lists(void)
{
	ok(text_is_one_of(S("b"), S("a|b|c")), "a word within a list is found");
	ok(text_is_one_of(S("A"), S("a|b")), "the case of a word is ignored");
	ok(text_is_one_of(S("cd"), S("a|cd")), "the last word is found");
	ok(!text_is_one_of(S("c"), S("a|cd")), "part of a word is not found");
	ok(!text_is_one_of(S("a|b"), S("a|b")), "two words are not found");
	ok(!text_is_one_of(S(""), S("a|b")), "an empty word is not found");
	ok(!text_is_one_of(S("a"), S("")), "an empty list has no word");
}

int
main(void)
{
	CHECK(text_trim, trims);
	CHECK(text_clean, cleans);
	CHECK(text_unthink, thoughts);
	round_trip();
	utf8();
	char_starts();
	printable();
	lists();
	return done();
}
