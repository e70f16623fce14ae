/* logprobs: how sure a model was of its answer, or of the digit in it */
#include "llm/logprobs.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "json/find.h"
#include "json/string.h"
#include "llm/verdict.h"

enum {
	TOP_MAX = 32,    /* tokens kept; a server sends at most 21 */
	NUMBER_MAX = 40, /* bytes of a logarithm that is kept */
	/* a match at every token must not cost the whole text each */
	ANSWER_MAX = 1024, /* bytes of an answer that are compared */
	WRAP_MAX = 64,     /* bytes before an answer that may wrap it */
};

/* Append the text of a token: its bytes, as it may be half a letter. */
static void
spell(struct buf *b, struct span token)
{
	struct span bytes = js_find(token, "bytes"), v;
	size_t at = 0;

	if (!js_is_array(bytes)) {
		js_decode(b, js_find(token, "token"));
		return;
	}
	while (js_next(bytes, &at, &v))
		buf_addc(b, (char)js_int(v, '?'));
}

static int
is_wrapping(char c)
{
	return isspace((unsigned char)c) || (c != '\0' && strchr("\"'`*", c));
}

/*
 * Return an answer without the white space, quotes, backticks and asterisks at
 * its ends, and without one full stop at its end.
 */
static struct span
unwrap(struct span s)
{
	int dots = 0;

	while (s.n > 0 && is_wrapping(s.p[0]))
		s = span_skip(s, 1);
	while (s.n > 0 && (is_wrapping(s.p[s.n - 1]) ||
			      (s.p[s.n - 1] == '.' && dots++ == 0)))
		s.n--;
	return s;
}

/*
 * Return where in text the last token begins from which on it begins with
 * answer, less what wraps it; NULL if there is none. Token i of n begins at
 * from[i].
 */
static const char *
last_start(struct span text, const size_t *from, size_t n, struct span answer)
{
	const char *found = NULL, *p;
	size_t i, skipped;

	if (answer.n > ANSWER_MAX)
		answer.n = ANSWER_MAX;
	for (i = 0; answer.n > 0 && i < n; i++) {
		p = text.p + from[i];
		for (skipped = 0; skipped < WRAP_MAX && is_wrapping(*p); p++)
			skipped++;
		if (span_end(text) - p >= (ptrdiff_t)answer.n &&
		    memcmp(p, answer.p, answer.n) == 0)
			found = p;
	}
	return found;
}

/* Return the offset in an answer of the digit that is its verdict, or 0. */
static size_t
verdict_offset(struct span answer)
{
	const char *at;

	return verdict_find(answer, &at) != -1 ? (size_t)(at - answer.p) : 0;
}

/*
 * Return the token in which answer begins, less what wraps it, or in which its
 * verdict stands; p NULL if there is none.
 */
static struct span
token_of(struct span tokens, struct span answer)
{
	struct span found = { NULL, 0 }, v;
	struct buf text = { 0 };
	size_t *from = mem_array(NULL, js_count(tokens), sizeof *from);
	size_t i = 0, n = 0, at = 0, digit;
	const char *p;

	answer = unwrap(answer);
	digit = verdict_offset(answer);
	while (js_next(tokens, &at, &v)) {
		from[n++] = text.n;
		spell(&text, v);
	}
	buf_cstr(&text);
	p = last_start(buf_span(&text), from, n, answer);
	if (p != NULL) {
		digit += (size_t)(p - text.p);
		for (at = 0; i < n && from[i] <= digit; i++)
			js_next(tokens, &at, &found);
	}
	free(from);
	buf_free(&text);
	return found;
}

static int
is_number(struct span v)
{
	return v.n > 0 && (v.p[0] == '-' || isdigit((unsigned char)v.p[0]));
}

/* Append "token": logprob, unless b holds the token or it is malformed. */
static void
add_token(struct buf *b, struct span token, struct arena *mem)
{
	struct span name = js_string(js_find(token, "token"), mem);
	struct span value = js_find(token, "logprob");
	struct buf key = { 0 };
	const char *same = NULL;

	if (name.p == NULL || value.n > NUMBER_MAX || !is_number(value))
		return;
	js_quote(&key, name);
	buf_addc(&key, ':');
	if (b->n > 0)
		same = memmem(b->p, b->n, key.p, key.n);
	if (same == NULL || same[-1] == '\\') {
		buf_addc(b, b->n ? ',' : '{');
		buf_addspan(b, buf_span(&key));
		buf_addspan(b, value);
	}
	buf_free(&key);
}

struct span
logprobs_of(struct span tokens, struct span answer, struct arena *mem)
{
	struct span first = token_of(tokens, answer), v, made = { NULL, 0 };
	struct span others = js_find(first, "top_logprobs");
	struct buf b = { 0 };
	size_t at = 0;
	int i;

	if (first.p == NULL)
		return made;
	add_token(&b, first, mem);
	for (i = 0; i < TOP_MAX && js_next(others, &at, &v); i++)
		add_token(&b, v, mem);
	if (b.n > 0) {
		buf_addc(&b, '}');
		made = (struct span){ arena_dup(mem, b.p, b.n), b.n };
	}
	buf_free(&b);
	return made;
}

/*
 * Return the verdict that a token stands for: its digit, if there is but one
 * letter or digit in it, and no sign or point that makes another number of it.
 * Return -1 if it stands for none.
 */
static int
token_verdict(struct span token)
{
	const char *digit = NULL, *p;

	for (p = token.p; p < span_end(token); p++) {
		if (!isalnum((unsigned char)*p) && (unsigned char)*p < 0x80)
			continue;
		if (digit != NULL || *p < '0' || *p > '2')
			return -1;
		digit = p;
	}
	if (digit == NULL || (digit > token.p && strchr("+-.,/", digit[-1])))
		return -1;
	return *digit - '0';
}

int
logprobs_p(struct span object, double *p)
{
	struct buf name = { 0 };
	double sum[3] = { 0, 0, 0 }, all;
	struct span key, val;
	size_t at = 0;
	int n = 0, v;

	while (js_each(object, &at, &key, &val)) {
		if (!is_number(val))
			continue;
		n++;
		buf_clear(&name);
		js_decode(&name, key);
		v = token_verdict(buf_span(&name));
		/* a byte of the object follows the number */
		if (v != -1)
			sum[v] += exp(strtod(val.p, NULL));
	}
	buf_free(&name);
	all = sum[0] + sum[1] + sum[2];
	if (n < 2 || all <= 0 || !isfinite(all))
		return -1;
	*p = sum[1] / all;
	return 0;
}
