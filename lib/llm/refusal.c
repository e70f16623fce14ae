/* refusal: what an answer other than a completion means */
#include "llm/refusal.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/delay.h"
#include "base/text.h"
#include "json/find.h"
#include "json/scan.h"
#include "json/string.h"
#include "llm/overflow.h"
#include "llm/reply.h"

enum {
	WORDS_MAX = 4000,   /* bytes of a refusal that are read */
	DELAY_BYTES = 8192, /* bytes of a body that a delay is looked for in */
	LEVELS_MAX = 8,     /* levels of its JSON that are read */
	PARTS_MAX = 64,     /* elements of a list that are read */
	APART_MAX = 100,    /* bytes that a ~ stands for, at most */
};

/*
 * Words of a service that has no money or quota left for the account. Sources:
 * OpenAI, Anthropic, DeepSeek, OpenRouter, DashScope (Arrearage), xAI,
 * Moonshot, Zhipu, SiliconFlow, Volcengine, Hugging Face, LiteLLM's budgets,
 * New API.
 */
static const char no_money[] =
    "insufficient_quota|insufficient balance|insufficient account balance|"
    "insufficient_user_quota|insufficient credit|insufficient funds|"
    "insufficient_credits|insufficient_balance|balance is insufficient|"
    "balance is not enough|balance is too low|quota is not enough|"
    "billing_hard_limit|billing hard limit|billing_not_active|Arrearage|"
    "account is in good standing|AccountOverdue|overdue balance|"
    "used all available credits|have any credits|no credits|out of credits|"
    "not enough credits|run out of credits|included credits|credit limit|"
    "spending limit|spend limit|budget has been exceeded|ExceededBudget|"
    "exceeded_current_quota|free tier of the model has been exhausted|"
    "FreeTierOnly|payment required|limit: 0, model|API usage limits|"
    "\xe4\xbd\x99\xe9\xa2\x9d\xe4\xb8\x8d\xe8\xb6\xb3|" /* low balance */
    "\xe9\xa2\x9d\xe5\xba\xa6\xe4\xb8\x8d\xe8\xb6\xb3|" /* low quota */
    "\xe9\xa2\x9d\xe5\xba\xa6\xe5\xb7\xb2\xe7\x94\xa8|" /* quota used */
    "\xe6\xac\xa0\xe8\xb4\xb9";                         /* arrears */

/* Words that mean the same where no delay is told: else a minute's quota. */
static const char no_quota[] =
    "exceeded your current quota|check your plan and billing";

/*
 * Words about the key of a request, or its account, told with status 400.
 * Sources: Gemini, xAI, LiteLLM (which names its database), DashScope, OpenAI,
 * Bedrock, Anthropic, Fireworks, New API.
 */
static const char bad_key[] =
    "invalid_api_key|API_KEY_INVALID|InvalidApiKey|incorrect api key|"
    "invalid api key|invalid x-api-key|api key~not valid|api key~invalid|"
    "api key~expired|api key~disabled|missing api key|api key is missing|"
    "no api key|invalid_authentication|invalid authentication|"
    "authentication_error|AuthenticationError|authentication error|"
    "authentication fail|no auth credentials|bad credentials|"
    "no connected db|proxy server token|unauthorized|unauthenticated|"
    "token~expired|invalid access token|login fail|"
    "unsupported_country|location is not supported|must be verified|"
    "valid api key|api key~blocked|security token|UnrecognizedClient|"
    "ExpiredToken|organization has been disabled|account~suspended|"
    "account~deactivated|"
    "\xe6\x97\xa0\xe6\x95\x88\xe7\x9a\x84\xe4\xbb\xa4\xe7\x89\x8c"; /* bad key
								     */

/*
 * Words of a gateway about the key that it has, told with status 500. Sources:
 * New API, gateways of Bedrock.
 */
static const char bad_key_behind[] =
    "invalid_api_key|incorrect api key|invalid api key|api key not valid|"
    "API_KEY_INVALID|api key~expired|security token~invalid|"
    "security token~expired|401 unauthorized";

/*
 * Words about a model that is not there, or not for this account. Sources:
 * OpenAI, Azure, vLLM, Ollama, LM Studio, LiteLLM, OpenRouter, DeepSeek, Groq,
 * Mistral, Together, Bedrock, DashScope, New API.
 */
static const char no_model[] =
    "model_not_found|ModelNotFound|DeploymentNotFound|model not exist|"
    "model~does not exist|model~not found|not found~model|no such model|"
    "invalid model|invalid_model|unknown model|unknown_model|valid model|"
    "unsupported model|model is not supported|model identifier|"
    "model~decommissioned|model~not available|access to~model|"
    "access model|access non-serverless model|Model.AccessDenied|"
    "no endpoints found|no allowed providers|no models loaded|"
    "failed to load model|on-demand throughput|provide a model|"
    "model name is missing|model is required|no available channel|"
    "\xe6\x97\xa0\xe5\x8f\xaf\xe7\x94\xa8\xe6\xb8\xa0\xe9\x81\x93|" /* no
								       channel
								     */
    "\xe6\xa8\xa1\xe5\x9e\x8b\xe4\xb8\x8d\xe5\xad\x98\xe5\x9c\xa8"; /* no model
								     */

/* Words of New API, with status 503, about a model that no channel has. */
static const char no_channel[] =
    "model_not_found|no available channel|"
    "\xe6\x97\xa0\xe5\x8f\xaf\xe7\x94\xa8\xe6\xb8\xa0\xe9\x81\x93";

/* Words about a server or a model that does not chat. */
static const char no_chat[] =
    "not support chat|not support the chat|not support completion|"
    "not support /v1/chat|not support text generation|"
    "not support generat|not a chat model|chatCompletion operation|"
    "chat template|without `--embedding|is an embedding model";

/*
 * Words about a server or a model that gives no scores. Sources: llama.cpp
 * without --reranking, vLLM, TEI (status 424), Xinference.
 */
static const char no_scores[] =
    "not support rerank|not support score|not support the score|"
    "not support the rerank|rerank~not support|not a re-ranker|"
    "not a reranker|not a rerank model|not support /v1/score|"
    "not support /v1/rerank";

/* Words about too many texts in one request. Sources: TEI, Cohere, Voyage. */
static const char too_many[] =
    "maximum allowed batch size|too many documents|too many texts|"
    "number of documents|number of texts|maximum number of inputs";

/* Words of a filter that takes this one request. */
static const char filtered[] =
    "content_filter|ResponsibleAIPolicyViolation|content_policy_violation|"
    "ContentPolicyViolation|data_inspection_failed|DataInspectionFailed|"
    "flagged|high risk|content exists risk|usage policy|moderation|"
    "inappropriate content|unsafe content|"
    "\xe6\x95\x8f\xe6\x84\x9f\xe5\x86\x85\xe5\xae\xb9"; /* sensitive content */

/* Words of an overflow. */
static const char overflows[] =
    "context_length_exceeded|exceed_context_size|maximum context length|"
    "context size|max_model_len|maximum model length|model's context length|"
    "model context length|configured limit of|prompt is too long|"
    "input is too long|exceeds the context|"
    "exceeds the maximum number of tokens|ContextWindowExceeded|"
    "input length should be|_tokens must be at least 1, got";

/* Words of an overflow that no lower token limit mends. */
static const char too_long[] =
    "even without any output|prompt is too long|input is too long|"
    "input length should be|must have less than|"
    "_tokens must be at least 1, got";

/* Words for a member of the request that a server does not know or take. */
static const char not_taken[] =
    "unrecognized|unrecognised|unsupported|not support|n't support|"
    "extra_forbidden|extra inputs|not permitted|not allowed|"
    "unknown|unexpected|cannot find field|no such field|"
    "is not enabled for|"
    "allowed for this model|deprecated for this model|cannot both";

/* Meanings by status and words (NULL: any); the first row that fits counts. */
static const struct {
	int from, to; /* statuses */
	const char *words;
	enum refusal_end end;
	const char *code;
	int without_delay; /* whether the row is for refusals without one */
} meanings[] = {
	{ 0, 999, no_money, REFUSAL_SERVICE, "out_of_quota", 0 },
	{ 402, 402, NULL, REFUSAL_SERVICE, "out_of_quota", 0 },
	{ 429, 429, no_quota, REFUSAL_SERVICE, "out_of_quota", 1 },
	/* more than a minute's tokens, which never goes */
	{ 429, 429, "Request too large", REFUSAL_RECORD, "request_too_large",
	    0 },
	{ 429, 429, NULL, REFUSAL_RETRY, "rate_limited", 0 },
	/* llama.cpp once sent this as 500 */
	{ 0, 999, "exceed_context_size", REFUSAL_RECORD, "context_overflow",
	    0 },
	{ 400, 499, filtered, REFUSAL_RECORD, "content_filter", 0 },
	{ 400, 400, overflows, REFUSAL_RECORD, "context_overflow", 0 },
	{ 413, 413, NULL, REFUSAL_RECORD, "request_too_large", 0 },
	/* llama.cpp sends these as 501 */
	{ 400, 599, no_chat, REFUSAL_SERVICE, "no_chat", 0 },
	{ 400, 599, no_scores, REFUSAL_SERVICE, "no_scores", 0 },
	{ 400, 499, too_many, REFUSAL_RECORD, "request_too_large", 0 },
	{ 400, 499, bad_key, REFUSAL_SERVICE, "unauthorised", 0 },
	{ 400, 499, no_model, REFUSAL_SERVICE, "not_found", 0 },
	{ 500, 599, bad_key_behind, REFUSAL_SERVICE, "unauthorised", 0 },
	{ 500, 599, no_channel, REFUSAL_SERVICE, "not_found", 0 },
	{ 401, 401, NULL, REFUSAL_SERVICE, "unauthorised", 0 },
	{ 403, 403, NULL, REFUSAL_SERVICE, "unauthorised", 0 },
	{ 300, 399, NULL, REFUSAL_SERVICE, "redirected", 0 },
	{ 404, 404, NULL, REFUSAL_SERVICE, "not_found", 0 },
	{ 408, 408, NULL, REFUSAL_RETRY, "timeout", 0 },
	{ 409, 409, NULL, REFUSAL_RETRY, "server_error", 0 },
	{ 500, 999, NULL, REFUSAL_RETRY, "server_error", 0 },
	{ 0, 999, overflows, REFUSAL_RECORD, "context_overflow", 0 },
	{ 0, 999, NULL, REFUSAL_RECORD, "bad_request", 0 },
};

/*
 * Return whether s holds a phrase, in any case. A ~ in it stands for up to
 * APART_MAX bytes.
 */
static int
has_phrase(const char *s, const char *phrase)
{
	const char *rest = strchr(phrase, '~'), *next;
	char first[64];

	if (rest == NULL)
		return strcasestr(s, phrase) != NULL;
	snprintf(first, sizeof first, "%.*s", (int)(rest - phrase), phrase);
	for (; (s = strcasestr(s, first)) != NULL; s++) {
		next = strcasestr(s + strlen(first), rest + 1);
		if (next == NULL)
			return 0;
		if ((size_t)(next - s) <= strlen(first) + APART_MAX)
			return 1;
	}
	return 0;
}

/* Return whether s holds one of the phrases in list, "a|b". */
static int
has_any(const char *s, const char *list)
{
	char phrase[64];
	size_t n;

	for (; *list != '\0'; list += n + (list[n] == '|')) {
		n = strcspn(list, "|");
		snprintf(phrase, sizeof phrase, "%.*s", (int)n, list);
		if (has_phrase(s, phrase))
			return 1;
	}
	return 0;
}

/* Copy a string of JSON to param, unless that is set or the string is long. */
static void
set_param(struct refusal *e, struct span string)
{
	struct buf b = { 0 };

	if (e->param[0] == '\0' && js_decode(&b, string) == 0 &&
	    b.n < sizeof e->param)
		snprintf(e->param, sizeof e->param, "%s", buf_cstr(&b));
	buf_free(&b);
}

/*
 * Append the words of a JSON value at a level, whatever its shape: strings,
 * lists of them, and the members of objects that servers put words in. param is
 * set to the first member that a validator does not know, as it lists problems:
 * [{"loc":["body","x"],"msg":...,"type":"extra_forbidden"}].
 */
static void
gather(struct span v, int level, struct buf *words, struct refusal *e)
{
	/*
	 * metadata.raw is OpenRouter's: the error of the provider behind it;
	 * base_resp.status_msg is MiniMax's.
	 */
	static const char *const keys[] = { "error", "loc", "msg", "message",
		"detail", "type", "code", "status", "error_type", "innererror",
		"metadata", "raw", "base_resp", "status_msg" };
	struct span one;
	size_t i, at = 0;

	if (v.p == NULL || level == LEVELS_MAX || words->n > WORDS_MAX)
		return;
	/* a string of digits is a status or a number of the server's own */
	if (js_is_string(v) && v.n > 2 && !span_is(v, "\"body\"") &&
	    strspn(v.p + 1, "0123456789") < v.n - 2) {
		buf_adds(words, words->n ? "; " : "");
		js_decode(words, v);
	}
	for (i = 0; i < PARTS_MAX && js_next(v, &at, &one); i++)
		gather(one, level + 1, words, e);
	for (i = 0; i < sizeof keys / sizeof *keys; i++)
		gather(js_find(v, keys[i]), level + 1, words, e);
	if (span_is(js_find(v, "type"), "\"extra_forbidden\""))
		set_param(e, js_at(js_find(v, "loc"), 1));
}

/* Return the status that an error gives itself, a number or a string; or 0. */
static long
own_status(struct span err)
{
	static const char *const keys[] = { "code", "status", "statusCode" };
	struct span v;
	long long n;
	size_t i;

	for (i = 0; i < sizeof keys / sizeof *keys; i++) {
		v = js_find(err, keys[i]);
		if (js_is_string(v))
			v = (struct span){ v.p + 1, v.n - 2 };
		n = js_int(v, 0);
		if (n >= 400 && n <= 599)
			return (long)n;
	}
	return 0;
}

/* Return the title of a page, which says more than its first bytes. */
static struct span
page_title(struct span body)
{
	const char *p = memmem(body.p, body.n, "<title>", 7), *end;

	if (p == NULL)
		return body;
	p += 7;
	end = memchr(p, '<', (size_t)(span_end(body) - p));
	return end ? (struct span){ p, (size_t)(end - p) } : body;
}

/*
 * Append to words what a body says, on one line of at most WORDS_MAX bytes.
 * Return the status that the body tells of, or 0.
 */
static long
read_body(struct span body, struct buf *words, struct refusal *e)
{
	struct buf all = { 0 };
	const char *why;
	struct span doc = js_text(text_skip_bom(body), &why), err;

	if (js_is_array(doc))
		doc = js_at(doc, 0);
	err = js_find(doc, "error");
	if (!js_is_object(err))
		err = doc;
	set_param(e, js_find(err, "param"));
	e->context_max = reply_tokens(js_find(err, "n_ctx"));
	e->prompt = reply_tokens(js_find(err, "n_prompt_tokens"));
	gather(err, 0, &all, e);
	if (all.n == 0 && body.n > 0)
		buf_addspan(&all, page_title(body));
	text_printable(words, buf_span(&all), WORDS_MAX);
	buf_free(&all);
	return own_status(err);
}

/* Note the numbers that words tell, where the members of the body do not. */
static void
read_numbers(const char *words, struct refusal *e)
{
	struct overflow told;

	overflow_read(words, &told);
	if (e->context_max == 0)
		e->context_max = told.context_max;
	if (e->prompt == 0)
		e->prompt = told.prompt;
	e->prompt_least = told.prompt_least;
	e->total = told.total;
	e->cap_max = told.cap_max;
	e->about_cap = told.about_cap;
	/* a prompt is too long where its limit is the whole context */
	if (e->context_max > 0 && told.prompt_most >= e->context_max)
		e->prompt_least = e->context_max;
}

/* Return the delay that a body asks for, ms; -1: none. */
static long long
find_delay(struct span body)
{
	struct buf b = { 0 };
	double ms;

	buf_add(&b, body.p, body.n < DELAY_BYTES ? body.n : DELAY_BYTES);
	ms = delay_find(buf_cstr(&b));
	buf_free(&b);
	return ms > DELAY_MAX ? DELAY_MAX : (long long)ms;
}

/* Set what a refusal means, by its status and words. */
static void
classify(long status, const char *words, struct refusal *e)
{
	size_t i = 0;

	/* a limit that is told is at fault, and not the server */
	if (status >= 500 && e->cap_max > 0)
		status = 400;
	while (
	    status < meanings[i].from || status > meanings[i].to ||
	    (meanings[i].without_delay && e->delay_ms >= 0) ||
	    (meanings[i].words != NULL && !has_any(words, meanings[i].words)))
		i++;
	e->end = meanings[i].end;
	e->code = meanings[i].code;
	if (e->context_max > 0 && strcmp(e->code, "bad_request") == 0)
		e->code = "context_overflow";
	if (status >= 300 && status < 400)
		snprintf(e->message, sizeof e->message,
		    "a redirection, which is not followed");
}

void
refusal_read(long status, struct span body, struct refusal *e)
{
	struct buf said = { 0 }, shown = { 0 };
	const char *words;
	long own;

	*e = (struct refusal){ 0 };
	own = read_body(body, &said, e);
	words = buf_cstr(&said);
	text_printable(&shown, buf_span(&said), sizeof e->message - 8);
	snprintf(e->message, sizeof e->message, "%s",
	    text_trim(buf_span(&said)).n > 0 ? buf_cstr(&shown)
					     : "no reason given");
	e->unsupported = has_any(e->message, not_taken);
	read_numbers(words, e);
	e->delay_ms = find_delay(body);
	classify(status >= 300 ? status : own > 0 ? own : 500, words, e);
	/* words without a number may be about a member that is not taken */
	e->about_cap =
	    e->end == REFUSAL_RECORD && !has_any(words, too_long) &&
	    ((e->about_cap && !e->unsupported) || e->cap_max > 0 ||
		e->context_max > 0 || strcmp(e->code, "context_overflow") == 0);
	buf_free(&said);
	buf_free(&shown);
}

struct span
refusal_culprit(const struct refusal *e, struct span sent)
{
	/* members that are needed, or whose names are words of any message */
	const struct span common = span_of("messages|model|n|stop|stream");
	/* the second goes where two cannot both be given */
	int both = has_any(e->message, "cannot both");
	const char *p = both || e->param[0] == '\0' ? e->message : e->param;
	struct span found = { NULL, 0 }, word;

	while (e->unsupported && *p != '\0' && (both || found.p == NULL)) {
		for (word = (struct span){ p, 0 }; text_is_word_char(*p); p++)
			word.n++;
		if (word.n == 0)
			p++;
		else if (span_is(word, "Logprobs") &&
			 js_has(sent, span_of("logprobs")))
			found = span_of("logprobs"); /* as Gemini writes it */
		else if (!text_is_one_of(word, common) && js_has(sent, word))
			found = word;
	}
	return found;
}
