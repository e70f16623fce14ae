/* buf: bytes that grow */
#include "base/buf.h"

#include "tap.h"

static void
adding(void)
{
	struct buf b = { 0 };
	size_t i, bad = 0;

	ok(buf_span(&b).n == 0, "a zeroed buffer is empty");
	is_str(buf_cstr(&b), "", "a zeroed buffer is an empty string");
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
	is_span(buf_span(&b), S("a\0bcdef\0+\0g7"),
	    "a buffer holds all that was added, with NULs");
	ok(buf_cstr(&b)[12] == '\0' && b.n == 12,
	    "the NUL behind a buffer is not counted");
	b.n = 0;
	for (i = 0; i < 100000; i++)
		buf_addc(&b, (char)(i % 251));
	for (i = 0; i < 100000; i++)
		bad += b.p[i] != (char)(i % 251);
	ok(b.n == 100000 && bad == 0, "100000 bytes can be added one by one");
	b.n = 0;
	buf_fmt(&b, "%0200000d", 1);
	ok(b.n == 200000 && b.p[0] == '0' && b.p[199999] == '1',
	    "buf_fmt has no limit");
	buf_free(&b);
	ok(b.p == NULL && b.n == 0 && b.cap == 0, "buf_free empties a buffer");
}

/* Test every fill level at which a formatted text just fits or does not. */
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
	is_int(bad, 0,
	    "text at the edge of mapped memory is added without a fault");
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
	ok(b.n == 0 && b.cap == 0, "buf_clear frees more than 1 MiB");
	buf_free(&b);
}

static void
spans(void)
{
	ok(span_eq(S("a\0b"), S("a\0b")),
	    "spans with the same bytes are equal");
	ok(!span_eq(S("a\0b"), S("a\0c")),
	    "spans that differ behind a NUL are not equal");
	ok(!span_eq(S("ab"), S("abc")) && !span_eq(S("abc"), S("ab")),
	    "spans that differ in length are not equal");
	ok(span_eq(NONE, S("")), "a null span equals the empty span");
	ok(span_is(S("ab"), "ab") && !span_is(S("ab\0"), "ab"),
	    "span_is counts NULs");
	ok(span_is(NONE, "") && !span_is(NONE, "a"),
	    "span_is of a null span is true for the empty string");
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
