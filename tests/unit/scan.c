/* scan: the strict scanner against valid and invalid JSON, and the writer */
#include "json/find.h"
#include "json/scan.h"
#include "json/string.h"

#include <limits.h>

#include "tap.h"

struct text {
	struct span s;
};

#define T(lit) { { lit, sizeof(lit) - 1 } }

static const struct text valid[] = {
	/* words and white space */
	T("null"),
	T("true"),
	T("false"),
	T(" null"),
	T("\t\n\r true \r\n\t"),
	/* numbers */
	T("0"),
	T("-0"),
	T("1"),
	T("-1"),
	T("10"),
	T("0.0"),
	T("-0.0"),
	T("1.5"),
	T("0.65"),
	T("1e1"),
	T("1E1"),
	T("1e+1"),
	T("1e-1"),
	T("0e0"),
	T("0E+00"),
	T("1.5e05"),
	T("1e400"),
	T("-1e400"),
	T("1e-400"),
	T("12345678901234567890"),
	T("-12345678901234567890"),
	T("123456789012345678901234567890123456789012345678901234567890"),
	T("0.1000000000000000055511151231257827021181583404541015625"),
	/* strings */
	T("\"\""),
	T("\"a\""),
	T("\" \""),
	T("\"/\""),
	T("\"\\/\""),
	T("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""),
	T("\"\\u0000\""),
	T("\"\\u00e4\\u00E4\""),
	T("\"\\uabcd\\uABCD\\uFfFf\""),
	T("\"\\ud800\\udc00\""),
	T("\"\\uDBFF\\uDFFF\""),
	T("\"\\ud7ff\""),
	T("\"\\ue000\""),
	T("\"\x7f\""),
	T("\"\xc2\x80\""),
	T("\"\xdf\xbf\""),
	T("\"\xe0\xa0\x80\""),
	T("\"\xed\x9f\xbf\""),
	T("\"\xee\x80\x80\""),
	T("\"\xef\xbf\xbf\""),
	T("\"\xf0\x90\x80\x80\""),
	T("\"\xf4\x8f\xbf\xbf\""),
	T("\"\xef\xbb\xbf\""),
	T("\"\xe2\x80\xa8\xe2\x80\xa9\""),
	T("\"\\\\u0000\""),
	T("\"\\\\\\\"\""),
	T("\"0123456789abcdef0123456789abcde\""),
	T("\"0123456789abcdef0123456789abcd\\n\""),
	T("\"0123456789abcde\xf0\x9f\x98\x80\""),
	/* arrays and objects */
	T("[]"),
	T("[ ]"),
	T("{}"),
	T("{ }"),
	T("[\n]"),
	T("[1]"),
	T("[1,2]"),
	T("[ 1 , 2 ]"),
	T("[[],{}]"),
	T("{\"a\":1}"),
	T("{ \"a\" : 1 }"),
	T("{\"\":0}"),
	T("{\"a\":{\"a\":{\"a\":[]}}}"),
	T("{\"a\":1,\"b\":2}"),
	T("{\"\\u0000\":0}"),
	T("[1e1,-0,\"\",null]"),
	T("{\"a\":[{\"b\":[1,{\"c\":[true]}]}]}"),
	/* keys below the top level may repeat */
	T("[{\"a\":1,\"a\":2}]"),
};

static const struct text invalid[] = {
	/* nothing, or not a value */
	T(""), T(" "), T("\n"), T("\0"), T("x"), T("nul"), T("nulL"), T("Null"),
	T("TRUE"), T("truee"), T("tru"), T("falsE"), T("undefined"), T("NaN"),
	T("-NaN"), T("Infinity"), T("-Infinity"), T("nan"), T("inf"), T("'a'"),
	T("`a`"), T("a"), T("]"), T("}"), T(","), T(":"), T("/**/1"), T("//\n1"),
	T("1//"), T("#\n1"), T("\xef\xbb\xbf" "1"), T("\xff\xfe" "1\0"),
	T("\xc2\xa0" "1"), T("\v1"), T("\f1"), T("1\0"), T("\0" "1"),
	T("1\xef\xbb\xbf"), T("\xe2\x80\xa8" "1"),
	/* numbers */
	T("+1"), T("-"), T("--1"), T("- 1"), T("01"), T("-01"), T("00"),
	T("-00"), T("1."), T("-1."), T(".5"), T("-.5"), T("1.e1"), T("1e"),
	T("1e+"), T("1e-"), T("1e+-1"), T("1ee1"), T("1e1.5"), T("1.5.5"),
	T("0x1"), T("0b1"), T("0o7"), T("1_000"), T("1,000"), T("1 000"),
	T("1f"), T("0e"), T("0.e"), T("1e1e1"), T("\xef\xbc\x91"), T("1-"),
	T("1+1"), T("012.3"), T("-e1"), T("e1"),
	/* strings */
	T("\""), T("\"a"), T("a\""), T("\"\\\""), T("\"\\"), T("\"\\a\""),
	T("\"\\'\""), T("\"\\0\""), T("\"\\x41\""), T("\"\\U0041\""),
	T("\"\\\0\""), T("\"\\u\""), T("\"\\u0\""), T("\"\\u00\""),
	T("\"\\u000\""), T("\"\\u000g\""), T("\"\\u 000\""), T("\"\\u-001\""),
	T("\"\\u+001\""), T("\"\\u0x01\""), T("\"\\u00\\u0000\""),
	T("\"\\u@000\""), T("\"\\u`000\""), T("\"\\uG000\""),
	T("\"\x01\""), T("\"\x1f\""), T("\"\0\""), T("\"\t\""), T("\"\n\""),
	T("\"\r\""), T("\"0123456789abcdef\n\""), T("\"0123456789abcdef\x80\""),
	T("\"a\"b"), T("\"a\" \"b\""), T("\"a\",\"b\""), T("\"\\\n\""),
	/* surrogates */
	T("\"\\ud800\""), T("\"\\udbff\""), T("\"\\udc00\""),
	T("\"\\udfff\""), T("\"\\ud800a\""), T("\"\\ud800\\n\""),
	T("\"\\ud800\\ud800\""), T("\"\\udc00\\ud800\""), T("\"\\udc00\\udc00\""),
	T("\"\\ud800\\u0041\""), T("\"\\ud800\\ue000\""),
	T("\"\\ud800\\udbff\""), T("\"\\ud800\\udc0\""),
	T("\"\\ud800\\udc0g\""), T("\"\\ud800udc00\""),
	T("\"\\ud800\\\\udc00\""), T("\"\\ud800\\\""), T("\"\\ud800\\u\""),
	T("\"\xed\xa0\x80\""), T("\"\xed\xbf\xbf\""),
	T("\"\xed\xa0\x80\xed\xb0\x80\""),
	/* UTF-8 */
	T("\"\x80\""), T("\"\xbf\""), T("\"\xc0\x80\""), T("\"\xc1\xbf\""),
	T("\"\xc2\""), T("\"\xc2"), T("\"\xc2\xc2\x80\""),
	T("\"\xe0\x80\x80\""), T("\"\xe0\x9f\xbf\""), T("\"\xe2\x82\""),
	T("\"\xe2\x82"), T("\"\xe2\x28\xa1\""), T("\"\xf0\x80\x80\x80\""),
	T("\"\xf0\x8f\xbf\xbf\""), T("\"\xf4\x90\x80\x80\""),
	T("\"\xf5\x80\x80\x80\""), T("\"\xf0\x9f\x98\""), T("\"\xf0\x9f\x98"),
	T("\"\xf8\x88\x80\x80\x80\""), T("\"\xfe\""), T("\"\xff\""),
	T("\"\xe4\""), T("\"\\\xc3\xa4\""), T("{\"\xff\":1}"),
	/* arrays */
	T("["), T("[1"), T("[1,"), T("[,]"), T("[1,]"), T("[,1]"), T("[1,,2]"),
	T("[1 2]"), T("[1:2]"), T("[\"a\":1]"), T("[1}"), T("[1]]"), T("[[1]"),
	T("[]1"), T("[] []"), T("[],"), T("[\0]"), T("[1\0]"), T("[*]"),
	T("[-]"), T("[1\f]"), T("[\xc2\xa0]"), T("(1)"),
	/* objects */
	T("{"), T("{\"a\""), T("{\"a\":"), T("{\"a\":1"), T("{\"a\":1,"),
	T("{,}"), T("{\"a\":1,}"), T("{,\"a\":1}"), T("{\"a\":1,,\"b\":2}"),
	T("{\"a\"}"), T("{\"a\",1}"), T("{\"a\":}"), T("{\"a\":1 \"b\":2}"),
	T("{\"a\"::1}"), T("{\"a\":1:2}"), T("{a:1}"), T("{'a':1}"),
	T("{1:1}"), T("{null:1}"), T("{[]:1}"), T("{\"a\":1]"), T("{}}"),
	T("{{}}"), T("{\"a\":1}}"), T("{} {}"), T("{},"), T("{\"a\" 1}"),
	T("{\"a\":1;\"b\":2}"), T("{\"a\":1}x"), T("{\"a\nb\":1}"),
	T("{\"\\ud800\":1}"), T("{\"a\":01}"), T("{\"a\":\"\t\"}"), T("{:1}"),
	T("{\"a\":1,\"b\"}"), T("{\"a\": /**/ 1}"), T("{\"a\":1\0}"),
};

/* Copy to exact memory, so that sanitizers see a read behind the end. */
static struct span
exact(struct span s)
{
	char *p = malloc(s.n ? s.n : 1);

	if (s.n > 0)
		memcpy(p, s.p, s.n);
	return (struct span){ p, s.n };
}

static void
release(struct span s)
{
	free((char *)(size_t)s.p);
}

static void
accepts(void)
{
	const char *why;
	struct span s, got, trimmed;
	size_t i, bad = 0;

	for (i = 0; i < sizeof valid / sizeof *valid; i++) {
		s = exact(valid[i].s);
		why = "";
		got = js_text(s, &why);
		trimmed = s;
		while (strchr(" \t\r\n", trimmed.p[0]))
			trimmed.p++, trimmed.n--;
		while (strchr(" \t\r\n", trimmed.p[trimmed.n - 1]))
			trimmed.n--;
		if (!ok(got.p == trimmed.p && got.n == trimmed.n,
			"row %zu of the valid texts is accepted", i))
			tap_show(why, s);
		release(s);
	}
	for (i = 0; i < sizeof invalid / sizeof *invalid; i++) {
		s = exact(invalid[i].s);
		why = NULL;
		got = js_text(s, &why);
		if (!ok(got.p == NULL && why != NULL,
			"row %zu of the invalid texts is refused", i))
			tap_show("accepted", s);
		release(s);
	}
	for (i = 1; i < 0x20; i++) {
		char t[] = { '"', 'a', (char)i, '"' };

		bad += js_text((struct span){ t, 4 }, &why).p != NULL;
	}
	is_int(
	    (long long)bad, 0, "a string with a control character is refused");
}

static void
depths(void)
{
	static const struct {
		const char *open, *close;
	} t[] = { { "[", "]" }, { "{\"a\":", "}" }, { "[{\"a\":", "}]" } };
	static const char two[] = "[]{}1";
	const char *why;
	struct buf b = { 0 };
	size_t i, k, levels;

	for (i = 0; i < 3; i++) {
		levels = i == 2 ? JS_DEPTH / 2 : JS_DEPTH;
		b.n = 0;
		for (k = 0; k < levels; k++)
			buf_adds(&b, t[i].open);
		buf_addc(&b, '0');
		for (k = 0; k < levels; k++)
			buf_adds(&b, t[i].close);
		ok(js_text(buf_span(&b), &why).p != NULL,
		    "128 levels of %s are accepted", t[i].open);
		b.n = 0;
		buf_addc(&b, '[');
		for (k = 0; k < levels; k++)
			buf_adds(&b, t[i].open);
		buf_addc(&b, '0');
		for (k = 0; k < levels; k++)
			buf_adds(&b, t[i].close);
		buf_addc(&b, ']');
		why = "";
		ok(js_text(buf_span(&b), &why).p == NULL,
		    "129 levels are refused");
		is_str(why, "nested too deep",
		    "the reason for 129 levels is the depth");
	}
	b.n = 0;
	for (k = 0; k < 1000000; k++)
		buf_addc(&b, "[{"[k % 2]);
	ok(js_text(buf_span(&b), &why).p == NULL,
	    "a million levels are refused");
	for (k = 0; k < b.n; k++)
		b.p[k] = '[';
	ok(js_text(buf_span(&b), &why).p == NULL,
	    "a million levels of arrays are refused");
	buf_free(&b);
	/* Empty levels count, and neighbours do not. */
	ok(js_value(two, two + 2, JS_DEPTH, &why) == NULL &&
		js_value(two + 2, two + 4, JS_DEPTH, &why) == NULL,
	    "an empty object or array below the limit is refused");
	ok(js_value(two + 4, two + 5, JS_DEPTH, &why) != NULL,
	    "a number at the limit is accepted");
	buf_addc(&b, '[');
	for (k = 0; k < 1000; k++)
		buf_adds(&b, "[[]],");
	buf_adds(&b, "{}]");
	ok(js_text(buf_span(&b), &why).p != NULL,
	    "many members at one level are accepted");
	buf_free(&b);
}

static const char torture[] =
    "{\"tg\":{\"id\":\"\\u0061\\\"\",\"n\":[-0.5e+10,12]},"
    "\"\\ud83d\\ude00\xf0\x9f\x98\x80\":[true,false,null,{}],"
    "\"a long key of plain text, over sixteen bytes\":\"and its value, a "
    "string that is longer than two steps of sixteen bytes: \xc3\xa4\\n\"}";

/* Test each prefix, the text without each byte, and with a NUL for each. */
static void
tortures(void)
{
	size_t n = sizeof torture - 1, i, k;
	size_t prefix = 0, nul = 0, crash = 0;
	const char *why;
	struct js_members m = { 0 }, sub = { 0 };
	struct arena mem = { 0 };
	struct span s;

	ok(js_text((struct span){ torture, n }, &why).n == n,
	    "the torture document is accepted");
	for (i = 0; i < n; i++) {
		s = exact((struct span){ torture, i });
		prefix += js_text(s, &why).p != NULL;
		m.n = 0;
		if (i > 0)
			prefix += js_object(s.p, s.p + i, 0, &m, &mem, "tg",
				      &sub, &why) != NULL;
		release(s);
		s = exact((struct span){ torture, n });
		((char *)(size_t)s.p)[i] = '\0';
		nul += js_text(s, &why).p != NULL;
		release(s);
		s = exact((struct span){ torture, n - 1 });
		for (k = i; k < n - 1; k++)
			((char *)(size_t)s.p)[k] = torture[k + 1];
		crash += js_text(s, &why).n > n;
		release(s);
		arena_reset(&mem);
	}
	is_int((long long)prefix, 0,
	    "no prefix of the torture document is accepted");
	is_int((long long)nul, 0,
	    "the torture document with a NUL at any place is refused");
	is_int((long long)crash, 0,
	    "the torture document without any one byte does no harm");
	free(m.v);
	free(sub.v);
	arena_free(&mem);
}

static void
members(void)
{
	static const struct {
		const char *s;
		int want; /* top-level members, -1: refused */
		int sub;
	} t[] = {
		{ "{}", 0, 0 },
		{ "{\"a\":1}", 1, 0 },
		{ "{ \"a\" : 1 , \"tg\" : { \"b\" : 2, \"a\":[] } }", 2, 2 },
		{ "{\"tg\":1}", 1, 0 },
		{ "{\"tg\":[{\"a\":1}]}", 1, 0 },
		{ "{\"\\u0074g\":{\"a\":1}}", 1, 1 },
		{ "{\"tg\":{\"tg\":{\"x\":1,\"x\":1},\"a\":0}}", 1, 2 },
		{ "{\"a\":{\"b\":1,\"b\":2}}", 1, 0 },
		{ "{\"tg\":{\"a\":{\"b\":1,\"b\":2}}}", 1, 1 },
		{ "{\"a\":{\"tg\":{\"b\":1,\"b\":1}}}", 1, 0 },
		{ "{\"a\":1,\"A\":2,\"\\u00e4\":3,\"a\\u0000\":4}", 4, 0 },
		{ "{\"a\":1,\"a\":1}", -1, 0 },
		{ "{\"a\":1,\"b\":2,\"\\u0061\":3}", -1, 0 },
		{ "{\"\\u00e4\":1,\"\xc3\xa4\":3}", -1, 0 },
		{ "{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":1}", -1, 0 },
		{ "{\"a\\/b\":1,\"a/b\":1}", -1, 0 },
		{ "{\"a\\u0000b\":1,\"a\\u0000b\":1}", -1, 0 },
		{ "{\"\":1,\"\":1}", -1, 0 },
		{ "{\"tg\":{},\"tg\":{}}", -1, 0 },
		{ "{\"tg\":{\"a\":1},\"\\u0074g\":{\"b\":1}}", -1, 0 },
		{ "{\"tg\":1,\"t\\u0067\":{}}", -1, 0 },
		{ "{\"tg\":{\"a\":1,\"a\":1}}", -1, 0 },
		{ "{\"tg\":{\"a\":1,\"\\u0061\":1}}", -1, 0 },
		{ "{\"\\u0074\\u0067\":{\"a\":1,\"a\":1}}", -1, 0 },
	};
	struct js_members m = { 0 }, sub = { 0 };
	struct arena mem = { 0 };
	const char *why, *end, *got;
	size_t i;

	for (i = 0; i < sizeof t / sizeof *t; i++) {
		m.n = sub.n = 0;
		why = "";
		end = t[i].s + strlen(t[i].s);
		got = js_object(t[i].s, end, 0, &m, &mem, "tg", &sub, &why);
		if (t[i].want == -1)
			ok(got == NULL && strcmp(why, "a key stands twice") == 0,
			    "%s repeats a key", t[i].s);
		else
			ok(got == end && m.n == (size_t)t[i].want &&
				sub.n == (size_t)t[i].sub,
			    "%s has %d members, %d below", t[i].s, t[i].want,
			    t[i].sub);
	}
	free(m.v);
	free(sub.v);
	arena_free(&mem);
}

/* Test the places of members, and an object that is followed by more. */
static void
places(void)
{
	static const char s[] = "{ \"a\" :\t[1, 2] ,\n\"\\u0062\\n\":\"x\" },1";
	struct js_members m = { 0 };
	struct arena mem = { 0 };
	const char *why, *end;

	end = js_object(s, s + sizeof s - 1, 0, &m, &mem, NULL, NULL, &why);
	is_span(span_of(end), S(",1"), "the text behind an object is left");
	is_span(m.v[0].key, S("a"), "the first member has its key");
	is_span(m.v[0].val, S("[1, 2]"), "the first member has its value");
	ok(m.v[0].start == s + 8 && m.v[0].end == s + 14,
	    "the first member has its place");
	is_span(m.v[1].key, S("b\n"), "the second member has its key decoded");
	is_span(m.v[1].val, S("\"x\""), "the second member has its value raw");
	free(m.v);
	arena_free(&mem);
}

/* Test many members, for which repeats are found in another way. */
static void
many(void)
{
	static const int sizes[] = { 1, 2, 23, 24, 25, 26, 100, 1000 };
	struct js_members m = { 0 };
	struct arena mem = { 0 };
	struct buf b = { 0 };
	const char *why;
	int i, k, n, at, bad;

	for (i = 0; i < 8; i++) {
		n = sizes[i];
		bad = 0;
		/* at is the member that the last repeats, -1: none */
		for (at = -1; at < n - 1; at += 1 + n / 50) {
			b.n = 0;
			m.n = 0;
			for (k = 0; k < n; k++)
				buf_fmt(&b, "%s\"%s%d\":%d", k ? "," : "{",
				    k % 3 ? "key" : "k\\u0065y",
				    k == n - 1 && at != -1 ? at : k, k);
			buf_addc(&b, '}');
			bad += (js_object(b.p, b.p + b.n, 0, &m, &mem, NULL,
				    NULL, &why) != NULL) != (at == -1);
			arena_reset(&mem);
		}
		is_int(bad, 0, "a repeated key is found among %d members", n);
	}
	buf_free(&b);
	free(m.v);
	arena_free(&mem);
}

static void
lookups(void)
{
	static const char text[] =
	    "{ \"a\" : 1 , \"b\\n\":[ \"x\" , {} ,[ ],null, -1.5e3 ],\"\":\"\","
	    "\"o\":{\"o\":{\"o\":true}}, \"n\":null,\"\\u0065\":\"\\u0065\" }";
	static const char *const keys[] = { "e", "b\n", "x", "a" };
	struct span o = S(text), a = js_find(o, "b\n"), all[4], v;
	size_t at = 0, n = 0;

	js_find_all(o, keys, all, 4);
	is_span(all[0], S("\"\\u0065\""), "js_find_all finds the last member");
	is_span(all[1], a, "js_find_all finds a member with an escaped key");
	is_span(all[2], NONE, "js_find_all finds no missing member");
	is_span(all[3], S("1"), "js_find_all finds the first member");
	js_find_all(NONE, keys, all, 2);
	ok(all[0].p == NULL && all[1].p == NULL,
	    "js_find_all finds nothing in nothing");
	is_span(js_find(o, "a"), S("1"), "js_find finds a member");
	is_span(a, S("[ \"x\" , {} ,[ ],null, -1.5e3 ]"),
	    "js_find finds a member with an escaped key");
	is_span(js_find(o, ""), S("\"\""), "js_find finds the empty key");
	is_span(js_find(o, "n"), S("null"), "js_find finds a null");
	is_span(
	    js_find(o, "e"), S("\"\\u0065\""), "js_find finds the last member");
	is_span(js_find(js_find(js_find(o, "o"), "o"), "o"), S("true"),
	    "js_find finds nested members");
	is_span(js_find(o, "x"), NONE, "js_find finds no missing member");
	is_span(js_find(o, "o\0"), S("{\"o\":{\"o\":true}}"),
	    "js_find reads its key up to a NUL");
	is_span(js_find(S("{}"), "a"), NONE,
	    "js_find finds nothing in an empty object");
	is_span(js_find(S("{  }"), "a"), NONE,
	    "js_find finds nothing in an object of white space");
	is_span(
	    js_find(S("[1]"), "a"), NONE, "js_find finds nothing in an array");
	is_span(js_find(NONE, "a"), NONE, "js_find finds nothing in nothing");
	while (js_next(a, &at, &v)) {
		is_span(v, js_at(a, n), "js_next gives element %zu", n);
		n++;
	}
	is_int((long long)n, 5, "js_next gives each element once");
	at = 0;
	is_span(js_at(S("[\"a\\\\\",\"b\\\\\\\"\",7]"), 2), S("7"),
	    "backslashes before a quote are paired");
	ok(js_has(S("{\"a\":1,\"\\u0062\":2}"), S("b")) &&
		!js_has(S("{\"a\":1}"), S("b")) && !js_has(NONE, S("b")),
	    "js_has finds a key however it is written");
	ok(!js_next(S("[ ]"), &at, &v) && at == 0,
	    "js_next gives nothing of an empty array");
	ok(!js_next(S("{\"a\":1}"), &at, &v),
	    "js_next gives nothing of an object");
	ok(!js_next(NONE, &at, &v), "js_next gives nothing of nothing");
	is_int((long long)js_count(a), 5,
	    "js_count counts the elements of an array");
	is_span(js_at(a, 0), S("\"x\""), "js_at gives the first element");
	is_span(js_at(a, 2), S("[ ]"), "js_at gives the third element");
	is_span(js_at(a, 4), S("-1.5e3"), "js_at gives the last element");
	is_span(
	    js_at(a, 5), NONE, "js_at gives nothing behind the last element");
	is_int(
	    (long long)js_count(S("[]")), 0, "js_count of an empty array is 0");
	is_int((long long)js_count(S("[ \n ]")), 0,
	    "js_count of an array of white space is 0");
	is_int((long long)js_count(S("{\"a\":1}")), 0,
	    "js_count of an object is 0");
	is_int((long long)js_count(NONE), 0, "js_count of nothing is 0");
	is_span(
	    js_at(S("[]"), 0), NONE, "js_at gives nothing of an empty array");
	is_span(js_at(NONE, 0), NONE, "js_at gives nothing of nothing");
	ok(js_is_string(S("\"\"")) && !js_is_string(S("1")) &&
		!js_is_string(NONE),
	    "js_is_string is true only for strings");
	ok(js_is_object(S("{}")) && !js_is_object(S("[]")) &&
		!js_is_object(NONE),
	    "js_is_object is true only for objects");
	ok(js_is_array(S("[]")) && !js_is_array(S("{}")) && !js_is_array(NONE),
	    "js_is_array is true only for arrays");
	ok(js_is_there(S("false")) && js_is_there(S("0")) &&
		js_is_there(S("\"null\"")) && !js_is_there(S("null")) &&
		!js_is_there(NONE),
	    "js_is_there is false only for null and nothing");
}

static void
strings(void)
{
	static const struct {
		struct span raw, want;
	} t[] = {
#define D(raw, want) { { raw, sizeof(raw) - 1 }, { want, sizeof(want) - 1 } }
		D("\"\"", ""),
		D("\"abc\"", "abc"),
		D("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"),
		D("\"a\\u0000b\"", "a\0b"),
		D("\"\\u007f\\u0080\\u07ff\\u0800\\uffff\"",
		    "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf"),
		D("\"\\uD83D\\uDE00\\ud800\\udc00\\udbff\\udfff\"",
		    "\xf0\x9f\x98\x80\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"),
		D("\"\\\\u0041\"", "\\u0041"),
		D("\"\\n\xc3\xa4\\n\"", "\n\xc3\xa4\n"),
#undef D
	};
	struct arena mem = { 0 };
	struct buf b = { 0 }, raw = { 0 };
	const char *why;
	size_t i, bad = 0;
	int c;

	for (i = 0; i < sizeof t / sizeof *t; i++) {
		b.n = 0;
		buf_adds(&b, "<");
		ok(js_decode(&b, t[i].raw) == 0,
		    "row %zu of the strings is decoded", i);
		is_span(span_at(b.p + 1, b.n - 1), t[i].want,
		    "a decoded string has the right bytes");
		is_span(js_string(t[i].raw, &mem), t[i].want,
		    "js_string gives the same string");
		/* The text of js_quote decodes to the same string. */
		raw.n = 0;
		js_quote(&raw, t[i].want);
		ok(js_text(buf_span(&raw), &why).n == raw.n,
		    "a quoted string is valid");
		is_span(js_string(buf_span(&raw), &mem), t[i].want,
		    "a quoted string decodes to the same");
	}
	b.n = 0;
	ok(js_decode(&b, S("1")) == -1 && js_decode(&b, NONE) == -1 && b.n == 0,
	    "a value that is no string does not decode");
	is_span(js_string(S("null"), &mem), NONE,
	    "js_string of a null gives nothing");
	is_span(
	    js_string(NONE, &mem), NONE, "js_string of nothing gives nothing");
	for (c = 0; c < 0x80; c++) {
		char one = (char)c;

		raw.n = 0;
		js_quote(&raw, (struct span){ &one, 1 });
		bad += js_text(buf_span(&raw), &why).n != raw.n ||
		    !span_eq(js_string(buf_span(&raw), &mem),
			(struct span){ &one, 1 });
	}
	is_int((long long)bad, 0,
	    "every ASCII character can be quoted and decoded");
	raw.n = 0;
	js_quote(&raw, S("\"\\/\b\f\n\r\t\0\x1b\x7f\xc3\xa4"));
	is_span(buf_span(&raw),
	    S("\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001b\x7f\xc3\xa4\""),
	    "quoting uses the shortest escapes and leaves other bytes alone");
	raw.n = 0;
	js_quote(&raw, S(""));
	js_quote(&raw, NONE);
	is_span(buf_span(&raw), S("\"\"\"\""), "an empty string is quoted");
	raw.n = 0;
	js_quote(&raw, S("\xc2\x9b\xc2\x80\xc2\x9f\xc2\xa0\xc2"));
	is_span(buf_span(&raw), S("\"\\u009b\\u0080\\u009f\xc2\xa0\xc2\""),
	    "control characters above U+0080 are escaped");
	raw.n = 0;
	js_quote_any(&raw, S("a\xff\xc3\xa4\xc3\"\xed\xa0\x80\0"));
	is_span(buf_span(&raw),
	    S("\"a\xef\xbf\xbd\xc3\xa4\xef\xbf\xbd\\\"\xef\xbf\xbd\xef\xbf\xbd"
	      "\xef\xbf\xbd\\u0000\""),
	    "js_quote_any replaces what is not UTF-8");
	raw.n = 0;
	js_quote_any(&raw, NONE);
	is_span(
	    buf_span(&raw), S("\"\""), "js_quote_any quotes an empty string");
	buf_free(&b);
	buf_free(&raw);
	arena_free(&mem);
}

static void
integers(void)
{
	double number = 7;

	ok(js_real(S("-1.5e1,"), &number) && number == -15, "js_real reads -15");
	ok(!js_real(S("1e999,"), &number) && number == 0,
	    "js_real reads no infinity");
	ok(!js_real(S("\"1\","), &number) && number == 0,
	    "js_real reads no string");
	ok(!js_real(NONE, &number), "js_real reads nothing");
	is_int(js_int(S("0"), 7), 0, "js_int reads 0");
	is_int(js_int(S("-12"), 7), -12, "js_int reads -12");
	is_int(js_int(S("9223372036854775807"), 7), LLONG_MAX,
	    "js_int reads the largest integer");
	is_int(js_int(S("-9223372036854775808"), 7), LLONG_MIN,
	    "js_int reads the smallest integer");
	is_int(js_int(S("9223372036854775808"), 7), 7,
	    "js_int refuses one more than the largest");
	is_int(js_int(S("-9223372036854775809"), 7), 7,
	    "js_int refuses one less than the smallest");
	is_int(js_int(S("1.5"), 7), 7, "js_int refuses a fraction");
	is_int(js_int(S("\"1\""), 7), 7, "js_int refuses a string");
	is_int(js_int(S("null"), 7), 7, "js_int refuses a null");
	is_int(js_int(S("[1]"), 7), 7, "js_int refuses an array");
	is_int(js_int(NONE, 7), 7, "js_int refuses nothing");
	is_int(js_int(S("11111111111111111111111111111111111111111"), 7), 7,
	    "js_int refuses more digits than any integer has");
}

/* Test that strings are decoded the same wherever blocks end. */
static void
blocks(void)
{
	static const struct {
		const char *in, *out; /* out NULL: refused */
	} t[] = {
		{ "", "" },
		{ "\\n", "\n" },
		{ "\\\"", "\"" },
		{ "\\\\", "\\" },
		{ "\\\\\\\"", "\\\"" },
		{ "\\t\\n\\\\n", "\t\n\\n" },
		{ "\\u0041", "A" },
		{ "\\ud83d\\ude00", "\xf0\x9f\x98\x80" },
		{ "\xc3\xa9", "\xc3\xa9" },
		{ "\\x", NULL },
		{ "\n", NULL },
		{ "\xff", NULL },
		{ "\xc3", NULL },
		{ "\\ud83d", NULL },
		{ "\\u00", NULL },
		{ "\"", NULL },
	};
	char in[600], want[600];
	struct buf b = { 0 };
	struct arena mem = { 0 };
	const char *end, *why;
	struct span s;
	size_t i, before, n, m, wrong = 0, kept = 0, texts = 0;

	for (i = 0; i < sizeof t / sizeof *t; i++)
		for (before = 0; before < 330; before++, texts++) {
			/* Blocks are read only behind an escape. */
			n = (size_t)sprintf(in, "\"\\n%*s%s", (int)before, "",
			    t[i].in);
			memset(in + n, '/', 200);
			in[n += 200] = '"';
			s = (struct span){ in, n + 1 };
			end = js_value(in, in + s.n, 0, &why);
			if (t[i].out == NULL) {
				wrong += end == in + s.n;
				continue;
			}
			wrong += end != in + s.n;
			m = (size_t)sprintf(want, "\n%*s%s", (int)before, "",
			    t[i].out);
			memset(want + m, '/', 200);
			b.n = 0;
			js_decode(&b, s);
			kept += span_eq(buf_span(&b),
				    (struct span){ want, m + 200 }) &&
			    span_eq(buf_span(&b), js_string(s, &mem)) &&
			    js_skip(in, in + s.n) == in + s.n;
			arena_reset(&mem);
		}
	is_int(wrong, 0, "%zu random strings are accepted or refused rightly",
	    texts);
	is_int(kept, 9 * 330, "the accepted strings are decoded");
	buf_free(&b);
	arena_free(&mem);
}

int
main(void)
{
	accepts();
	depths();
	tortures();
	members();
	places();
	many();
	lookups();
	strings();
	integers();
	blocks();
	return done();
}
