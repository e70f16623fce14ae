/* refusal: what an answer other than a completion means */
#include "llm/refusal.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "json/find.h"
#include "json/scan.h"
#include "json/string.h"
#include "llm/reply.h"

enum {
	WORDS_MAX = 4000,  /* bytes of a refusal that are read */
	LEVELS_MAX = 8,    /* levels of its JSON that are read */
	PARTS_MAX = 64,    /* elements of a list that are read */
	GAP = 6,           /* tokens that a ~ stands for, at most */
	MANY = 1000000000, /* no number of tokens is larger */
};

#define DIGITS "0123456789"

/* Words of an overflow. */
static const char overflow[] =
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
    "allowed for this model|deprecated for this model|cannot both";

/* Meanings by status and words (NULL: any); the first row that fits counts. */
static const struct {
	int from, to; /* statuses */
	const char *words;
	enum refusal_end end;
	const char *code;
} meanings[] = {
	{ 0, 999,
	    "insufficient_quota|Insufficient Balance|billing_hard_limit|"
	    "billing_not_active|credit balance is too low",
	    REFUSAL_SERVICE, "out_of_quota" },
	{ 402, 402, NULL, REFUSAL_SERVICE, "out_of_quota" },
	/* a gateway's moderation, of this one request */
	{ 403, 403, "flagged", REFUSAL_RECORD, "content_filter" },
	{ 401, 401, NULL, REFUSAL_SERVICE, "unauthorised" },
	{ 403, 403, NULL, REFUSAL_SERVICE, "unauthorised" },
	{ 300, 399, NULL, REFUSAL_SERVICE, "redirected" },
	{ 404, 404, NULL, REFUSAL_SERVICE, "not_found" },
	{ 413, 413, NULL, REFUSAL_RECORD, "request_too_large" },
	/* more than a minute's tokens, which never goes */
	{ 429, 429, "Request too large", REFUSAL_RECORD, "request_too_large" },
	{ 429, 429, NULL, REFUSAL_RETRY, "rate_limited" },
	/* llama.cpp once sent this as 500 */
	{ 0, 999, "exceed_context_size", REFUSAL_RECORD, "context_overflow" },
	{ 408, 408, NULL, REFUSAL_RETRY, "timeout" },
	{ 409, 409, NULL, REFUSAL_RETRY, "server_error" },
	{ 500, 999, NULL, REFUSAL_RETRY, "server_error" },
	{ 0, 999, overflow, REFUSAL_RECORD, "context_overflow" },
	{ 0, 999,
	    "content_filter|ResponsibleAIPolicyViolation|"
	    "content_policy_violation|data_inspection_failed",
	    REFUSAL_RECORD, "content_filter" },
	{ 0, 999, NULL, REFUSAL_RECORD, "bad_request" },
};

/*
 * Numbers of tokens in a refusal, and what each is about.
 *
 * A text is cut into tokens: words, numbers, the signs < > + [ and the ends of
 * sentences. A row is a row of tokens that servers were seen to send:
 *
 *	a|b  one of the words
 *	~    up to GAP words or signs, but no number and no end of a sentence
 *	$    any name of the token limit
 *	<    less than, or equal
 *	C    a number: tokens that the context holds
 *	M    tokens of the largest limit that is taken; X is one token more
 *	P    tokens of the prompt; L are the least that the prompt may have
 *	B    tokens that the prompt may have at most
 *	T    tokens of prompt and limit together
 *	#    any other number
 *	!    the row tells that the token limit is too large
 *
 * The first row that finds a number of a kind has it, and a number is read
 * once. Each row is tried at each token.
 */
static const char *const rows[] = {
	/* prompt and context, or prompt and limit */
	"context limit P + # > C",
	"inputs tokens + $ ~ < C",
	"given P inputs",
	"inputs must have less than C tokens . given P",
	"too long P tokens > C",
	"token count P exceeds ~ C",
	"bound for B input",
	"n_prompt_tokens|splited_prompt_len P",
	/* the context */
	"n_ctx|max_model_len|max_total_tokens|max_seq_len ~ C",
	"context length|window|size ~ C",
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
	"$ ~ < M",
	"$ ~ . ~ < M",
	"$ ~ limit|maximum of|is M",
	"$ is too large . maximum is M",
	"maximum tokens you requested ~ limit of M",
	/* the prompt */
	"at least L input",
	"P input tokens",
	"P in the|your messages|prompt",
	"P of text input",
	"P tokens from the input",
	"messages resulted in P",
	"input|request P tokens",
	"input|prompt length P",
	"prompt|request contains|has P tokens",
	"current length is P",
	/* both together */
	"requested T tokens",
	"requested about|tokens T",
	"total of T tokens",
	/* no number, but the limit is too large */
	"! $ ~ too large|high|big",
	"! $ # ~ too large|high|big",
	"! $ ~ exceed|exceeds|above|range|<",
	"! $ # ~ exceed|exceeds",
	"! $ ~ greater|less than",
	"! $ # ~ greater than",
	"! $ ~ at most",
	"! exceed|exceeds|range ~ $",
};

static const char cap_names[] =
    "max_tokens|max_completion_tokens|max_new_tokens|max_output_tokens|"
    "maxOutputTokens";

/* Return whether s holds one of the phrases in list, "a|b", in any case. */
static int
has_any(const char *s, const char *list)
{
	char phrase[64];
	size_t n;

	for (; *list != '\0'; list += n + (list[n] == '|')) {
		n = strcspn(list, "|");
		snprintf(phrase, sizeof phrase, "%.*s", (int)n, list);
		if (strcasestr(s, phrase) != NULL)
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
	/* metadata.raw is OpenRouter's: the error of the provider behind it */
	static const char *const keys[] = { "error", "loc", "msg", "message",
		"detail", "type", "code", "error_type", "innererror",
		"metadata", "raw" };
	struct span one;
	size_t i, at = 0;

	if (v.p == NULL || level == LEVELS_MAX || words->n > WORDS_MAX)
		return;
	if (js_is_string(v) && v.n > 2 && !span_is(v, "\"body\"")) {
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
	struct span doc = js_text(body, &why), err;

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

static int
is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Return whether p stands within a word: - . and / may stand between two. */
static int
in_word(const char *p)
{
	return is_word(*p) ||
	       ((*p == '-' || *p == '.' || *p == '/') && is_word(p[1]));
}

/* Return whether p is a comma between the thousands of a number. */
static int
is_comma(const char *p)
{
	return *p == ',' && strspn(p + 1, DIGITS) == 3;
}

/*
 * Append the word at p, or the number: 12, 12.0 or 1,200, but not 4k or -1,
 * which are names. Return the bytes that it has.
 */
static size_t
add_word(struct buf *tokens, const char *p)
{
	const char *q = p;
	struct span word;
	long v = 0;

	for (; isdigit((unsigned char)*q) || is_comma(q); q++)
		if (*q != ',' && v < MANY)
			v = v * 10 + (*q - '0');
	if (q > p && *q == '.' && isdigit((unsigned char)q[1]))
		q += 1 + strspn(q + 1, DIGITS);
	if (q > p && !in_word(q)) {
		buf_fmt(tokens, "%ld ", v < MANY ? v : 0);
		return (size_t)(q - p);
	}
	while (in_word(q))
		q++;
	word = (struct span){ p, (size_t)(q - p) };
	if (text_is_one_of(word, span_of(cap_names)))
		buf_adds(tokens, "$ ");
	else
		buf_fmt(tokens, "%s%.*s ",
		    isdigit((unsigned char)*p) ? "_" : "", (int)word.n, p);
	return word.n;
}

/* Append the tokens of a text, a space behind each; only numbers are digits. */
static void
cut(const char *p, struct buf *tokens)
{
	size_t n;

	for (; *p != '\0'; p += n) {
		n = 1;
		if (is_word(*p) || (*p == '-' && isdigit((unsigned char)p[1])))
			n = add_word(tokens, p);
		else if (strchr("<>+[", *p) != NULL)
			buf_fmt(tokens, "%c ", *p);
		else if (*p == ';' || *p == '.')
			buf_adds(tokens, ". ");
		else if (*p == '\\') /* JSON within a text: \" \n \u0027 */
			n = strnlen(p, p[1] == 'u' ? 6 : 2);
	}
}

/* Return whether a token is what the element of a row stands for. */
static int
fits(struct span token, struct span element)
{
	if (isupper((unsigned char)*element.p) || *element.p == '#')
		return isdigit((unsigned char)*token.p);
	return text_is_one_of(token, element);
}

/*
 * Return whether the tokens from p on are those of a row. With told, the
 * numbers go there, by the letter of each, and are blotted out.
 */
static int
follows(const char *row, char *p, long *told)
{
	struct span element, token;
	int gap = 0;

	for (; *row != '\0'; row += element.n + (row[element.n] == ' ')) {
		element = (struct span){ row, strcspn(row, " ") };
		if (*row == '~') {
			gap = GAP;
			continue;
		}
		for (;; p += token.n + 1) {
			token = (struct span){ p, strcspn(p, " ") };
			if (fits(token, element))
				break;
			/* nothing goes over a number, or over the end */
			if (gap-- == 0 || strchr("!." DIGITS, *p) != NULL)
				return 0;
		}
		if (told != NULL && isdigit((unsigned char)*p)) {
			if (*row != '#' && told[*row - 'A'] == 0)
				told[*row - 'A'] = atol(p);
			*p = '!';
		}
		p += token.n + 1;
		gap = 0;
	}
	return 1;
}

/* Note the numbers that a refusal tells, and whether the limit is too large. */
static void
read_numbers(const char *words, struct refusal *e)
{
	long told['Z' - 'A' + 1] = { 0 };
	struct buf tokens = { 0 };
	const char *row;
	size_t r;
	char *p;

	cut(words, &tokens);

	for (r = 0; r < sizeof rows / sizeof *rows; r++) {
		row = *rows[r] == '!' ? rows[r] + 2 : rows[r];
		for (p = buf_cstr(&tokens); *p != '\0';
		     p += strcspn(p, " ") + 1)
			if (follows(row, p, NULL)) {
				follows(row, p, told);
				e->about_cap |= row != rows[r];
			}
	}
	buf_free(&tokens);
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
	/* of two that cannot both be given, the second goes */
	int both = has_any(e->message, "cannot both");
	const char *p = both || e->param[0] == '\0' ? e->message : e->param;
	struct span found = { NULL, 0 }, word;

	while (e->unsupported && *p != '\0' && (both || found.p == NULL)) {
		for (word = (struct span){ p, 0 }; is_word(*p); p++)
			word.n++;
		if (word.n == 0)
			p++;
		else if (!text_is_one_of(word, common) && js_has(sent, word))
			found = word;
	}
	return found;
}
