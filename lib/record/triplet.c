/* triplet: reads and writes the finished members of a pair or triplet */
#include "record/triplet.h"

#include <string.h>

#include "json/find.h"
#include "json/scan.h"
#include "json/string.h"

static struct triplet
triplet(struct span prompt, struct span query, struct span pos, struct span neg)
{
	return (struct triplet){ prompt, query, pos, neg,
		js_is_array(pos) ? js_at(pos, 0) : pos };
}

struct triplet
triplet_of(const struct rec *r)
{
	return triplet(rec_get(r, "prompt"), rec_get(r, "query"),
	    rec_get(r, "pos"), rec_get(r, "neg"));
}

struct triplet
triplet_in(struct span o)
{
	return triplet(js_find(o, "prompt"), js_find(o, "query"),
	    js_find(o, "pos"), js_find(o, "neg"));
}

/* Return whether the elements from p to the end of their list are strings. */
static int
are_strings(const char *p, const char *end)
{
	while (p < end) {
		if (*p != '"')
			return 0;
		p = js_space(js_skip(p, end), end);
		if (p < end) /* a comma follows */
			p = js_space(p + 1, end);
	}
	return 1;
}

/* Return whether v is a string or a list of strings. */
static int
is_texts(struct span v)
{
	const char *end = span_end(v) - 1;

	return js_is_string(v) ||
	       (js_is_array(v) && are_strings(js_space(v.p + 1, end), end));
}

/*
 * Return whether pos is a string or a list of strings, without skipping the
 * first one, whose end is known, a second time.
 */
static int
is_positives(const struct triplet *t)
{
	const char *p, *end;

	if (!js_is_string(t->first))
		return 0;
	if (js_is_string(t->pos))
		return 1;
	end = span_end(t->pos) - 1;
	p = js_space(span_end(t->first), end);
	return p == end || are_strings(js_space(p + 1, end), end);
}

const char *
triplet_wrong(const struct triplet *t)
{
	if (!js_is_string(t->query))
		return "query is not a string";
	if (!is_positives(t))
		return "pos is not a list of strings, or empty";
	if (js_is_there(t->neg) && !is_texts(t->neg))
		return "neg is not a list of strings";
	if (js_is_there(t->prompt) && !js_is_string(t->prompt))
		return "prompt is not a string";
	return NULL;
}

void
triplet_flat(struct buf *b, struct span v)
{
	const char *p = v.p, *end = v.p + v.n, *nl;

	/* strings hold no raw newline: this one is between tokens */
	while ((nl = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		buf_add(b, p, (size_t)(nl - p));
		p = js_space(nl, end);
	}
	buf_add(b, p, (size_t)(end - p));
}

static void
add_texts(struct buf *b, struct span v)
{
	if (!js_is_there(v)) {
		buf_adds(b, "[]");
	} else if (js_is_string(v)) {
		buf_addc(b, '[');
		buf_addspan(b, v);
		buf_addc(b, ']');
	} else {
		triplet_flat(b, v);
	}
}

void
triplet_write(struct buf *b, const struct triplet *t)
{
	buf_need(b, t->prompt.n + t->query.n + t->pos.n + t->neg.n + 64);
	buf_adds(b, "\"prompt\":");
	if (js_is_there(t->prompt))
		buf_addspan(b, t->prompt);
	else
		buf_adds(b, "\"\"");
	buf_adds(b, ",\"query\":");
	buf_addspan(b, t->query);
	buf_adds(b, ",\"pos\":");
	add_texts(b, t->pos);
	buf_adds(b, ",\"neg\":");
	add_texts(b, t->neg);
}
