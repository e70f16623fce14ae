/* template: {name} expansion */
#include "task/template.h"

#include "tap.h"

static int
lookup(void *ctx, struct span name, struct span *out)
{
	(*(int *)ctx)++;
	if (span_is(name, "a"))
		*out = S("AAA");
	else if (span_is(name, "b_2"))
		*out = S("{a} {fence:a} \0 {nope}");
	else if (span_is(name, "code"))
		*out = S("x = ```\\n");
	else if (span_is(name, "empty"))
		*out = S("");
	else
		return -1;
	return 0;
}

static void
expand(void)
{
	static const struct {
		const char *t;
		struct span want;
		int asked;
	} good[] = {
#define E(t, want, asked) { t, { want, sizeof(want) - 1 }, asked }
		E("", "", 0),
		E("plain", "plain", 0),
		E("{a}", "AAA", 1),
		E("{a}{a}", "AAAAAA", 2),
		E("<{a}> <{a}>", "<AAA> <AAA>", 2),
		E("{b_2}", "{a} {fence:a} \0 {nope}", 1),
		E("{b_2}{a}", "{a} {fence:a} \0 {nope}AAA", 2),
		E("{", "{", 0),
		E("}", "}", 0),
		E("{}", "{}", 0),
		E("{a", "{a", 0),
		E("a}", "a}", 0),
		E("{ a}", "{ a}", 0),
		E("{a }", "{a }", 0),
		E("{A}", "{A}", 0),
		E("{a-b}", "{a-b}", 0),
		E("{\xc3\xa4}", "{\xc3\xa4}", 0),
		E("{{a}}", "{AAA}", 1),
		E("{a{a}", "{aAAA", 1),
		E("{\"k\": {a}}", "{\"k\": AAA}", 1),
		E("if (x) { return {a}; }", "if (x) { return AAA; }", 1),
		E("%s %n {a} %", "%s %n AAA %", 1),
		E("{fence:a}", "```\\nAAA\\n```", 1),
		E("T:\n{fence:code}!", "T:\n````\\nx = ```\\n````!", 1),
		E("{fence:empty}", "```\\n\\n```", 1),
		E("{fence:empty} x", "```\\n\\n``` x", 1),
		E("{empty} code", "code", 1),
		E("{empty}  code", " code", 1),
		E("{empty}code", "code", 1),
		E("a {empty} code", "a code", 1),
		E("a {empty}", "a ", 1),
		E("{empty}{empty} x", "x", 2),
		E("{a} x", "AAA x", 1),
#undef E
	};
	static const struct {
		const char *t, *bad;
	} bads[] = { { "{nope}", "nope" }, { "{a} {no} {nope}", "no" },
		{ "{fence:no}", "fence:no" }, { "{fence:}", "fence:" },
		{ "{fence:fence:a}", "fence:fence:a" }, { "{:}", ":" },
		{ "{a:b}", "a:b" }, { "{1}", "1" }, { "{_}", "_" } };
	struct buf b = { 0 };
	struct span bad;
	size_t i;
	int asked;

	for (i = 0; i < sizeof good / sizeof *good; i++) {
		b.n = 0;
		asked = 0;
		ok(template_expand(&b, good[i].t, lookup, &asked, &bad) == 0 &&
			asked == good[i].asked,
		    "\"%s\" expands", *good[i].t == 'T' ? "T:" : good[i].t);
		buf_cstr(&b);
		is_span(buf_span(&b), good[i].want, "to what it should");
	}
	for (i = 0; i < sizeof bads / sizeof *bads; i++) {
		ok(template_expand(&b, bads[i].t, lookup, &asked, &bad) == -1,
		    "\"%s\" does not", bads[i].t);
		is_span(bad, span_of(bads[i].bad), "and names the name");
		ok(bad.p >= bads[i].t && bad.p < bads[i].t + strlen(bads[i].t),
		    "within the template");
	}
	b.n = 0;
	buf_adds(&b, "before ");
	template_expand(&b, "{a}", lookup, &asked, &bad);
	is_span(buf_span(&b), S("before AAA"), "expansion appends");
	buf_free(&b);
}

static void
check(void)
{
	static const char *const names[] = { "text", "out1", NULL };
	static const char *const none[] = { NULL };
	struct span bad;

	ok(template_check("{text} {out1} {} {X} { out2 }", names, 0, &bad) == 0,
	    "known names");
	ok(template_check("{text} {out2}", names, 0, &bad) == -1,
	    "an unknown one");
	is_span(bad, S("out2"), "is named");
	ok(template_check("{tex}", names, 1, &bad) == -1 &&
		template_check("{textt}", names, 1, &bad) == -1,
	    "no prefix passes for a name");
	ok(template_check("{fence:text}", names, 1, &bad) == 0, "a fence");
	ok(template_check("{fence:text}", names, 0, &bad) == -1,
	    "where none is allowed");
	is_span(bad, S("fence:text"), "is named");
	ok(template_check("{fence:out2}", names, 1, &bad) == -1 &&
		template_check("{fence:fence:text}", names, 1, &bad) == -1 &&
		template_check("{fence:}", names, 1, &bad) == -1,
	    "fences of unknown names");
	ok(template_check("x", none, 0, &bad) == 0 &&
		template_check("{x}", none, 0, &bad) == -1,
	    "no names at all");
}

static void
uses(void)
{
	ok(template_uses("a {b} {text}", "text"), "a name is used");
	ok(template_uses("{fence:text}", "text"), "in a fence too");
	ok(!template_uses("{texts} {tex} text {Text} { text }", "text"),
	    "look-alikes are not");
	ok(!template_uses("", "text"), "nor anything in nothing");
}

int
main(void)
{
	expand();
	check();
	uses();
	return done();
}
