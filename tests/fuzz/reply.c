/*
 * reply: whatever a server sends is read or refused, the choices survive the
 * cache, and what a message shows harms no terminal. The first byte is the
 * status.
 */
#include "llm/refusal.h"
#include "llm/reply.h"

#include "fuzz.h"
#include "json/find.h"
#include "json/scan.h"
#include "llm/logprobs.h"
#include "llm/marks.h"
#include "llm/verdict.h"
#include "base/text.h"

static const long statuses[] = { 200, 400, 401, 403, 404, 408, 413, 422, 429,
	500, 503 };

static void
stored(const struct reply_choice *c, struct arena *mem)
{
	struct reply_choice back;
	struct buf b = { 0 };
	const char *why = "";
	double score;

	reply_choice_write(&b, c, 1);
	CHECK(js_text(buf_span(&b), &why).p != NULL, "%s", why);
	CHECK(reply_choice_read(buf_span(&b), mem, &back) == 0, "not read");
	CHECK(span_eq(back.text, c->text) &&
		  (back.text.p == NULL) == (c->text.p == NULL),
	    "another text");
	CHECK(span_eq(back.finish_reason, c->finish_reason), "another end");
	CHECK(span_eq(back.model, c->model), "another model");
	CHECK(back.refused == c->refused, "refused or not");
	CHECK(span_eq(back.logprobs, c->logprobs), "other logprobs");
	if (c->logprobs.p != NULL)
		logprobs_score(c->logprobs, &score);
	buf_free(&b);
}

static void
completion(struct span body)
{
	struct arena mem = { 0 };
	struct reply r;
	struct span t;
	const char *why = NULL;
	int i;

	if (reply_read(body, &mem, &r, &why) == -1) {
		CHECK(why != NULL, "no reason");
		arena_free(&mem);
		return;
	}
	CHECK(r.nchoices > 0 && r.nchoices <= 1024, "%d choices", r.nchoices);
	CHECK(r.prompt_tokens >= 0 && r.completion_tokens >= 0 &&
		  r.cached_tokens >= 0,
	    "negative usage");
	for (i = 0; i < r.nchoices; i++) {
		stored(&r.choices[i], &mem);
		if (r.choices[i].text.p != NULL) {
			t = marks_strip(r.choices[i].text, NULL);
			CHECK(t.n <= r.choices[i].text.n, "it grew");
		}
	}
	arena_free(&mem);
}

static const char sent[] = "{\"messages\":[],\"model\":\"m\",\"top_p\":1,"
			   "\"max_tokens\":1,\"seed\":2,\"x\":{}}";

static void
refusal(long status, struct span body)
{
	struct refusal e;
	struct span member;
	size_t i, n, len;

	memset(&e, 'x', sizeof e);
	refusal_read(status, body, &e);
	CHECK(memchr(e.message, '\0', sizeof e.message) != NULL, "no end");
	len = strlen(e.message);
	for (i = 0; i < len; i += n) {
		n = text_utf8(e.message + i, e.message + len);
		CHECK(n > 0, "a message that is not UTF-8");
		CHECK((unsigned char)e.message[i] >= ' ', "a control");
	}
	CHECK(e.code != NULL && *e.code != '\0', "no code");
	CHECK(e.end == REFUSAL_RETRY || e.end == REFUSAL_RECORD ||
		  e.end == REFUSAL_SERVICE,
	    "no end");
	CHECK(e.cap_max >= 0, "a cap of %ld", e.cap_max);
	CHECK(memchr(e.param, '\0', sizeof e.param) != NULL, "no end");
	member = refusal_culprit(&e, span_of(sent));
	CHECK(member.p == NULL || js_has(span_of(sent), member),
	    "a culprit that was not sent");
	CHECK(!span_is(member, "messages"), "what is needed");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span s = { (const char *)data, n };
	long status;

	fuzz_input = s;
	if (n == 0)
		return 0;
	status = statuses[data[0] % (sizeof statuses / sizeof *statuses)];
	s.p++;
	s.n--;
	completion(s);
	refusal(status, s);
	return 0;
}
