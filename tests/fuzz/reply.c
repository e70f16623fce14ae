/*
 * reply: whatever a server sends is read or refused, the choices survive the
 * cache, and what a message shows harms no terminal. The first byte is the
 * status.
 */
#include "llm/embed.h"
#include "llm/rescore.h"
#include "llm/refusal.h"
#include "llm/reply.h"

#include "fuzz.h"
#include "json/find.h"
#include "json/scan.h"
#include "llm/logprobs.h"
#include "llm/marks.h"
#include "llm/verdict.h"
#include "base/clean.h"
#include "base/text.h"

#include <strings.h>

static const long statuses[] = { 200, 400, 401, 403, 404, 408, 413, 422, 429,
	500, 503 };

static void
stored(const struct reply_choice *c, struct arena *mem)
{
	struct reply_choice back;
	struct buf b = { 0 };
	const char *why = "";
	double number;

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
	if (c->logprobs.p != NULL && logprobs_p(c->logprobs, &number) == 0)
		CHECK(number >= 0 && number <= 1, "p is not in 0..1");
	buf_free(&b);
}

/* The answer is a part of the text, and reasoning before it changes nothing. */
static void
answer(struct span text)
{
	struct span t = marks_strip(text, NULL);
	struct buf b = { 0 };
	int v = verdict_read(text);

	CHECK(t.p >= text.p && t.n <= text.n &&
		  t.p + t.n <= text.p + text.n,
	    "outside the text");
	CHECK(v >= -1 && v <= 2, "verdict %d", v);
	CHECK(v == -1 || memchr(text.p, '0' + v, text.n) != NULL,
	    "a verdict from nowhere");
	if (memchr(text.p, '<', text.n) == NULL &&
	    memchr(text.p, '[', text.n) == NULL &&
	    memchr(text.p, '\xe2', text.n) == NULL) {
		buf_adds(&b, "<think>\nhm\n</think>\n");
		buf_addspan(&b, text);
		t = marks_strip(buf_span(&b), NULL);
		CHECK(span_eq(t, clean_first_line(text)) ||
			strncasecmp(text_trim(text).p, "analysis", 8) == 0 ||
			strncasecmp(text_trim(text).p, "here", 4) == 0,
		    "not the text behind the block");
	}
	buf_free(&b);
}

/* A plain completion is the same within what may stand around it. */
static void
wrapped(struct span body, const struct reply *want)
{
	static const char *const around[][2] = {
		{ "\xef\xbb\xbf: OPENROUTER PROCESSING\n\n",
		    "\r\n: x\ndata: [DONE]\n\n" },
		{ "event: message\ndata:", "\n\n" },
	};
	struct arena mem = { 0 };
	struct buf b = { 0 };
	struct reply r;
	const char *why = "";
	size_t k;
	int i;

	for (k = 0; k < 2; k++) {
		buf_clear(&b);
		buf_adds(&b, around[k][0]);
		buf_addspan(&b, body);
		buf_adds(&b, around[k][1]);
		CHECK(reply_read(buf_span(&b), &mem, &r, &why) == 0, "%s", why);
		CHECK(r.nchoices == want->nchoices, "%d choices", r.nchoices);
		for (i = 0; i < r.nchoices; i++)
			CHECK(span_eq(r.choices[i].text, want->choices[i].text),
			    "another text");
	}
	buf_free(&b);
	arena_free(&mem);
}

/* Return whether a choice of a reply is a chunk, which is put together anew. */
static int
has_chunks(struct span body)
{
	const char *why;
	struct span doc = js_text(body, &why), one;
	size_t at = 0;

	while (js_next(js_find(doc, "choices"), &at, &one))
		if (js_is_object(js_find(one, "delta")))
			return 1;
	return 0;
}

static void
completion(struct span body)
{
	struct arena mem = { 0 };
	struct reply r;
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
		if (r.choices[i].text.p != NULL)
			answer(r.choices[i].text);
	}
	if (js_text(body, &why).p != NULL && !has_chunks(body))
		wrapped(body, &r);
	arena_free(&mem);
}

/* Vectors are read or refused, each as base64 of as many finite floats. */
static void
vectors(struct span body, int n)
{
	struct arena mem = { 0 };
	size_t dims = 0;
	struct reply r;
	const char *why = NULL;
	int i;

	if (embed_read(body, n, &dims, &mem, &r, &why) == -1) {
		CHECK(why != NULL && dims == 0, "no reason, or floats");
		arena_free(&mem);
		return;
	}
	CHECK(r.nchoices == n && dims > 0, "%d vectors", r.nchoices);
	for (i = 0; i < n; i++) {
		CHECK(embed_decode(r.choices[i].text, NULL) == dims,
		    "another number of floats");
		stored(&r.choices[i], &mem);
	}
	arena_free(&mem);
}

/* Scores are read or refused, each of them a finite number. */
static void
scores(struct span body, int n)
{
	struct arena mem = { 0 };
	const char *why = NULL;
	struct reply r;

	if (rescore_read(body, n, &mem, &r, &why) == -1) {
		CHECK(why != NULL, "no reason");
	} else {
		CHECK(r.nchoices == 1 && rescore_is_list(r.choices[0].text, n),
		    "no list of %d scores", n);
		stored(&r.choices[0], &mem);
	}
	(void)rescore_is_list(body, n);
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
	vectors(s, 2);
	scores(s, 2);
	refusal(status, s);
	return 0;
}
