/* decide: which answer a request gets */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "mock.h"

static void
fail(struct reply *p, unsigned status, const char *message)
{
	p->status = status;
	reply_error(&p->body, status, message);
}

static bool
authorised(const struct ask *a)
{
	const char *bearer = MHD_lookup_connection_value(
	    a->conn, MHD_HEADER_KIND, "Authorization");
	const char *key =
	    MHD_lookup_connection_value(a->conn, MHD_HEADER_KIND, "api-key");

	if (opt.require_key == NULL)
		return true;
	if (key != NULL && strcmp(key, opt.require_key) == 0)
		return true;
	return bearer != NULL && strncasecmp(bearer, "Bearer ", 7) == 0 &&
	    strcmp(bearer + 7, opt.require_key) == 0;
}

/* A bucket that starts full and refills evenly; false if it is empty. */
static bool
within_rate(struct reply *p)
{
	static double tokens = -1;
	static int64_t last;
	int64_t now = now_us();
	double size = opt.burst > 0 ? opt.burst : fmax(1, opt.rpm / 60);
	bool ok;

	if (opt.rpm <= 0)
		return true;
	if (tokens < 0)
		tokens = size;
	else
		tokens =
		    fmin(size, tokens + (double)(now - last) * opt.rpm / 6e7);
	last = now;
	ok = tokens >= 1;
	if (ok)
		tokens--;
	else
		p->retry_ms = (long)((1 - tokens) * 6e4 / opt.rpm) + 1;
	p->limit = (long)opt.rpm;
	p->remaining = (long)tokens;
	return ok;
}

/* How much longer all take as there are too many. */
static double
crowding(void)
{
	double over = opt.knee > 0 ? (double)stats.in_flight / opt.knee : 1;

	return over > 1 ? pow(over, 1 + opt.falloff) : 1;
}

static double
latency(const struct ask *a)
{
	double z;

	if (opt.p99 <= opt.p50)
		return opt.p50 * crowding();
	z = sqrt(-2 * log(draw(a, 1))) * cos(6.283185307179586 * draw(a, 2));
	return opt.p50 * exp(z * log(opt.p99 / opt.p50) / 2.3263) * crowding();
}

static const char *
complaint(const struct ask *a)
{
	const json_t *messages = json_object_get(a->json, "messages");

	if (!json_is_object(a->json))
		return "could not parse the JSON body of your request";
	if (a->embed)
		return embed_complaint(a);
	if (a->rescore)
		return rescore_complaint(a);
	if (json_array_size(messages) == 0)
		return "'messages' must be an array with a message";
	if (json_is_true(json_object_get(a->json, "stream")))
		return "'stream' is not supported by the mock";
	if (a->n < 1 || a->n > MAX_N)
		return "'n' must be from 1 to 128";
	return NULL;
}

/* llama.cpp takes any cap: it stops where the context ends. */
static json_int_t
counted_cap(const struct ask *a)
{
	return opt.api == NULL || strcmp(opt.api, "llamacpp") == 0
	    ? 0
	    : a->max_tokens;
}

/* Whether the prompt, or the token limit, is more than the model takes. */
static bool
is_too_much(const struct ask *a)
{
	double all = (double)(a->prompt_tokens + counted_cap(a));

	if (a->embed || a->rescore)
		return opt.ctx > 0 && (double)a->longest > opt.ctx;

	return (opt.ctx > 0 && all > opt.ctx) ||
	    (opt.cap > 0 && (double)a->max_tokens > opt.cap);
}

static void
reply_answer(struct buf *b, const struct ask *a, const struct rule *r)
{
	if (a->embed)
		reply_vectors(b, a, r);
	else if (a->rescore)
		reply_scores(b, a, r);
	else
		reply_completion(b, a, r);
}

static void
decide_chat(struct reply *p, const struct ask *a)
{
	const char *why = complaint(a);

	if (opt.hard > 0 && (double)stats.in_flight > opt.hard) {
		fail(p, 429, "Too many requests at once");
	} else if (!within_rate(p)) {
		fail(p, 429, "Rate limit reached for requests");
	} else if (why != NULL) {
		fail(p, 400, why);
	} else if (is_too_much(a)) {
		p->status = (unsigned)opt.refusal_status;
		reply_overflow(&p->body, a);
	} else {
		p->delay_ms = latency(a);
		if (draw(a, 3) < opt.fail_rate) {
			fail(p, (unsigned)opt.fail_status, "mock failure");
			return;
		}
		p->status = 200;
		reply_answer(&p->body, a, NULL);
	}
}

static void
decide_by_rule(struct reply *p, const struct ask *a, const struct rule *r)
{
	p->rule = r;
	p->delay_ms = r->delay_ms >= 0 ? (double)r->delay_ms : latency(a);
	p->status = r->status ? (unsigned)r->status : 200;
	if (r->reset || (r->stall && r->cut < 0))
		p->status = 0;
	else if (r->file.p != NULL)
		buf_add(&p->body, r->file.p, r->file.n);
	else if (json_is_string(r->body))
		buf_add(&p->body, json_string_value(r->body),
		    json_string_length(r->body));
	else if (r->body != NULL)
		put_json(&p->body, r->body);
	else if (p->status >= 300)
		reply_error(&p->body, p->status, "mock failure");
	else if (a->chat)
		reply_answer(&p->body, a, r);
	else
		reply_models(&p->body);
}

static bool
ends_with(const char *s, const char *tail)
{
	size_t n = strlen(s), m = strlen(tail);

	return n >= m && strcmp(s + n - m, tail) == 0;
}

bool
is_embed(const struct ask *a)
{
	return ends_with(a->path, "/embeddings");
}

bool
is_score(const struct ask *a)
{
	return ends_with(a->path, "/score");
}

bool
is_rescore(const struct ask *a)
{
	return ends_with(a->path, "/rerank") || is_score(a);
}

bool
is_chat(const struct ask *a)
{
	return strcmp(a->method, "POST") == 0 &&
	    (ends_with(a->path, "/chat/completions") || is_embed(a) ||
		is_rescore(a));
}

/* Questions to the mock itself are neither counted nor logged. */
static bool
is_own(const struct ask *a, struct buf *body)
{
	if (strcmp(a->path, "/stats") == 0)
		put_stats(body);
	else if (strcmp(a->path, "/health") == 0)
		buf_adds(body, "{\"status\":\"ok\"}\n");
	else
		return false;
	return true;
}

void
decide_alone(struct reply *p, const struct ask *a)
{
	const struct rule *rule = script_find(a);

	p->status = 200;
	if (rule != NULL)
		decide_by_rule(p, a, rule);
	else
		decide_chat(p, a);
}

/* What a rule makes of an answer after the deed. */
static void
spoil(struct reply *p, const struct rule *r)
{
	p->rule = r;
	p->delay_ms = r->delay_ms >= 0 ? (double)r->delay_ms : 0;
	if (r->status != 0) {
		buf_clear(&p->body);
		fail(p, (unsigned)r->status, "mock failure");
	}
	if (r->reset || (r->stall && r->cut < 0))
		p->status = 0;
}

void
decide(struct reply *p, struct ask *a)
{
	bool models =
	    strcmp(a->method, "GET") == 0 && ends_with(a->path, "/models");
	const struct rule *rule;

	p->status = 200;
	if (is_own(a, &p->body))
		return;
	ask_parse(a);
	if ((rule = script_find(a)) != NULL && !rule->acts)
		decide_by_rule(p, a, rule);
	else if (!authorised(a))
		fail(p, 401, "Incorrect API key provided");
	else if (is_batch_api(a))
		decide_batch_api(p, a);
	else if (a->chat)
		decide_chat(p, a);
	else if (models)
		reply_models(&p->body);
	else if (ends_with(a->path, "/chat/completions"))
		fail(p, 405, "Method not allowed");
	else
		fail(p, 404, "Not found");
	if (rule != NULL && rule->acts)
		spoil(p, rule);
	stats.models += models;
	if (a->chat)
		stats.status[p->status]++;
	log_request(a, p->status);
}
