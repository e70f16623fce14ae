/* tg-judge - read the judge's verdict: keep the pair, or reject it */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "io/io.h"
#include "json/find.h"
#include "judgement.h"
#include "record/calibration.h"
#include "record/filter.h"

/* Numbers of judgements that were decided upon. */
struct counts_judged {
	size_t first, unsure, no_p;    /* judgements of a first judge */
	size_t second, kept, rejected; /* those of a second one; of these, the
					* pairs that it decides otherwise */
};

struct judge {
	int keep_rejected, again;
	double min_p; /* least number of a pair that is kept; -1: not given */
	const char *file; /* file of the calibration; NULL: not given */
	struct calibration calibration;
	double low, high;    /* band of --unsure; high -1: not given */
	const char *summary; /* file for the counts; NULL: none */
	struct counts_judged n;
};

/* Store "LOW,HIGH" in the struct judge at. */
static void
set_unsure(void *at, const char *value)
{
	struct judge *o = at;

	if (num_band(value, &o->low, &o->high) == -1)
		options_refuse("--unsure: give two numbers in 0..1, the lower "
			       "one first, as 0.2,0.8");
}

#define AT(member) OPTION_AT(struct judge, member)

static const struct option_def options[] = {
	{ "keep-rejected", 0, OPTION_FLAG, OPTION_ANSWER, NULL,
	    "only note the verdict, reject nothing", AT(keep_rejected) },
	{ "min-p", 0, OPTION_REAL, OPTION_ANSWER, "P",
	    "let the judge's number p decide, not the digit: keep a pair from "
	    "P on, with --calibration one whose calibrated number is P",
	    AT(min_p), .max = 1 },
	{ "calibration", 0, OPTION_STRING, OPTION_ANSWER, "FILE",
	    "note the calibrated number, by a file of tg-calibrate, and let it "
	    "decide: keep a pair from the file's threshold on",
	    AT(file) },
	{ "unsure", 0, OPTION_STRING, OPTION_ANSWER, "LOW,HIGH",
	    "have a pair whose number lies there judged again, by a second "
	    "judge: its judgement becomes tg.judge_first",
	    .set = set_unsure },
	{ "again", 0, OPTION_FLAG, OPTION_ANSWER, NULL,
	    "decide anew about pairs that were judged before, also those that "
	    "tg-judge rejected, and ask nobody",
	    AT(again) },
	{ "summary", 0, OPTION_STRING, OPTION_RUN, "FILE",
	    "write there how many pairs were judged, and what a second judge "
	    "changed, as JSON",
	    AT(summary) },
	{ OPTION_MAX_LINE_DEF },
	OPTIONS_COMMON,
};

static const struct program program = {
	.name = "tg-judge",
	.forms = { { 1, "", "[file ...]" } },
	.options = options,
	.about = "Read the verdict of records that the judge has answered into "
		 "tg.judge.\n"
		 "1 keeps the pair; 0 (not of the stated kind) and 2 (does not "
		 "belong\n"
		 "together) end it as rejected; anything else is an error. Of "
		 "several\n"
		 "answers the majority is the verdict. The number p, from 0 to "
		 "1, says how\n"
		 "likely the judge found 1: it comes from tg-llm --logprobs, "
		 "or is the\n"
		 "share of 1 among the answers of tg-prompt judge --votes.\n",
	.notes =
	    "Example: tg-prompt judge -t code_summary_retrieval < pairs.jsonl "
	    "|\n"
	    "             tg-llm --logprobs 5 | tg-judge --min-p 0.8 |\n"
	    "             jq -c .tg.judge\n",
};

/* Fates of a pair that was judged. */
enum fate { KEPT, JUDGE_0, JUDGE_2, LOW_P, NO_P };

/* Return the fate that the digit gives a pair. */
static enum fate
by_digit(const struct judgement *g)
{
	return g->verdict == 1 ? KEPT : g->verdict == 0 ? JUDGE_0 : JUDGE_2;
}

/* Return whether an option needs the judge's number. */
static int
wants_number(const struct judge *o)
{
	return o->min_p >= 0 || o->file != NULL || o->high >= 0;
}

/*
 * Return the fate of a pair by the judgement of a first judge. Set *calibrated,
 * to -1 without a calibration, and *unsure to whether a second judge is to
 * decide.
 */
static enum fate
by_number(const struct judge *o, struct rec *r, const struct judgement *g,
    double *calibrated, int *unsure)
{
	const struct calibration_curve *curve = NULL;
	double value = g->p;
	int keeps;

	if (!wants_number(o))
		return by_digit(g);
	if (g->p < 0)
		return NO_P;
	if (o->file != NULL) {
		curve = calibration_curve_of(
		    &o->calibration, rec_tg_str(r, "task"));
		*calibrated = value =
		    judgement_rounded(calibration_value(curve, g->p));
	}
	*unsure = value >= o->low && value <= o->high;
	if (o->min_p < 0 && curve == NULL)
		return by_digit(g);
	keeps =
	    o->min_p >= 0 ? value >= o->min_p : calibration_keeps(curve, g->p);
	return keeps ? KEPT : LOW_P;
}

/* End a record as its fate wants it. */
static void
end_record(struct rec *r, enum fate fate)
{
	if (fate == JUDGE_0)
		rec_reject(r, "judge_0",
		    "the judge finds query or positive not of their kind");
	if (fate == JUDGE_2)
		rec_reject(r, "judge_2",
		    "the judge finds that query and positive do not match");
	if (fate == LOW_P)
		rec_reject(r, "low_p",
		    "the judge's number is lower than that of a pair that is "
		    "kept");
	if (fate == NO_P)
		rec_error(r, "judge_no_p",
		    "the judge's answer has no number p, which --min-p, "
		    "--calibration and --unsure need: ask with tg-llm "
		    "--logprobs 5 or, where the server gives none, with "
		    "tg-prompt judge --votes 5");
}

/* Leave a pair to a second judge; keeps: whether the first would keep it. */
static void
pass_on(struct rec *r, struct buf *b, int keeps)
{
	b->n--; /* the last brace */
	buf_fmt(b, ",\"kept\":%s}", keeps ? "true" : "false");
	rec_tg_put(r, "judge_first", rec_hold(r, b));
	rec_tg_del(r, "judge");
}

/* Note a judgement in its record, and decide. */
static void
decide(struct judge *o, struct rec *r, const struct judgement *g)
{
	struct span first = rec_tg(r, "judge_first");
	int is_second = js_is_there(first), unsure = 0, had;
	double calibrated = -1;
	struct buf b = { 0 };
	enum fate fate;

	/* the numbers of another judge mean something else */
	fate =
	    is_second ? by_digit(g) : by_number(o, r, g, &calibrated, &unsure);
	judgement_write(&b, g, calibrated);
	o->n.first += !is_second;
	o->n.second += is_second;
	o->n.no_p += fate == NO_P;
	if (is_second) {
		had = span_is(js_find(first, "kept"), "true");
		o->n.kept += !had && fate == KEPT;
		o->n.rejected += had && fate != KEPT;
	}
	if (unsure) {
		o->n.unsure++;
		pass_on(r, &b, fate == KEPT);
		return;
	}
	rec_tg_put(r, "judge", rec_hold(r, &b));
	if (!o->keep_rejected)
		end_record(r, fate);
}

/* Return whether a record was ended by this program for what a judge said. */
static int
is_ended_here(struct rec *r)
{
	struct span error = rec_tg(r, "error");
	struct span end = js_is_there(error) ? error : rec_tg(r, "rejected");

	return span_is(js_string(js_find(end, "tool"), &r->mem), "tg-judge") &&
	       (!js_is_there(error) ||
		   span_is(js_string(js_find(error, "code"), &r->mem),
		       "judge_no_p"));
}

static enum filter_did
judge_record(struct filter *f, struct rec *r)
{
	struct judge *o = f->ctx;
	enum rec_state state;
	struct judgement g;

	if (rec_answered(r, REC_JUDGE)) {
		judgement_read(&g, r);
		if (g.verdict == -1) {
			rec_error(r, "judge_unreadable",
			    "the judge's answer is not 0, 1 or 2");
			return FILTER_PASS;
		}
		rec_tg_del(r, "response");
		decide(o, r, &g);
		return FILTER_PASS;
	}
	state = rec_state(r);
	if (!o->again || judgement_reread(&g, rec_tg(r, "judge")) == -1 ||
	    (state != REC_PAIRED && (state != REC_ENDED || !is_ended_here(r))))
		return FILTER_PASS;
	rec_tg_del(r, "rejected");
	rec_tg_del(r, "error");
	decide(o, r, &g);
	return FILTER_PASS;
}

static void
add_counts(struct filter *f, struct buf *out)
{
	const struct counts_judged *n = &((const struct judge *)f->ctx)->n;

	buf_fmt(out,
	    ",\"judged\":{\"first\":%zu,\"unsure\":%zu,\"no_p\":%zu,"
	    "\"second\":%zu,\"second_keeps\":%zu,\"second_rejects\":%zu}",
	    n->first, n->unsure, n->no_p, n->second, n->kept, n->rejected);
}

/* Say the counts that are about a second judge, or about a missing number. */
static void
say_counts(struct filter *f)
{
	const struct counts_judged *n = &((const struct judge *)f->ctx)->n;

	if (n->no_p > 1)
		io_warn("%zu pairs have no number", n->no_p);
	if (f->count_file != NULL)
		return;
	if (n->unsure > 0)
		io_warn("%zu of %zu pairs are left to a second judge: "
			"tg-prompt judge asks again",
		    n->unsure, n->first);
	if (n->second > 0)
		io_warn("a second judge decided about %zu pairs: it keeps %zu "
			"that the first would reject, and rejects %zu that it "
			"would keep",
		    n->second, n->kept, n->rejected);
}

/* Read the file of the calibration. */
static void
open_calibration(struct judge *o)
{
	const char *why;
	int status;

	if (o->file == NULL)
		return;
	if (calibration_read(&o->calibration, o->file, &why) == 0)
		return;
	status = io_file_status(errno);
	io_warn("--calibration: %s", why);
	exit(status);
}

int
main(int argc, char *argv[])
{
	static struct judge o = { .min_p = -1, .high = -1 };
	struct filter f = {
		.program = &program,
		.serve = judge_record,
		.ctx = &o,
		.counts = add_counts,
		.end = say_counts,
		.once_code = "\"judge_no_p\"",
	};
	char **files = filter_options(&f, &o, argc, argv);
	const char *const inputs[] = { o.file, NULL };

	f.count_file = o.summary;
	filter_output("--summary", o.summary, o.file != NULL ? inputs : NULL);
	open_calibration(&o);
	return filter_run(&f, files);
}
