/*
 * text: results are spans of what was given, fences hold whatever is put in
 * them, and what comes out is clean.
 */
#include "../unit/plain.h"
#include "base/clean.h"
#include "base/text.h"

#include <ctype.h>

#include "fuzz.h"

static void
within(struct span got, struct span s, const char *what)
{
	CHECK(got.p >= s.p && got.n <= s.n && got.p + got.n <= s.p + s.n,
	    "%s: outside the text", what);
}

/* Behind leading blank lines and before white space at the end. */
static struct span
bare(struct span s)
{
	size_t i, start = 0;

	for (i = 0; i < s.n && isspace((unsigned char)s.p[i]); i++)
		if (s.p[i] == '\n')
			start = i + 1;
	s.p += start;
	s.n -= start;
	while (s.n > 0 && isspace((unsigned char)s.p[s.n - 1]))
		s.n--;
	return s;
}

static int
has_quotes(struct span s)
{
	struct span t = text_trim(s);

	return t.n > 0 &&
	    (t.p[0] != '\0' && strchr("`\"'\xc2\xe2\xe3", t.p[0]) != NULL);
}

/* A reader of fences other than clean_text: longest run, first, last line. */
static void
fence(struct span s)
{
	struct buf b = { 0 };
	struct span got;
	size_t i, run = 0, longest = 0, ticks = 0, body;

	plain_fence(&b, s);
	for (i = 0; i < s.n; i++) {
		run = s.p[i] == '`' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	while (ticks < b.n && b.p[ticks] == '`')
		ticks++;
	CHECK(ticks == (longest < 3 ? 3 : longest + 1), "%zu ticks", ticks);
	body = b.n - 2 * ticks - 1;
	CHECK(b.p[ticks] == '\n', "the first line");
	CHECK(body == s.n + 1, "the newline");
	CHECK(s.n == 0 || memcmp(b.p + ticks + 1, s.p, s.n) == 0, "the body");
	CHECK(b.p[b.n - ticks - 1] == '\n', "the last line");
	for (i = b.n - ticks; i < b.n; i++)
		CHECK(b.p[i] == '`', "the last ticks");
	/* taken off again; one pair of quotes or backticks may go too */
	got = clean_text(buf_span(&b));
	within(got, buf_span(&b), "clean_text of a fence");
	CHECK(span_eq(got, bare(s)) || has_quotes(s), "round trip");
	buf_free(&b);
}

static void
printable(struct span s)
{
	struct buf b = { 0 };
	size_t i, n, max = s.n / 2;

	text_printable(&b, s, max);
	CHECK(b.n <= max + 3, "too long");
	for (i = 0; i < b.n; i += n) {
		n = text_utf8(b.p + i, b.p + b.n);
		CHECK(n > 0, "not UTF-8");
		CHECK((unsigned char)b.p[i] >= ' ' && b.p[i] != 127, "a control");
		CHECK(n != 2 || b.p[i] != '\xc2' ||
			(unsigned char)b.p[i + 1] >= 0xa0,
		    "a C1 control");
	}
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span s = { (const char *)data, n }, got;

	fuzz_input = s;
	got = clean_text(s);
	within(got, s, "clean_text");
	CHECK(got.n == 0 || !isspace((unsigned char)got.p[got.n - 1]),
	    "white space behind");
	got = clean_code(s);
	within(got, s, "clean_code");
	CHECK(got.n == 0 || !isspace((unsigned char)got.p[got.n - 1]),
	    "white space behind the code");
	got = text_trim(s);
	within(got, s, "text_trim");
	fence(s);
	printable(s);
	return 0;
}
