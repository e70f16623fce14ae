/* reply: what a chat completion server answered */
#include "reply.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "js.h"
#include "text.h"

enum { CHOICES_MAX = 1024 }; /* nobody asks for more */

static struct span
or_empty(struct span s)
{
	return s.p != NULL ? s : span_of("");
}

static void
read_choice(struct span c, struct span model, struct arena *mem,
    struct reply_choice *out)
{
	struct span message = js_find(c, "message");

	*out = (struct reply_choice){
		.text = js_string(js_find(message, "content"), mem),
		.finish_reason =
		    or_empty(js_string(js_find(c, "finish_reason"), mem)),
		.model = model,
	};
	if (out->text.n == 0 && js_is_string(js_find(message, "refusal"))) {
		out->text = js_string(js_find(message, "refusal"), mem);
		out->refused = out->text.n > 0;
	}
}

/* A number of tokens: sums of them stay in range. */
static long long
tokens(struct span v)
{
	long long n = js_int(v, 0);

	return n < 0 || n > 1000000000 ? 0 : n;
}

int
reply_read(
    struct span body, struct arena *mem, struct reply *r, const char **why)
{
	struct span doc = js_text(body, why), choices, usage;
	int i;

	*r = (struct reply){ 0 };
	if (doc.p == NULL)
		return -1;
	choices = js_find(doc, "choices");
	if (js_count(choices) == 0) {
		*why = "the reply has no choices";
		return -1;
	}
	r->model = or_empty(js_string(js_find(doc, "model"), mem));
	r->nchoices = CHOICES_MAX;
	if (js_count(choices) < CHOICES_MAX)
		r->nchoices = (int)js_count(choices);
	r->choices = arena_get(mem, (size_t)r->nchoices * sizeof *r->choices);
	for (i = 0; i < r->nchoices; i++)
		read_choice(
		    js_at(choices, (size_t)i), r->model, mem, &r->choices[i]);
	usage = js_find(doc, "usage");
	if (js_is_object(usage)) {
		r->usage = usage;
		r->prompt_tokens = tokens(js_find(usage, "prompt_tokens"));
		r->completion_tokens =
		    tokens(js_find(usage, "completion_tokens"));
		r->cached_tokens = tokens(js_find(
		    js_find(usage, "prompt_tokens_details"), "cached_tokens"));
	}
	return 0;
}

void
reply_choice_write(struct buf *b, const struct reply_choice *c)
{
	buf_adds(b, "{\"text\":");
	if (c->text.p != NULL)
		js_quote(b, c->text);
	else
		buf_adds(b, "null");
	buf_adds(b, ",\"finish_reason\":");
	js_quote(b, c->finish_reason);
	buf_adds(b, ",\"model\":");
	js_quote(b, c->model);
	if (c->refused)
		buf_adds(b, ",\"refused\":true");
	buf_addc(b, '}');
}

int
reply_choice_read(struct span json, struct arena *mem, struct reply_choice *c)
{
	if (!js_is_object(json))
		return -1;
	*c = (struct reply_choice){
		.text = js_string(js_find(json, "text"), mem),
		.finish_reason =
		    or_empty(js_string(js_find(json, "finish_reason"), mem)),
		.model = or_empty(js_string(js_find(json, "model"), mem)),
		.refused = span_is(js_find(json, "refused"), "true"),
	};
	return 0;
}

/* The number that follows phrase in s, 0 if none does. */
static long
number_after(const char *s, const char *phrase)
{
	const char *p = strcasestr(s, phrase);
	long v = 0;

	if (p == NULL)
		return 0;
	p += strlen(phrase);
	while (*p == ' ' || *p == ':' || *p == '(')
		p++;
	for (; isdigit((unsigned char)*p) && v < 1000000000; p++)
		v = v * 10 + (*p - '0');
	return v;
}

static int
has(const char *s, const char *phrase)
{
	return strcasestr(s, phrase) != NULL;
}

/* Error texts and codes of OpenAI, Azure, vLLM, SGLang and llama.cpp. */
static int
is_overflow(const char *m)
{
	return has(m, "context_length_exceeded") ||
	       has(m, "exceed_context_size") ||
	       has(m, "maximum context length") || has(m, "context size") ||
	       has(m, "max_model_len") || has(m, "model's context length") ||
	       has(m, "prompt is too long") || has(m, "input is too long");
}

/*
 * All that the body says in words, on one line: the message, type and code of
 * whatever shape it has ({"error":{...}}, flat, {"error":"..."}, "detail").
 */
static void
say(struct span body, struct reply_error *e)
{
	static const char *const keys[] = { "message", "type", "code",
		"detail" };
	struct arena mem = { 0 };
	struct buf all = { 0 }, shown = { 0 };
	const char *why;
	struct span doc = js_text(body, &why), err, v;
	size_t i;

	err = js_find(doc, "error");
	if (js_is_string(err))
		buf_addspan(&all, js_string(err, &mem));
	if (!js_is_object(err))
		err = doc;
	for (i = 0; i < sizeof keys / sizeof *keys; i++) {
		v = js_string(js_find(err, keys[i]), &mem);
		if (v.n > 0) {
			buf_adds(&all, all.n ? "; " : "");
			buf_addspan(&all, v);
		}
	}
	v = js_string(js_find(js_find(err, "innererror"), "code"), &mem);
	if (v.n > 0) {
		buf_adds(&all, "; ");
		buf_addspan(&all, v);
	}
	e->context_max = (long)js_int(js_find(err, "n_ctx"), 0);
	if (all.n == 0)
		buf_addspan(&all, body);
	text_printable(&shown, buf_span(&all), sizeof e->message - 8);
	snprintf(e->message, sizeof e->message, "%s", buf_cstr(&shown));
	buf_free(&all);
	buf_free(&shown);
	arena_free(&mem);
}

void
reply_error_read(long status, struct span body, struct reply_error *e)
{
	static const char *const told[] = { "maximum context length is",
		"maximum context length of", "model's context length" };
	const char *m = e->message;
	size_t i;

	*e = (struct reply_error){ .end = REPLY_RECORD, .code = "bad_request" };
	say(body, e);
	for (i = 0; e->context_max == 0 && i < sizeof told / sizeof *told; i++)
		e->context_max = number_after(m, told[i]);
	e->cap_max = number_after(m, "supports at most");

	if (has(m, "insufficient_quota") || status == 402) {
		e->end = REPLY_SERVICE;
		e->code = "out_of_quota";
	} else if (status == 403 && has(m, "flagged")) {
		/* a gateway's moderation, of this one request */
		e->code = "content_filter";
	} else if (status == 401 || status == 403) {
		e->end = REPLY_SERVICE;
		e->code = "unauthorised";
	} else if (status >= 300 && status < 400) {
		e->end = REPLY_SERVICE;
		e->code = "redirected";
		snprintf(e->message, sizeof e->message,
		    "a redirection, which is not followed");
	} else if (status == 404) {
		e->end = REPLY_SERVICE;
		e->code = "not_found";
	} else if (status == 429) {
		e->end = REPLY_RETRY;
		e->code = "rate_limited";
	} else if (status == 408 || status == 409 || status >= 500) {
		e->end = REPLY_RETRY;
		e->code = status == 408 ? "timeout" : "server_error";
	} else if (status == 413) {
		e->code = "request_too_large";
	} else if (is_overflow(m)) {
		e->code = "context_overflow";
	} else if (has(m, "content_filter") ||
		   has(m, "ResponsibleAIPolicyViolation")) {
		e->code = "content_filter";
	}
}
