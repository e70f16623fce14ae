/* find: the places of the parts of an accepted value */
#include "json/find.h"

#include <stdlib.h>
#include <string.h>

#include "json/chars.h"
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
	size_t n = (size_t)(end - p - 1);
	const char *q = memchr(p + 1, '"', n < 32 ? n : 32);

	/* keys and most values end soon: a reply takes 3/4 of the time */
	if (q != NULL && q[-1] != '\\')
		return q + 1;
	/* a quote behind an even number of backslashes ends the string */
	p = js_usual(p + 1, end) - 1;
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

/* Step over the "key": of an accepted object. Return the raw key. */
static struct span
step_key(const char **p, const char *end)
{
	const char *start = *p;
	struct span raw;

	*p = js_skip(start, end);
	raw = (struct span){ start, (size_t)(*p - start) };
	*p = js_space(js_space(*p, end) + 1, end);
	return raw;
}

/* Step over a value and the comma behind it. Return the value. */
static struct span
step_value(const char **p, const char *end)
{
	const char *start = *p;
	struct span v;

	*p = js_skip(start, end);
	v = (struct span){ start, (size_t)(*p - start) };
	*p = js_space(*p, end);
	if (*p < end && **p == ',')
		*p = js_space(*p + 1, end);
	return v;
}

int
js_key_is(struct span raw, struct span name)
{
	struct buf b = { 0 };
	int same;

	if (memchr(raw.p, '\\', raw.n) == NULL)
		return span_eq((struct span){ raw.p + 1, raw.n - 2 }, name);
	js_decode(&b, raw);
	same = span_eq(buf_span(&b), name);
	buf_free(&b);
	return same;
}

/*
 * Return where the walk of s goes on that has come to at, *end being its last
 * byte; NULL at that.
 */
static const char *
walk_from(struct span s, size_t at, const char **end)
{
	const char *p;

	*end = s.p + s.n - 1;
	p = at > 0 ? s.p + at : js_space(s.p + 1, *end);
	return p < *end ? p : NULL;
}

int
js_each(struct span object, size_t *at, struct span *key, struct span *val)
{
	const char *p, *end;

	if (!js_is_object(object) || !(p = walk_from(object, *at, &end)))
		return 0;
	*key = step_key(&p, end);
	*val = step_value(&p, end);
	*at = (size_t)(p - object.p);
	return 1;
}

int
js_next(struct span list, size_t *at, struct span *val)
{
	const char *p, *end;

	if (!js_is_array(list) || !(p = walk_from(list, *at, &end)))
		return 0;
	*val = step_value(&p, end);
	*at = (size_t)(p - list.p);
	return 1;
}

struct span
js_find(struct span object, const char *key)
{
	struct span raw, val, name = span_of(key);
	size_t at = 0;

	while (js_each(object, &at, &raw, &val))
		if (js_key_is(raw, name))
			return val;
	return (struct span){ NULL, 0 };
}

void
js_find_all(
    struct span object, const char *const *keys, struct span *vals, size_t n)
{
	struct span raw, val;
	size_t at = 0, i;

	for (i = 0; i < n; i++)
		vals[i] = (struct span){ NULL, 0 };
	while (js_each(object, &at, &raw, &val))
		for (i = 0; i < n; i++)
			if (vals[i].p == NULL &&
			    js_key_is(raw, span_of(keys[i]))) {
				vals[i] = val;
				break;
			}
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
