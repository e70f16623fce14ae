/* response: makes the job of a record, and puts the answers into it */
#include "response.h"

#include <string.h>

#include "base/text.h"
#include "json/find.h"
#include "json/string.h"

enum { SAMPLES_MAX = 1000 }; /* as many as -n may ask for */

int
response_wanted(const struct rec *r, const struct llm_opts *o)
{
	return rec_state(r) == REC_ASKED &&
	       (o->only == REC_NO_KIND || o->only == rec_kind(r, "request"));
}

/* Set the samples that a request asks for: 0, or -1 if that is no number. */
static int
set_samples(
    struct chat_job *j, struct span request, enum rec_kind kind, int choices)
{
	long long n =
	    js_int(js_find(request, "n"), kind == REC_JUDGE ? 1 : choices);
	long long first = js_int(js_find(request, "first"), 0);

	if (n < 1 || n > SAMPLES_MAX || first < 0 || first > SAMPLES_MAX)
		return -1;
	j->skip = (int)first;
	j->want = (int)(first + n);
	return 0;
}

enum rec_kind
response_job(struct rec *r, const struct llm_opts *o, struct chat_job *j)
{
	enum rec_kind kind = rec_kind(r, "request");
	struct span request = rec_tg(r, "request");
	const char *bad;

	j->ask = request_ask_of(request);
	j->kind = rec_kind_name(kind);
	j->length_ok = kind == REC_JUDGE;
	/* no program shows the reasoning behind negatives */
	j->keep_reasoning = kind != REC_NEGATIVES;
	j->stored_only = span_is(rec_tg(r, "replay"), "true");
	if (kind == REC_NO_KIND || js_count(j->ask.messages) == 0)
		rec_error(r, "bad_request_member",
		    "tg.request needs a kind and messages");
	else if ((bad = request_bad_param(&j->ask)) != NULL)
		rec_error(r, "bad_request_member",
		    "tg.request.params.%s is not what that member has to be; "
		    "see tg-llm(1), Parameters",
		    bad);
	else if (set_samples(j, request, kind, o->choices) == -1)
		rec_error(r, "bad_request_member",
		    "n or first of tg.request is not a number in 1..%d",
		    SAMPLES_MAX);
	return r->failed ? REC_NO_KIND : kind;
}

/* Append an answer with all its reasoning as a string of JSON. */
static void
add_whole(struct buf *b, const struct reply_choice *c)
{
	struct buf all = { 0 };

	if (c->reasoning.n > 0) {
		buf_adds(&all, "<think>\n");
		buf_addspan(&all, text_trim(c->reasoning));
		buf_adds(&all, "\n</think>\n\n");
	}
	buf_addspan(&all, c->whole.p != NULL ? c->whole : c->text);
	js_quote(b, buf_span(&all));
	buf_free(&all);
}

/* Append prompt and answer to tg.log, for tg-emit --debug. */
static void
keep_log(struct rec *r, const struct chat_job *j, const char *kind, int step)
{
	struct span old = rec_tg(r, "log"), prompt;
	struct span messages = js_find(rec_tg(r, "request"), "messages");
	size_t n = js_count(messages);
	struct buf b = { 0 };

	prompt = js_find(js_at(messages, n ? n - 1 : 0), "content");
	buf_addc(&b, '[');
	if (js_count(old) > 0) {
		buf_add(&b, old.p + 1, old.n - 2);
		buf_addc(&b, ',');
	}
	buf_fmt(&b, "{\"kind\":\"%s\",\"step\":%d,\"prompt\":", kind, step);
	buf_addspan(&b, prompt.p ? prompt : span_of("null"));
	buf_adds(&b, ",\"answer\":");
	add_whole(&b, &j->choices[0]);
	buf_adds(&b, "}]");
	rec_tg_put(r, "log", rec_hold(r, &b));
}

void
response_put(struct rec *r, const struct chat_job *j, int keep)
{
	struct buf b = { 0 };
	size_t room = 512;
	int i, step = rec_step(r, "request");
	const char *kind = rec_kind_name(rec_kind(r, "request"));
	struct span output = js_find(rec_tg(r, "request"), "output_kind");

	if (keep && j->nchoices > 0)
		keep_log(r, j, kind, step);
	for (i = 0; i < j->nchoices; i++)
		room += j->choices[i].text.n + 64;
	buf_need(&b, room);
	buf_fmt(&b, "{\"kind\":\"%s\",\"step\":%d,", kind, step);
	if (span_is(output, "\"code\""))
		buf_adds(&b, "\"output_kind\":\"code\",");
	buf_adds(&b, "\"choices\":[");
	for (i = 0; i < j->nchoices; i++) {
		if (i > 0)
			buf_addc(&b, ',');
		reply_choice_write(&b, &j->choices[i], 0);
	}
	buf_addc(&b, ']');
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
	return rec_kind(r, "request") == REC_NEGATIVES &&
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
