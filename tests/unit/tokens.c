/* tokens: an estimate of how many tokens a text has */
#include "lex/tokens.h"

#include "tap.h"

int
main(void)
{
	/* the numbers of the real encoder are 0, 1, 1, 2, 4, 12, 10 and 25 */
	static const struct {
		const char *what, *text;
		size_t least, most;
	} rows[] = {
		{ "no text", "", 0, 0 },
		{ "a letter", "x", 1, 1 },
		{ "a blank", " ", 1, 1 },
		{ "a line that ends in a blank", "x ", 2, 2 },
		{ "a sentence", "hello, world!", 4, 4 },
		{ "a function of Python", "def add(a, b):\n    return a + b\n",
		    11, 13 },
		{ "a function of C", "int main(void) { return 0; }", 9, 11 },
		{ "a loop of C",
		    "for (i = 0; i < n; i++)\n\tprintf(\"%d %s\\n\", i, "
		    "names[i]);\n",
		    23, 27 },
	};
	struct buf b = { 0 };
	size_t i, got, one;

	cpu_limit(20);
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		got = tokens_estimate(span_of(rows[i].text));
		ok(got >= rows[i].least && got <= rows[i].most,
		    "%s has about as many tokens as it really has",
		    rows[i].what);
	}
	for (i = 1; i < 256; i++) {
		b.n = 0;
		buf_addc(&b, (char)i);
		if (tokens_estimate(buf_span(&b)) == 0)
			break;
	}
	is_int((long long)i, 256, "every byte has a token");
	one = tokens_estimate(S("a = b\n"));
	b.n = 0;
	for (i = 0; i < 100000; i++)
		buf_adds(&b, "a = b\n");
	got = tokens_estimate(buf_span(&b));
	ok(got > 90000 * one && got < 110000 * one,
	    "a text repeated has as many times the tokens");
	b.n = 0;
	for (i = 0; i < 1000000; i++)
		buf_addc(&b, ' ');
	ok(tokens_estimate(buf_span(&b)) < 1000000,
	    "a run of blanks takes linear time");
	buf_free(&b);
	return done();
}
