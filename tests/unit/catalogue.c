/* catalogue: the catalogue, its rows checked and its languages */
#include "task/catalogue.h"

#include <ctype.h>
#include <jansson.h>

#include "tap.h"
#include "task/language.h"

/* A row with all members; each case below breaks one of them. */
static const char base[] =
    "{\"name\":\"mine\",\"category\":\"hybrid\",\"title\":\"T\","
    "\"instruction\":\"Find {code_language} in {language}.\",\"steps\":["
    "{\"inputs\":[\"text\",\"similar\"],\"examples\":false,"
    "\"instruction\":\"I1\",\"output\":\"O1\",\"output_kind\":\"text\"},"
    "{\"inputs\":[\"out1\",\"composite\"],\"examples\":true,"
    "\"instruction\":\"I2 {tgt_code_language}\",\"output\":\"O2\","
    "\"output_kind\":\"code\"}],"
    "\"query\":\"{out1}\\n{fence:text}\",\"pos\":\"{out2}\","
    "\"judge\":{\"mission\":\"M\",\"query_type\":\"Q\",\"doc_type\":\"D\","
    "\"yes\":\"Y\",\"no\":\"N\"},\"judged\":false,\"needs_similar\":true,"
    "\"code_languages\":[\"python\",\"cplusplus\"]}";

static const char *why;

/* Make a catalogue with the bytes of s as its --tasks file. */
static struct catalogue *
with(struct span s)
{
	const char *file = tap_file(s);
	struct catalogue *c = catalogue_new(file, &why);

	unlink(file);
	return c;
}

/* Set the member of o at a path such as "steps.0.inputs"; NULL deletes it. */
static void
set(json_t *o, const char *path, json_t *v)
{
	const char *dot = strchr(path, '.');
	char *key = strndup(path, dot ? (size_t)(dot - path) : strlen(path));

	if (dot != NULL && json_is_array(o))
		set(json_array_get(o, (size_t)atoi(key)), dot + 1, v);
	else if (dot != NULL)
		set(json_object_get(o, key), dot + 1, v);
	else if (json_is_array(o))
		json_array_set(o, (size_t)atoi(key), v);
	else if (v == NULL)
		json_object_del(o, key);
	else
		json_object_set(o, key, v);
	free(key);
}

/* Return the base row with members changed to JSON values; NULL deletes. */
static char *
changed(const char *const edits[][2], size_t n)
{
	json_error_t err;
	json_t *o = json_loads(base, 0, &err), *v;
	char *text;
	size_t i;

	for (i = 0; i < n && edits[i][0] != NULL; i++) {
		v = edits[i][1] == NULL
			? NULL
			: json_loads(edits[i][1],
			      JSON_DECODE_ANY | JSON_ALLOW_NUL, &err);
		set(o, edits[i][0], v);
		json_decref(v);
	}
	text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	return text;
}

static void
bad_rows(void)
{
	static const struct {
		const char *edits[3][2], *row, *member, *what;
	} t[] = {
		/* name */
		{ { { "name", NULL } }, "1", "name", "is missing" },
		{ { { "name", "1" } }, "1", "name", "is not a text" },
		{ { { "name", "\"\"" } }, "1", "name", "is not a text" },
		{ { { "name", "\"a b\"" } }, "1", "name", "may hold letters" },
		{ { { "name", "\"../x\"" } }, "1", "name", "may hold letters" },
		/* texts */
		{ { { "category", NULL } }, "mine", "category", "is missing" },
		{ { { "category", "null" } }, "mine", "category",
		    "not a text" },
		{ { { "title", NULL } }, "mine", "title", "is missing" },
		{ { { "title", "[]" } }, "mine", "title", "not a text" },
		{ { { "instruction", NULL } }, "mine", "instruction",
		    "is missing" },
		{ { { "instruction", "\"{text}\"" } }, "mine", "instruction",
		    "unknown placeholder {text}" },
		{ { { "instruction", "\"{fence:language}\"" } }, "mine",
		    "instruction", "placeholder {fence:language}" },
		{ { { "instruction", "\"{lang}\"" } }, "mine", "instruction",
		    "{lang}" },
		/* flags */
		{ { { "judged", "1" } }, "mine", "judged",
		    "not true or false" },
		{ { { "judged", "\"no\"" } }, "mine", "judged",
		    "not true or false" },
		{ { { "needs_similar", "null" } }, "mine", "needs_similar",
		    "not true or false" },
		{ { { "judge_it", "true" } }, "mine", "judge_it",
		    "is unknown" },
		{ { { "Title", "\"x\"" } }, "mine", "Title", "is unknown" },
		/* limits of tg-gate */
		{ { { "diff", "1" } }, "mine", "diff", "not true or false" },
		{ { { "max_overlap", "\".5\"" } }, "mine", "max_overlap",
		    "number from 0 to 1" },
		{ { { "max_overlap", "1.1" } }, "mine", "max_overlap",
		    "number from 0 to 1" },
		{ { { "max_overlap", "-0.1" } }, "mine", "max_overlap",
		    "number from 0 to 1" },
		{ { { "max_overlap", "null" } }, "mine", "max_overlap",
		    "number from 0 to 1" },
		{ { { "allows", "\"code\"" } }, "mine", "allows",
		    "is not a list" },
		{ { { "allows", "[\"code\",\"text\"]" } }, "mine", "allows",
		    "one of layout, code, stop, languages" },
		{ { { "allows", "[1]" } }, "mine", "allows", "one of layout" },
		/* steps */
		{ { { "steps", NULL } }, "mine", "steps", "list of 0 to 2" },
		{ { { "steps", "{}" } }, "mine", "steps", "list of 0 to 2" },
		{ { { "steps", "[1,2,3]" } }, "mine", "steps",
		    "list of 0 to 2" },
		{ { { "steps.0", "1" } }, "mine", "steps[0]", "not an object" },
		{ { { "steps.1", "[]" } }, "mine", "steps[1]",
		    "not an object" },
		{ { { "steps.0.kind", "1" } }, "mine", "steps[0].kind",
		    "is unknown" },
		{ { { "steps.0.inputs", NULL } }, "mine", "steps[0].inputs",
		    "list of 1 or 2" },
		{ { { "steps.0.inputs", "[]" } }, "mine", "steps[0].inputs",
		    "list of 1 or 2" },
		{ { { "steps.0.inputs", "\"text\"" } }, "mine",
		    "steps[0].inputs", "list of 1 or 2" },
		{ { { "steps.0.inputs", "[\"text\",\"text\",\"text\"]" } },
		    "mine", "steps[0].inputs", "list of 1 or 2" },
		{ { { "steps.0.inputs", "[\"out2\"]" } }, "mine",
		    "steps[0].inputs", "one of text, similar" },
		{ { { "steps.1.inputs", "[\"text\",1]" } }, "mine",
		    "steps[1].inputs", "one of text, similar" },
		{ { { "steps.0.inputs", "[\"out1\"]" } }, "mine",
		    "steps[0].inputs", "out1 needs a step before" },
		{ { { "steps.0.inputs", "[\"composite\"]" } }, "mine",
		    "steps[0].inputs", "composite needs a step before" },
		{ { { "needs_similar", "false" } }, "mine", "steps[0].inputs",
		    "names similar" },
		{ { { "needs_similar", NULL } }, "mine", "steps[0].inputs",
		    "names similar" },
		{ { { "steps.0.examples", "1" } }, "mine", "steps[0].examples",
		    "not true or false" },
		{ { { "steps.0.examples", "true" } }, "mine",
		    "steps[0].examples", "only the last step" },
		{ { { "steps.0.instruction", NULL } }, "mine",
		    "steps[0].instruction", "is missing" },
		{ { { "steps.1.instruction", "\"\"" } }, "mine",
		    "steps[1].instruction", "not a text" },
		{ { { "steps.1.instruction", "\"{out1}\"" } }, "mine",
		    "steps[1].instruction", "placeholder {out1}" },
		{ { { "steps.1.output", NULL } }, "mine", "steps[1].output",
		    "is missing" },
		{ { { "steps.1.output", "\"{x}\"" } }, "mine",
		    "steps[1].output", "placeholder {x}" },
		{ { { "steps.0.decline", "\"\"" } }, "mine",
		    "steps[0].decline", "not a text" },
		{ { { "steps.0.decline", "null" } }, "mine",
		    "steps[0].decline", "not a text" },
		{ { { "steps.1.decline", "\"{out1}\"" } }, "mine",
		    "steps[1].decline", "placeholder {out1}" },
		{ { { "steps.1.output_kind", NULL } }, "mine",
		    "steps[1].output_kind", "is missing" },
		{ { { "steps.1.output_kind", "\"prose\"" } }, "mine",
		    "steps[1].output_kind", "not \"code\" or \"text\"" },
		/* what varies */
		{ { { "instructions", "\"x\"" } }, "mine", "instructions",
		    "not a list of phrasings" },
		{ { { "instructions", "[]" } }, "mine", "instructions",
		    "not a list of phrasings" },
		{ { { "instructions", "[\"{text}\"]" } }, "mine",
		    "instructions", "unknown placeholder {text}" },
		{ { { "instructions", "[\"x\",[\"y\",-1]]" } }, "mine",
		    "instructions", "[1] has a weight" },
		{ { { "vary", "[]" } }, "mine", "vary", "is not an object" },
		{ { { "vary", "{\"a\":[]}" } }, "mine", "vary.a",
		    "not a list of phrasings" },
		{ { { "vary", "{\"a\":\"x\"}" } }, "mine", "vary.a",
		    "not a list of phrasings" },
		{ { { "vary", "{\"a\":[\"x\",1]}" } }, "mine", "vary.a",
		    "[1] is neither a text" },
		{ { { "vary", "{\"a\":[\"\"]}" } }, "mine", "vary.a",
		    "[0] is neither a text" },
		{ { { "vary", "{\"a\":[[\"x\"]]}" } }, "mine", "vary.a",
		    "[0] is neither a text" },
		{ { { "vary", "{\"a\":[[\"x\",1,2]]}" } }, "mine", "vary.a",
		    "[0] is neither a text" },
		{ { { "vary", "{\"a\":[[\"x\",0]]}" } }, "mine", "vary.a",
		    "[0] has a weight that is not a number above 0" },
		{ { { "vary", "{\"a\":[[\"x\",-0.5]]}" } }, "mine", "vary.a",
		    "[0] has a weight" },
		{ { { "vary", "{\"a\":[[\"x\",\"3\"]]}" } }, "mine",
		    "vary.a", "[0] has a weight" },
		{ { { "vary", "{\"a\":[[\"x\",true]]}" } }, "mine",
		    "vary.a", "[0] has a weight" },
		{ { { "vary", "{\"a\":[[\"x\",1e300]]}" } }, "mine",
		    "vary.a", "[0] has a weight" },
		{ { { "vary", "{\"a\":[\"{out1}\"]}" } }, "mine", "vary.a",
		    "unknown placeholder {out1}" },
		{ { { "vary", "{\"a\":[\"{vary:a}\"]}" } }, "mine", "vary.a",
		    "unknown placeholder {vary:a}" },
		{ { { "vary", "{\"a\":[\"x\"]}" } }, "mine", "vary.a",
		    "no step names {vary:a}" },
		{ { { "vary", "{\"A\":[\"x\"]}" } }, "mine", "vary.A",
		    "lower-case letters" },
		{ { { "vary", "{\"\":[\"x\"]}" } }, "mine", "vary.",
		    "lower-case letters" },
		{ { { "vary", "{\"instruction\":[\"x\"]}" } }, "mine",
		    "vary.instruction", "member \"instructions\"" },
		{ { { "steps.0.output", "\"{vary:b}\"" } }, "mine",
		    "steps[0].output", "no such axis" },
		{ { { "steps.0.output", "\"{vary:instruction}\"" },
		      { "instructions", "[\"x\"]" } },
		    "mine", "steps[0].output", "no such axis" },
		{ { { "judge.yes", "\"{vary:a}\"" } }, "mine", "judge.yes",
		    "unknown placeholder {vary:a}" },
		{ { { "instruction", "\"{vary:a}\"" } }, "mine",
		    "instruction", "unknown placeholder {vary:a}" },
		{ { { "query", "\"{out1}{vary:a}\"" } }, "mine", "query",
		    "{vary:a}" },
		/* negatives */
		{ { { "negatives", "\"x\"" } }, "mine", "negatives",
		    "not a list of 1 to 100 ways" },
		{ { { "negatives", "[]" } }, "mine", "negatives",
		    "not a list of 1 to 100 ways" },
		{ { { "negatives", "[\"a\",\"\"]" } }, "mine",
		    "negatives[1]", "neither a text" },
		{ { { "negatives", "[[\"a\"]]" } }, "mine", "negatives[0]",
		    "neither a text" },
		{ { { "negatives", "[\"a\",[\"b\",0]]" } }, "mine",
		    "negatives[1]", "not a whole number in 1..1000" },
		{ { { "negatives", "[\"a\",[\"b\",1.5]]" } }, "mine",
		    "negatives[1]", "not a whole number" },
		{ { { "negatives", "[\"a\",[\"b\",\"1\"]]" } }, "mine",
		    "negatives[1]", "not a whole number" },
		{ { { "negatives", "[[\"a\",1],[\"b\",2]]" } }, "mine",
		    "negatives", "needs to have no bound" },
		{ { { "negatives", "[\"{text}\"]" } }, "mine",
		    "negatives[0]", "placeholder {text}" },
		{ { { "names_breach", "1" } }, "mine", "names_breach",
		    "not true or false" },
		{ { { "neg", "\"{out1}\"" } }, "mine", "neg",
		    "not a list of 1 to 100 templates" },
		{ { { "neg", "[]" } }, "mine", "neg",
		    "not a list of 1 to 100 templates" },
		{ { { "neg", "[\"{out1}\",1]" } }, "mine", "neg[1]",
		    "not a text" },
		{ { { "neg", "[\"{prefix}\"]" } }, "mine", "neg[0]",
		    "unknown with 2 steps" },
		{ { { "neg", "[\"{vary:x}\"]" } }, "mine", "neg[0]",
		    "{vary:x}" },
		{ { { "neg", "[\"{out2}\"]" } }, "mine", "neg[0]",
		    "is the positive" },
		{ { { "published", "47" } }, "mine", "published",
		    "not true or false" },
		/* query and pos */
		{ { { "query", NULL } }, "mine", "query", "is missing" },
		{ { { "pos", "[\"{out2}\"]" } }, "mine", "pos", "not a text" },
		{ { { "query", "\"{out3}\"" } }, "mine", "query", "{out3}" },
		{ { { "query", "\"{fence:out3}\"" } }, "mine", "query",
		    "{fence:out3}" },
		{ { { "pos", "\"{out2}{prefix}\"" } }, "mine", "pos",
		    "{prefix}, unknown with 2 steps" },
		{ { { "query", "\"{out1}\"" }, { "pos", "\"{text}\"" } },
		    "mine", "query", "last step's output" },
		{ { { "query", "\"{out2}\"" } }, "mine", "steps[1].inputs",
		    "composite is the query" },
		{ { { "needs_similar", "false" },
		      { "steps.0.inputs", "[\"text\"]" },
		      { "query", "\"{similar}{out1}\"" } },
		    "mine", "query", "uses {similar}" },
		{ { { "steps", "[]" } }, "mine", "query",
		    "{out1}, unknown with 0 steps" },
		/* judge */
		{ { { "judge", NULL } }, "mine", "judge", "is missing" },
		{ { { "judge", "\"\"" } }, "mine", "judge", "not an object" },
		{ { { "judge.mission", NULL } }, "mine", "judge.mission",
		    "is missing" },
		{ { { "judge.query_type", "1" } }, "mine", "judge.query_type",
		    "not a text" },
		{ { { "judge.doc_type", "\"\"" } }, "mine", "judge.doc_type",
		    "not a text" },
		{ { { "judge.yes", "\"{text}\"" } }, "mine", "judge.yes",
		    "{text}" },
		{ { { "judge.no", NULL } }, "mine", "judge.no", "is missing" },
		{ { { "judge.maybe", "\"x\"" } }, "mine", "judge.maybe",
		    "is unknown" },
		/* code languages */
		{ { { "code_languages", "\"python\"" } }, "mine",
		    "code_languages", "not a list" },
		{ { { "code_languages", "[\"python\",\"c++\"]" } }, "mine",
		    "code_languages[1]", "no code language" },
		{ { { "code_languages", "[1]" } }, "mine", "code_languages[0]",
		    "no code language" },
	};
	struct buf want = { 0 };
	struct catalogue *c;
	char *text;
	size_t i;

	for (i = 0; i < sizeof t / sizeof *t; i++) {
		text = changed(t[i].edits, 3);
		c = with(span_of(text));
		want.n = 0;
		buf_fmt(&want, "task row \"%s\": member \"%s\"", t[i].row,
		    t[i].member);
		if (!ok(c == NULL && strstr(why, buf_cstr(&want)) == why &&
			    strstr(why, t[i].what) != NULL,
			"row %zu with a bad %s is refused: %s", i, t[i].member,
			t[i].what))
			tap_show("got", span_of(c ? "accepted" : why));
		catalogue_free(c);
		free(text);
	}
	buf_free(&want);
}

static void
bad_files(void)
{
	static const struct {
		const char *text, *what;
	} t[] = {
		{ "", ":1: " },
		{ " \n ", ":2: " },
		{ "x", ":1: " },
		{ "1", ":1: " },
		{ "\"x\"", ":1: " },
		{ "[{}", ":1: " },
		{ "{\"name\":\"a\",\"name\":\"b\"}", "duplicate" },
		{ "[1]", "task row \"1\": is not an object" },
		{ "[[]]", "task row \"1\": is not an object" },
		{ "{}", "task row \"1\": member \"name\" is missing" },
	};
	struct buf b = { 0 };
	struct catalogue *c;
	size_t i;

	for (i = 0; i < sizeof t / sizeof *t; i++) {
		c = with(span_of(t[i].text));
		if (!ok(c == NULL && strstr(why, t[i].what),
			"the bad file %zu is refused", i))
			tap_show("got", span_of(c ? "accepted" : why));
		catalogue_free(c);
	}
	ok(catalogue_new("/nonexistent", &why) == NULL,
	    "a missing file is refused");
	is_str(why, "/nonexistent: No such file or directory",
	    "the message names the missing file");
	/* The second row is bad, in an array and on lines. */
	buf_fmt(&b, "[%s,{}]", base);
	ok(with(buf_span(&b)) == NULL, "a bad second row is refused");
	is_str(why, "task row \"2\": member \"name\" is missing",
	    "the message counts the rows of an array");
	b.n = 0;
	buf_fmt(&b, "%s\n{}\n", base);
	ok(with(buf_span(&b)) == NULL,
	    "a bad second row on a line of its own is refused");
	is_str(why, "task row \"2\": member \"name\" is missing",
	    "the message counts the rows of lines");
	buf_free(&b);
}

static size_t
size(const struct catalogue *c)
{
	size_t n = 0;

	while (catalogue_at(c, n) != NULL)
		n++;
	return n;
}

static size_t nbuiltin; /* rows of the catalogue without a file */

static void
good_rows(void)
{
	struct catalogue *c, *d;
	const struct task *t;
	struct buf b = { 0 };

	c = with(S(base));
	ok(c != NULL, "a full row is read");
	is_int((long long)size(c), nbuiltin + 1,
	    "a full row follows the built-in rows");
	t = catalogue_at(c, nbuiltin);
	is_str(t->name, "mine", "a row has its name");
	ok(catalogue_find(c, S("mine")) == t, "a row is found by its name");
	is_str(t->instruction, "Find {code_language} in {language}.",
	    "a row has its instruction");
	is_int(t->nsteps, 2, "a row has its number of steps");
	ok(t->steps[0].ninputs == 2 && t->steps[0].inputs[0] == IN_TEXT &&
		t->steps[0].inputs[1] == IN_SIMILAR &&
		t->steps[1].inputs[0] == IN_OUT1 &&
		t->steps[1].inputs[1] == IN_COMPOSITE,
	    "each step has its inputs");
	ok(!t->steps[0].examples && t->steps[1].examples,
	    "only the last step shows examples");
	ok(!t->steps[0].is_code && t->steps[1].is_code,
	    "each step has its kind of output");
	is_str(t->steps[0].instruction, "I1",
	    "the first step has its instruction");
	is_str(t->steps[1].output, "O2", "the second step has its output");
	is_str(
	    t->query, "{out1}\\n{fence:text}", "a row has its query, escaped");
	is_str(t->pos, "{out2}", "a row has its positive");
	is_str(t->mission, "M", "a row has its mission");
	is_str(t->query_type, "Q", "a row has the type of its query");
	is_str(t->doc_type, "D", "a row has the type of its document");
	is_str(t->yes, "Y", "a row has its sentence for yes");
	is_str(t->no, "N", "a row has its sentence for no");
	ok(!t->judged && t->needs_similar && t->needs_target,
	    "a row has its flags");
	ok(task_allows(t, "python") && task_allows(t, "cplusplus") &&
		task_allows(t, "") && !task_allows(t, "c") &&
		!task_allows(t, "pytho"),
	    "a row allows its code languages and no code language");
	/* A printed row is read again, and is the same. */
	catalogue_print(c, nbuiltin, &b);
	ok(b.p[b.n - 1] == '\n' && memchr(b.p, '\n', b.n) == b.p + b.n - 1,
	    "a row is printed as one line");
	d = with(buf_span(&b));
	is_str(task_sha(catalogue_find(d, S("mine"))), task_sha(t),
	    "a printed row is read as the same row");
	catalogue_free(d);
	catalogue_free(c);
	/* Optional members are left out. */
	c = with(S("{\"name\":\"min-1_X\",\"category\":\"c\",\"title\":\"t\","
		   "\"instruction\":\"i {\",\"steps\":[],"
		   "\"query\":\"{prefix}\",\"pos\":\"{suffix}\",\"judge\":"
		   "{\"mission\":\"M\",\"query_type\":\"Q\",\"doc_type\":"
		   "\"D\",\"yes\":\"Y\",\"no\":\"N\"}}"));
	t = catalogue_find(c, S("min-1_X"));
	ok(t != NULL && t->judged && !t->needs_similar && !t->needs_target &&
		t->languages == NULL && t->nsteps == 0 && t->max_overlap == 1 &&
		t->allows == 0 && !t->diff,
	    "a short row gets the defaults");
	ok(task_allows(t, "c") && task_allows(t, "cobol"),
	    "a short row allows any code language");
	catalogue_free(c);
	buf_free(&b);
}

/* What tg-gate alone reads is read, and no part of the hash. */
static void
limits(void)
{
	static const char *const edits[][2] = { { "max_overlap", "0.25" },
		{ "allows", "[\"stop\",\"layout\"]" }, { "diff", "true" } };
	char *text = changed(edits, 3);
	struct catalogue *plain = with(S(base)), *c = with(span_of(text));
	const struct task *t = catalogue_find(c, S("mine"));

	ok(t->max_overlap == .25 && t->diff &&
		t->allows == (ALLOWS_STOP | ALLOWS_LAYOUT),
	    "a row has the limits of tg-gate");
	is_str(task_sha(t), task_sha(catalogue_find(plain, S("mine"))),
	    "the limits of tg-gate change no hash");
	catalogue_free(plain);
	catalogue_free(c);
	free(text);
}

static const char *
title_of(const struct task *t)
{
	return json_string_value(json_object_get(t->row, "title"));
}

/* A row replaces a row of the same name, built in or from a file. */
static void
replacing(void)
{
	static const char *const title[][2] = { { "title", "\"other\"" } };
	static const char *const builtin[][2] = { { "name",
	    "\"web_code_retrieval\"" } };
	static const char *const judged[][2] = { { "judged", "true" } };
	char *other = changed(title, 1), *web = changed(builtin, 1),
	     *yes = changed(judged, 1);
	struct catalogue *c = catalogue_new(NULL, &why), *d;
	const struct task *t;
	struct buf b = { 0 };
	size_t i, at = 0, same = 0;

	for (i = 0; i < nbuiltin; i++)
		if (strcmp(catalogue_at(c, i)->name, "web_code_retrieval") == 0)
			at = i;
	d = with(span_of(web));
	is_int((long long)size(d), nbuiltin,
	    "a row that replaces another adds none");
	t = catalogue_find(d, S("web_code_retrieval"));
	ok(t == catalogue_at(d, at) && strcmp(title_of(t), "T") == 0,
	    "a row that replaces another takes its place");
	ok(strcmp(task_sha(t), task_sha(catalogue_at(c, at))) != 0,
	    "a row that replaces another has another hash");
	for (i = 0; i < nbuiltin; i++)
		same += strcmp(task_sha(catalogue_at(c, i)),
			    task_sha(catalogue_at(d, i))) == 0;
	is_int(
	    (long long)same, nbuiltin - 1, "the other rows keep their hashes");
	catalogue_print(d, at, &b);
	ok(memmem(b.p, b.n, "\"title\":\"T\"", 11) != NULL,
	    "the row that replaces another is printed");
	catalogue_free(d);
	/* A row stands twice in a file, in an array and on lines. */
	for (i = 0; i < 2; i++) {
		b.n = 0;
		buf_fmt(&b, i ? "[%s,%s]" : "%s\n%s\n", base, other);
		d = with(buf_span(&b));
		is_int((long long)size(d), nbuiltin + 1,
		    "a row that is given twice counts once");
		is_str(title_of(catalogue_at(d, nbuiltin)), "other",
		    "the last of two rows with one name counts");
		catalogue_free(d);
	}
	/* Another order of members is the same row, another value is not. */
	d = with(span_of(yes));
	c = (catalogue_free(c), with(S(base)));
	ok(strcmp(task_sha(catalogue_at(c, nbuiltin)),
	       task_sha(catalogue_at(d, nbuiltin))) != 0,
	    "any member changes the hash");
	catalogue_free(d);
	catalogue_free(c);
	buf_free(&b);
	free(other);
	free(web);
	free(yes);
}

/* Every built-in row goes through a file and comes out the same. */
static void
builtin(const struct catalogue *c)
{
	struct buf b = { 0 };
	struct catalogue *d;
	size_t i, k, differ = 0, twice = 0;

	for (i = 0; i < size(c); i++) {
		catalogue_print(c, i, &b);
		for (k = 0; k < i; k++)
			twice += strcmp(catalogue_at(c, i)->name,
				     catalogue_at(c, k)->name) == 0;
	}
	is_int((long long)twice, 0, "no name stands twice in the catalogue");
	d = with(buf_span(&b));
	for (i = 0; d != NULL && i < size(d); i++)
		differ += strcmp(task_sha(catalogue_at(c, i)),
			      task_sha(catalogue_at(d, i))) != 0;
	ok(d != NULL && size(d) == size(c) && differ == 0,
	    "all rows printed and read are the same");
	catalogue_free(d);
	ok(catalogue_find(c, S("web_code_retrieva")) == NULL &&
		catalogue_find(c, S("WEB_CODE_RETRIEVAL")) == NULL &&
		catalogue_find(c, S("")) == NULL &&
		catalogue_find(c, NONE) == NULL,
	    "similar names are not found");
	buf_free(&b);
}

static void
languages(void)
{
	static const struct {
		const char *word, *key, *name;
	} code[] = {
		{ "python", "python", "Python" },
		{ "Python", "python", "Python" },
		{ "PY", "python", "Python" },
		{ "C++", "cplusplus", "C++" },
		{ "c++", "cplusplus", "C++" },
		{ "cpp", "cplusplus", "C++" },
		{ "cplusplus", "cplusplus", "C++" },
		{ "GO", "go", "Go" },
		{ "golang", "go", "Go" },
		{ "Visual Basic", "visual_basic", "Visual Basic" },
		{ "visual_basic", "visual_basic", "Visual Basic" },
		{ "C", "c", "C" },
		{ "c#", "csharp", "C#" },
		{ "Node.js", "javascript", "JavaScript" },
		{ "", "", "" },
		{ "null", "", "" },
		{ "NULL", "", "" },
		{ "brainfuck", NULL, NULL },
		{ "pytho", NULL, NULL },
		{ "pythonn", NULL, NULL },
		{ " python", NULL, NULL },
	};
	static const struct {
		const char *word, *key, *name;
	} natural[] = {
		{ "en", "en", "English" },
		{ "EN", "en", "English" },
		{ "English", "en", "English" },
		{ "zh_tw", "zh_tw", "Traditional Chinese" },
		{ "zh_TW", "zh_tw", "Traditional Chinese" },
		{ "zh", "zh", "Simplified Chinese" },
		{ "traditional chinese", "zh_tw", "Traditional Chinese" },
		{ "", NULL, NULL },
		{ "xx", NULL, NULL },
		{ "e", NULL, NULL },
		{ "english ", NULL, NULL },
	};
	const char *key;
	size_t i;

	for (i = 0; i < sizeof code / sizeof *code; i++) {
		key = language_code_key(span_of(code[i].word));
		is_str(key, code[i].key, "the key of \"%s\" is right",
		    code[i].word);
		if (key != NULL)
			is_str(language_code_name(key), code[i].name,
			    "the key has the name of its language");
	}
	for (i = 0; i < sizeof natural / sizeof *natural; i++) {
		key = language_key(span_of(natural[i].word));
		is_str(key, natural[i].key, "the key of \"%s\" is right",
		    natural[i].word);
		if (key != NULL)
			is_str(language_name(key), natural[i].name,
			    "the key has the name of its language");
	}
	is_str(language_code_key(NONE), "", "a null span has no key");
	is_str(language_code_name("C++"), NULL,
	    "a name is no key of a code language");
	is_str(language_name("English"), NULL,
	    "a name is no key of a natural language");
}

/* All names and aliases of all code languages lead to their own key. */
static void
aliases(void)
{
	struct buf b = { 0 };
	json_error_t err;
	json_t *o, *list, *v;
	const char *key, *word;
	char *line, *end, *upper;
	size_t i, k, n = 0, bad = 0;

	language_print(&b);
	buf_cstr(&b);
	for (line = b.p; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		*end = '\0';
		o = json_loads(line, 0, &err);
		n++;
		key = json_string_value(json_object_get(o, "key"));
		list = json_incref(json_object_get(o, "aliases"));
		json_array_append(list, json_object_get(o, "name"));
		json_array_append(list, json_object_get(o, "key"));
		json_array_foreach (list, i, v) {
			word = json_string_value(v);
			upper = strdup(word);
			for (k = 0; upper[k] != '\0'; k++)
				upper[k] =
				    (char)toupper((unsigned char)upper[k]);
			bad += language_code_key(span_of(word)) == NULL ||
			       strcmp(language_code_key(span_of(word)), key) ||
			       language_code_key(span_of(upper)) == NULL ||
			       strcmp(language_code_key(span_of(upper)), key);
			free(upper);
		}
		json_decref(list);
		json_decref(o);
	}
	is_int((long long)n, 20, "20 code languages are built in");
	is_int((long long)bad, 0,
	    "every name and alias leads to its own language");
	buf_free(&b);
}

static void
paths(void)
{
	static const struct {
		const char *path, *key;
	} rows[] = { { "a.py", "python" }, { "x/y.PY", "python" },
		{ "a.b.ts", "typescript" }, { "a.py/b", NULL },
		{ "a.py/b.go", "go" }, { "py", NULL }, { ".py", "python" },
		{ "a.", NULL }, { "a.pyx", NULL }, { "", NULL } };
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++)
		is_str(language_of_path(span_of(rows[i].path)), rows[i].key,
		    "the ending of \"%s\" tells its language", rows[i].path);
	is_str(language_of_path(NONE), NULL, "no path tells no language");
}

/* The table of pairs, both ways: 32 directions. */
static void
pairs(void)
{
	static const char *const want[][2] = { { "c", "cplusplus" },
		{ "c", "csharp" }, { "c", "java" }, { "cplusplus", "csharp" },
		{ "cplusplus", "java" }, { "csharp", "java" },
		{ "python", "ruby" }, { "python", "perl" }, { "ruby", "perl" },
		{ "javascript", "typescript" }, { "javascript", "php" },
		{ "typescript", "php" }, { "rust", "go" },
		{ "rust", "cplusplus" }, { "go", "cplusplus" },
		{ "python", "cplusplus" } };
	static const char *const keys[] = { "batchfile", "c", "cplusplus",
		"csharp", "fortran", "go", "haskell", "java", "javascript",
		"lua", "perl", "php", "powershell", "python", "ruby", "rust",
		"shell", "sql", "typescript", "visual_basic", "", "nonsense" };
	const char *a, *b;
	size_t i, k, n, directions = 0, unknown = 0;
	uint64_t draw;
	int found;

	for (i = 0; i < sizeof keys / sizeof *keys; i++) {
		n = 0;
		for (k = 0; k < 16; k++)
			n += strcmp(want[k][0], keys[i]) == 0 ||
			     strcmp(want[k][1], keys[i]) == 0;
		directions += n;
		if (n == 0) {
			is_str(language_code_partner(keys[i], 3), NULL,
			    "%s has no partner", keys[i]);
			continue;
		}
		/* Each partner is drawn once in a round, for several rounds. */
		for (draw = 0; draw < n; draw++) {
			a = language_code_partner(keys[i], draw);
			found = 0;
			for (k = 0; a != NULL && k < 16; k++)
				found += (!strcmp(want[k][0], keys[i]) &&
					     !strcmp(want[k][1], a)) ||
					 (!strcmp(want[k][1], keys[i]) &&
					     !strcmp(want[k][0], a));
			for (k = 0; a != NULL && k < draw; k++)
				if (strcmp(language_code_partner(keys[i], k),
					a) == 0)
					found = 2;
			unknown += found != 1;
			b = language_code_partner(
			    keys[i], draw + n * 1000000007);
			unknown += a == NULL || b == NULL || strcmp(a, b) != 0;
		}
	}
	is_int(
	    (long long)directions, 32, "the table of pairs has 32 directions");
	is_int((long long)unknown, 0,
	    "each draw gives a partner in the table, each once a round");
	ok(language_code_partner("python", UINT64_MAX) != NULL,
	    "the largest draw gives a partner");
}

int
main(void)
{
	struct catalogue *c = catalogue_new(NULL, &why);

	if (c == NULL) {
		printf("Bail out! %s\n", why);
		return 3;
	}
	nbuiltin = size(c);
	builtin(c);
	languages();
	aliases();
	paths();
	pairs();
	catalogue_free(c);
	bad_rows();
	bad_files();
	good_rows();
	limits();
	replacing();
	catalogue_free(NULL);
	return done();
}
