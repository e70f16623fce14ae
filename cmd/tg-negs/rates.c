/* rates: how many of the negatives answer their query, over all records */
#include "rates.h"

#include "base/wilson.h"
#include "json/find.h"
#include "json/string.h"
#include "record/triplet.h"

void
rates_add(struct rates *s, const struct rec *r)
{
	struct span v = rec_tg(r, "verified");
	size_t negatives = triplet_verified(v, "negatives");
	size_t left = triplet_negatives(rec_get(r, "neg"));

	/* counts from elsewhere may contradict themselves */
	if (!js_is_object(v) || triplet_verified(v, "doubtful") > left ||
	    triplet_verified(v, "found") > triplet_verified(v, "planted") ||
	    triplet_taken_out(v) > negatives ||
	    triplet_verified(v, "doubtful") > negatives - triplet_taken_out(v))
		return;
	s->pairs++;
	s->negatives += negatives;
	s->promoted += triplet_verified(v, "promoted");
	s->dropped += triplet_verified(v, "dropped");
	s->doubtful += triplet_verified(v, "doubtful");
	s->planted += triplet_verified(v, "planted");
	s->found += triplet_verified(v, "found");
	s->unnamed += span_is(js_find(v, "positive"), "false");
}

/* Count the negatives that any order has named. */
static size_t
false_before(const struct rates *s)
{
	return s->promoted + s->dropped + s->doubtful;
}

static size_t
left_after(const struct rates *s)
{
	return s->negatives - s->promoted - s->dropped;
}

/* Append a rate under a name; what says which k of the n are counted. */
static void
add_rate(struct buf *b, const char *name, const char *what, size_t k, size_t n)
{
	struct wilson w = wilson_interval(k, n);

	buf_fmt(b,
	    ",\"%s\":{\"%s\":%zu,\"of\":%zu,\"rate\":%.6f,\"low\":%.6f,"
	    "\"high\":%.6f}",
	    name, what, k, n, w.rate, w.low, w.high);
}

void
rates_json(struct buf *b, const struct rates *s)
{
	struct buf words = { 0 };

	buf_fmt(b, "{\"pairs\":%zu", s->pairs);
	add_rate(b, "before", "false", false_before(s), s->negatives);
	add_rate(b, "after", "false", s->doubtful, left_after(s));
	if (s->planted > 0)
		add_rate(b, "planted", "found", s->found, s->planted);
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
say_rate(struct buf *b, size_t k, size_t n, const char *of)
{
	struct wilson w = wilson_interval(k, n);

	buf_fmt(b, "%zu of %zu %s (%.1f %%, %s interval %.1f to %.1f %%)", k, n,
	    of, w.rate * 100, WILSON_CONFIDENCE, w.low * 100, w.high * 100);
}

/* Append the rates of the pairs that are verified. */
static void
say_verified(struct buf *b, const struct rates *s)
{
	buf_fmt(b, "%zu pair%s verified: false negatives before: ", s->pairs,
	    s->pairs == 1 ? "" : "s");
	say_rate(b, false_before(s), s->negatives, "negatives");
	buf_adds(b, ", after: ");
	say_rate(b, s->doubtful, left_after(s), "negatives");
	buf_fmt(b, "; %zu promoted, %zu dropped", s->promoted, s->dropped);
	if (s->planted > 0) {
		buf_adds(b, "; found ");
		say_rate(b, s->found, s->planted, "planted copies");
	}
	if (s->unnamed > 0)
		buf_fmt(b, "; of %zu pair%s the positive is not named",
		    s->unnamed, s->unnamed == 1 ? "" : "s");
}

void
rates_words(struct buf *b, const struct rates *s)
{
	if (s->pairs == 0)
		buf_adds(b, "no pair is verified");
	else
		say_verified(b, s);
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
