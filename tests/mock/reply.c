/* reply: the bodies a server sends */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mock.h"

/* Names of an error in the dialects; the first row of a class is its rule. */
static const struct {
	unsigned status;
	const char *openai, *code, *vllm, *llamacpp;
} errors[] = {
	{ 400, "invalid_request_error", NULL, "BadRequestError",
	    "invalid_request_error" },
	{ 401, "invalid_request_error", "invalid_api_key",
	    "AuthenticationError", "authentication_error" },
	{ 403, "invalid_request_error", "unsupported_country_region_territory",
	    "PermissionDeniedError", "permission_error" },
	{ 404, "invalid_request_error", "model_not_found", "NotFoundError",
	    "not_found_error" },
	{ 429, "requests", "rate_limit_exceeded", "RateLimitError",
	    "rate_limit_error" },
	{ 500, "server_error", NULL, "InternalServerError", "server_error" },
	{ 503, "server_error", NULL, "ServiceUnavailableError",
	    "unavailable_error" },
};

static const char *const words[] = { "array", "binary", "cache", "delta",
	"edge", "filter", "graph", "hash", "index", "join", "kernel", "lambda",
	"merge", "node", "offset", "parser", "queue", "range", "stack", "tree",
	"union", "vector", "window", "xor", "yield", "zip", "branch", "commit",
	"driver", "event", "fiber", "guard" };

void
put_string(struct buf *b, const char *p, size_t n)
{
	size_t i;

	buf_addc(b, '"');
	for (i = 0; i < n; i++) {
		if ((unsigned char)p[i] < 0x20) {
			buf_fmt(b, "\\u%04x", p[i]);
		} else {
			if (p[i] == '"' || p[i] == '\\')
				buf_addc(b, '\\');
			buf_addc(b, p[i]);
		}
	}
	buf_addc(b, '"');
}

static int
put_chunk(const char *p, size_t n, void *b)
{
	buf_add(b, p, n);
	return 0;
}

void
put_json(struct buf *b, const json_t *v)
{
	json_dump_callback(v, put_chunk, b, JSON_COMPACT | JSON_ENCODE_ANY);
}

/* What choice i gets: element i of an array, else the value itself. */
static const json_t *
pick(const json_t *value, size_t i)
{
	return json_is_array(value) ? json_array_get(value, i) : value;
}

/* A seed for the answers: a server that ignores n is sampled anew each time. */
static uint64_t
answer_hash(const struct ask *a)
{
	uint64_t h = hash_bytes(a->last.p, a->last.n), bits;
	double t;

	if (opt.ignore_n == 0)
		return h;
	t = json_number_value(json_object_get(a->json, "temperature"));
	memcpy(&bits, &t, sizeof bits);
	h = mix(h, bits);
	bits = (uint64_t)json_integer_value(json_object_get(a->json, "seed"));
	return mix(mix(h, bits), a->attempt);
}

static void
fake_answer(struct buf *b, const struct ask *a, size_t i)
{
	uint64_t h = answer_hash(a), w;
	int k;

	if (a->verdict) {
		buf_addc(b, '1');
		return;
	}
	buf_fmt(b, "answer %08" PRIu64 "-%zu", h & 0xffffff, i);
	for (w = mix(h, i), k = 0; k < 6; k++, w >>= 5)
		buf_fmt(b, " %s", words[w & 31]);
	while ((double)b->n < 4 * opt.tokens)
		buf_adds(b, " word");
}

/* Return whether s holds a word. */
static bool
holds(struct span s, const char *word)
{
	return memmem(s.p, s.n, word, strlen(word)) != NULL;
}

/*
 * Append the number of each "Document N:" in a listwise question that holds a
 * word, in the order of the words; "none" if there is none.
 */
static void
put_ranking(struct buf *b, const struct ask *a, const json_t *ranks)
{
	static const char head[] = "\nDocument ";
	const char *end = a->last.p + a->last.n, *p, *next;
	const json_t *word;
	size_t i;

	json_array_foreach(ranks, i, word) {
		p = memmem(a->last.p, a->last.n, head, sizeof head - 1);
		for (; p != NULL; p = next) {
			p += sizeof head - 1;
			next = memmem(
			    p, (size_t)(end - p), head, sizeof head - 1);
			if (holds((struct span){ p,
				      (size_t)((next ? next : end) - p) },
				json_string_value(word)))
				buf_fmt(b, "%s%ld", b->n > 0 ? ", " : "",
				    strtol(p, NULL, 10));
		}
	}
	if (b->n == 0)
		buf_adds(b, "none");
}

/* The likeliest token. */
static const char *
likeliest(json_t *ps)
{
	const char *token, *best = "";
	double most = -1;
	json_t *p;

	json_object_foreach(ps, token, p) {
		if (json_number_value(p) > most) {
			most = json_number_value(p);
			best = token;
		}
	}
	return best;
}

static void
put_logprobs(struct buf *b, json_t *ps, struct buf *text)
{
	const char *token, *comma = "";
	json_t *p;

	buf_adds(b, "{\"content\":[{\"token\":");
	put_string(b, text->p, text->n);
	p = json_object_get(ps, buf_cstr(text));
	buf_fmt(b, ",\"logprob\":%.9g,\"bytes\":null,\"top_logprobs\":[",
	    p != NULL ? log(json_number_value(p)) : -9999);
	json_object_foreach(ps, token, p) {
		buf_fmt(b, "%s{\"token\":", comma);
		put_string(b, token, strlen(token));
		buf_fmt(b, ",\"logprob\":%.9g,\"bytes\":null}",
		    json_number_value(p) > 0 ? log(json_number_value(p))
					     : -9999);
		comma = ",";
	}
	buf_adds(b, "]}]}");
}

static void
put_choice(struct buf *b, const struct ask *a, const struct rule *r, size_t i,
    struct buf *text)
{
	const json_t *v = r ? pick(r->text, i) : NULL;
	json_t *ps = r == NULL               ? NULL
		: json_is_array(r->ps) ? json_array_get(r->ps, i)
				       : r->ps;

	buf_clear(text);
	buf_fmt(b, "{\"index\":%zu,\"message\":{\"role\":\"assistant\"", i);
	if (r && r->reasoning) {
		buf_adds(b, ",\"reasoning_content\":");
		put_json(b, pick(r->reasoning, i));
	}
	buf_adds(b, ",\"content\":");
	if (v != NULL) {
		put_json(b, v);
		buf_add(text, json_string_value(v), json_string_length(v));
	} else {
		if (r && r->echo)
			buf_addspan(text, a->last);
		else if (r && r->ranks)
			put_ranking(text, a, r->ranks);
		else if (ps != NULL)
			buf_adds(text, likeliest(ps));
		else
			fake_answer(text, a, i);
		put_string(b, text->p, text->n);
	}
	buf_adds(b, "},\"logprobs\":");
	if (ps != NULL && json_is_true(json_object_get(a->json, "logprobs")))
		put_logprobs(b, ps, text);
	else
		buf_adds(b, "null");
	buf_adds(b, ",\"finish_reason\":");
	v = r ? pick(r->finish, i) : NULL;
	if (v != NULL)
		put_json(b, v);
	else
		buf_adds(b, "\"stop\"");
	buf_addc(b, '}');
}

/* An array of texts is that many choices, whatever was asked. */
static size_t
count_choices(const struct ask *a, const struct rule *r)
{
	if (r && r->choices >= 0)
		return (size_t)r->choices;
	if (r && json_is_array(r->text))
		return json_array_size(r->text);
	return opt.ignore_n > 0 || a->n < 1 || a->n > MAX_N ? 1 : (size_t)a->n;
}

void
reply_completion(struct buf *b, const struct ask *a, const struct rule *r)
{
	const json_t *model = json_object_get(a->json, "model");
	struct buf text = { 0 };
	size_t i, n = count_choices(a, r), spent = 0;

	buf_fmt(
	    b, "{\"id\":\"chatcmpl-%016" PRIx64 "-%u\",", a->hash, a->attempt);
	buf_adds(b,
	    "\"object\":\"chat.completion\",\"created\":1700000000,"
	    "\"model\":");
	if (json_is_string(model))
		put_json(b, model);
	else
		buf_adds(b, "\"mock-model\"");
	buf_adds(b, ",\"choices\":[");
	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_addc(b, ',');
		put_choice(b, a, r, i, &text);
		spent += text.n / 4 + 1;
	}
	buf_adds(b, "],\"usage\":");
	if (r && r->usage)
		put_json(b, r->usage);
	else
		buf_fmt(b,
		    "{\"prompt_tokens\":%lld,\"completion_tokens\":%zu,"
		    "\"total_tokens\":%lld}",
		    (long long)a->prompt_tokens, spent,
		    (long long)a->prompt_tokens + (long long)spent);
	buf_addc(b, '}');
	buf_free(&text);
}

void
reply_models(struct buf *b)
{
	buf_adds(b,
	    "{\"object\":\"list\",\"data\":[{\"id\":\"mock-model\","
	    "\"object\":\"model\",\"created\":1700000000,\"owned_by\":");
	put_string(b, opt.owned_by, strlen(opt.owned_by));
	buf_adds(b, "}]}");
}

static void
put_error(struct buf *b, const char *api, unsigned status, const char *type,
    const char *code, const char *message, const char *extra)
{
	bool flat = strcmp(api, "sglang") == 0;

	if (strcmp(api, "llamacpp") == 0) {
		buf_fmt(b, "{\"error\":{\"code\":%u,\"message\":", status);
		put_string(b, message, strlen(message));
		buf_fmt(b, ",\"type\":\"%s\"%s}}", type, extra);
		return;
	}
	buf_adds(b, flat ? "{\"object\":\"error\"," : "{\"error\":{");
	buf_adds(b, "\"message\":");
	put_string(b, message, strlen(message));
	buf_fmt(b, ",\"type\":\"%s\",\"param\":null,\"code\":", type);
	if (strcmp(api, "openai") != 0)
		buf_fmt(b, "%u", status);
	else if (code != NULL)
		put_string(b, code, strlen(code));
	else
		buf_adds(b, "null");
	buf_adds(b, flat ? "}" : "}}");
}

void
reply_error(struct buf *b, unsigned status, const char *message)
{
	const char *api = opt.api ? opt.api : "openai", *type;
	size_t i, n = sizeof errors / sizeof errors[0];

	for (i = 0; i < n && errors[i].status != status; i++)
		;
	if (i == n)
		i = status < 500 ? 0 : n - 2;
	if (strcmp(api, "openai") == 0)
		type = errors[i].openai;
	else if (strcmp(api, "llamacpp") == 0)
		type = errors[i].llamacpp;
	else
		type = errors[i].vllm;
	put_error(b, api, status, type, errors[i].code, message, "");
}

/*
 * Append the refusal option, its {names} as numbers. A server that cuts the
 * prompt right behind what the token limit leaves of the context knows no more
 * of the prompt than {least}.
 */
static void
put_refusal(struct buf *b, const struct ask *a)
{
	const struct {
		const char *name;
		long long is;
	} numbers[] = { { "{in}", a->prompt_tokens },
		{ "{out}", a->max_tokens },
		{ "{all}", a->prompt_tokens + a->max_tokens },
		{ "{ctx}", (long long)opt.ctx },
		{ "{cap}", (long long)opt.cap },
		{ "{least}", (long long)opt.ctx - a->max_tokens + 1 },
		{ "{less}", a->max_tokens - 1 } };
	size_t i, n = sizeof numbers / sizeof numbers[0];
	const char *p = opt.refusal;

	while (*p != '\0') {
		for (i = 0; i < n &&
		    strncmp(p, numbers[i].name, strlen(numbers[i].name)) != 0;)
			i++;
		if (i == n) {
			buf_addc(b, *p++);
			continue;
		}
		buf_fmt(b, "%lld", numbers[i].is);
		p += strlen(numbers[i].name);
	}
}

void
reply_overflow(struct buf *b, const struct ask *a)
{
	const char *api = opt.api ? opt.api : "llamacpp", *type, *code = NULL;
	long long in = a->prompt_tokens, out = a->max_tokens,
		  max = (long long)opt.ctx;
	struct buf text = { 0 }, extra = { 0 };

	if (opt.refusal != NULL) {
		put_refusal(b, a);
		return;
	}
	if (strcmp(api, "llamacpp") == 0) {
		type = "exceed_context_size_error";
		buf_fmt(&text,
		    "request (%lld tokens) exceeds the available "
		    "context size (%lld tokens), try increasing it",
		    in, max);
		buf_fmt(&extra, ",\"n_prompt_tokens\":%lld,\"n_ctx\":%lld",
		    in, max);
	} else if (strcmp(api, "openai") == 0) {
		type = "invalid_request_error";
		code = "context_length_exceeded";
		buf_fmt(&text,
		    "This model's maximum context length is %lld "
		    "tokens. However, you requested %lld tokens (%lld in the "
		    "messages, %lld in the completion).",
		    max, in + out, in, out);
	} else {
		type = "BadRequestError";
		buf_fmt(&text,
		    "'max_tokens' or 'max_completion_tokens' is too "
		    "large: %lld. This model's maximum context length is %lld "
		    "tokens and your request has %lld input tokens (%lld > "
		    "%lld - %lld).",
		    out, max, in, out, max, in);
	}
	put_error(b, api, 400, type, code, buf_cstr(&text), buf_cstr(&extra));
	buf_free(&text);
	buf_free(&extra);
}
