/* tg-negs - add the cleaned, distinct answers to neg */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "io/counts.h"
#include "io/io.h"
#include "json/find.h"
#include "json/string.h"
#include "record/filter.h"
#include "mirror.h"
#include "rates.h"
#include "record/triplet.h"
#include "task/catalogue.h"
#include "task/negatives.h"
#include "verify.h"

/* tg-llm asks for 1000 answers at most; tg-negs ignores any further ones. */
enum { CHOICES_MAX = 1000 };

struct negs {
	size_t max;        /* negatives that a record has at most */
	size_t least;      /* fewest negatives of a pair that is kept */
	const char *tasks; /* file of catalogue rows; NULL: $TG_TASKS */
	struct catalogue *catalogue;
	const char *summary; /* file for the counts; NULL: none */
	int promote; /* flag: a negative above the positive becomes one */
	struct counts lacking; /* pairs that got no negatives, by the reason */
	struct rates rates;
};

#define AT(member) OPTION_AT(struct negs, member)

static const struct option_def options[] = {
	{ "max", 'n', OPTION_INT, OPTION_ANSWER, "N",
	    "at most N negatives a record", AT(max), .lo = 1,
	    .hi = CHOICES_MAX },
	{ "min-negs", 0, OPTION_INT, OPTION_RUN, "N",
	    "reject a pair that has fewer than N negatives then", AT(least),
	    .hi = CHOICES_MAX },
	{ "promote", 0, OPTION_FLAG, OPTION_ANSWER, NULL,
	    "make negatives positives that answer the query and rank above "
	    "the positive; unless given, they are dropped",
	    AT(promote) },
	{ "tasks", 0, OPTION_STRING, OPTION_ANSWER, "FILE",
	    "add or replace catalogue rows ($TG_TASKS)", AT(tasks) },
	{ "summary", 0, OPTION_STRING, OPTION_RUN, "FILE",
	    "write there how many pairs got no negatives, and the rates of "
	    "false negatives, as JSON",
	    AT(summary) },
	{ OPTION_MAX_LINE_DEF },
	OPTIONS_COMMON,
};

static const struct program program = {
	.name = "tg-negs",
	.forms = { { 1, "", "[file ...]" } },
	.options = options,
	.about =
	    "Add the answers to a request for negatives to neg: cleaned, in "
	    "the order\n"
	    "given, without repeats and without the query or a positive, "
	    "ended as the\n"
	    "positive ends. A pair stays if no answer is left. Of the answers "
	    "to a request to verify, drop "
	    "the\n"
	    "negatives that answer the query, and say how many there were. "
	    "The answer to a\n"
	    "request to mirror becomes the query.\n",
	.notes = "Example: tg-prompt negatives < pairs.jsonl | tg-llm -n 7 | "
		 "tg-negs -n 5\n",
};

/* Append the negatives that a record has, without the last bracket. */
static void
add_old(struct rec *r, struct buf *b)
{
	struct span old = rec_get(r, "neg"), one;
	size_t at = 0;

	buf_addc(b, '[');
	if (js_is_string(old) && old.n > 2)
		buf_addspan(b, old);
	while (js_next(old, &at, &one)) {
		if (b->n > 1)
			buf_addc(b, ',');
		buf_addspan(b, one);
	}
}

/* Learn which texts are code: the response says it, or the task. */
static void
learn_kinds(const struct negs *o, struct rec *r, struct negatives *set)
{
	const struct task *t =
	    catalogue_find(o->catalogue, rec_tg_str(r, "task"));
	struct span response = rec_tg(r, "response");

	set->documents_are_code =
	    span_is(js_find(response, "output_kind"), "\"code\"") ||
	    (t != NULL && task_documents_are_code(t));
	set->queries_are_code =
	    span_is(js_find(response, "query_kind"), "\"code\"") ||
	    (t != NULL && task_queries_are_code(t));
	set->layout_counts = t != NULL && task_layout_counts(t);
}

/*
 * Read the answers as negatives into v, room at most; return how many there
 * are.
 */
static size_t
take_answers(struct rec *r, struct negatives *set, struct span *v, size_t room)
{
	struct span choices = js_find(rec_tg(r, "response"), "choices"), s;
	struct span (*clean)(struct span) =
	    set->documents_are_code ? clean_code : clean_text;
	size_t i, at = 0, n = 0;

	for (i = 0; i < CHOICES_MAX && n < room; i++) {
		if (!js_next(choices, &at, &s))
			break;
		s = js_string(js_find(s, "text"), &r->mem);
		s = negatives_unmark(set, s, clean);
		s = negatives_take(set, s);
		if (s.p != NULL)
			v[n++] = s;
	}
	return n;
}

/*
 * Append the list of old and new negatives to b, and return the number of new
 * ones, room at most.
 */
static size_t
fill_negatives(const struct negs *o, struct rec *r, struct buf *b, size_t room)
{
	struct negatives set = { 0 };
	struct span *v;
	size_t i, n;

	if (!js_is_array(js_find(rec_tg(r, "response"), "choices")))
		return 0;
	learn_kinds(o, r, &set);
	negatives_begin(&set, r);
	v = arena_get(&r->mem, CHOICES_MAX * sizeof *v);
	n = take_answers(r, &set, v, room);
	negatives_free(&set);
	add_old(r, b);
	for (i = 0; i < n; i++) {
		if (b->n > 1)
			buf_addc(b, ',');
		js_quote(b, v[i]);
	}
	buf_addc(b, ']');
	return n;
}

/*
 * Count a pair that got no negative, and say why with its file and line. One
 * that has some has failed only if its request has: answers may repeat.
 */
static void
count_lacking(struct filter *f, struct rec *r, size_t has)
{
	struct negs *o = f->ctx;
	struct span error = js_find(rec_tg(r, "response"), "error");
	struct span code = js_string(js_find(error, "code"), &r->mem);
	struct span why = js_string(js_find(error, "message"), &r->mem);

	if (has > 0 && !js_is_there(error))
		return;
	if (code.p == NULL)
		code = span_of("no_negatives");
	if (why.p == NULL)
		why = span_of("each answer is empty, or a text of the pair");
	counts_add(&o->lacking, code);
	filter_warn(f, "the pair gets no negatives: ", why);
}

/* Add the answers to a request for negatives. */
static void
fill_record(struct filter *f, struct rec *r)
{
	const struct negs *o = f->ctx;
	size_t has = triplet_negatives(rec_get(r, "neg")), added;
	struct buf b = { 0 };

	added = fill_negatives(o, r, &b, has < o->max ? o->max - has : 0);
	if (added > 0) {
		rec_put(r, "neg", rec_hold(r, &b));
		rec_tg_del(r, "verify"); /* the new ones are not verified */
	} else if (has < o->max) {
		count_lacking(f, r, has);
	}
	buf_free(&b);
}

/* Read the answer to a request to verify, and count it if it is unusable. */
static void
check_record(struct filter *f, struct rec *r)
{
	struct negs *o = f->ctx;
	struct verify_fault fault = verify_record(r, o->promote);

	if (fault.code.p == NULL)
		return;
	counts_add(&o->rates.unverified, fault.code);
	filter_warn(f, "the negatives are not verified: ", fault.why);
}

/* Give a mirrored pair the query that the answer holds. */
static void
set_query(const struct negs *o, struct rec *r)
{
	struct negatives set = { 0 };

	learn_kinds(o, r, &set);
	mirror_record(r, &set);
}

static enum filter_did
serve_record(struct filter *f, struct rec *r)
{
	struct negs *o = f->ctx;
	int fills = rec_answered(r, REC_NEGATIVES);
	int checks = rec_answered(r, REC_VERIFY);
	int mirrors = rec_answered(r, REC_MIRROR);

	if (fills)
		fill_record(f, r);
	else if (checks)
		check_record(f, r);
	else if (mirrors)
		set_query(o, r);
	if (fills || checks || mirrors) {
		rec_tg_del(r, "response");
		if (rec_state(r) != REC_ENDED)
			triplet_reject_few(
			    r, triplet_negatives(rec_get(r, "neg")), o->least);
	}
	/* a pair that comes from a cache was verified before */
	if (js_is_there(rec_tg(r, "verify")) &&
	    !js_is_there(rec_tg(r, "error")))
		rates_add(&o->rates, r);
	return FILTER_PASS;
}

/* Append the rates, if anything is known, by the words or the JSON of them. */
static void
add_rates(struct buf *b, const struct negs *o, const char *name,
    void add(struct buf *, const struct rates *))
{
	if (o->rates.pairs + o->rates.unverified.total == 0)
		return;
	buf_adds(b, name);
	add(b, &o->rates);
}

/* Say the counts that are not zero. */
static void
say_counts(const struct negs *o)
{
	struct buf b = { 0 };

	if (o->lacking.total > 0) {
		counts_words(&b, &o->lacking);
		io_warn("%zu pair%s got no negatives (%s)", o->lacking.total,
		    o->lacking.total == 1 ? "" : "s", buf_cstr(&b));
	}
	buf_clear(&b);
	add_rates(&b, o, "", rates_words);
	if (b.n > 0)
		io_warn("%s", buf_cstr(&b));
	buf_free(&b);
}

/* Write the counts, or say them where nobody reads a file: 0, or -1. */
static int
report_counts(struct negs *o)
{
	struct buf b = { 0 };
	int status = 0;

	if (o->summary != NULL) {
		buf_adds(&b, "{\"no_negatives\":");
		counts_json(&b, &o->lacking);
		add_rates(&b, o, ",\"verified\":", rates_json);
		buf_adds(&b, "}\n");
		status = io_replace(o->summary, buf_span(&b));
		if (status == -1)
			io_warn("%s: %s", o->summary, strerror(errno));
	} else {
		say_counts(o);
	}
	buf_free(&b);
	counts_free(&o->lacking);
	rates_free(&o->rates);
	return status;
}

int
main(int argc, char *argv[])
{
	struct negs o = { .max = SIZE_MAX };
	struct filter f = {
		.program = &program, .serve = serve_record, .ctx = &o
	};
	char **files = filter_options(&f, &o, argc, argv);
	int status;

	if (o.least > o.max)
		options_refuse("--min-negs: is more than -n allows");
	filter_output("--summary", o.summary, (const char *const *)files);
	o.catalogue = catalogue_open(o.tasks);
	status = filter_run(&f, files);
	catalogue_free(o.catalogue);
	return report_counts(&o) == -1 ? TG_EX_IO : status;
}
