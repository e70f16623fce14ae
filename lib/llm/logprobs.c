/* logprobs: how sure a model was of the first token of its answer */
#include "llm/logprobs.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "json/find.h"
#include "json/string.h"

enum {
	TOP_MAX = 32, /* tokens kept; a server sends at most 21 */
	NUMBER_MAX = 40,
	ANSWER_MAX = 1024, /* bytes of an answer that are compared: a match at
			    * every token must not cost the whole text each */
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

static struct span
unwrap(struct span s)
{
	while (s.n > 0 && is_wrapping(s.p[0]))
		s = (struct span){ s.p + 1, s.n - 1 };
	while (s.n > 0 && (is_wrapping(s.p[s.n - 1]) || s.p[s.n - 1] == '.'))
		s.n--;
	return s;
}

/* A place is a token, and the offset of its text in the text of all tokens. */
struct place {
	struct span token;
	size_t from;
};

/*
 * Return the last of n places from which on text, less what wraps it, reads as
 * answer; p NULL if there is none. Going back from the end looks at each byte
 * once: bare is the first one at or after a place that wraps nothing.
 */
static struct span
last_match(
    const struct place *v, size_t n, struct span text, struct span answer)
{
	size_t bare = text.n, end = text.n, i;

	while (n-- > 0) {
		for (i = end; i-- > v[n].from;)
			if (!is_wrapping(text.p[i]))
				bare = i;
		end = v[n].from;
		if (text.n - bare >= answer.n &&
		    memcmp(text.p + bare, answer.p, answer.n) == 0)
			return v[n].token;
	}
	return (struct span){ NULL, 0 };
}

/* Return the token that begins the answer; p NULL if none does. */
static struct span
first_of(struct span tokens, struct span answer)
{
	struct span found = { NULL, 0 }, v;
	struct buf text = { 0 };
	size_t n = js_count(tokens), i = 0, at = 0;
	struct place *places;

	answer = unwrap(answer);
	if (n == 0 || answer.n == 0)
		return found;
	if (answer.n > ANSWER_MAX)
		answer.n = ANSWER_MAX;
	places = mem_array(NULL, n, sizeof *places);
	while (js_next(tokens, &at, &v)) {
		places[i++] = (struct place){ v, text.n };
		spell(&text, v);
	}
	buf_cstr(&text);
	found = last_match(places, n, buf_span(&text), answer);
	free(places);
	buf_free(&text);
	return found;
}

/* Append "token": logprob, unless b holds the token or it is malformed. */
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
	struct span others = js_find(first, "top_logprobs");
	struct buf b = { 0 };
	size_t at = 0;
	int i;

	if (first.p == NULL)
		return made;
	add(&b, first, mem);
	for (i = 0; i < TOP_MAX && js_next(others, &at, &v); i++)
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
