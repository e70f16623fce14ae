/* logprobs: how sure a model was of the first token of its answer */
#include "llm/logprobs.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "json/find.h"
#include "json/scan.h"
#include "json/string.h"

enum {
	TOP_MAX = 32, /* tokens kept: the chosen one and 20, and some */
	NUMBER_MAX = 40,
};

/* Walk an array: *at starts NULL; 0 at its end or if it is none. */
static int
each(struct span array, const char **at, struct span *v)
{
	const char *end = span_end(array), *p = *at;

	if (!js_is_array(array))
		return 0;
	p = js_space(p == NULL ? array.p + 1 : p, end);
	if (p < end && *p == ',')
		p = js_space(p + 1, end);
	if (p >= end || *p == ']')
		return 0;
	*at = js_skip(p, end);
	*v = (struct span){ p, (size_t)(*at - p) };
	return 1;
}

/* Append what a token says: its bytes, where its text may be part of one. */
static void
spell(struct buf *b, struct span token)
{
	struct span bytes = js_find(token, "bytes"), v;
	const char *at = NULL;

	if (!js_is_array(bytes)) {
		js_decode(b, js_find(token, "token"));
		return;
	}
	while (each(bytes, &at, &v))
		buf_addc(b, (char)js_int(v, '?'));
}

static int
is_wrapping(char c)
{
	return isspace((unsigned char)c) || (c != '\0' && strchr("\"'`*", c));
}

static struct span
unwrap_front(struct span s)
{
	while (s.n > 0 && is_wrapping(s.p[0]))
		s = (struct span){ s.p + 1, s.n - 1 };
	return s;
}

static struct span
unwrap(struct span s)
{
	s = unwrap_front(s);
	while (s.n > 0 && (is_wrapping(s.p[s.n - 1]) || s.p[s.n - 1] == '.'))
		s.n--;
	return s;
}

static int
begins(struct span s, struct span with)
{
	return s.n >= with.n && memcmp(s.p, with.p, with.n) == 0;
}

/*
 * The token that begins the answer: the last one from which on, less what
 * wraps it, the tokens read as the answer.
 */
static struct span
first_of(struct span tokens, struct span answer)
{
	struct span found = { NULL, 0 }, v, *all;
	struct buf text = { 0 };
	size_t n = js_count(tokens), i = 0, *from;
	const char *at = NULL;

	answer = unwrap(answer);
	if (n == 0 || answer.n == 0)
		return found;
	all = mem_new(n * sizeof *all);
	from = mem_new(n * sizeof *from);
	for (; i < n && each(tokens, &at, &v); i++) {
		from[i] = text.n;
		all[i] = v;
		spell(&text, v);
	}
	buf_cstr(&text);
	while (i-- > 0 && found.p == NULL) {
		v = (struct span){ text.p + from[i], text.n - from[i] };
		if (begins(unwrap_front(v), answer))
			found = all[i];
	}
	free(all);
	free(from);
	buf_free(&text);
	return found;
}

/* Append "token": logprob, unless it stands there or is no such thing. */
static void
add(struct buf *b, struct span token, struct arena *mem)
{
	struct span name = js_string(js_find(token, "token"), mem);
	struct span value = js_find(token, "logprob");
	struct buf key = { 0 };
	const char *same = NULL;

	if (name.p == NULL || value.n == 0 || value.n > NUMBER_MAX ||
	    !(value.p[0] == '-' || isdigit((unsigned char)value.p[0])))
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
	struct span first = first_of(tokens, answer), v, made = { NULL, 0 };
	struct buf b = { 0 };
	const char *at = NULL;
	int i;

	if (first.p == NULL)
		return made;
	add(&b, first, mem);
	for (i = 0;
	     i < TOP_MAX && each(js_find(first, "top_logprobs"), &at, &v); i++)
		add(&b, v, mem);
	if (b.n > 0) {
		buf_addc(&b, '}');
		made = (struct span){ arena_dup(mem, b.p, b.n), b.n };
	}
	buf_free(&b);
	return made;
}

int
logprobs_score(struct span object, double *score)
{
	struct buf name = { 0 };
	struct span key, val, said;
	double p[3] = { 0, 0, 0 }, all;
	char number[NUMBER_MAX + 1];
	size_t at = 0;
	int n = 0;

	for (; js_each(object, &at, &key, &val); n++) {
		buf_clear(&name);
		js_decode(&name, key);
		said = unwrap(buf_span(&name));
		if (said.n != 1 || said.p[0] < '0' || said.p[0] > '2' ||
		    val.n > NUMBER_MAX)
			continue;
		memcpy(number, val.p, val.n);
		number[val.n] = '\0';
		p[said.p[0] - '0'] += exp(strtod(number, NULL));
	}
	buf_free(&name);
	all = p[0] + p[1] + p[2];
	if (n < 2 || all <= 0 || !isfinite(all))
		return -1;
	*score = p[1] / all;
	return 0;
}
