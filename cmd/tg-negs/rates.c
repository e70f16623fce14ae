/* rates: how many of the negatives answer their query, over all records */
#include "rates.h"

#include "base/wilson.h"
#include "json/find.h"
#include "json/string.h"
#include "record/triplet.h"

enum { COUNT_MAX = 1000000 }; /* a count above this is none of ours */

static size_t
count_of(struct span object, const char *name)
{
	long long n = js_int(js_find(object, name), 0);

	return n > 0 && n < COUNT_MAX ? (size_t)n : 0;
}

void
rates_add(struct rates *s, const struct rec *r)
{
	struct span v = rec_tg(r, "verified");
	size_t negatives = count_of(v, "negatives");
	size_t left = triplet_negatives(rec_get(r, "neg"));

	/* counts from elsewhere may contradict themselves */
	if (!js_is_object(v) || count_of(v, "doubtful") > left ||
	    triplet_taken_out(v) > negatives ||
	    count_of(v, "doubtful") > negatives - triplet_taken_out(v))
		return;
	s->pairs++;
	s->negatives += negatives;
	s->promoted += count_of(v, "promoted");
	s->dropped += count_of(v, "dropped");
	s->doubtful += count_of(v, "doubtful");
	s->unnamed += span_is(js_find(v, "positive"), "false");
}

static size_t
false_before(const struct rates *s)
{
	return s->promoted + s->dropped;
}

static size_t
left_after(const struct rates *s)
{
	return s->negatives - false_before(s);
}

static void
add_rate(struct buf *b, const char *name, size_t k, size_t n)
{
	struct wilson w = wilson_interval(k, n);

	buf_fmt(b,
	    ",\"%s\":{\"false\":%zu,\"of\":%zu,\"rate\":%.6f,\"low\":%.6f,"
	    "\"high\":%.6f}",
	    name, k, n, w.rate, w.low, w.high);
}

void
rates_json(struct buf *b, const struct rates *s)
{
	struct buf words = { 0 };

	buf_fmt(b, "{\"pairs\":%zu", s->pairs);
	add_rate(b, "before", false_before(s), s->negatives);
	add_rate(b, "after", s->doubtful, left_after(s));
	buf_fmt(b,
	    ",\"promoted\":%zu,\"dropped\":%zu,\"positives_not_named\":%zu,"
	    "\"unverified\":",
	    s->promoted, s->dropped, s->unnamed);
	counts_json(b, &s->unverified);
	rates_words(&words, s);
	buf_adds(b, ",\"words\":");
	js_quote(b, buf_span(&words));
	buf_free(&words);
	buf_addc(b, '}');
}

static void
say_rate(struct buf *b, size_t k, size_t n)
{
	struct wilson w = wilson_interval(k, n);

	buf_fmt(b,
	    "%zu of %zu negatives (%.1f %%, %s interval %.1f to %.1f %%)", k, n,
	    w.rate * 100, WILSON_CONFIDENCE, w.low * 100, w.high * 100);
}

void
rates_words(struct buf *b, const struct rates *s)
{
	buf_fmt(b, "%zu pair%s verified: false negatives before: ", s->pairs,
	    s->pairs == 1 ? "" : "s");
	say_rate(b, false_before(s), s->negatives);
	buf_adds(b, ", after: ");
	say_rate(b, s->doubtful, left_after(s));
	buf_fmt(b, "; %zu promoted, %zu dropped", s->promoted, s->dropped);
	if (s->unnamed > 0)
		buf_fmt(b, "; of %zu pair%s the positive is not named",
		    s->unnamed, s->unnamed == 1 ? "" : "s");
	if (s->unverified.total > 0) {
		buf_fmt(b, "; %zu pair%s unverified (", s->unverified.total,
		    s->unverified.total == 1 ? "" : "s");
		counts_words(b, &s->unverified);
		buf_addc(b, ')');
	}
}

void
rates_free(struct rates *s)
{
	counts_free(&s->unverified);
}
