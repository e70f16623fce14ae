/* logprobs: how sure a model was of the first token of its answer */
#include "llm/logprobs.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "json/find.h"
#include "json/string.h"

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
 * Return the last of the tokens from which on their text, less what wraps it,
 * begins with answer; p NULL if there is none.
 */
static struct span
first_of(struct span tokens, struct span answer)
{
	struct span found = { NULL, 0 }, v;
	struct buf text = { 0 };
	size_t *from = mem_array(NULL, js_count(tokens), sizeof *from);
	size_t i = 0, at = 0, skipped;
	const char *p;

	answer = unwrap(answer);
	if (answer.n > ANSWER_MAX)
		answer.n = ANSWER_MAX;
	while (js_next(tokens, &at, &v)) {
		from[i++] = text.n;
		spell(&text, v);
	}
	buf_cstr(&text);
	for (i = at = 0; answer.n > 0 && js_next(tokens, &at, &v); i++) {
		p = text.p + from[i];
		for (skipped = 0; skipped < WRAP_MAX && is_wrapping(*p); p++)
			skipped++;
		if (span_end(buf_span(&text)) - p >= (ptrdiff_t)answer.n &&
		    memcmp(p, answer.p, answer.n) == 0)
			found = v;
	}
	free(from);
	buf_free(&text);
	return found;
}

/* Append "token": logprob, unless b holds the token or it is malformed. */
static void
add_token(struct buf *b, struct span token, struct arena *mem)
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

int
logprobs_score(struct span object, double *score)
{
	struct buf name = { 0 };
	struct span key, val, said;
	double p[3] = { 0, 0, 0 }, all;
	size_t at = 0;
	int n = 0;

	for (; js_each(object, &at, &key, &val); n++) {
		buf_clear(&name);
		js_decode(&name, key);
		said = unwrap(buf_span(&name));
		/* a byte of the object follows the number */
		if (said.n == 1 && said.p[0] >= '0' && said.p[0] <= '2')
			p[said.p[0] - '0'] += exp(strtod(val.p, NULL));
	}
	buf_free(&name);
	all = p[0] + p[1] + p[2];
	if (n < 2 || all <= 0 || !isfinite(all))
		return -1;
	*score = p[1] / all;
	return 0;
}
