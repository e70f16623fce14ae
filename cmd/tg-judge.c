/* tg-judge - read the judge's verdict: 1 stays, 0 and 2 are rejected */
#include "json/find.h"
#include "json/string.h"
#include "llm/logprobs.h"
#include "llm/verdict.h"
#include "record/filter.h"

struct judge {
	int keep_rejected;
};

static const struct option_def options[] = {
	{ "keep-rejected", 0, OPTION_FLAG, OPTION_ANSWER, NULL,
	    "only note the verdict, reject nothing",
	    OPTION_AT(struct judge, keep_rejected) },
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
		 "together) end it as rejected; anything else is an error.\n",
	.notes =
	    "Example: tg-prompt judge -t code_summary_retrieval < pairs.jsonl "
	    "|\n"
	    "             tg-llm | tg-judge | jq -c .tg.judge\n",
};

static void
note_verdict(struct rec *r, int v, struct span answer)
{
	struct span response = rec_tg(r, "response");
	struct span model = js_find(response, "model");
	struct span logprobs =
	    js_find(js_at(js_find(response, "choices"), 0), "logprobs");
	struct buf b = { 0 };
	double p;

	buf_fmt(&b, "{\"verdict\":%d,\"answer\":", v);
	js_quote(&b, answer);
	if (js_is_string(model)) {
		buf_adds(&b, ",\"model\":");
		buf_addspan(&b, model);
	}
	if (js_is_object(logprobs)) {
		buf_adds(&b, ",\"logprobs\":");
		buf_addspan(&b, logprobs);
		if (logprobs_p(logprobs, &p) == 0)
			buf_fmt(&b, ",\"p\":%.6g", p);
	}
	buf_addc(&b, '}');
	rec_tg_put(r, "judge", rec_hold(r, &b));
}

static enum filter_did
judge_record(struct filter *f, struct rec *r)
{
	const struct judge *j = f->ctx;
	struct span answer;
	int v;

	if (!rec_answered(r, REC_JUDGE))
		return FILTER_PASS;
	answer = rec_answer(r);
	if (answer.p == NULL || (v = verdict_read(answer)) == -1) {
		rec_error(r, "judge_unreadable",
		    "the judge's answer is not 0, 1 or 2");
		return FILTER_PASS;
	}
	note_verdict(r, v, answer);
	rec_tg_del(r, "response");
	if (v == 0 && !j->keep_rejected)
		rec_reject(r, "judge_0",
		    "the judge finds query or positive not of their kind");
	if (v == 2 && !j->keep_rejected)
		rec_reject(r, "judge_2",
		    "the judge finds that query and positive do not match");
	return FILTER_PASS;
}

int
main(int argc, char *argv[])
{
	struct judge j = { 0 };
	struct filter f = {
		.program = &program, .serve = judge_record, .ctx = &j
	};

	return filter_run(&f, filter_options(&f, &j, argc, argv));
}
