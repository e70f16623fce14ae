/* reply: the answer of a chat completion server */
#include "llm/reply.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "json/find.h"
#include "json/scan.h"
#include "json/string.h"
#include "llm/logprobs.h"

enum {
	CHOICES_MAX = 1024, /* choices that are read of a reply */
	PARTS_MAX = 64,
	WORDS_MAX = 4000, /* of an error that are looked at */
};

static struct span
or_empty(struct span s)
{
	return s.p != NULL ? s : span_of("");
}

/* Return the text parts of a content that is a list of parts, joined. */
static struct span
join_parts(struct span parts, struct arena *mem)
{
	struct span part, joined;
	struct buf b = { 0 };
	size_t at = 0;
	int i;

	for (i = 0; i < PARTS_MAX && js_next(parts, &at, &part); i++)
		if (span_is(js_find(part, "type"), "\"text\""))
			js_decode(&b, js_find(part, "text"));
	joined = (struct span){ arena_dup(mem, b.p, b.n), b.n };
	buf_free(&b);
	return joined;
}

static void
read_choice(struct span c, struct span model, struct arena *mem,
    struct reply_choice *out)
{
	enum { MESSAGE, FINISH, LOGPROBS, NKEYS };
	static const char *const keys[] = { "message", "finish_reason",
		"logprobs" };
	/*
	 * message.reasoning is vLLM's and Ollama's, reasoning_content SGLang's,
	 * llama.cpp's and older vLLM's; a list with "thinking" parts Mistral's.
	 */
	enum { CONTENT, REFUSAL, REASONING, REASONING2, NPARTS };
	static const char *const parts[] = { "content", "refusal", "reasoning",
		"reasoning_content" };
	struct span v[NKEYS], m[NPARTS], tokens;

	js_find_all(c, keys, v, NKEYS);
	js_find_all(v[MESSAGE], parts, m, NPARTS);
	if (!js_is_string(m[REASONING]))
		m[REASONING] = m[REASONING2];
	*out = (struct reply_choice){
		.text = js_is_array(m[CONTENT]) ? join_parts(m[CONTENT], mem)
						: js_string(m[CONTENT], mem),
		.finish_reason = or_empty(js_string(v[FINISH], mem)),
		.model = model,
		.reasoned = js_is_array(m[CONTENT]) ||
			    (js_is_string(m[REASONING]) && m[REASONING].n > 2),
	};
	if (out->text.n == 0 && js_is_string(m[REFUSAL])) {
		out->text = js_string(m[REFUSAL], mem);
		out->refused = out->text.n > 0;
	}
	tokens = js_find(v[LOGPROBS], "content");
	if (js_is_array(tokens) && out->text.p != NULL)
		out->logprobs =
		    logprobs_of(tokens, text_unthink(out->text), mem);
}

enum reply_finish
reply_finish(const struct reply_choice *c)
{
	/* besides OpenAI's and SGLang's abort: those of Mistral, Gemini,
	 * OpenRouter and DeepSeek */
	static const struct {
		const char *word;
		enum reply_finish is;
	} words[] = {
		{ "length", FINISH_LENGTH },
		{ "max_tokens", FINISH_LENGTH },
		{ "model_length", FINISH_LENGTH },
		{ "content_filter", FINISH_FILTER },
		{ "safety", FINISH_FILTER },
		{ "abort", FINISH_ABORT },
		{ "error", FINISH_ABORT },
		{ "cancelled", FINISH_ABORT },
		{ "insufficient_system_resource", FINISH_ABORT },
		{ "tool_calls", FINISH_TOOL },
		{ "function_call", FINISH_TOOL },
	};
	size_t i;

	for (i = 0; i < sizeof words / sizeof *words; i++)
		if (c->finish_reason.n == strlen(words[i].word) &&
		    strncasecmp(c->finish_reason.p, words[i].word,
			c->finish_reason.n) == 0)
			return words[i].is;
	return FINISH_STOP;
}

void
reply_unquote(struct reply_choice *c, struct arena *mem)
{
	const char *why;
	struct span s;

	if (c->text.p == NULL || c->refused)
		return;
	s = js_text(text_unthink(c->text), &why);
	if (js_is_string(s))
		c->text = js_string(s, mem);
}

/* Return a number of tokens, small enough for sums of them. */
static long long
tokens(struct span v)
{
	long long n = js_int(v, 0);

	return n < 0 || n > 1000000000 ? 0 : n;
}

static void
read_usage(struct span usage, struct reply *r)
{
	enum { PROMPT, COMPLETION, DETAILS, NKEYS };
	static const char *const keys[] = { "prompt_tokens",
		"completion_tokens", "prompt_tokens_details" };
	struct span v[NKEYS];

	js_find_all(usage, keys, v, NKEYS);
	r->usage = usage;
	r->prompt_tokens = tokens(v[PROMPT]);
	r->completion_tokens = tokens(v[COMPLETION]);
	r->cached_tokens = tokens(js_find(v[DETAILS], "cached_tokens"));
}

int
reply_read(
    struct span body, struct arena *mem, struct reply *r, const char **why)
{
	enum { CHOICES, MODEL, USAGE, NKEYS };
	static const char *const keys[] = { "choices", "model", "usage" };
	struct span doc = js_text(body, why), v[NKEYS], one;
	size_t n, at = 0;

	*r = (struct reply){ 0 };
	if (doc.p == NULL)
		return -1;
	js_find_all(doc, keys, v, NKEYS);
	n = js_count(v[CHOICES]);
	if (n == 0) {
		*why = "the reply has no choices";
		return -1;
	}
	r->model = or_empty(js_string(v[MODEL], mem));
	n = n < CHOICES_MAX ? n : CHOICES_MAX;
	r->choices = arena_get(mem, n * sizeof *r->choices);
	while ((size_t)r->nchoices < n && js_next(v[CHOICES], &at, &one))
		read_choice(one, r->model, mem, &r->choices[r->nchoices++]);
	if (js_is_object(v[USAGE]))
		read_usage(v[USAGE], r);
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
	if (c->logprobs.p != NULL) {
		buf_adds(b, ",\"logprobs\":");
		buf_addspan(b, c->logprobs);
	}
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
		.logprobs = js_find(json, "logprobs"),
	};
	if (!js_is_object(c->logprobs))
		c->logprobs = (struct span){ NULL, 0 };
	return 0;
}

static int
has(const char *s, const char *phrase)
{
	return strcasestr(s, phrase) != NULL;
}

static int
has_any(const char *s, const char *const *phrases)
{
	for (; *phrases != NULL; phrases++)
		if (has(s, *phrases))
			return 1;
	return 0;
}

/* Error texts and codes of OpenAI, Azure, vLLM, SGLang, llama.cpp, Mistral,
 * Anthropic, Gemini, LiteLLM and DashScope. */
static const char *const overflow[] = { "context_length_exceeded",
	"exceed_context_size", "maximum context length", "context size",
	"max_model_len", "maximum model length", "model's context length",
	"model context length", "configured limit of", "prompt is too long",
	"input is too long", "exceeds the context",
	"exceeds the maximum number of tokens", "ContextWindowExceeded",
	"input length should be", "_tokens must be at least 1, got", NULL };

/* Words of an overflow that no lower token limit mends. */
static const char *const too_long[] = { "even without any output",
	"prompt is too long", "input is too long", "input length should be",
	"must have less than", "_tokens must be at least 1, got", NULL };

static const char *const no_money[] = { "insufficient_quota",
	"Insufficient Balance", "billing_hard_limit", "billing_not_active",
	"credit balance is too low", NULL };

static const char *const filtered[] = { "content_filter",
	"ResponsibleAIPolicyViolation", "content_policy_violation",
	"data_inspection_failed", NULL };

/* Said of a member of the request that a server does not know or take. */
static const char *const not_taken[] = { "unrecognized", "unrecognised",
	"unsupported", "not supported", "not support", "n't support",
	"extra_forbidden", "extra inputs", "not permitted", "not allowed",
	"unknown", "unexpected", "cannot find field", "no such field",
	"allowed for this model", "deprecated for this model", "cannot both",
	NULL };

/* A page's title says more than its first bytes. */
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

static void
append(struct buf *all, struct span words)
{
	if (words.n == 0 || all->n > WORDS_MAX)
		return;
	buf_adds(all, all->n ? "; " : "");
	buf_addspan(all, words);
}

/*
 * The problems a validator lists, [{"loc":["body","x"],"msg":...,"type":...}]:
 * what each is about and what it says. The first unknown member is param.
 */
static void
say_list(
    struct span list, struct buf *all, struct reply_error *e, struct arena *mem)
{
	size_t i, j, n = js_count(list);
	struct span one, loc, place, type;

	for (i = 0; i < n && i < PARTS_MAX; i++) {
		one = js_at(list, i);
		loc = js_find(one, "loc");
		place = (struct span){ NULL, 0 };
		for (j = 0; j < js_count(loc) && j < 2; j++)
			place = js_string(js_at(loc, j), mem);
		append(all, place);
		append(all, js_string(js_find(one, "msg"), mem));
		type = js_string(js_find(one, "type"), mem);
		append(all, type);
		if (e->param[0] == '\0' && span_is(type, "extra_forbidden") &&
		    place.n < sizeof e->param)
			snprintf(e->param, sizeof e->param, "%.*s",
			    (int)place.n, place.p);
	}
}

/* What an error object says: message, type, code and what it is about. */
static void
say_object(
    struct span err, struct buf *all, struct reply_error *e, struct arena *mem)
{
	static const char *const keys[] = { "message", "detail", "type", "code",
		"error_type" };
	struct span v, param = js_string(js_find(err, "param"), mem);
	size_t i;

	if (param.n > 0 && param.n < sizeof e->param)
		snprintf(
		    e->param, sizeof e->param, "%.*s", (int)param.n, param.p);
	for (i = 0; i < sizeof keys / sizeof *keys; i++) {
		v = js_find(err, keys[i]);
		if (js_is_string(v))
			append(all, js_string(v, mem));
		else if (js_is_array(v))
			say_list(v, all, e, mem);
		else if (js_is_array(js_find(v, "detail")))
			say_list(js_find(v, "detail"), all, e, mem);
	}
	append(
	    all, js_string(js_find(js_find(err, "innererror"), "code"), mem));
	/* OpenRouter: the error of the provider behind it, a text of JSON */
	append(all, js_string(js_find(js_find(err, "metadata"), "raw"), mem));
	e->context_max = (long)tokens(js_find(err, "n_ctx"));
	e->prompt = (long)tokens(js_find(err, "n_prompt_tokens"));
}

/* The status an error gives itself, as a number or a string; or 0. */
static long
own_status(struct span err, struct arena *mem)
{
	static const char *const keys[] = { "code", "status", "statusCode" };
	struct span v;
	size_t i;
	long n;

	for (i = 0; i < sizeof keys / sizeof *keys; i++) {
		v = js_find(err, keys[i]);
		if (js_is_string(v))
			v = js_string(v, mem);
		n = v.n > 0 && v.n < 10 ? (long)js_int(v, 0) : 0;
		if (n >= 400 && n <= 599)
			return n;
	}
	return 0;
}

/*
 * Append to shown all that the body says in words, on one line, at most
 * WORDS_MAX bytes, whatever shape the body has: {"error":{...}}, that in a
 * list, flat, {"error":"..."}, "detail", a page. Returns the status that the
 * body tells of, or 0.
 */
static long
say(struct span body, struct reply_error *e, struct buf *shown)
{
	struct arena mem = { 0 };
	struct buf all = { 0 };
	const char *why;
	struct span doc = js_text(body, &why), err;
	long status;

	if (js_is_array(doc))
		doc = js_at(doc, 0);
	err = js_find(doc, "error");
	if (js_is_string(err))
		append(&all, js_string(err, &mem));
	if (!js_is_object(err))
		err = doc;
	say_object(err, &all, e, &mem);
	status = own_status(err, &mem);
	if (all.n == 0)
		buf_addspan(&all, body.n > 0 ? page_title(body) : body);
	text_printable(shown, buf_span(&all), WORDS_MAX);
	buf_free(&all);
	arena_free(&mem);
	return status;
}

/*
 * Numbers of tokens in a refusal, and what each is about.
 *
 * A text is cut into tokens: words, numbers, the signs < > + = [ and the ends
 * of sentences. A row below is a row of tokens that servers were seen to send:
 *
 *	~    up to GAP words or signs, but no number and no end of a sentence
 *	$    any name of the token limit
 *	<=   less than, or equal
 *	C    a number: tokens that the context holds
 *	M    tokens of the largest limit that is taken; X is one token more
 *	P    tokens of the prompt; L are the least that the prompt may have
 *	B    tokens that the prompt may have at most
 *	T    tokens of prompt and limit together
 *	#    any other number
 *
 * The first row that finds a number of a kind has it, and a number is read
 * once. Each row is tried at each token, and there are TOKENS_MAX at most.
 */
static const char *const rows[] = {
	/* both at once */
	"context limit P + # > C",
	"inputs tokens + max_new_tokens ~ <= C",
	"given P inputs",
	"inputs must have less than C tokens . given P",
	"too long P tokens > C",
	"token count P exceeds ~ C",
	"bound for B input",
	"n_prompt_tokens ~ P",
	/* the context */
	"n_ctx ~ C",
	"max_model_len ~ C",
	"max_total_tokens ~ C",
	"max_seq_len ~ C",
	"context length ~ C",
	"context window ~ C",
	"context size ~ C",
	"C maximum context length",
	"model length ~ C",
	"prompt length is C",
	"configured limit of C",
	"model token limit C",
	"while limit is C",
	"input length should be [ # C",
	/* the limit */
	"supports at most M completion",
	"$ ~ less than or equal to M",
	"$ ~ at most M",
	"$ ~ between # and M",
	"$ ~ [ # M",
	"$ value of # ~ from # inclusive to X exclusive",
	"$ # > M",
	"$ > M must",
	"$ ~ <= M",
	"$ ~ . ~ <= M",
	"$ ~ limit of M",
	"$ ~ maximum of M",
	"$ ~ maximum is M",
	"$ is too large . maximum is M",
	"maximum tokens you requested ~ limit of M",
	/* the prompt */
	"at least L input",
	"P input tokens",
	"P in the messages",
	"P in the prompt",
	"P in your prompt",
	"P of text input",
	"P tokens from the input",
	"messages resulted in P",
	"input P tokens",
	"prompt length P",
	"input length P",
	"prompt contains P tokens",
	"prompt has P tokens",
	"request contains P tokens",
	"request P tokens",
	"current length is P",
	"splited_prompt_len P",
	/* both together */
	"requested T tokens",
	"requested about T",
	"requested tokens T",
	"total of T tokens",
};

/* Rows that say of the token limit that it is too large, without a number. */
static const char *const excess[] = { "$ ~ too large", "$ # ~ too large",
	"$ ~ too high", "$ # ~ too high", "$ ~ too big", "$ # ~ too big",
	"$ ~ exceeds", "$ # ~ exceeds", "$ ~ exceed", "exceeds ~ $",
	"exceed ~ $", "$ ~ above", "$ ~ greater than", "$ # ~ greater than",
	"$ ~ less than", "$ ~ at most", "$ ~ <=", "$ ~ range", "range ~ $" };

enum {
	GAP = 6,
	TOKENS_MAX = 1000,
	MANY = 1000000000, /* no number of tokens is larger */
};

struct token {
	const char *p;
	size_t n;
	enum { WORD, NUMBER, SIGN, END } is;
	long value; /* of a number, 0: not a number of tokens */
	int used;   /* a row has the number */
};

static int
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int
is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Whether p is a comma between the thousands of a number. */
static int
is_comma(const char *p, const char *end)
{
	return end - p > 3 && *p == ',' && is_digit(p[1]) && is_digit(p[2]) &&
	       is_digit(p[3]) && (end - p == 4 || !is_digit(p[4]));
}

/* The number t is, if it is one: 12, 12.0 and, where grouped, 1,200. */
static void
take_number(struct token *t, const char *end, int grouped)
{
	const char *p = t->p;

	for (; p < end && (is_digit(*p) || (grouped && is_comma(p, end))); p++)
		if (*p != ',' && t->value < MANY)
			t->value = t->value * 10 + (*p - '0');
	if (p < t->p + t->n && *p == '.')
		for (p++; p < t->p + t->n && is_digit(*p);)
			p++;
	if (p < t->p + t->n)
		return; /* a name that begins with a digit */
	t->n = (size_t)(p - t->p);
	t->is = NUMBER;
	if (t->value >= MANY)
		t->value = 0;
}

/* The word, number or name at p, with the - . / within it. */
static struct token
take_word(const char *p, const char *end, int grouped)
{
	struct token t = { .p = p, .is = WORD };
	const char *q = p + 1;

	while (q < end && (is_word(*q) || (memchr("-./", *q, 3) &&
					      q + 1 < end && is_word(q[1]))))
		q++;
	t.n = (size_t)(q - p);
	if (is_digit(*p))
		take_number(&t, end, grouped);
	return t;
}

/* How many bytes at p are an escape of JSON within a text: \" \n \u0027. */
static size_t
escape(const char *p, const char *end)
{
	size_t n = *p != '\\' ? 0 : end - p > 1 && p[1] == 'u' ? 6 : 2;

	return n < (size_t)(end - p) ? n : (size_t)(end - p);
}

/* Cut s into at most TOKENS_MAX tokens; returns their number. */
static size_t
cut(struct span s, struct token *t)
{
	const char *p = s.p, *end = span_end(s);
	int grouped;
	size_t n = 0, skip;

	while (p < end && n < TOKENS_MAX) {
		grouped = n == 0 || t[n - 1].p[0] != '[';
		if ((skip = escape(p, end)) > 0) {
			p += skip;
			continue;
		}
		if (is_word(*p) || (*p == '-' && end - p > 1 && is_digit(p[1])))
			t[n++] = take_word(p, end, grouped);
		else if (memchr("<>+=[", *p, 5))
			t[n++] = (struct token){ .p = p, .n = 1, .is = SIGN };
		else if (*p == ';' || *p == '.')
			t[n++] = (struct token){ .p = p, .n = 1, .is = END };
		else {
			p++;
			continue;
		}
		p += t[n - 1].n;
		/* <= is one sign */
		if (t[n - 1].p[0] == '<' && p < end && *p == '=')
			p++;
	}
	return n;
}

/* The names of the token limit. */
static int
is_cap(const struct token *t)
{
	static const char *const names[] = { "max_tokens",
		"max_completion_tokens", "max_new_tokens", "max_output_tokens",
		"maxOutputTokens" };
	size_t i;

	for (i = 0; t->is == WORD && i < sizeof names / sizeof *names; i++)
		if (t->n == strlen(names[i]) &&
		    strncasecmp(t->p, names[i], t->n) == 0)
			return 1;
	return 0;
}

/* Whether t is what the element of a row stands for. */
static int
stands_for(const struct token *t, struct span element)
{
	char c = element.p[0];

	if (element.n > 1 && c != '<')
		return t->is == WORD && t->n == element.n &&
		       strncasecmp(t->p, element.p, t->n) == 0;
	switch (c) {
	case '$':
		return is_cap(t);
	case '.':
		return t->is == END;
	case '<':
	case '>':
	case '+':
	case '=':
	case '[':
		return t->is == SIGN && t->p[0] == c;
	default:
		return t->is == NUMBER && !t->used;
	}
}

/*
 * Whether the tokens from t on are those of a row. With told, the numbers go
 * there, by the letter of each, and are used.
 */
static int
follows(const char *row, struct token *t, const struct token *end, long *told)
{
	struct span element;
	int gap = 0;

	for (; *row != '\0'; row += element.n + (row[element.n] == ' ')) {
		element = (struct span){ row, strcspn(row, " ") };
		if (*row == '~') {
			gap = GAP;
			continue;
		}
		while (t < end && !stands_for(t, element) && gap > 0 &&
		       (t->is == WORD || t->is == SIGN)) {
			t++;
			gap--;
		}
		if (t >= end || !stands_for(t, element))
			return 0;
		if (told != NULL && t->is == NUMBER) {
			t->used = 1;
			if (*row != '#' && told[*row - 'A'] == 0)
				told[*row - 'A'] = t->value;
		}
		t++;
		gap = 0;
	}
	return 1;
}

/* Whether the n tokens say that the token limit is too large. */
static int
is_excess(struct token *t, size_t n)
{
	size_t i, r;

	for (r = 0; r < sizeof excess / sizeof *excess; r++)
		for (i = 0; i < n; i++)
			if (follows(excess[r], t + i, t + n, NULL))
				return 1;
	return 0;
}

/* Note the numbers that a refusal tells, and whether the limit is too large. */
static void
read_numbers(struct span words, struct reply_error *e)
{
	struct token t[TOKENS_MAX];
	long told[26] = { 0 };
	size_t i, r, n = cut(words, t);

	e->about_cap = is_excess(t, n);
	for (r = 0; r < sizeof rows / sizeof *rows; r++)
		for (i = 0; i < n; i++)
			if (follows(rows[r], t + i, t + n, NULL))
				follows(rows[r], t + i, t + n, told);
	if (e->context_max == 0)
		e->context_max = told['C' - 'A'];
	if (e->prompt == 0)
		e->prompt = told['P' - 'A'];
	e->prompt_least = told['L' - 'A'];
	e->total = told['T' - 'A'];
	e->cap_max = told['M' - 'A'];
	if (e->cap_max == 0 && told['X' - 'A'] > 1)
		e->cap_max = told['X' - 'A'] - 1;
	/* what the prompt may have at most is all there is */
	if (e->context_max > 0 && told['B' - 'A'] >= e->context_max)
		e->prompt_least = e->context_max;
}

static void
ends(struct reply_error *e, enum reply_end end, const char *code)
{
	e->end = end;
	e->code = code;
}

/* What an error means, by its status and its words m. */
static void
classify(long status, const char *m, struct reply_error *e)
{
	if (has_any(m, no_money) || status == 402) {
		ends(e, REPLY_SERVICE, "out_of_quota");
	} else if (status == 403 && has(m, "flagged")) {
		/* a gateway's moderation, of this one request */
		e->code = "content_filter";
	} else if (status == 401 || status == 403) {
		ends(e, REPLY_SERVICE, "unauthorised");
	} else if (status >= 300 && status < 400) {
		ends(e, REPLY_SERVICE, "redirected");
		snprintf(e->message, sizeof e->message,
		    "a redirection, which is not followed");
	} else if (status == 404) {
		ends(e, REPLY_SERVICE, "not_found");
	} else if (status == 413 ||
		   (status == 429 && has(m, "Request too large"))) {
		/* the latter is more than a minute's tokens: never goes */
		e->code = "request_too_large";
	} else if (status == 429) {
		ends(e, REPLY_RETRY, "rate_limited");
	} else if (has(m, "exceed_context_size")) {
		/* llama.cpp once sent it as 500 */
		e->code = "context_overflow";
	} else if (status == 408 || status == 409 ||
		   (status >= 500 && e->cap_max == 0)) {
		ends(
		    e, REPLY_RETRY, status == 408 ? "timeout" : "server_error");
	} else if (e->context_max > 0 || has_any(m, overflow)) {
		e->code = "context_overflow";
	} else if (has_any(m, filtered)) {
		e->code = "content_filter";
	}
}

void
reply_error_read(long status, struct span body, struct reply_error *e)
{
	struct buf words = { 0 }, shown = { 0 };
	const char *m;
	long own;

	*e = (struct reply_error){ 0 };
	ends(e, REPLY_RECORD, "bad_request");
	own = say(body, e, &words);
	m = buf_cstr(&words);
	text_printable(&shown, buf_span(&words), sizeof e->message - 8);
	snprintf(e->message, sizeof e->message, "%s", buf_cstr(&shown));
	if (text_trim(buf_span(&words)).n == 0)
		snprintf(e->message, sizeof e->message, "no reason given");
	e->unsupported = has_any(e->message, not_taken);
	read_numbers(buf_span(&words), e);
	classify(status < 300 ? own ? own : 500 : status, m, e);
	/* words without a number may be about a member that is not taken */
	e->about_cap =
	    e->end == REPLY_RECORD && !has_any(m, too_long) &&
	    ((e->about_cap && !e->unsupported) || e->cap_max > 0 ||
		e->context_max > 0 || strcmp(e->code, "context_overflow") == 0);
	buf_free(&words);
	buf_free(&shown);
}

/* Where name stands as a word in s; NULL if it does not. */
static const char *
find_word(const char *s, struct span name)
{
	const char *p = s, *end = s + strlen(s);

	while ((p = memmem(p, (size_t)(end - p), name.p, name.n)) != NULL) {
		if ((p == s || !is_word(p[-1])) && !is_word(p[name.n]))
			return p;
		p++;
	}
	return NULL;
}

/* Members that are needed, or whose names are words of any message. */
static int
is_common(struct span name)
{
	static const char *const names[] = { "messages", "model", "n", "stop",
		"stream" };
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (span_is(name, names[i]))
			return 1;
	return 0;
}

/* Whether param is the member name, or something inside it: "x.y", "x[0]". */
static int
is_about(const char *param, struct span name)
{
	return strlen(param) >= name.n && memcmp(param, name.p, name.n) == 0 &&
	       !is_word(param[name.n]);
}

struct span
reply_culprit(const struct reply_error *e, struct span sent)
{
	/* of two that cannot both be given, the second goes */
	int both = has(e->message, "cannot both");
	struct span found = { NULL, 0 }, key, val;
	const char *at, *best = NULL;
	size_t i = 0;

	while (e->unsupported && js_each(sent, &i, &key, &val)) {
		key = (struct span){ key.p + 1, key.n - 2 };
		if (key.n == 0)
			continue;
		if (e->param[0] != '\0' && !both) {
			if (is_about(e->param, key))
				return is_common(key) ? found : key;
			continue;
		}
		if (is_common(key) || !(at = find_word(e->message, key)))
			continue;
		if (best == NULL || (both ? at > best : at < best)) {
			best = at;
			found = key;
		}
	}
	return found;
}
