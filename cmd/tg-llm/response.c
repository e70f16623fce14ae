/* response: makes the job of a record, and puts the answers into it */
#include "response.h"

#include "json/find.h"
#include "json/string.h"

int
response_wanted(const struct rec *r, const struct llm_opts *o)
{
	return rec_state(r) == REC_ASKED &&
	       (o->only == REC_NO_KIND || o->only == rec_kind(r, "request"));
}

enum rec_kind
response_job(struct rec *r, const struct llm_opts *o, struct chat_job *j)
{
	enum rec_kind kind = rec_kind(r, "request");

	j->ask = request_ask_of(rec_tg(r, "request"));
	j->kind = rec_kind_name(kind);
	j->want = kind == REC_JUDGE ? 1 : o->choices;
	j->length_ok = kind == REC_JUDGE;
	if (kind != REC_NO_KIND && js_count(j->ask.messages) > 0)
		return kind;
	rec_error(
	    r, "bad_request_member", "tg.request needs a kind and messages");
	return REC_NO_KIND;
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
	js_quote(&b, j->choices[0].text);
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

	if (keep)
		keep_log(r, j, kind, step);
	for (i = 0; i < j->nchoices; i++)
		room += j->choices[i].text.n + 64;
	buf_need(&b, room);
	buf_fmt(&b, "{\"kind\":\"%s\",\"step\":%d,\"choices\":[", kind, step);
	for (i = 0; i < j->nchoices; i++) {
		if (i > 0)
			buf_addc(&b, ',');
		reply_choice_write(&b, &j->choices[i], 0);
	}
	buf_adds(&b, "],\"model\":");
	js_quote(&b, j->choices[0].model);
	buf_fmt(&b,
	    ",\"usage\":{\"prompt_tokens\":%lld,\"completion_tokens\":%lld,"
	    "\"cached_tokens\":%lld},\"latency_ms\":%ld,\"attempts\":%d}",
	    j->used.prompt_tokens, j->used.completion_tokens,
	    j->used.cached_tokens, j->latency_ms, j->attempts);
	rec_tg_put(r, "response", rec_hold(r, &b));
	rec_tg_del(r, "request");
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
