/* template: {name} expansion */
#include "task/template.h"

#include "tap.h"

static const struct values values = { .of = {
	[VALUE_TEXT] = { "AAA", 3 },
	[VALUE_OUT1] = { "{text} {fence:text} \0 {nope}", sizeof "{text} {fence:text} \0 {nope}" - 1 },
	[VALUE_OUT2] = { "x = ```\\n", 9 },
	[VALUE_PREFIX] = { "", 0 },
} };

static void
expand(void)
{
	static const struct {
		const char *t;
		struct span want;
	} good[] = {
#define E(t, want) { t, { want, sizeof(want) - 1 } }
		E("", ""),
		E("plain", "plain"),
		E("{text}", "AAA"),
		E("{text}{text}", "AAAAAA"),
		E("<{text}> <{text}>", "<AAA> <AAA>"),
		E("{out1}", "{text} {fence:text} \0 {nope}"),
		E("{out1}{text}", "{text} {fence:text} \0 {nope}AAA"),
		E("{", "{"),
		E("}", "}"),
		E("{}", "{}"),
		E("{a", "{a"),
		E("a}", "a}"),
		E("{ a}", "{ a}"),
		E("{a }", "{a }"),
		E("{A}", "{A}"),
		E("{a-b}", "{a-b}"),
		E("{\xc3\xa4}", "{\xc3\xa4}"),
		E("{{text}}", "{AAA}"),
		E("{a{text}", "{aAAA"),
		E("{\"k\": {text}}", "{\"k\": AAA}"),
		E("if (x) { return {text}; }", "if (x) { return AAA; }"),
		E("%s %n {text} %", "%s %n AAA %"),
		E("{fence:text}", "```\\nAAA\\n```"),
		E("T:\n{fence:out2}!", "T:\n````\\nx = ```\\n\\n````!"),
		E("{fence:prefix}", "```\\n\\n```"),
		E("{fence:prefix} x", "```\\n\\n``` x"),
		E("{prefix} code", "code"),
		E("{prefix}  code", " code"),
		E("{prefix}code", "code"),
		E("a {prefix} code", "a code"),
		E("a {prefix}", "a "),
		E("{prefix}{prefix} x", "x"),
		E("{text} x", "AAA x"),
#undef E
	};
	static const struct {
		const char *t, *bad;
	} bads[] = { { "{nope}", "nope" }, { "{text} {no} {nope}", "no" },
		{ "{fence:no}", "fence:no" }, { "{fence:}", "fence:" },
		{ "{fence:fence:a}", "fence:fence:a" }, { "{:}", ":" },
		{ "{a:b}", "a:b" }, { "{suffix}", "suffix" },
		{ "{fence:language}", "fence:language" }, { "{1}", "1" }, { "{_}", "_" } };
	struct buf b = { 0 };
	struct span bad;
	size_t i;

	for (i = 0; i < sizeof good / sizeof *good; i++) {
		b.n = 0;
		ok(template_expand(&b, good[i].t, &values, &bad) == 0,
		    "\"%s\" expands", *good[i].t == 'T' ? "T:" : good[i].t);
		buf_cstr(&b);
		is_span(buf_span(&b), good[i].want,
		    "the template expands to the right text");
	}
	for (i = 0; i < sizeof bads / sizeof *bads; i++) {
		ok(template_expand(&b, bads[i].t, &values, &bad) == -1,
		    "\"%s\" does not expand", bads[i].t);
		is_span(bad, span_of(bads[i].bad), "the unknown name is told");
		ok(bad.p >= bads[i].t && bad.p < bads[i].t + strlen(bads[i].t),
		    "the unknown name is a part of the template");
	}
	b.n = 0;
	buf_adds(&b, "before ");
	template_expand(&b, "{text}", &values, &bad);
	is_span(
	    buf_span(&b), S("before AAA"), "expansion appends to the buffer");
	buf_free(&b);
}

/* Return the first placeholder of t that is not allowed. */
static struct span
refused(const char *t, unsigned allowed)
{
	struct span bad;

	template_uses(t, allowed, &bad);
	return bad;
}

static void
check(void)
{
	enum { NAMES = 1 << VALUE_TEXT | 1 << VALUE_OUT1,
		FENCED = NAMES | 1 << VALUES_FENCED };

	is_span(refused("{text} {out1} {} {X} { out2 }", NAMES), NONE,
	    "allowed names are not refused");
	is_span(refused("{text} {out2} {fence:text}", NAMES), S("out2"),
	    "the first name that is not allowed is reported");
	is_span(refused("{tex}", FENCED), S("tex"),
	    "a prefix of a name is not a name");
	is_span(refused("{textt}", FENCED), S("textt"),
	    "a longer word is not a name");
	is_span(refused("{fence:text}", FENCED), NONE, "a fence is allowed");
	is_span(refused("{fence:text}", NAMES), S("fence:text"),
	    "a fence is refused where none is allowed");
	is_span(refused("{fence:out2}", FENCED), S("fence:out2"),
	    "a name in a fence must be allowed");
	is_span(refused("{fence:fence:text}", FENCED), S("fence:fence:text"),
	    "a fence cannot stand in a fence");
	is_span(
	    refused("{fence:}", FENCED), S("fence:"), "a fence needs a name");
	is_span(refused("x", 0), NONE, "a text without names is allowed");
	is_span(refused("{text}", 0), S("text"),
	    "a template may allow no name at all");
}

static void
uses(void)
{
	struct span bad;

	is_int(template_uses("a {b} {text}{out2}", 0, &bad),
	    1 << VALUE_TEXT | 1 << VALUE_OUT2 | 1 << VALUES,
	    "all names are reported, unknown ones as VALUES");
	is_int(template_uses("{fence:text}", 0, &bad),
	    1 << VALUE_TEXT | 1 << VALUES_FENCED,
	    "names in fences are reported");
	is_int(template_uses("text {Text} { text }", 0, &bad), 0,
	    "look-alikes are not names");
	is_int(template_uses("", 0, &bad), 0, "an empty text names nothing");
}

int
main(void)
{
	expand();
	check();
	uses();
	return done();
}
