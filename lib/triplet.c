/* triplet: the finished members of a pair or triplet, as raw JSON */
#include "triplet.h"

#include <string.h>

#include "js.h"

struct triplet
triplet_of(const struct rec *r)
{
	return (struct triplet){ rec_get(r, "prompt"), rec_get(r, "query"),
		rec_get(r, "pos"), rec_get(r, "neg") };
}

struct triplet
triplet_in(struct span o)
{
	return (struct triplet){ js_find(o, "prompt"), js_find(o, "query"),
		js_find(o, "pos"), js_find(o, "neg") };
}

/* A string, or a list of at least min strings. */
static int
is_texts(struct span v, size_t min)
{
	const char *p, *end;
	size_t n = 0;

	if (js_is_string(v))
		return 1;
	if (!js_is_array(v))
		return 0;
	end = v.p + v.n - 1;
	for (p = js_space(v.p + 1, end); p < end; n++) {
		if (*p != '"')
			return 0;
		p = js_space(js_skip(p, end), end);
		if (p < end) /* a comma */
			p = js_space(p + 1, end);
	}
	return n >= min;
}

const char *
triplet_wrong(const struct triplet *t)
{
	if (!js_is_string(t->query))
		return "query is not a string";
	if (!is_texts(t->pos, 1))
		return "pos is not a list of strings, or empty";
	if (js_is_there(t->neg) && !is_texts(t->neg, 0))
		return "neg is not a list of strings";
	if (js_is_there(t->prompt) && !js_is_string(t->prompt))
		return "prompt is not a string";
	return NULL;
}

void
triplet_flat(struct buf *b, struct span v)
{
	const char *p = v.p, *end = v.p + v.n, *nl;

	/* inside strings they are escaped: this one is between tokens */
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
