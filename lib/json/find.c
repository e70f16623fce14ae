/* find: the places of the parts of an accepted value */
#include "json/find.h"

#include <stdlib.h>
#include <string.h>

#include "json/scan.h"
#include "json/string.h"

int
js_is_object(struct span s)
{
	return s.p != NULL && s.n >= 2 && s.p[0] == '{';
}

int
js_is_array(struct span s)
{
	return s.p != NULL && s.n >= 2 && s.p[0] == '[';
}

int
js_is_there(struct span s)
{
	return s.p != NULL && s.n > 0 && s.p[0] != 'n';
}

/* Return the byte behind the accepted string at p. */
static const char *
skip_string(const char *p, const char *end)
{
	const char *q;

	/* a quote behind an even number of backslashes ends the string */
	for (;;) {
		p = memchr(p + 1, '"', (size_t)(end - p - 1));
		if (p == NULL)
			abort();
		for (q = p; q[-1] == '\\'; q--)
			;
		if ((p - q) % 2 == 0)
			return p + 1;
	}
}

/* Return the byte behind the accepted object or array at p. */
static const char *
skip_nested(const char *p, const char *end)
{
	size_t depth = 0;

	while (p < end) {
		if (*p == '"') {
			p = skip_string(p, end);
			continue;
		}
		if (*p == '{' || *p == '[')
			depth++;
		else if ((*p == '}' || *p == ']') && --depth == 0)
			return p + 1;
		p++;
	}
	abort(); /* the value has not been accepted */
}

const char *
js_skip(const char *p, const char *end)
{
	const char *why;

	if (*p == '"')
		return skip_string(p, end);
	if (*p == '{' || *p == '[')
		return skip_nested(p, end);
	if ((p = js_value(p, end, 0, &why)) == NULL)
		abort();
	return p;
}

/* Step over a key or value and the colon or comma behind it. Return it. */
static struct span
step(const char **p, const char *end)
{
	const char *start = *p;
	struct span s;

	*p = js_skip(start, end);
	s = (struct span){ start, (size_t)(*p - start) };
	*p = js_space(*p, end);
	if (*p < end)
		*p = js_space(*p + 1, end);
	return s;
}

int
js_key_is(struct span raw, struct span name)
{
	struct buf b = { 0 };
	int same;

	/* most keys differ in their first byte */
	if (name.n > 0 && raw.p[1] != name.p[0] && raw.p[1] != '\\')
		return 0;
	if (memchr(raw.p, '\\', raw.n) == NULL)
		return span_eq((struct span){ raw.p + 1, raw.n - 2 }, name);
	js_decode(&b, raw);
	same = span_eq(buf_span(&b), name);
	buf_free(&b);
	return same;
}

/* Step to the next value of the object or, key being NULL, the array s. */
static int
walk(struct span s, size_t *at, struct span *key, struct span *val)
{
	const char *end = s.p + s.n - 1;
	const char *p = *at > 0 ? s.p + *at : js_space(s.p + 1, end);

	if (p >= end)
		return 0;
	if (key != NULL)
		*key = step(&p, end);
	*val = step(&p, end);
	*at = (size_t)(p - s.p);
	return 1;
}

int
js_each(struct span object, size_t *at, struct span *key, struct span *val)
{
	return js_is_object(object) && walk(object, at, key, val);
}

int
js_next(struct span list, size_t *at, struct span *val)
{
	return js_is_array(list) && walk(list, at, NULL, val);
}

int
js_has(struct span object, struct span name)
{
	struct span raw, val;
	size_t at = 0;

	while (js_each(object, &at, &raw, &val))
		if (js_key_is(raw, name))
			return 1;
	return 0;
}

void
js_find_all(
    struct span object, const char *const *keys, struct span *vals, size_t n)
{
	struct span raw, val;
	size_t at = 0, i, left = n;

	for (i = 0; i < n; i++)
		vals[i] = (struct span){ NULL, 0 };
	while (left > 0 && js_each(object, &at, &raw, &val))
		for (i = 0; i < n; i++)
			if (vals[i].p == NULL &&
			    js_key_is(raw, span_of(keys[i]))) {
				vals[i] = val;
				left--;
				break;
			}
}

struct span
js_find(struct span object, const char *key)
{
	struct span val;

	js_find_all(object, &key, &val, 1);
	return val;
}

struct span
js_at(struct span list, size_t i)
{
	struct span val;
	size_t at = 0;

	while (js_next(list, &at, &val))
		if (i-- == 0)
			return val;
	return (struct span){ NULL, 0 };
}

size_t
js_count(struct span list)
{
	struct span val;
	size_t at = 0, n = 0;

	while (js_next(list, &at, &val))
		n++;
	return n;
}
