/* clean: the data of an answer, without fences and quotes around it */
#include "base/clean.h"

#include "parts.h"
#include "plain.h"
#include "tap.h"

static const struct row cleans[] = {
	/* white space */
	SAME(""),
	ROW(" ", ""),
	ROW(" \n\t\r\n ", ""),
	SAME("\0"),
	ROW("\n\n  x\n", "x"),
	ROW(" Sum a list.\n  Then sort it.\n", "Sum a list.\n  Then sort it."),
	ROW("\r\n  x\r\n", "x"),
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
	ROW("```markdown\n# T\n```\nx\n```\ndone\n```",
	    "# T\n```\nx\n```\ndone"),
	/* blocks that do not enclose the whole */
	SAME("```code```"),
	SAME("``\ncode\n``"),
	SAME("Here it is:\n```\ncode\n```"),
	SAME("```\ncode\n```\nHope this helps."),
	SAME("```\na\n```\nand\n```\nb\n```"),
	SAME("```py\na\n```\n```py\nb\n```"),
	SAME("```a`b\ncode\n```"),
	SAME("``` this is a sentence that goes on, not any language "
	     "tag\nx\n```"),
	/* half a fence */
	ROW("```\ncode", "code"),
	ROW("```python\nx = 1\ny = 2", "x = 1\ny = 2"),
	ROW("```python\r\nx = 1\r\n", "x = 1"),
	ROW("```", ""),
	ROW("```python", ""),
	ROW("code\n```", "code"),
	ROW("code\n~~~", "code"),
	ROW("```\ncode\n``", "code\n``"),
	ROW("````\ncode\n```", "code"),
	ROW("```\ncode\n~~~", "code"),
	ROW("~~~\ncode\n```", "code"),
	ROW("```markdown\n# T\n```py\nx\n```\ndone",
	    "# T\n```py\nx\n```\ndone"),
	ROW("# T\n```py\nx\n```\ndone\n```", "# T\n```py\nx\n```\ndone"),
	ROW("```py\ncode\n```\n```", "code"),
	ROW("```\ncode\n```\n\n```\n", "code"),
	SAME("```py\ncode\n```\n```py"),
	SAME("Run:\n\n```\nmake\n```"),
	SAME("Run this: ```sh\nmake\n```"),
	SAME("Run:\n\n```sh\nmake"),
	SAME("```py\na\n```\n```py\nb"),
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
	ROW("\xe2\x80\x98text\xe2\x80\x99", "text"),
	ROW("\xe2\x80\x9etext\xe2\x80\x9c", "text"),
	ROW("\xc2\xabtext\xc2\xbb", "text"),
	ROW("\xe3\x80\x8ctext\xe3\x80\x8d", "text"),
	SAME("\xe2\x80\x98"
	     "don\xe2\x80\x99t\xe2\x80\x99"),
	ROW("\"\"", ""),
	ROW("''", ""),
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
	/* backticks around a line that has no others */
	ROW("`text`", "text"),
	ROW(" `` text ``\n", "text"),
	ROW("\"`text`\"", "text"),
	ROW("```\n`text`\n```", "text"),
	SAME("`a` and `b`"),
	SAME("`a\nb`"),
	SAME("``a`b``"),
	SAME("``text`"),
	SAME("`text``"),
	SAME("```text```"),
	SAME("`"),
	SAME("``"),
	SAME("```` ````"),
	SAME("` `"),
	/* only one pair of each is removed */
	ROW("``````\n`````\nx\n`````\n``````", "`````\nx\n`````"),
};

/* Rows for an answer that should be code. */
static const struct row codes[] = {
	SAME("x = 1"),
	SAME("`date`"),
	ROW("\n\n  x\n", "  x"),
	ROW("  code\n  more\n```\n", "  code\n  more"),
	ROW("  \n\t\n    if x:\n        y()  \n\n", "    if x:\n        y()"),
	ROW("```python\nx = 1\n```", "x = 1"),
	ROW("Here is the code:\n\n```python\n  x = 1\n\ny = 2\n```\n\nHope it "
	    "helps.",
	    "  x = 1\n\ny = 2"),
	ROW("Here it is:\n~~~\nx = 1\n~~~\n", "x = 1"),
	ROW("```\nx = 1\n```\nThis is faster.", "x = 1"),
	ROW("- a list\n   of prose:\n````md\n```py\nx\n```\n````",
	    "```py\nx\n```"),
	ROW("See:\n```md\n```py\nx\n```\n```\nDone.", "```py\nx\n```"),
	ROW("Here it is:\r\n```c\r\nint x;\r\n```\r\n", "int x;"),
	ROW("Here it is: ```python\nx = 1\n```\n", "x = 1"),
	ROW("The code:\n```\nx = 1\n```\n\nWhat is new:\n\n1. x\n    - and 1\n"
	    "\t* and so on",
	    "x = 1"),
	/* half a fence */
	ROW("```python\nx = 1\n```\n```", "x = 1"),
	SAME("Here it is: ```python\nx = 1"),
	ROW("Here is the code:\n```python\nx = 1", "x = 1"),
	SAME("Here is the code:\n```\nx = 1"),
	ROW("Here is the code.\nx = 1\n```", "Here is the code.\nx = 1"),
	/* several blocks, and none */
	SAME("First:\n```\na\n```\nthen:\n```\nb\n```"),
	SAME("First:\n```\na\n```\nthen:\n~~~\nb\n~~~"),
	SAME("Nothing:\n```\n```\nat all."),
	/* code whose comment shows a block */
	SAME("\"\"\"Adds.\n\n```\nadd(1, 2)\n```\n\"\"\"\ndef add(a, b):"),
	SAME("/**\n```\nadd(1, 2)\n```\n*/\nint add(int, int);"),
	SAME("def add(a, b):\n    '''Adds.\n    ```\n    1\n    ```\n    '''"),
	SAME("int x;\n```\ny\n```\nint z;"),
	SAME("fn f() {\n```\ny\n```\n}"),
	SAME("// Example: ```c\n// f()\n// ```\nint f();"),
	SAME("\tx\n```\ny\n```"),
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
		is_span(clean_text(buf_span(&b)), t[i],
		    "quoting and cleaning give the same text, row %zu", i);
	}
	buf_free(&b);
}

/* Test that a place in a text is known to lie in a code fence, or not. */
static void
walks(void)
{
	static const struct {
		const char *text;
		int in;
	} t[] = { { "@", 0 }, { "```\n@", 1 }, { "```\nx\n```\n@", 0 },
		{ "```py\nx\n```a\n@", 1 }, { "````\n```\n@", 1 },
		{ "``` @", 0 }, { "a ```\n@", 0 } };
	struct clean_walk w;
	struct span s;
	size_t i;

	for (i = 0; i < sizeof t / sizeof *t; i++) {
		s = span_of(t[i].text);
		w = (struct clean_walk){ .rest = s };
		is_int(clean_in_fence(&w, strchr(s.p, '@')), t[i].in,
		    "a place is in a fence or not, row %zu", i);
		is_int(clean_in_fence(&w, strchr(s.p, '@')), t[i].in,
		    "the same place is so again, row %zu", i);
	}
}

/* A reader that looks at all of a text for each of its lines takes minutes. */
static void
long_texts(void)
{
	static const char *const units[] = { "```\n", "~~~a\n", "x\n", "`",
		"```a\nx\n```\n", "\n", "\"", "a: \n```\n", "a: ```\n" };
	enum { BYTES = 4000000 };
	struct buf b = { 0 };
	struct clean_walk w;
	size_t i, k;

	cpu_limit(60);
	for (i = 0; i < sizeof units / sizeof *units; i++) {
		buf_clear(&b);
		while (b.n < BYTES)
			buf_adds(&b, units[i]);
		ok(clean_text(buf_span(&b)).n <= b.n &&
			clean_code(buf_span(&b)).n <= b.n,
		    "4 MB of a unit are cleaned in time, unit %zu", i);
		w = (struct clean_walk){ .rest = buf_span(&b) };
		for (k = 0; k < b.n; k += 7)
			clean_in_fence(&w, b.p + k);
		ok(w.rest.n <= b.n, "they are walked over in time, unit %zu",
		    i);
	}
	cpu_limit(0);
	buf_free(&b);
}

int
main(void)
{
	CHECK(clean_text, cleans);
	CHECK(clean_code, codes);
	round_trip();
	walks();
	long_texts();
	return done();
}
