/* buf: bytes that grow */
#include "base/buf.h"

#include "tap.h"

static void
adding(void)
{
	struct buf b = { 0 };
	size_t i, bad = 0;

	ok(buf_span(&b).n == 0, "a zeroed buffer is empty");
	is_str(buf_cstr(&b), "", "and as a string too");
	buf_add(&b, NULL, 0);
	buf_add(&b, "a\0b", 3);
	buf_addc(&b, 'c');
	buf_adds(&b, "");
	buf_adds(&b, "de");
	buf_addspan(&b, S("f\0"));
	buf_addspan(&b, NONE);
	buf_add0(&b, S("+"));
	buf_fmt(&b, "%s%d", "g", 7);
	buf_fmt(&b, "%s", "");
	is_span(buf_span(&b), S("a\0bcdef\0+\0g7"), "what was added stands there");
	ok(buf_cstr(&b)[12] == '\0' && b.n == 12, "the NUL is not counted");
	b.n = 0;
	for (i = 0; i < 100000; i++)
		buf_addc(&b, (char)(i % 251));
	for (i = 0; i < 100000; i++)
		bad += b.p[i] != (char)(i % 251);
	ok(b.n == 100000 && bad == 0, "100000 bytes one by one");
	b.n = 0;
	buf_fmt(&b, "%0200000d", 1);
	ok(b.n == 200000 && b.p[0] == '0' && b.p[199999] == '1',
	    "buf_fmt has no limit");
	buf_free(&b);
	ok(b.p == NULL && b.n == 0 && b.cap == 0, "buf_free empties it");
}

/* Every fill level at which a formatted text just fits, or just does not. */
static void
edges(void)
{
	struct buf b = { 0 };
	int i, bad = 0;

	for (i = 0; i < 600; i++) {
		buf_free(&b);
		while ((int)b.n < i)
			buf_addc(&b, 'x');
		buf_fmt(&b, "%s", "12345");
		bad += b.n != (size_t)i + 5 ||
		    memcmp(b.p + i, "12345", 5) != 0;
		buf_cstr(&b);
		bad += strlen(b.p) != b.n;
	}
	is_int(bad, 0, "text at the edge of the memory");
	buf_free(&b);
}

static void
clearing(void)
{
	struct buf b = { 0 };

	buf_need(&b, 1024 * 1024);
	b.n = 5;
	buf_clear(&b);
	ok(b.n == 0 && b.cap == 1024 * 1024, "buf_clear keeps 1 MiB");
	buf_need(&b, 1024 * 1024 + 1);
	buf_clear(&b);
	ok(b.n == 0 && b.cap == 0, "and frees more");
	buf_free(&b);
}

static void
spans(void)
{
	ok(span_eq(S("a\0b"), S("a\0b")), "equal spans");
	ok(!span_eq(S("a\0b"), S("a\0c")), "that differ behind a NUL");
	ok(!span_eq(S("ab"), S("abc")) && !span_eq(S("abc"), S("ab")),
	    "that differ in length");
	ok(span_eq(NONE, S("")), "nothing equals the empty one");
	ok(span_is(S("ab"), "ab") && !span_is(S("ab\0"), "ab"),
	    "span_is counts NULs");
	ok(span_is(NONE, "") && !span_is(NONE, "a"), "span_is of nothing");
}

int
main(void)
{
	adding();
	edges();
	clearing();
	spans();
	return done();
}
