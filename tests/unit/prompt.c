/* prompt: the prompts of a task, and the texts that its row composes */
#include "task/prompt.h"

#include "plain.h"
#include "tap.h"

static struct values
values(const char *text)
{
	struct values v = { 0 };

	v.of[VALUE_TEXT] = escaped(span_of(text));
	v.of[VALUE_SIMILAR] = S("similar code");
	v.of[VALUE_OUT1] = S("first output");
	v.of[VALUE_LANGUAGE] = S("English");
	v.of[VALUE_CODE_LANGUAGE] = S("Python");
	v.of[VALUE_TGT_CODE_LANGUAGE] = S("Ruby");
	return v;
}

static int
ends_in(struct span s, struct span end)
{
	return s.n >= end.n && memcmp(s.p + s.n - end.n, end.p, end.n) == 0;
}

static void
compose(void)
{
	struct values v = values("a `b` {language}\n"), absent = { 0 };
	struct buf b = { 0 };
	struct span bad = NONE;

	v.of[VALUE_OUT2] = S("");
	v.of[VALUE_PREFIX] = S("pre");
	v.of[VALUE_SUFFIX] = S("```");
	ok(template_expand(
	       &b, "{prefix}|{text}|{similar}|{out1}|{out2}", &v, &bad) == 0,
	    "a template with all values expands");
	is_span(plain(&b),
	    S("pre|a `b` {language}\n|similar code|first output|"),
	    "values stand in their places and are not expanded again");
	b.n = 0;
	ok(template_expand(
	       &b, "Q:\\n{fence:text}\\n{fence:suffix}", &v, &bad) == 0,
	    "a template with fences expands");
	is_span(plain(&b), S("Q:\n```\na `b` {language}\n\n```\n````\n```\n````"),
	    "a fence has enough backticks and a newline behind any text");
	b.n = 0;
	template_expand(&b, "{language}{code_language}{tgt_code_language}", &v,
	    &bad);
	is_span(plain(&b), S("EnglishPythonRuby"),
	    "names of languages are expanded");
	ok(template_expand(&b, "{out2}{text}", &absent, &bad) == -1,
	    "a template with an absent value does not expand");
	is_span(bad, S("out2"), "the absent value is named");
	ok(template_expand(&b, "x {fence:suffix}", &absent, &bad) == -1 &&
		ends_in(bad, S("suffix")),
	    "an absent value in a fence is named");
	b.n = 0;
	prompt_prose(&b, "{code_language} code to {tgt_code_language} code, "
			 "in {language}", &v);
	is_span(plain(&b), S("Python code to Ruby code, in English"),
	    "names of languages are expanded in prose");
	b.n = 0;
	v.of[VALUE_CODE_LANGUAGE] = S("");
	v.of[VALUE_TGT_CODE_LANGUAGE] = S("");
	prompt_prose(&b, "{code_language} code to {tgt_code_language} code",
	    &v);
	is_span(plain(&b), S("code to code"),
	    "prose without languages has no gaps");
	buf_free(&b);
}

static void
inputs(void)
{
	struct task t = { .query = "{out1}: {fence:text}" };
	struct values v = values("x = ```"), absent = { 0 };
	struct buf b = { 0 };
	struct span bad = NONE;

	t.steps[0] = (struct task_step){ .inputs = { IN_TEXT }, .ninputs = 1 };
	t.steps[1] = (struct task_step){ .inputs = { IN_OUT1, IN_SIMILAR },
		.ninputs = 2 };
	ok(prompt_document(&b, &t, 0, &v, NULL, 0, &bad) == 0,
	    "the input of one document is written");
	is_span(plain(&b), S("\nInput:\n````\nx = ```\n````\n\nOutput:"),
	    "one document stands in a fence");
	b.n = 0;
	ok(prompt_document(&b, &t, 1, &v, NULL, 0, &bad) == 0,
	    "two inputs are written");
	is_span(plain(&b),
	    S("\nFirst input:\n```\nfirst output\n```\n\n"
	      "Second input:\n```\nsimilar code\n```\n\nOutput:"),
	    "two inputs stand in labelled fences");
	b.n = 0;
	t.steps[1].inputs[0] = IN_COMPOSITE;
	prompt_document(&b, &t, 1, &v, NULL, 0,
	    &bad);
	is_span(plain(&b),
	    S("\nFirst input:\n`````\nfirst output: ````\nx = ```\n````\n`````"
	      "\n\nSecond input:\n```\nsimilar code\n```\n\nOutput:"),
	    "the composed query can be an input");
	ok(prompt_document(&b, &t, 0, &absent, NULL, 0, &bad) == -1 &&
		span_is(bad, "text"),
	    "a missing text is named");
	absent.of[VALUE_TEXT] = S("x");
	ok(prompt_document(&b, &t, 1, &absent, NULL, 0, &bad) == -1 &&
		span_is(bad, "out1"),
	    "a missing answer of the step before is named");
	absent.of[VALUE_OUT1] = S("x");
	ok(prompt_document(&b, &t, 1, &absent, NULL, 0, &bad) == -1 &&
		span_is(bad, "similar"),
	    "a missing similar is named");
	buf_free(&b);
}

/* Return whether two prompts are the same up to their documents. */
static int
shared(const struct buf *a, struct span tail_a, const struct buf *b,
    struct span tail_b)
{
	size_t n = a->n - tail_a.n;

	return ends_in(buf_span(a), tail_a) && ends_in(buf_span(b), tail_b) &&
	    n == b->n - tail_b.n && memcmp(a->p, b->p, n) == 0 && n > 300;
}

static int
has(const struct buf *b, const char *s)
{
	return memmem(b->p, b->n, s, strlen(s)) != NULL;
}

/* Return all of a prompt, as plain text. */
static int
all(struct buf *b, const struct task *t, int step, const struct values *v,
    const struct example *const *ex, int nex, struct span *bad)
{
	int got;

	b->n = 0;
	prompt_head(b, t, step, v);
	got = prompt_document(b, t, step, v, ex, nex, bad);
	plain(b);
	return got;
}

/* What a step's prompt must end in: less the line before its input. */
static void
tail(struct buf *b, const struct task *t, int step, const struct values *v)
{
	struct buf in = { 0 };
	struct span bad, s;

	prompt_document(&in, t, step, v, NULL, 0, &bad);
	s = plain(&in);
	b->n = 0;
	/* "Input:" is the same for all */
	if (t->steps[step].ninputs == 1)
		buf_add(b, s.p + 8, s.n - 8);
	else
		buf_add(b, s.p + 1, s.n - 1);
	buf_free(&in);
}

/* Give values the first phrasing of each axis of a task. */
static void
first_phrasings(struct values *v, const struct task *t)
{
	static struct vary_value drawn[AXES + 1];
	static struct buf text[AXES + 1];
	size_t i;

	v->nvary = 0;
	for (i = 0; i < t->naxes; i++) {
		text[i].n = 0;
		prompt_prose(&text[i], t->axes[i].of[0].text, v);
		drawn[i] = (struct vary_value){ t->axes[i].name,
			buf_span(&text[i]) };
	}
	v->vary = drawn;
	v->nvary = t->naxes;
}

static void
generate(const struct catalogue *c)
{
	static const struct example one = { { "ex {text} in ```", 16 },
		{ "ex out", 6 } };
	static const struct example two = { { "other", 5 }, { "more out", 8 } };
	const struct example *ex[] = { &one, &two };
	struct values v = values("print(1) # {language} ```"),
		      w = values("a longer text\nof two lines\n");
	struct buf a = { 0 }, b = { 0 }, ta = { 0 }, tb = { 0 };
	const struct task *t;
	struct span bad;
	size_t i;
	int s, k, apart = 0, braces = 0, unfinished = 0, failed = 0, steps = 0;

	w.of[VALUE_OUT1] = S("another output");
	for (i = 0; (t = catalogue_at(c, i)) != NULL; i++) {
		first_phrasings(&v, t);
		w.vary = v.vary;
		w.nvary = v.nvary;
		for (s = 0; s < t->nsteps; s++)
			for (k = 0; k <= 2; k++) {
				a.n = b.n = 0;
				failed +=
				    all(&a, t, s, &v, ex, k, &bad) == -1;
				failed +=
				    all(&b, t, s, &w, ex, k, &bad) == -1;
				tail(&ta, t, s, &v);
				tail(&tb, t, s, &w);
				apart += !shared(&a, buf_span(&ta), &b,
				    buf_span(&tb));
				braces += has(&b, "{language}") ||
				    has(&b, "{code_language}") ||
				    has(&b, "{tgt_code_language}") ||
				    has(&b, "  ") != has(&tb, "  ");
				unfinished +=
				    (has(&b, "````\nex {text} in ```\n````") !=
					(k >= 1)) ||
				    (has(&b, "ex out") != (k >= 1)) ||
				    (has(&b, "more out") != (k >= 2));
				steps++;
			}
	}
	ok(steps > 200, "there are prompts for more than 200 cases");
	is_int(failed, 0, "every prompt can be made");
	is_int(
	    apart, 0, "prompts end in the document and are the same before it");
	is_int(braces, 0, "no prompt has a placeholder or a gap");
	is_int(unfinished, 0, "prompts hold the given number of examples");
	v.of[VALUE_TEXT] = NONE;
	t = catalogue_find(c, S("web_code_retrieval"));
	ok(all(&a, t, 0, &v, NULL, 0, &bad) == -1 && span_is(bad, "text"),
	    "a record without a text has no prompt");
	buf_free(&a);
	buf_free(&b);
	buf_free(&ta);
	buf_free(&tb);
}

static void
pairs(const struct catalogue *c)
{
	/* the lines behind the pair */
	static const char wrong[] =
	    "\nWrite a document about a neighbouring need, one that somebody "
	    "with this query would open and find to be the wrong thing.\n"
	    "Wrong document:";
	static const char digits[] =
	    "\nThink of what the document really does. 0 = not of the kind, "
	    "2 = they do not belong together, 1 = they belong together.\n"
	    "Your digit:";
	struct values v = values("x");
	struct span q1 = S("query one ```"), p1 = S("document {language}\\n"),
		    q2 = S("another"), p2 = S("doc");
	struct buf a = { 0 }, b = { 0 }, ta = { 0 }, tb = { 0 };
	const struct task *t;
	size_t i;
	int judge, apart = 0, braces = 0, same = 0;

	for (i = 0; (t = catalogue_at(c, i)) != NULL; i++)
		for (judge = 0; judge < 2; judge++) {
			a.n = b.n = ta.n = tb.n = 0;
			if (judge) {
				prompt_judge(&a, t, &v, q1, p1);
				prompt_judge(&b, t, &v, q2, p2);
			} else {
				prompt_negatives(
				    &a, t, &v, q1, p1, NULL, 1);
				prompt_negatives(
				    &b, t, &v, q2, p2, NULL, 1);
				same += has(&a, "Your digit:");
			}
			if (judge) {
				buf_adds(&ta, "Query:\n````\nquery one ```\n"
					      "````\n\nDocument:\n```\n"
					      "document {language}\n```\n");
				buf_adds(&tb, "Query:\n```\nanother\n```\n\n"
					      "Document:\n```\ndoc\n```\n");
				buf_adds(&ta, digits);
				buf_adds(&tb, digits);
			} else {
				buf_adds(&ta, "Right document:\n```\n"
					      "document {language}\n```\n\n"
					      "Query:\n````\nquery one ```\n"
					      "````\n");
				buf_adds(&tb, "Right document:\n```\ndoc\n"
					      "```\n\nQuery:\n```\nanother\n"
					      "```\n");
				buf_adds(&ta, wrong);
				buf_adds(&tb, wrong);
			}
			plain(&a);
			plain(&b);
			apart += !shared(&a, buf_span(&ta), &b, buf_span(&tb));
			braces += has(&b, "{") || has(&b, "  ") ||
			    has(&b, "..");
		}
	is_int(apart, 0,
	    "prompts of judge and negatives end in the pair and are the same "
	    "before it");
	is_int(braces, 0,
	    "prompts of judge and negatives have no placeholder, gap or second "
	    "full stop");
	is_int(same, 0, "prompts of judge and negatives differ");
	buf_free(&a);
	buf_free(&b);
	buf_free(&ta);
	buf_free(&tb);
}

int
main(void)
{
	const char *why;
	struct catalogue *c = catalogue_new(NULL, &why);

	if (c == NULL) {
		printf("Bail out! %s\n", why);
		return 3;
	}
	compose();
	inputs();
	generate(c);
	pairs(c);
	catalogue_free(c);
	return done();
}
