/* scan: a strict scanner that finds the places of values */
#include "json/scan.h"

#include <string.h>

#include "base/keyset.h"
#include "base/text.h"
#include "json/chars.h"
#include "json/string.h"

static const char *
fail(const char **why, const char *what)
{
	*why = what;
	return NULL;
}

const char *
js_space(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
		p++;
	return p;
}

static int
is_digit(const char *p, const char *end)
{
	return p < end && *p >= '0' && *p <= '9';
}

/* Return the byte behind the escape at p, a backslash. */
static const char *
escape(const char *p, const char *end, const char **why)
{
	int v;

	if (end - p < 2)
		return fail(why, "unterminated string");
	if (p[1] != 'u') {
		if (js_escapes[(unsigned char)p[1]] == '\0')
			return fail(why, "bad escape in string");
		return p + 2;
	}
	if ((v = js_hex4(p + 2, end)) == -1)
		return fail(why, "bad \\u escape in string");
	if (v < 0xd800 || v > 0xdfff)
		return p + 6;
	if (v > 0xdbff || end - p < 12 || p[6] != '\\' || p[7] != 'u' ||
	    (v = js_hex4(p + 8, end)) < 0xdc00 || v > 0xdfff)
		return fail(why, "lone surrogate escape in string");
	return p + 12;
}

/* Return the byte behind the string at p; set *escaped if it holds escapes. */
static const char *
string(const char *p, const char *end, int *escaped, const char **why)
{
	size_t n;

	for (p++;;) {
		p = js_plain(p, end);
		if (p == end)
			return fail(why, "unterminated string");
		if (*p == '"')
			return p + 1;
		if (*p == '\\') {
			*escaped = 1;
			if ((p = escape(p, end, why)) == NULL)
				return NULL;
			p = js_usual(p, end);
		} else if ((unsigned char)*p < 0x20) {
			return fail(why, "control character in string");
		} else {
			if ((n = text_utf8(p, end)) == 0)
				return fail(why, "not UTF-8");
			p += n;
		}
	}
}

static const char *
skip_digits(const char *p, const char *end)
{
	while (is_digit(p, end))
		p++;
	return p;
}

static const char *
number(const char *p, const char *end, const char **why)
{
	if (p < end && *p == '-')
		p++;
	if (p < end && (*p == 'N' || *p == 'I'))
		return fail(why, "NaN or Infinity, which JSON does not have; "
				 "null stands for what is missing");
	if (!is_digit(p, end))
		return fail(why, "not a value");
	p = *p == '0' ? p + 1 : skip_digits(p, end);
	if (p < end && *p == '.') {
		if (!is_digit(++p, end))
			return fail(why, "bad number");
		p = skip_digits(p, end);
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		if (!is_digit(p, end))
			return fail(why, "bad number");
		p = skip_digits(p, end);
	}
	return p;
}

static const char *
word(const char *p, const char *end, const char *w, const char **why)
{
	size_t n = strlen(w);

	if ((size_t)(end - p) < n || memcmp(p, w, n) != 0)
		return fail(why, "not a value");
	return p + n;
}

static const char *
array(const char *p, const char *end, int depth, const char **why)
{
	p = js_space(p + 1, end);
	if (p < end && *p == ']')
		return p + 1;
	for (;;) {
		if ((p = js_value(p, end, depth, why)) == NULL)
			return NULL;
		p = js_space(p, end);
		if (p == end)
			return fail(why, "unterminated array");
		if (*p == ']')
			return p + 1;
		if (*p != ',')
			return fail(why, "expected ',' or ']'");
		p = js_space(p + 1, end);
	}
}

struct js_member *
js_member_new(struct js_members *m)
{
	if (m->n == m->cap) {
		m->cap = m->cap ? m->cap * 2 : 16;
		m->v = mem_array(m->v, m->cap, sizeof *m->v);
	}
	return &m->v[m->n++];
}

/* Return whether a key repeats. Hostile keys cannot make a set slow. */
static int
repeats(const struct js_members *m)
{
	struct keyset seen = { 0 };
	size_t i, j;
	int found;

	if (m->n <= 24) {
		for (i = 1; i < m->n; i++)
			for (j = 0; j < i; j++)
				if (span_eq(m->v[i].key, m->v[j].key))
					return 1;
		return 0;
	}
	for (i = 0; i < m->n; i++)
		keyset_add(&seen, keyset_key(span_of(""), 'k', m->v[i].key));
	found = seen.n < m->n;
	keyset_free(&seen);
	return found;
}

const char *
js_object(const char *p, const char *end, int depth, struct js_members *m,
    struct arena *mem, const char *sub_key, struct js_members *sub,
    const char **why)
{
	struct span raw, key = { NULL, 0 };
	struct js_member *made;
	const char *start;
	int escaped, into_sub;

	if (++depth > JS_DEPTH)
		return fail(why, "nested too deep");
	p = js_space(p + 1, end);
	if (p < end && *p == '}')
		return p + 1;
	for (;;) {
		if (p == end || *p != '"')
			return fail(why, p == end ? "unterminated object"
						  : "expected a key");
		start = p;
		escaped = 0;
		if ((p = string(p, end, &escaped, why)) == NULL)
			return NULL;
		if (m != NULL) {
			raw = (struct span){ start, (size_t)(p - start) };
			key = escaped ? js_string(raw, mem)
				      : (struct span){ start + 1, raw.n - 2 };
		}
		p = js_space(p, end);
		if (p == end || *p != ':')
			return fail(why, "expected ':'");
		p = js_space(p + 1, end);
		start = p;
		into_sub = sub_key != NULL && span_is(key, sub_key) &&
			   p < end && *p == '{';
		if (into_sub) {
			sub->n = 0;
			p = js_object(p, end, depth, sub, mem, NULL, NULL, why);
		} else {
			p = js_value(p, end, depth, why);
		}
		if (p == NULL)
			return NULL;
		if (m != NULL) {
			made = js_member_new(m);
			made->key = key;
			made->val = (struct span){ start, (size_t)(p - start) };
			made->start = start;
			made->end = p;
		}
		p = js_space(p, end);
		if (p == end)
			return fail(why, "unterminated object");
		if (*p == '}')
			break;
		if (*p != ',')
			return fail(why, "expected ',' or '}'");
		p = js_space(p + 1, end);
	}
	if (m != NULL && repeats(m))
		return fail(why, "a key stands twice");
	return p + 1;
}

const char *
js_value(const char *p, const char *end, int depth, const char **why)
{
	int escaped;

	if (p == end)
		return fail(why, "a value is missing");
	switch (*p) {
	case '"':
		return string(p, end, &escaped, why);
	case '{':
		return js_object(p, end, depth, NULL, NULL, NULL, NULL, why);
	case '[':
		if (depth >= JS_DEPTH)
			return fail(why, "nested too deep");
		return array(p, end, depth + 1, why);
	case 't':
		return word(p, end, "true", why);
	case 'f':
		return word(p, end, "false", why);
	case 'n':
		return word(p, end, "null", why);
	default:
		return number(p, end, why);
	}
}

struct span
js_text(struct span s, const char **why)
{
	const char *end = span_end(s), *p = js_space(s.p, end), *q;

	if ((q = js_value(p, end, 0, why)) == NULL)
		return (struct span){ NULL, 0 };
	if (js_space(q, end) != end) {
		*why = "more behind the value";
		return (struct span){ NULL, 0 };
	}
	return (struct span){ p, (size_t)(q - p) };
}
