/* response: makes the job of a record, and puts the answers into it */
#include "response.h"

#include <string.h>

#include "base/text.h"
#include "json/find.h"
#include "json/string.h"
#include "record/judged.h"
#include "rescore.h"

enum {
	SAMPLES_MAX = 1000, /* as many as -n may ask for */
	WAYS_MAX = 100,     /* ways of a request that are asked */
};

int
response_only(const struct rec *r)
{
	enum rec_kind kind = rec_kind(r, "request");

	if (kind == REC_NO_KIND)
		return ONLY_ALL;
	return kind == REC_JUDGE && rec_step(r, "request") == JUDGE_SECOND
		   ? ONLY_SECOND
		   : (int)kind;
}

int
response_wanted(const struct rec *r, const struct llm_opts *o)
{
	return rec_state(r) == REC_ASKED &&
	       (o->only == ONLY_ALL || o->only == response_only(r));
}

/* Return whether a request of a kind is for one answer, whatever -n says. */
static int
asks_once(enum rec_kind kind)
{
	return kind == REC_JUDGE || kind == REC_VERIFY || kind == REC_MIRROR ||
	       kind == REC_RESCORE;
}

/*
 * Set the samples that a request asks for, or that its way does where that says
 * so: 0, or -1 if that is no number.
 */
static int
set_samples(struct chat_job *j, struct span request, struct span way,
    enum rec_kind kind, int choices)
{
	struct span own = js_find(way, "n");
	long long n = js_int(own.p != NULL ? own : js_find(request, "n"),
	    asks_once(kind) ? 1 : choices);
	long long first = js_int(js_find(request, "first"), 0);

	if (n < 1 || n > SAMPLES_MAX || first < 0 || first > SAMPLES_MAX)
		return -1;
	j->skip = (int)first;
	j->want = (int)(first + n);
	return 0;
}

int
response_ways(const struct rec *r, const struct llm_opts *o)
{
	size_t n = js_count(js_find(rec_tg(r, "request"), "ways"));
	struct request_ask ask = request_ask_of(rec_tg(r, "request"));

	if (ask.query.p != NULL)
		return rescore_ways(&ask, o);
	return n == 0 ? 1 : n > WAYS_MAX ? WAYS_MAX : (int)n;
}

enum rec_kind
response_job(
    struct rec *r, const struct llm_opts *o, struct chat_job *j, int way)
{
	enum rec_kind kind = rec_kind(r, "request");
	struct span request = rec_tg(r, "request");
	struct span one = js_at(js_find(request, "ways"), (size_t)way);
	const char *bad;

	j->ask = request_ask_of(request);
	if (one.p != NULL)
		j->ask.messages = js_find(one, "messages");
	j->kind = rec_kind_name(kind);
	j->length_ok = kind == REC_JUDGE;
	/* no program shows the reasoning behind negatives and mirrors */
	j->keep_reasoning =
	    kind != REC_NEGATIVES && kind != REC_VERIFY && kind != REC_MIRROR;
	j->stored_only = span_is(rec_tg(r, "replay"), "true");
	if (kind == REC_RESCORE) {
		if ((bad = rescore_fault(&j->ask)) != NULL)
			rec_error(r, "bad_request_member", "%s", bad);
		else
			rescore_narrow(&j->ask, o, way, &r->mem);
		j->want = 1;
	} else if (kind == REC_NO_KIND || js_count(j->ask.messages) == 0)
		rec_error(r, "bad_request_member",
		    "tg.request needs a kind and messages");
	else if ((bad = request_bad_param(&j->ask)) != NULL)
		rec_error(r, "bad_request_member",
		    "tg.request.params.%s is not what that member has to be; "
		    "see tg-llm(1), Parameters",
		    bad);
	else if (set_samples(j, request, one, kind, o->choices) == -1)
		rec_error(r, "bad_request_member",
		    "n or first of tg.request is not a number in 1..%d",
		    SAMPLES_MAX);
	return r->failed ? REC_NO_KIND : kind;
}

/* Return whether a failure of a way is that of the whole request. */
static int
is_stopped(const struct chat_job *j)
{
	return j->left || (j->code != NULL && strcmp(j->code, "stopped") == 0);
}

void
response_join(
    struct rec *r, struct chat_job *first, const struct chat_job *other)
{
	int n = first->nchoices + other->nchoices;
	struct reply_choice *all =
	    arena_get(&r->mem, (size_t)(n + 1) * sizeof *all);

	if (first->nchoices > 0)
		memcpy(
		    all, first->choices, (size_t)first->nchoices * sizeof *all);
	if (other->nchoices > 0)
		memcpy(all + first->nchoices, other->choices,
		    (size_t)other->nchoices * sizeof *all);
	first->choices = all;
	first->nchoices = n;
	if (is_stopped(other) && !is_stopped(first)) {
		first->left = other->left;
		first->code = other->code;
		memcpy(first->message, other->message, sizeof first->message);
		first->status = other->status;
	} else if (!is_stopped(first) && n > 0) {
		first->code = NULL;
	}
	chat_job_add(first, other);
}

/* Append an answer with all its reasoning. */
static void
add_whole(struct buf *b, const struct reply_choice *c)
{
	if (c->reasoning.n > 0) {
		buf_adds(b, "<think>\n");
		buf_addspan(b, text_trim(c->reasoning));
		buf_adds(b, "\n</think>\n\n");
	}
	buf_addspan(b, c->whole.p != NULL ? c->whole : c->text);
}

/* Append the answer, or all votes of a judge, as a string of JSON. */
static void
add_answer(struct buf *b, const struct chat_job *j, enum rec_kind kind)
{
	int i, n = kind == REC_JUDGE ? j->nchoices : 1;
	struct buf all = { 0 };

	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_addc(&all, '\n');
		add_whole(&all, &j->choices[i]);
	}
	js_quote(b, buf_span(&all));
	buf_free(&all);
}

void
response_log(struct rec *r, const struct chat_job *j)
{
	struct span old = rec_tg(r, "log"), prompt;
	struct span messages = j->ask.messages;
	enum rec_kind kind = rec_kind(r, "request");
	int step = rec_step(r, "request");
	size_t n = js_count(messages);
	struct buf b = { 0 };

	prompt = js_find(js_at(messages, n ? n - 1 : 0), "content");
	buf_addc(&b, '[');
	if (js_count(old) > 0) {
		buf_add(&b, old.p + 1, old.n - 2);
		buf_addc(&b, ',');
	}
	buf_fmt(&b,
	    "{\"kind\":\"%s\",\"step\":%d,\"prompt\":", rec_kind_name(kind),
	    step);
	buf_addspan(&b, prompt.p ? prompt : span_of("null"));
	buf_adds(&b, ",\"answer\":");
	add_answer(&b, j, kind);
	buf_adds(&b, "}]");
	rec_tg_put(r, "log", rec_hold(r, &b));
}

/* Append the choices of a job or, if each is a list of scores, all scores. */
static void
add_choices(struct buf *b, const struct chat_job *j, int are_scores)
{
	struct span list;
	int i;

	buf_adds(b, are_scores ? "\"scores\":[" : "\"choices\":[");
	for (i = 0; i < j->nchoices; i++) {
		if (i > 0)
			buf_addc(b, ',');
		list = j->choices[i].text;
		if (are_scores)
			buf_add(b, list.p + 1, list.n - 2);
		else
			reply_choice_write(b, &j->choices[i], 0);
	}
	buf_addc(b, ']');
}

void
response_put(struct rec *r, const struct chat_job *j, int keep)
{
	/* members that the tool which reads the response needs */
	static const char *const kinds[] = { "output_kind", "query_kind",
		NULL };
	struct buf b = { 0 };
	size_t room = 512;
	int i, step = rec_step(r, "request");
	const char *kind = rec_kind_name(rec_kind(r, "request"));
	struct span request = rec_tg(r, "request");
	struct span orders = js_find(request, "orders");

	/* scores are no words that a log could show */
	if (keep && j->nchoices > 0 && j->ask.query.p == NULL)
		response_log(r, j);
	for (i = 0; i < j->nchoices; i++)
		room += j->choices[i].text.n + 64;
	buf_need(&b, room);
	buf_fmt(&b, "{\"kind\":\"%s\",\"step\":%d,", kind, step);
	for (i = 0; kinds[i] != NULL; i++)
		if (span_is(js_find(request, kinds[i]), "\"code\""))
			buf_fmt(&b, "\"%s\":\"code\",", kinds[i]);
	if (js_is_there(orders)) {
		buf_adds(&b, "\"orders\":");
		buf_addspan(&b, orders);
		buf_addc(&b, ',');
	}
	add_choices(&b, j, rec_kind(r, "request") == REC_RESCORE);
	if (j->nchoices == 0) {
		buf_adds(&b, ",\"error\":{\"code\":");
		js_quote_any(&b, span_of(j->code));
		buf_adds(&b, ",\"message\":");
		js_quote_any(&b, span_of(j->message));
		if (j->status > 0)
			buf_fmt(&b, ",\"status\":%ld", j->status);
		buf_addc(&b, '}');
	} else {
		buf_adds(&b, ",\"model\":");
		js_quote(&b, j->choices[0].model);
	}
	buf_fmt(&b,
	    ",\"usage\":{\"prompt_tokens\":%lld,\"completion_tokens\":%lld,"
	    "\"cached_tokens\":%lld},\"latency_ms\":%ld,\"attempts\":%d}",
	    j->used.prompt_tokens, j->used.completion_tokens,
	    j->used.cached_tokens, j->latency_ms, j->attempts);
	rec_tg_put(r, "response", rec_hold(r, &b));
	rec_tg_del(r, "request");
}

int
response_may_lack(const struct rec *r, const struct chat_job *j)
{
	enum rec_kind kind = rec_kind(r, "request");

	return (kind == REC_NEGATIVES || kind == REC_VERIFY ||
		   kind == REC_RESCORE) &&
	       strcmp(j->code, "stopped") != 0;
}

void
response_fail(struct rec *r, const struct chat_job *j)
{
	struct buf b = { 0 };
	struct span e;

	rec_error(r, j->code, "%s", j->message);
	e = rec_tg(r, "error");
	buf_add(&b, e.p, e.n - 1);
	if (j->status > 0)
		buf_fmt(&b, ",\"status\":%ld", j->status);
	buf_fmt(&b, ",\"attempts\":%d}", j->attempts);
	rec_tg_put(r, "error", rec_hold(r, &b));
}
