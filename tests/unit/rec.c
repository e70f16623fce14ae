/* rec: records, their states, and members spliced in and out */
#include "io/io.h"
#include "record/rec.h"

#include <stddef.h>

#include "one-record.h"
#include "tap.h"
#include "json/find.h"
#include "json/string.h"

static const char *why;

static void
refused(void)
{
	static const struct {
		struct span line;
		const char *why;
	} t[] = {
#define R(line, why) { { line, sizeof(line) - 1 }, why }
		R("", "not a JSON object"),
		R(" ", "not a JSON object"),
		R("[]", "not a JSON object"),
		R("1", "not a JSON object"),
		R("null", "not a JSON object"),
		R("\"{}\"", "not a JSON object"),
		R("nonsense", "not a value"),
		R("[1", "unterminated array"),
		R("{", "unterminated object"),
		R("{\"a\":1", "unterminated object"),
		R("{}{}", "more behind the object"),
		R("{} x", "more behind the object"),
		R("{}\0", "more behind the object"),
		R("{\"a\":1,\"\\u0061\":2}", "a key stands twice"),
		R("{\"tg\":{\"a\":1,\"a\":1}}", "a key stands twice"),
		R("{\"tg\":{},\"t\\u0067\":{}}", "a key stands twice"),
		R("{\"tg\":null}", "member \"tg\" is not an object"),
		R("{\"tg\":[]}", "member \"tg\" is not an object"),
		R("{\"tg\":\"{}\"}", "member \"tg\" is not an object"),
		R("{\"a\":\"\\ud800\"}", "lone surrogate escape in string"),
		R("{\"a\":\"\xff\"}", "not UTF-8"),
		R("\xef\xbb\xbf{}", "not a value"),
#undef R
	};
	struct buf b = { 0 };
	size_t i;
	int k;

	for (i = 0; i < sizeof t / sizeof *t; i++) {
		ok(rec_read(&r, t[i].line, &why) == -1,
		    "row %zu is not a record", i);
		is_str(why, t[i].why,
		    "the message says why the line is not a record");
	}
	buf_adds(&b, "{\"a\":");
	for (k = 0; k < 128; k++)
		buf_addc(&b, '[');
	for (k = 0; k < 128; k++)
		buf_addc(&b, ']');
	buf_addc(&b, '}');
	ok(rec_read(&r, buf_span(&b), &why) == -1,
	    "a line of 129 levels is not a record");
	is_str(why, "nested too deep",
	    "the message says that the line is nested too deep");
	buf_free(&b);
}

/* Test that an unchanged record is written as the same bytes. */
static void
untouched(void)
{
	static const struct span t[] = {
#define U(line) { line, sizeof(line) - 1 }
		U("{}"),
		U("  { } \t"),
		U("{\"a\":0.1,\"b\":0.65,\"n\":12345678901234567890}\r"),
		U("{\"\\u0000\":\"\\u0000\\/\\u00e4\xc3\xa4\",\"e\":1E400}"),
		U("{ \"tg\" : { \"task\" : \"x\" , \"tg\":1 } , \"a\" : -0.0 }"),
		U("{\"z\":1,\"a\":{\"k\":1,\"k\":2}}"),
#undef U
	};
	struct buf want = { 0 };
	size_t i;

	for (i = 0; i < sizeof t / sizeof *t; i++) {
		want.n = 0;
		buf_addspan(&want, t[i]);
		buf_addc(&want, '\n');
		load(t[i]);
		rec_get(&r, "a");
		rec_tg(&r, "task");
		rec_del(&r, "absent");
		rec_tg_del(&r, "absent");
		is_span(written(), buf_span(&want),
		    "an unchanged record keeps its bytes, row %zu", i);
	}
	buf_free(&want);
}

/*
 * Each edit is "key=json" to set and "key=" to delete, "." before the key for
 * one of tg.
 */
static void
edit(const char *e)
{
	const char *eq = strchr(e, '=');
	char *key = arena_dup(&r.mem, e, (size_t)(eq - e));
	struct span json = span_of(eq + 1);

	if (*key == '.' && json.n > 0)
		rec_tg_put(&r, key + 1, json);
	else if (*key == '.')
		rec_tg_del(&r, key + 1);
	else if (json.n > 0)
		rec_put(&r, key, json);
	else
		rec_del(&r, key);
}

static void
edits(void)
{
	static const struct {
		const char *line, *edits[6], *want;
	} t[] = {
		/* replace at every place */
		{ "{\"a\":1,\"b\":2,\"c\":3}", { "a=9" },
		    "{\"a\":9,\"b\":2,\"c\":3}" },
		{ "{\"a\":1,\"b\":2,\"c\":3}", { "b=[9]" },
		    "{\"a\":1,\"b\":[9],\"c\":3}" },
		{ "{\"a\":1,\"b\":2,\"c\":3}", { "c=\"\"" },
		    "{\"a\":1,\"b\":2,\"c\":\"\"}" },
		{ " { \"a\" : 1 , \"b\" : 2\t, \"c\" : 3 } ", { "b=9" },
		    " { \"a\" : 1 , \"b\" : 9\t, \"c\" : 3 } " },
		{ "{\"a\":1}", { "a=2", "a=3" }, "{\"a\":3}" },
		{ "{\"\\u0061\":1}", { "a=2" }, "{\"\\u0061\":2}" },
		/* delete at every place */
		{ "{\"a\":1,\"b\":2,\"c\":3}", { "a=" }, "{\"b\":2,\"c\":3}" },
		{ "{\"a\":1,\"b\":2,\"c\":3}", { "b=" }, "{\"a\":1,\"c\":3}" },
		{ "{\"a\":1,\"b\":2,\"c\":3}", { "c=" }, "{\"a\":1,\"b\":2}" },
		{ "{\"a\":1,\"b\":2,\"c\":3}", { "a=", "b=" }, "{\"c\":3}" },
		{ "{\"a\":1,\"b\":2,\"c\":3}", { "a=", "c=" }, "{\"b\":2}" },
		{ "{\"a\":1,\"b\":2,\"c\":3}", { "b=", "c=" }, "{\"a\":1}" },
		{ "{\"a\":1,\"b\":2,\"c\":3}", { "c=", "a=", "b=" }, "{}" },
		{ " { \"a\" : 1 , \"b\" : 2\t,\t\"c\" : 3 } ", { "a=" },
		    " { \"b\" : 2\t,\t\"c\" : 3 } " },
		{ " { \"a\" : 1 , \"b\" : 2\t,\t\"c\" : 3 } ", { "b=" },
		    " { \"a\" : 1\t,\t\"c\" : 3 } " },
		{ " { \"a\" : 1 , \"b\" : 2\t,\t\"c\" : 3 } ", { "c=" },
		    " { \"a\" : 1 , \"b\" : 2 } " },
		{ " { \"a\" : 1 } ", { "a=" }, " { } " },
		{ "{\"a\":1}", { "a=", "a=" }, "{}" },
		/* add */
		{ "{}", { "n=1" }, "{\"n\":1}" },
		{ " {\t} ", { "n=1" }, " {\"n\":1\t} " },
		{ "{}", { "n=1", "o=2" }, "{\"n\":1,\"o\":2}" },
		{ "{\"a\":1}", { "n=1" }, "{\"a\":1,\"n\":1}" },
		{ "{ \"a\" : 1 }", { "n=1", "o=2" },
		    "{ \"a\" : 1,\"n\":1,\"o\":2 }" },
		{ "{\"a\":1}", { "n=1", "n=2" }, "{\"a\":1,\"n\":2}" },
		{ "{\"a\":1}", { "n=1", "n=" }, "{\"a\":1}" },
		{ "{\"a\":1}", { "n=1", "o=2", "n=" }, "{\"a\":1,\"o\":2}" },
		{ "{}", { "n=1", "n=", "n=2" }, "{\"n\":2}" },
		/* edit several members at once */
		{ "{\"a\":1,\"b\":2}", { "a=", "b=", "n=1" }, "{\"n\":1}" },
		{ "{\"a\":1,\"b\":2}", { "a=", "n=1", "b=3" },
		    "{\"b\":3,\"n\":1}" },
		{ "{\"a\":1,\"b\":2}", { "a=", "a=3" }, "{\"a\":3,\"b\":2}" },
		{ "{ \"a\":1 ,\"b\":2}", { "a=", "b=", "b=4" }, "{\"b\":4}" },
		/* edit members of tg */
		{ "{}", { ".k=1" }, "{\"tg\":{\"k\":1}}" },
		{ "{ }", { ".k=1", ".l=2" }, "{\"tg\":{\"k\":1,\"l\":2} }" },
		{ "{\"a\":1}", { ".k=1" }, "{\"a\":1,\"tg\":{\"k\":1}}" },
		{ "{\"tg\":{},\"a\":1}", { ".k=1" },
		    "{\"tg\":{\"k\":1},\"a\":1}" },
		{ "{\"tg\" : { \"k\" : 1 , \"l\":2 } }", { ".k=", ".m=3" },
		    "{\"tg\" : { \"l\":2,\"m\":3 } }" },
		{ "{\"tg\":{\"k\":1}}", { ".k=" }, "{\"tg\":{}}" },
		{ "{\"tg\":{\"k\":1}}", { ".k=", "a=1" },
		    "{\"tg\":{},\"a\":1}" },
		{ "{\"\\u0074g\":{\"k\":1}}", { ".k=2" },
		    "{\"\\u0074g\":{\"k\":2}}" },
		{ "{\"a\":1,\"tg\":{\"tg\":{\"k\":1}}}", { ".k=2", "a=" },
		    "{\"tg\":{\"tg\":{\"k\":1},\"k\":2}}" },
		{ "{\"tg\":{\"k\":1},\"a\":1}", { "tg=" }, "{\"a\":1}" },
		{ "{\"a\":1}", { ".k=1", ".k=" }, "{\"a\":1,\"tg\":{}}" },
		/* write keys that need escapes */
		{ "{}", { "\"\n=1" }, "{\"\\\"\\n\":1}" },
	};
	struct buf want = { 0 };
	size_t i;
	int k;

	for (i = 0; i < sizeof t / sizeof *t; i++) {
		load(span_of(t[i].line));
		for (k = 0; k < 6 && t[i].edits[k] != NULL; k++)
			edit(t[i].edits[k]);
		want.n = 0;
		buf_fmt(&want, "%s\n", t[i].want);
		is_span(written(), buf_span(&want),
		    "an edit gives the expected line, row %zu: %s %s", i,
		    t[i].line, t[i].edits[0]);
		is_span(written(), buf_span(&want),
		    "writing again gives the same line");
	}
	buf_free(&want);
}

/* Test many members: delete all but one, and add many. */
static void
many(void)
{
	struct buf line = { 0 };
	char key[16];
	int i;

	buf_addc(&line, '{');
	for (i = 0; i < 100; i++)
		buf_fmt(&line, "%s\"k%d\": %d", i ? ", " : "", i, i);
	buf_addc(&line, '}');
	load(buf_span(&line));
	for (i = 0; i < 100; i++) {
		snprintf(key, sizeof key, "k%d", i);
		if (i != 57)
			rec_del(&r, key);
	}
	is_span(written(), S("{ \"k57\": 57}\n"),
	    "one of 100 members is left after deleting");
	rec_del(&r, "k57");
	is_span(written(), S("{}\n"), "no member is left after deleting all");
	load(S("{}"));
	for (i = 0; i < 100; i++)
		rec_put(&r, arena_dup(&r.mem, key,
			    (size_t)snprintf(key, sizeof key, "n%d", i)),
		    S("0"));
	written();
	ok(rec_read(&r, span_at(out.p, out.n - 1), &why) == 0 && r.top.n == 100,
	    "100 new members can be added");
	buf_free(&line);
}

static void
values(void)
{
	struct buf b = { 0 };

	load(S("{\"s\":\"a\\nb\",\"n\":1,\"z\":null,"
	       "\"tg\":{\"s\":\"\\u0000x\",\"n\":[ ]}}"));
	is_span(
	    rec_get(&r, "s"), S("\"a\\nb\""), "rec_get gives the raw value");
	is_span(
	    rec_str(&r, "s"), S("a\nb"), "rec_str gives the decoded string");
	is_span(rec_str(&r, "n"), NONE, "rec_str of a number gives nothing");
	is_span(rec_str(&r, "x"), NONE,
	    "rec_str of a missing member gives nothing");
	is_span(rec_tg(&r, "n"), S("[ ]"), "rec_tg gives the raw value");
	is_span(rec_tg_str(&r, "s"), S("\0x"),
	    "rec_tg_str gives the decoded string");
	is_span(rec_tg_str(&r, "x"), NONE,
	    "rec_tg_str of a missing member gives nothing");
	rec_tg_puts(&r, "new", S("a\"b\0\n"));
	is_span(rec_tg(&r, "new"), S("\"a\\\"b\\u0000\\n\""),
	    "rec_tg_puts quotes the string");
	rec_tg_puts(&r, "plain", S("plain"));
	is_span(rec_tg(&r, "plain"), S("\"plain\""),
	    "rec_tg_puts puts a plain string in quotes");
	rec_tg_puts(&r, "plain", S("x"));
	is_span(rec_tg(&r, "plain"), S("\"x\""),
	    "rec_tg_puts puts a single letter in quotes");
	rec_tg_puts(&r, "plain", S(""));
	is_span(rec_tg(&r, "plain"), S("\"\""),
	    "rec_tg_puts makes an empty string of nothing");
	rec_put(&r, "n", S("2"));
	is_span(rec_get(&r, "n"), S("2"), "a value that was set is found");
	rec_del(&r, "n");
	is_span(rec_get(&r, "n"), NONE, "a deleted value is not found");
	buf_adds(&b, "held");
	is_span(rec_hold(&r, &b), S("held"), "rec_hold copies the buffer");
	is_int((long long)b.n, 0, "rec_hold empties the buffer");
	buf_free(&b);
	is_span(rec_hold(&r, &b), S(""), "rec_hold copies an empty buffer");
	load(S("{\"a\":1}"));
	is_span(rec_get(&r, "s"), NONE,
	    "the next record does not have the members");
	is_span(rec_tg(&r, "s"), NONE,
	    "the next record does not have the members of tg");
	is_span(written(), S("{\"a\":1}\n"), "the next record keeps its bytes");
}

static void
states(void)
{
	static const struct {
		const char *line;
		enum rec_state want;
	} t[] = {
		{ "{}", REC_NEW },
		{ "{\"text\":\"x\"}", REC_NEW },
		{ "{\"tg\":{}}", REC_NEW },
		{ "{\"tg\":{\"task\":\"x\"}}", REC_NEW },
		{ "{\"error\":1,\"request\":1,\"pair\":true}", REC_NEW },
		{ "{\"tg\":{\"error\":{}}}", REC_ENDED },
		{ "{\"tg\":{\"rejected\":{}}}", REC_ENDED },
		{ "{\"tg\":{\"error\":null}}", REC_NEW },
		{ "{\"tg\":{\"request\":{},\"error\":{}}}", REC_ENDED },
		{ "{\"tg\":{\"pair\":true,\"rejected\":{}}}", REC_ENDED },
		{ "{\"tg\":{\"request\":{}}}", REC_ASKED },
		{ "{\"tg\":{\"response\":{},\"request\":{}}}", REC_ASKED },
		{ "{\"tg\":{\"pair\":true,\"request\":{}}}", REC_ASKED },
		{ "{\"tg\":{\"request\":null,\"response\":{}}}", REC_ANSWERED },
		{ "{\"tg\":{\"pair\":true,\"response\":{}}}", REC_ANSWERED },
		{ "{\"tg\":{\"pair\":true}}", REC_PAIRED },
		{ "{\"tg\":{\"parts\":[],\"pair\":true}}", REC_PAIRED },
		{ "{\"tg\":{\"pair\":false}}", REC_NEW },
		{ "{\"tg\":{\"pair\":null}}", REC_NEW },
		{ "{\"tg\":{\"pair\":\"true\"}}", REC_NEW },
		{ "{\"tg\":{\"parts\":[\"a\",\"b\"]}}", REC_SPLIT },
		{ "{\"tg\":{\"parts\":[],\"pair\":false}}", REC_SPLIT },
		{ "{\"query\":\"q\",\"pos\":[\"p\"]}", REC_PAIRED },
		{ "{\"query\":\"q\",\"pos\":null}", REC_NEW },
		{ "{\"query\":null,\"pos\":[\"p\"]}", REC_NEW },
		{ "{\"query\":\"q\"}", REC_NEW },
		{ "{\"pos\":[\"p\"]}", REC_NEW },
		{ "{\"query\":\"q\",\"pos\":[\"p\"],\"tg\":{}}", REC_PAIRED },
		{ "{\"query\":\"q\",\"pos\":[\"p\"],\"tg\":{\"task\":\"x\","
		  "\"language\":\"en\",\"mined\":{}}}",
		    REC_PAIRED },
		{ "{\"query\":\"q\",\"pos\":[\"p\"],\"tg\":{\"task\":\"x\","
		  "\"id\":\"y\"}}",
		    REC_NEW },
	};
	size_t i;

	for (i = 0; i < sizeof t / sizeof *t; i++) {
		load(span_of(t[i].line));
		is_int(rec_state(&r), t[i].want, "the state of %s is right",
		    t[i].line);
	}
	load(S("{\"query\":\"q\",\"pos\":[\"p\"]}"));
	rec_tg_put(&r, "id", S("\"x\""));
	is_int(rec_state(&r), REC_NEW, "a tg that was just made gives a state");
	load(S("{\"tg\":{\"request\":{}}}"));
	rec_tg_del(&r, "request");
	rec_tg_put(&r, "response", S("{}"));
	is_int(rec_state(&r), REC_ANSWERED, "the state follows edits");
}

static void
kinds(void)
{
	static const struct {
		const char *value;
		enum rec_kind want;
		int step;
	} t[] = {
		{ "{\"kind\":\"generate\",\"step\":2}", REC_GENERATE, 2 },
		{ "{\"step\":1,\"kind\":\"generate\"}", REC_GENERATE, 1 },
		{ "{\"kind\":\"judge\"}", REC_JUDGE, 1 },
		{ "{\"kind\":\"negatives\",\"step\":1}", REC_NEGATIVES, 1 },
		{ "{\"kind\":\"Generate\"}", REC_NO_KIND, 1 },
		{ "{\"kind\":\"gen\"}", REC_NO_KIND, 1 },
		{ "{\"kind\":1}", REC_NO_KIND, 1 },
		{ "{\"kind\":null}", REC_NO_KIND, 1 },
		{ "{\"step\":2}", REC_NO_KIND, 2 },
		{ "{}", REC_NO_KIND, 1 },
		{ "[]", REC_NO_KIND, 1 },
		{ "1", REC_NO_KIND, 1 },
	};
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < sizeof t / sizeof *t; i++) {
		b.n = 0;
		buf_fmt(&b, "{\"tg\":{\"response\":%s}}", t[i].value);
		load(buf_span(&b));
		is_int(rec_kind(&r, "response"), t[i].want,
		    "the kind of %s is right", t[i].value);
		is_int(rec_step(&r, "response"), t[i].step,
		    "the step of the request is right");
		is_int(rec_kind(&r, "request"), REC_NO_KIND,
		    "the record has no request of its own");
		ok(rec_answered(&r, t[i].want) &&
			!rec_answered(&r, (t[i].want + 1) % 3),
		    "rec_answered is true only for the kind of the response");
	}
	is_str(rec_kind_name(REC_GENERATE), "generate",
	    "the name of the kind generate is right");
	is_str(rec_kind_name(REC_JUDGE), "judge",
	    "the name of the kind judge is right");
	is_str(rec_kind_name(REC_NEGATIVES), "negatives",
	    "the name of the kind negatives is right");
	is_str(rec_kind_name(REC_NO_KIND), "?",
	    "the name of no kind is a question mark");
	load(S("{\"tg\":{\"response\":{\"kind\":\"judge\"},\"error\":{}}}"));
	ok(!rec_answered(&r, REC_JUDGE), "an ended record answers nothing");
	load(S("{\"tg\":{\"response\":{\"choices\":[{\"text\":\"a\\n\"},1]}}}"));
	is_span(rec_answer(&r), S("a\n"),
	    "rec_answer gives the text of the first choice");
	load(S("{\"tg\":{\"response\":{\"choices\":[]}}}"));
	is_span(
	    rec_answer(&r), NONE, "a response without choices has no answer");
	load(S("{\"tg\":{\"response\":{\"choices\":[{\"text\":null}]}}}"));
	is_span(rec_answer(&r), NONE, "a choice without text is no answer");
	load(S("{}"));
	is_span(
	    rec_answer(&r), NONE, "a record without a response has no answer");
	buf_free(&b);
}

static void
endings(void)
{
	io_program = "tg-x";
	load(S("{\"a\":1}"));
	is_int(r.failed, 0, "a new record has not failed");
	is_int(rec_error(&r, "code", "a \"%s\" of %d\n\xff", "thing", 7), -1,
	    "rec_error returns -1");
	is_span(written(),
	    S("{\"a\":1,\"tg\":{\"error\":{\"tool\":\"tg-x\",\"code\":\"code\","
	      "\"message\":\"a \\\"thing\\\" of 7\\n\xef\xbf\xbd\"}}}\n"),
	    "rec_error writes tool, code and message");
	is_int(r.failed, 1, "a record in error has failed");
	is_int(rec_state(&r), REC_ENDED, "a record in error has ended");
	load(S("{\"tg\":{\"id\":1}}"));
	is_int(r.failed, 0, "the next record has not failed");
	rec_reject(&r, "no", "");
	is_span(written(),
	    S("{\"tg\":{\"id\":1,\"rejected\":{\"tool\":\"tg-x\","
	      "\"code\":\"no\",\"message\":\"\"}}}\n"),
	    "rec_reject writes tool, code and message");
	is_int(r.failed, 0, "a rejected record has not failed");
	is_int(rec_state(&r), REC_ENDED, "a rejected record has ended");
	load(S("{}"));
	rec_error(&r, "c", "%03000d\xc3\xa4", 1);
	written();
	ok(rec_read(&r, span_at(out.p, out.n - 1), &why) == 0 && out.n < 1200,
	    "a long message is cut");
}

/* Decode the base64 of tg.raw, with a decoder of the test's own. */
static struct span
unbase64(struct span s, struct buf *b)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "abcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned acc = 0;
	size_t i, pad = 0;
	const char *k;

	b->n = 0;
	for (i = 0; i < s.n; i++) {
		k = s.p[i] == '=' ? set : memchr(set, s.p[i], 64);
		if (k == NULL || (pad > 0 && s.p[i] != '=') || s.n % 4 != 0)
			return NONE;
		pad += s.p[i] == '=';
		acc = acc << 6 | (unsigned)(k - set);
		if (i % 4 == 3) {
			buf_addc(b, (char)(acc >> 16));
			buf_addc(b, (char)(acc >> 8));
			buf_addc(b, (char)acc);
			acc = 0;
		}
	}
	b->n -= pad;
	return buf_span(b);
}

static void
bad_lines(void)
{
	char *huge = malloc(REC_RAW_MAX + 100);
	struct buf raw = { 0 };
	size_t n, i, bad = 0;

	out.n = 0;
	rec_bad_line(&out, "bad_record", "not a \"value\"", 3,
	    S("no\xff\0"), 4);
	is_span(buf_span(&out),
	    S("{\"tg\":{\"error\":{\"tool\":\"tg-x\",\"code\":\"bad_record\","
	      "\"message\":\"not a \\\"value\\\"\",\"line\":3,\"bytes\":4},"
	      "\"raw\":\"bm//AA==\"}}\n"),
	    "a bad line becomes an error record");
	for (i = 0; i < REC_RAW_MAX + 100; i++)
		huge[i] = (char)(i * 7 + i / 256);
	for (n = 0; n < 100; n++) {
		out.n = 0;
		rec_bad_line(&out, "c", "w", 1, span_at(huge, n), n);
		load(span_at(out.p, out.n - 1));
		bad += !span_eq(unbase64(rec_tg_str(&r, "raw"), &raw),
		    span_at(huge, n));
	}
	is_int((long long)bad, 0, "the base64 of 0 to 99 bytes is right");
	for (n = REC_RAW_MAX - 2; n < REC_RAW_MAX + 3; n++) {
		out.n = 0;
		rec_bad_line(&out, "c", "w", 1, span_at(huge, n), n);
		load(span_at(out.p, out.n - 1));
		is_span(unbase64(rec_tg_str(&r, "raw"), &raw),
		    span_at(huge, n < REC_RAW_MAX ? n : REC_RAW_MAX),
		    "the base64 of %zu bytes is right", n);
		is_int(js_int(js_find(rec_tg(&r, "error"), "bytes"), -1),
		    (long long)n, "the error says how many bytes the line had");
	}
	out.n = 0;
	rec_bad_line(&out, "c", "w", 1, NONE, 0);
	load(span_at(out.p, out.n - 1));
	is_span(rec_tg_str(&r, "raw"), S(""),
	    "the base64 of an empty line is empty");
	is_int(
	    rec_state(&r), REC_ENDED, "the record of an empty line has ended");
	buf_free(&raw);
	free(huge);
}

int
main(void)
{
	refused();
	untouched();
	edits();
	many();
	values();
	states();
	kinds();
	endings();
	bad_lines();
	rec_free(&r);
	buf_free(&out);
	return done();
}
