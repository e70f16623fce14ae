/* text: what is done to the bytes of any text */
#include "base/text.h"

#include "parts.h"
#include "tap.h"

static const struct row trims[] = { SAME(""), ROW(" ", ""), ROW("\n\t \r", ""),
	ROW(" a b ", "a b"), ROW("\na", "a"), ROW("a\n", "a"), SAME("\0"),
	ROW(" \0 ", "\0"), SAME("\xc2\xa0x"), ROW("\v\fx\v\f", "x") };

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
		0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec,
		0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf7, 0xf8,
		0xff };
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
		{ { "\xc2\x9b"
		    "1m\xc2\xa0",
		      6 },
		    20, "?1m\xc2\xa0" },
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
	utf8();
	char_starts();
	printable();
	lists();
	return done();
}
