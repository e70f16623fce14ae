/* escaped: texts as they stand in JSON strings, against what they decode to */
#include "json/escaped.h"

#include "plain.h"
#include "tap.h"
#include "base/text.h"

struct row {
	struct span in, want;
};
#define ROW(in, want) { { in, sizeof(in) - 1 }, { want, sizeof(want) - 1 } }

static void
forms(void)
{
	/* want is the one form of the text; where it is in, in is borrowed */
	static const struct row t[] = {
		ROW("", ""),
		ROW("plain", "plain"),
		ROW("a\\n\\t\\r\\b\\f\\\"\\\\", "a\\n\\t\\r\\b\\f\\\"\\\\"),
		ROW("\xc3\xa9\xf0\x9f\x98\x80\x7f", "\xc3\xa9\xf0\x9f\x98\x80\x7f"),
		ROW("\\/", "/"),
		ROW("\\u0041", "A"),
		ROW("\\u000A", "\\n"),
		ROW("\\u0000\\u001F", "\\u0000\\u001f"),
		ROW("\\u00e9\\ud83d\\ude00\\u007f", "\xc3\xa9\xf0\x9f\x98\x80\x7f"),
		ROW("\\\\u0041", "\\\\u0041"),
		ROW("\\\\/", "\\\\/"),
	};
	/* the same behind and before texts of any length, for blocks end there */
	char quoted[256], wanted[256];
	struct arena mem = { 0 };
	struct span s, got, want;
	size_t i, before, behind, wrong = 0, copied = 0;

	for (i = 0; i < sizeof t / sizeof *t; i++)
		for (before = 0; before < 70; before++)
			for (behind = 0; behind < 70; behind += 23) {
				memset(quoted, 'x', sizeof quoted);
				memset(wanted, 'x', sizeof wanted);
				quoted[0] = '"';
				memcpy(quoted + 1 + before, t[i].in.p,
				    t[i].in.n);
				memcpy(wanted + before, t[i].want.p,
				    t[i].want.n);
				s.p = quoted;
				s.n = 2 + before + behind + t[i].in.n;
				quoted[s.n - 1] = '"';
				want.p = wanted;
				want.n = before + behind + t[i].want.n;
				got = esc_of(s, &mem);
				wrong += !span_eq(got, want);
				copied += i < 4 && got.p != quoted + 1;
			}
	is_int(wrong, 0, "each text has one escaped form");
	is_int(copied, 0, "an escaped form is borrowed if it can be");
	ok(esc_of(S("5"), &mem).p == NULL && esc_of(NONE, &mem).p == NULL,
	    "a value that is no string has no escaped form");
	arena_free(&mem);
}

/* Test that an escaped text is trimmed like the plain one. */
static void
trims(void)
{
	static const char *const part[] = { "", " ", "\n", "\t", "\r", "\f",
		"\v", "\\", "n", "a", "\\n", "\\ ", "\b" };
	const size_t n = sizeof part / sizeof *part;
	struct buf b = { 0 };
	struct span want;
	size_t i, wrong = 0, total = n * n * n * n;

	for (i = 0; i < total; i++) {
		b.n = 0;
		buf_adds(&b, part[i % n]);
		buf_adds(&b, part[i / n % n]);
		buf_adds(&b, part[i / n / n % n]);
		buf_adds(&b, part[i / n / n / n]);
		want = escaped(text_trim(buf_span(&b)));
		wrong += !span_eq(esc_trim(escaped(buf_span(&b))), want);
	}
	is_int(wrong, 0, "%zu escaped texts are trimmed like the plain ones",
	    total);
	is_span(esc_trim(NONE), NONE, "trimming a null span gives a null span");
	buf_free(&b);
}

static void
fences(void)
{
	static const struct row t[] = {
		ROW("", "```\n\n```"),
		ROW("\n", "```\n\n\n```"),
		ROW("x", "```\nx\n```"),
		ROW("x\n", "```\nx\n\n```"),
		ROW("x\n\n", "```\nx\n\n\n```"),
		ROW("a`b``c", "```\na`b``c\n```"),
		ROW("```", "````\n```\n````"),
		ROW("a```", "````\na```\n````"),
		ROW("```a", "````\n```a\n````"),
		ROW("`````\n```", "``````\n`````\n```\n``````"),
		ROW("```\n`````", "``````\n```\n`````\n``````"),
		ROW("~~~~~", "```\n~~~~~\n```"),
		ROW("a\0b", "```\na\0b\n```"),
		ROW("``\n`", "```\n``\n`\n```"),
	};
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < sizeof t / sizeof *t; i++) {
		b.n = 0;
		plain_fence(&b, t[i].in);
		is_span(
		    buf_span(&b), t[i].want, "a text is fenced, row %zu", i);
	}
	b.n = 0;
	plain_fence(&b, NONE);
	is_span(buf_span(&b), S("```\n\n```"), "an empty text is fenced");
	buf_free(&b);
}

static void
newlines(void)
{
	static const struct row t[] = {
		ROW("x\\n", "x"),
		ROW("x\\n\\n", "x\\n"),
		ROW("x\\\\n", "x\\\\n"),
		ROW("x\\\\\\n", "x\\\\"),
		ROW("n", "n"),
		ROW("\\r", "\\r"),
		ROW("", ""),
	};
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < sizeof t / sizeof *t; i++)
		is_span(esc_chomp(t[i].in), t[i].want,
		    "a newline at the end is cut off, row %zu", i);
	esc_fence(&b, S("x\\n"));
	is_span(buf_span(&b), S("```\\nx\\n\\n```"),
	    "a newline precedes the closing fence in any case");
	buf_free(&b);
}

int
main(void)
{
	forms();
	trims();
	fences();
	newlines();
	return done();
}
