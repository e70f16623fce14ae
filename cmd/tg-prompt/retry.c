/* retry: makes an ended record new again */
#include "retry.h"

#include <stddef.h>

#include "base/text.h"
#include "json/find.h"
#include "json/string.h"

enum { COUNT_MAX = 1000000, KINDS = REC_NO_KIND };

int
retry_count(const struct rec *r, enum rec_kind kind)
{
	struct span again = rec_tg(r, "again");
	long long n = again.p != NULL
			  ? js_int(js_find(again, rec_kind_name(kind)), 0)
			  : 0;

	return n > 0 && n < COUNT_MAX ? (int)n : 0;
}

/* Return whether an error lies in an answer that a cache holds. */
static int
is_answers_fault(struct rec *r, struct span error)
{
	static const char codes[] =
	    "truncated|refusal|content_filter|unknown_finish|tool_call|"
	    "only_reasoning|judge_unreadable|query_is_positive";
	struct span code = js_string(js_find(error, "code"), &r->mem);

	if (text_is_one_of(code, span_of(codes)))
		return 1;
	/* an answer that was empty from the start is not kept */
	return span_is(code, "empty_answer") &&
	       !span_is(js_string(js_find(error, "tool"), &r->mem), "tg-llm");
}

/*
 * Mark in fault the kinds of request that must be asked anew. No mark means
 * that the answers of a cache will do.
 */
static void
find_faults(struct rec *r, int fault[KINDS])
{
	struct span error = rec_tg(r, "error");
	struct span rejected =
	    js_string(js_find(rec_tg(r, "rejected"), "code"), &r->mem);
	int is_mirror = js_is_there(rec_tg(r, "mirror")), paired;

	if (!js_is_there(error) && span_is(rejected, "not_applicable"))
		return; /* another try would end in the same way */
	if (!js_is_there(error) && span_is(rejected, "few_negatives")) {
		fault[is_mirror ? REC_MIRROR : REC_NEGATIVES] = 1;
	} else if (!js_is_there(error)) {
		/* a reject needs another pair, or else another verdict */
		fault[is_mirror ? REC_MIRROR : REC_GENERATE] = 1;
		fault[REC_JUDGE] = 1;
	} else if (is_answers_fault(r, error)) {
		/* the state of the record tells what was asked last */
		paired = js_is_there(rec_tg(r, "pair"));
		fault[REC_JUDGE] = paired && !js_is_there(rec_tg(r, "judge"));
		if (is_mirror &&
		    span_is(
			js_string(js_find(error, "tool"), &r->mem), "tg-judge"))
			return;
		fault[is_mirror ? REC_MIRROR
		      : paired  ? REC_NEGATIVES
				: REC_GENERATE] = 1;
	}
}

static void
count_faults(struct rec *r)
{
	int fault[KINDS] = { 0 }, kind, any = 0, n;
	struct buf b = { 0 };

	find_faults(r, fault);
	buf_addc(&b, '{');
	for (kind = 0; kind < KINDS; kind++) {
		any |= fault[kind];
		n = retry_count(r, (enum rec_kind)kind) + fault[kind];
		if (n > 0)
			buf_fmt(&b, "%s\"%s\":%d", b.n > 1 ? "," : "",
			    rec_kind_name((enum rec_kind)kind), n);
	}
	buf_addc(&b, '}');
	if (any)
		rec_tg_put(r, "again", rec_hold(r, &b));
	buf_free(&b);
}

/* Remove what the programs have made of a record. */
static void
forget_all(struct rec *r)
{
	static const char *const made[] = { "error", "rejected", "request",
		"response", "out", "parts", "judge", "judge_first", "log",
		"key", "model", "cached", "vary", "mined", "planted", "verify",
		"verified", "mirrored", NULL };
	static const char *const pair[] = { "prompt", "query", "pos", "neg",
		NULL };
	int i;

	for (i = 0; made[i] != NULL; i++)
		rec_tg_del(r, made[i]);
	if (rec_tg(r, "id").p == NULL || !js_is_there(rec_tg(r, "pair")))
		return;
	for (i = 0; pair[i] != NULL; i++)
		rec_del(r, pair[i]);
	rec_tg_del(r, "pair");
}

/* Return whether a mirror has the documents that it was asked about. */
static int
has_all(const struct rec *r)
{
	long long n = js_int(js_find(rec_tg(r, "mirror"), "negatives"), -1);

	return js_count(rec_get(r, "pos")) == 1 &&
	       (long long)js_count(rec_get(r, "neg")) == n;
}

/* Make an ended mirror one that has no query yet. */
static void
forget_query(struct rec *r)
{
	static const char *const made[] = { "error", "rejected", "request",
		"response", "pair", "judge", "judge_first", "log", "model",
		"verify", "verified", NULL };
	int i;

	for (i = 0; made[i] != NULL; i++)
		rec_tg_del(r, made[i]);
	rec_del(r, "query");
}

void
retry_record(struct rec *r)
{
	if (rec_tg(r, "raw").p != NULL)
		return; /* the line never was a record */
	if (js_is_there(rec_tg(r, "mirror")) && !has_all(r))
		return; /* it lost negatives, and would lose them again */
	count_faults(r);
	if (js_is_there(rec_tg(r, "mirror")))
		forget_query(r);
	else
		forget_all(r);
}

void
retry_cached(struct rec *r)
{
	enum rec_state state = rec_state(r);

	if (!span_is(rec_tg(r, "cached"), "true") ||
	    js_is_there(rec_tg(r, "log")) ||
	    (state != REC_PAIRED && !js_is_there(rec_tg(r, "rejected"))))
		return;
	forget_all(r);
	rec_tg_put(r, "replay", span_of("true"));
}
