/* triplet: reads and writes the finished members of a pair or triplet */
#include "record/triplet.h"

#include <stdio.h>
#include <string.h>

#include "json/find.h"
#include "json/scan.h"
#include "json/string.h"

enum { VERIFIED_MAX = 1000000 }; /* a count above this is none of ours */

static struct triplet
triplet(struct span prompt, struct span query, struct span pos, struct span neg)
{
	struct triplet t = { prompt, query, pos, neg, pos, 0 };

	if (js_is_array(pos) && !js_next(pos, &t.rest, &t.first))
		t.first = (struct span){ NULL, 0 };
	return t;
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

/* Return whether v is a string, or a list of strings from offset at on. */
static int
is_texts(struct span v, size_t at)
{
	struct span one;

	while (js_next(v, &at, &one))
		if (!js_is_string(one))
			return 0;
	return js_is_string(v) || js_is_array(v);
}

const char *
triplet_wrong(const struct triplet *t)
{
	if (!js_is_string(t->query))
		return "query is not a string";
	/* the first is known: code is not skipped twice */
	if (!js_is_string(t->first) || !is_texts(t->pos, t->rest))
		return "pos is not a list of strings, or empty";
	if (js_is_there(t->neg) && !is_texts(t->neg, 0))
		return "neg is not a list of strings";
	if (js_is_there(t->prompt) && !js_is_string(t->prompt))
		return "prompt is not a string";
	return NULL;
}

size_t
triplet_negatives(struct span neg)
{
	/* data from elsewhere may hold a single text instead of a list */
	return js_is_string(neg) ? neg.n > 2 : js_count(neg);
}

size_t
triplet_verified(struct span verified, const char *name)
{
	long long n = js_int(js_find(verified, name), 0);

	return n > 0 && n < VERIFIED_MAX ? (size_t)n : 0;
}

size_t
triplet_taken_out(struct span verified)
{
	return triplet_verified(verified, "promoted") +
	       triplet_verified(verified, "dropped");
}

void
triplet_flat(struct buf *b, struct span v)
{
	const char *p = v.p, *end = span_end(v), *nl;

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

bool
triplet_reject_few(struct rec *r, size_t has, size_t least)
{
	char few[80];

	if (has >= least)
		return false;
	snprintf(
	    few, sizeof few, "the pair has %zu of %zu negatives", has, least);
	rec_reject(r, "few_negatives", few);
	return true;
}
