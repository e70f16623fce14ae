/* examples: the few-shot pool, and the drawing from it */
#include "task/examples.h"

#include <limits.h>
#include <stdlib.h>

#include "tap.h"

static const char *why;

static struct examples *
with(struct span s)
{
	const char *file = tap_file(s);
	struct examples *e = examples_new(file, &why);

	unlink(file);
	return e;
}

static void
refused(void)
{
	static const struct {
		const char *text, *what;
	} t[] = {
		{ "", ":1: " },
		{ " \n\t", ":2: " },
		{ "[]", "holds no examples" },
		{ "x", ":1: " },
		{ "1", ":1: " },
		{ "{", ":1: " },
		{ "{}", "example 1: needs the texts" },
		{ "[1]", "example 1: needs the texts" },
		{ "{\"input\":\"a\"}", "example 1: needs the texts" },
		{ "{\"output\":\"a\"}", "example 1: needs the texts" },
		{ "{\"input\":\"a\",\"output\":\"\"}", "example 1: needs" },
		{ "{\"input\":\"\",\"output\":\"b\"}", "example 1: needs" },
		{ "{\"input\":1,\"output\":\"b\"}", "example 1: needs" },
		{ "{\"input\":\"a\",\"output\":[\"b\"]}", "example 1: needs" },
		{ "[{\"input\":\"a\",\"output\":\"b\"},{}]",
		    "example 2: needs" },
		{ "{\"input\":\"a\",\"output\":\"b\"}\n{\"input\":1}",
		    "example 2: needs" },
		{ "{\"input\":\"a\",\"output\":\"b\"}\n\nx", ":3: " },
		{ "[{\"input\":\"a\",\"output\":\"b\"}", ":1: " },
		{ "{\"input\":\"a\xff\",\"output\":\"b\"}", ":1: " },
	};
	struct examples *e;
	size_t i;

	for (i = 0; i < sizeof t / sizeof *t; i++) {
		e = with(span_of(t[i].text));
		if (!ok(e == NULL && strstr(why, t[i].what),
			"the bad pool %zu is refused with its reason", i))
			tap_show("got", span_of(e ? "accepted" : why));
		examples_free(e);
	}
	ok(examples_new("/nonexistent", &why) == NULL,
	    "a missing file is refused");
	is_str(why, "/nonexistent: No such file or directory",
	    "the message names the missing file");
	examples_free(NULL);
}

/* Return the outputs of a draw, in order. */
static struct span
drawn(
    struct examples *e, struct span task, long long seed, struct span id, int k)
{
	static struct buf b;
	const struct example *out[20];
	struct example_wish wish = { .task = task, .seed = seed, .draw = id };
	int i, n = examples_draw(e, &wish, k, out);

	b.n = 0;
	for (i = 0; i < n; i++)
		buf_addspan(&b, out[i]->output);
	buf_cstr(&b);
	return buf_span(&b);
}

/* Compare draws with others computed from the definition in the header. */
static void
draws(void)
{
	static const char id[] = "d41d8cd98f00b204e9800998ecf8427e";
	struct examples *e =
	    with(S("{\"input\":\"i0\",\"output\":\"0\"}\n"
		   "{\"input\":\"i1\",\"output\":\"1\",\"more\":[1]}\r\n\n"
		   "{\"input\":\"i2\",\"output\":\"2\"} "
		   "{\"input\":\"i3\",\"output\":\"3\"}\n"
		   "[{\"input\":\"i4\",\"output\":\"4\"},"
		   "{\"input\":\"i5\",\"output\":\"5\"}]"));
	char seen[7], ids[16];
	struct span got;
	size_t counts[6] = { 0 }, i, k, bad = 0;

	ok(e != NULL, "a pool of lines and of an array is read");
	is_span(drawn(e, S("t"), 0, span_of(id), 3), S("235"),
	    "three of six examples are drawn");
	is_span(drawn(e, S("u"), 0, span_of(id), 3), S("235"),
	    "another task draws the same examples");
	is_span(drawn(e, S("t"), 0, span_of(id), 2), S("23"),
	    "two drawn examples are the first of three");
	is_span(drawn(e, S("t"), 1, span_of(id), 3), S("024"),
	    "another seed draws other examples");
	is_span(drawn(e, S("t"), 0, S(""), 6), S("021354"),
	    "an empty id draws all six");
	is_span(drawn(e, S("t"), 0, S("x"), 9), S("432051"),
	    "nine of six examples are six");
	is_span(
	    drawn(e, S("t"), 0, S("x"), 0), S(""), "no example is drawn for 0");
	is_span(drawn(e, S("t"), 0, S("x"), -1), S(""),
	    "no example is drawn for a negative number");
	is_span(drawn(e, S("t"), 0, S("x"), INT_MAX), S("432051"),
	    "the largest number draws all examples");
	is_span(drawn(NULL, S("t"), 0, S("x"), 3), S(""),
	    "no pool gives no examples");
	for (i = 0; i < 3000; i++) {
		snprintf(ids, sizeof ids, "id %zu", i);
		got = drawn(e, S("t"), 0, span_of(ids), 3);
		memset(seen, 0, sizeof seen);
		for (k = 0; k < got.n; k++) {
			bad += seen[got.p[k] - '0']++ != 0;
			counts[got.p[k] - '0']++;
		}
		bad += got.n != 3;
	}
	is_int((long long)bad, 0, "the three drawn examples always differ");
	for (i = 0; i < 6; i++)
		ok(counts[i] > 1350 && counts[i] < 1650,
		    "example %zu is drawn half the time", i);
	examples_free(e);
}

static void
filter(void)
{
	struct examples *e =
	    with(S("[{\"input\":\"i\",\"output\":\"a\",\"task\":\"one\"},"
		   "{\"input\":\"i\",\"output\":\"b\",\"task\":\"two\"},"
		   "{\"input\":\"i\",\"output\":\"c\"},"
		   "{\"input\":\"i\",\"output\":\"d\",\"task\":null},"
		   "{\"input\":\"i\",\"output\":\"e\",\"task\":\"two\"}]"));
	struct span got;
	int i, n, one = 0, two = 0, none = 0;
	char id[16];

	for (i = 0; i < 100; i++) {
		n = snprintf(id, sizeof id, "%d", i);
		got = drawn(e, S("one"), 0, span_at(id, (size_t)n), 3);
		one += got.n == 3 && memchr(got.p, 'a', 3) &&
		       memchr(got.p, 'c', 3) && memchr(got.p, 'd', 3);
		got = drawn(e, S("two"), 0, span_at(id, (size_t)n), 5);
		two += got.n == 4 && !memchr(got.p, 'a', 4);
		got = drawn(e, S("tw"), 0, span_at(id, (size_t)n), 5);
		none += got.n == 2 && memchr(got.p, 'c', 2) &&
			memchr(got.p, 'd', 2);
	}
	is_int(
	    one, 100, "a task gets its own examples and those for all tasks");
	is_int(two, 100, "a task gets no example of another task");
	is_int(none, 100, "an unknown task gets the examples for all tasks");
	examples_free(e);
	e = with(S("{\"input\":\"i\",\"output\":\"a\",\"task\":\"one\"}"));
	is_span(drawn(e, S("two"), 0, S("x"), 3), S(""),
	    "a task for which no example fits gets none");
	examples_free(e);
}

/* Test that the hash depends on the examples, not on their spelling. */
static void
hashes(void)
{
	const struct example_wish any = { .task = S("t") };
	struct examples *a, *b;
	static const struct {
		const char *text;
		int same;
	} t[] = {
		{ "[ {\"output\":\"b\" , \"input\":\"\\u0061\"} ]\n", 1 },
		{ "{\"input\":\"a\",\"output\":\"b\",\"note\":\"x\"}", 1 },
		{ "{\"input\":\"a\",\"output\":\"c\"}", 0 },
		{ "{\"input\":\"ab\",\"output\":\"b\"}", 0 },
		{ "{\"input\":\"a\",\"output\":\"b\",\"task\":\"t\"}", 0 },
		{ "{\"input\":\"a\",\"output\":\"b\",\"language\":\"en\"}", 0 },
		{ "{\"input\":\"a\",\"output\":\"b\",\"path\":\"a.c\"}", 1 },
		{ "{\"input\":\"a\",\"output\":\"b\"} "
		  "{\"input\":\"a\",\"output\":\"b\"}",
		    0 },
	};
	size_t i;

	a = with(S("{\"input\":\"a\",\"output\":\"b\"}"));
	is_int((long long)strlen(examples_sha(a, &any)), SHA256_HEX - 1,
	    "a pool has a hash");
	for (i = 0; i < sizeof t / sizeof *t; i++) {
		b = with(span_of(t[i].text));
		ok((strcmp(examples_sha(a, &any), examples_sha(b, &any)) ==
		       0) == t[i].same,
		    "the pool has the %s hash for %s",
		    t[i].same ? "same" : "other", t[i].text);
		examples_free(b);
	}
	is_str(examples_sha(NULL, &any), "", "no pool has an empty hash");
	examples_free(a);
	a = with(S("{\"input\":\"a\\u0000b\",\"output\":\"c\\u0000d\"}"));
	is_span(drawn(a, S("t"), 0, S("x"), 1), S("c\\u0000d"),
	    "a NUL in an example is kept");
	examples_free(a);
}

static int
by_byte(const void *a, const void *b)
{
	return *(const char *)a - *(const char *)b;
}

/* Test which examples a document of some languages gets, and in which order. */
static void
languages(void)
{
	struct examples *e = with(
	    S("{\"input\":\"i\",\"output\":\"p\",\"code_language\":\"py\"}"
	      "{\"input\":\"i\",\"output\":\"g\",\"code_language\":\"Go\"}"
	      "{\"input\":\"i\",\"output\":\"j\",\"code_language\":\"java\"}"
	      "{\"input\":\"i\",\"output\":\"r\",\"code_language\":\"java\","
	      "\"tgt_code_language\":\"rust\"}"
	      "{\"input\":\"i\",\"output\":\"f\",\"language\":\"fr\"}"));
	static const struct {
		const char *language, *code, *target;
		int is_code;
		char first;
		const char *all; /* outputs in the order of the alphabet */
	} t[] = {
		{ "en", "python", "", 0, 'p', "gjp" },
		{ "en", "go", "", 0, 'g', "gjp" },
		{ "en", "ruby", "", 0, 0, "gjp" },
		{ "en", "", "", 0, 0, "gjp" },
		{ "fr", "ruby", "", 0, 'f', "fgjp" },
		{ "en", "python", "", 1, 'p', "p" },
		{ "en", "ruby", "", 1, 0, "" },
		{ "en", "java", "rust", 1, 0, "jr" },
		{ "en", "c", "rust", 1, 'r', "r" },
	};
	struct example_wish w;
	const struct example *out[9];
	char got[10];
	size_t i;
	int n, j;

	for (i = 0; i < sizeof t / sizeof *t; i++) {
		w = (struct example_wish){ .language = span_of(t[i].language),
			.code_language = span_of(t[i].code),
			.target = span_of(t[i].target),
			.is_code = t[i].is_code };
		n = examples_draw(e, &w, 9, out);
		ok(t[i].first == 0 || *out[0]->output.p == t[i].first,
		    "%s: an example of the code language comes first",
		    t[i].code);
		for (j = 0; j < n; j++)
			got[j] = *out[j]->output.p;
		qsort(got, (size_t)n, 1, by_byte);
		got[n] = '\0';
		is_str(got, t[i].all, "%s, %s to \"%s\": the examples that fit",
		    t[i].language, t[i].code, t[i].target);
	}
	examples_free(e);
}

#define CODE                                                                   \
	"def take(rows, count):\\n    for row in rows[:count]:\\n"             \
	"        print(row.name)\\n        total.add(row)\\n"
#define OTHER(n) "{\"input\":\"x = " #n "\",\"output\":\"" #n "\"}\n"

/* Test that an example made of the document is not shown with it. */
static void
origins(void)
{
	static const struct {
		const char *example, *what;
		int shown;
	} t[] = {
		{ "\"input\":\"" CODE "\"", "an equal text", 0 },
		{ "\"input\":\"\\n\\n  " CODE "\\t\\n\"", "other white space",
		    0 },
		{ "\"input\":\"def use(a, b):\\n  for x in a[:b]:\\n"
		  "    print(x.y)\\n    z.w(x)\\n# more\"",
		    "other names, a comment and another layout", 0 },
		{ "\"input\":\"import os\\n\\n\\n" CODE "\\n\\ndef main():\\n"
		  "    take(read(), 3)\\n\"",
		    "a file that holds the text", 0 },
		{ "\"input\":\"First input:\\n```\\n" CODE "```\\n\\nSecond "
		  "input:\\n```\\nx = 1\\n```\"",
		    "the text in one of two fences", 0 },
		{ "\"input\":\"q\",\"id\":\"0123\"", "the id", 0 },
		{ "\"input\":\"q\",\"meta\":{\"docid\":\"0123\"}",
		    "a docid in meta", 0 },
		{ "\"input\":\"q\",\"path\":\"a/b.py\"", "the path", 0 },
		{ "\"input\":\"q\",\"path\":\"b.py\",\"id\":\"012\"",
		    "another path and id", 1 },
		{ "\"input\":\"def take(rows, count):\\n    pass\\n\"",
		    "one line of the text", 1 },
	};
	static const char code[] = "def take(rows, count):\n"
				   "    for row in rows[:count]:\n"
				   "        print(row.name)\n"
				   "        total.add(row)\n";
	struct example_wish w = { .id = S("0123"),
		.path = S("a/b.py"),
		.text = S(code),
		.code_language = S("python") };
	const struct example *out[4];
	struct examples *e;
	struct buf b = { 0 };
	size_t i;
	int n, k, wrong;

	for (i = 0; i < sizeof t / sizeof *t; i++) {
		b.n = 0;
		buf_fmt(&b, "{%s,\"output\":\"same\"}\n", t[i].example);
		e = with(buf_span(&b));
		w.draw = S("");
		is_int(examples_draw(e, &w, 3, out), t[i].shown,
		    "a pool of one with %s", t[i].what);
		examples_free(e);
		buf_adds(&b, OTHER(1) OTHER(2) OTHER(3));
		e = with(buf_span(&b));
		for (wrong = 0, w.seed = 0; w.seed < 50; w.seed++) {
			n = examples_draw(e, &w, 3, out);
			wrong += n != 3;
			for (k = 0; k < n && !t[i].shown; k++)
				wrong += span_is(out[k]->output, "same");
		}
		is_int(wrong, 0, "another example is drawn instead of %s",
		    t[i].what);
		examples_free(e);
	}
	buf_free(&b);
}

/* Test that the hash of the built-in pools is that of what fits. */
static void
built_in(void)
{
	struct examples *e = examples_new("builtin", &why);
	struct example_wish w = { .task = S("web_code_retrieval"),
		.language = S("en"),
		.code_language = S("go") };
	char sha[SHA256_HEX];

	ok(e != NULL, "the built-in pools are read");
	snprintf(sha, sizeof sha, "%s", examples_sha(e, &w));
	is_int((long long)strlen(sha), SHA256_HEX - 1,
	    "a task with built-in examples has a hash");
	w.task = S("code_intent_retrieval");
	ok(strcmp(examples_sha(e, &w), sha) != 0,
	    "another task has another hash");
	w.language = S("zh");
	is_str(examples_sha(e, &w), "",
	    "examples of another language change no key");
	w = (struct example_wish){ .task = S("mine"), .language = S("en") };
	is_str(examples_sha(e, &w), "",
	    "a task without built-in examples keeps its key");
	examples_free(e);
}

int
main(void)
{
	refused();
	draws();
	filter();
	hashes();
	languages();
	origins();
	built_in();
	return done();
}
