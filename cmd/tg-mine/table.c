/* table: what tg-mine negatives has picked and dropped, in numbers */
#include "table.h"

#include "base/wilson.h"
#include "json/string.h"

static const struct {
	const char *name, *words;
} rows[TABLE_ROWS] = {
	[TABLE_POS_SCORE] = { "positive", "score of positives" },
	[TABLE_NEG_SCORE] = { "negative", "score of negatives" },
	[TABLE_DIFFERENCE] = { "difference", "positive less negative" },
	[TABLE_POS_RANK] = { "positive_rank", "rank of positives" },
	[TABLE_NEG_RANK] = { "negative_rank", "rank of negatives" },
	[TABLE_POS_LENGTH] = { "positive_bytes", "bytes of positives" },
	[TABLE_NEG_LENGTH] = { "negative_bytes", "bytes of negatives" },
};

static const struct {
	const char *name;
	double share;
} quantiles[] = { { "min", 0 }, { "p10", .1 }, { "p50", .5 }, { "p90", .9 },
	{ "max", 1 } };

enum { QUANTILES = sizeof quantiles / sizeof *quantiles };

/* Append the numbers of a row as an object. */
static void
add_spread(struct buf *b, const char *name, const struct spread *s)
{
	int i;

	buf_fmt(b, ",\"%s\":{\"n\":%llu", name, (unsigned long long)s->n);
	if (s->n > 0)
		buf_fmt(b, ",\"mean\":%.6g", spread_mean(s));
	for (i = 0; i < QUANTILES && s->n > 0; i++)
		buf_fmt(b, ",\"%s\":%.6g", quantiles[i].name,
		    spread_at(s, quantiles[i].share));
	buf_addc(b, '}');
}

/* Append what became of planted copies, as a member. */
static void
add_planted(struct buf *b, const struct table *t)
{
	struct wilson w = wilson_interval(t->planted_chosen, t->planted);

	buf_fmt(b,
	    ",\"planted\":{\"copies\":%zu,\"chosen\":%zu,\"none\":%zu,"
	    "\"rate\":%.6f,\"low\":%.6f,\"high\":%.6f}",
	    t->planted, t->planted_chosen, t->unplanted, w.rate, w.low, w.high);
}

/* Append the same in words. */
static void
say_planted(struct buf *b, const struct table *t)
{
	struct wilson w = wilson_interval(t->planted_chosen, t->planted);

	buf_fmt(b,
	    "; planted copies chosen: %zu of %zu (%.1f %%, %s interval %.1f "
	    "to %.1f %%)",
	    t->planted_chosen, t->planted, w.rate * 100, WILSON_CONFIDENCE,
	    w.low * 100, w.high * 100);
}

/* Append what was mined in a sentence. */
static void
add_words(struct buf *b, const struct table *t)
{
	buf_fmt(b,
	    "%zu records: %zu negatives of %zu wanted, %zu kept; %zu "
	    "records are short of %zu",
	    t->records, t->picked, t->wanted, t->kept, t->short_records,
	    t->wanted - t->picked);
	if (t->plants)
		say_planted(b, t);
	if (t->asked > 0)
		buf_fmt(b, "; %zu ask for the scores of %zu documents",
		    t->asked, t->candidates);
	if (t->unanswered > 0)
		buf_fmt(b, "; %zu got none, as no scores came for them",
		    t->unanswered);
}

void
table_json(struct buf *b, const struct table *t)
{
	const char *comma = "";
	struct buf words = { 0 };
	int i;

	buf_fmt(b,
	    "{\"lines\":%zu,\"records\":%zu,\"wanted\":%zu,\"picked\":%zu,"
	    "\"kept\":%zu,\"short\":%zu,\"records_short\":%zu,"
	    "\"no_score\":%zu,\"no_term\":%zu,\"no_pool\":%zu,"
	    "\"few_negatives\":%zu,\"asked\":%zu,\"candidates\":%zu,"
	    "\"unanswered\":%zu,\"dropped\":{",
	    t->lines, t->records, t->wanted, t->picked, t->kept,
	    t->wanted - t->picked, t->short_records, t->no_score, t->no_term,
	    t->no_pool, t->few, t->asked, t->candidates, t->unanswered);
	for (i = PICK_PASSED + 1; i < PICK_RULES; i++, comma = ",")
		buf_fmt(b, "%s\"%s\":%zu", comma, pick_names[i], t->dropped[i]);
	buf_addc(b, '}');
	if (t->plants)
		add_planted(b, t);
	for (i = 0; i < TABLE_ROWS; i++)
		add_spread(b, rows[i].name, &t->of[i]);
	add_words(&words, t);
	buf_adds(b, ",\"words\":");
	js_quote(b, buf_span(&words));
	buf_free(&words);
	buf_adds(b, "}\n");
}

/* Append why records got no negatives, where that has a cure. */
static void
add_causes(struct buf *b, const struct table *t)
{
	if (t->no_term > 0)
		buf_fmt(b,
		    "  %zu records whose positive has no term of the query; a "
		    "margin leaves them none, --perc-pos 0 does not\n",
		    t->no_term);
	if (t->no_score > 0)
		buf_fmt(b,
		    "  %zu records got none: a positive is not in the index, "
		    "so it has no score by vectors\n",
		    t->no_score);
	if (t->no_pool > 0)
		buf_fmt(b,
		    "  %zu records got none: the index has no document of "
		    "their task and languages; see --pool\n",
		    t->no_pool);
}

/* Append the rules that hits broke, with the number of these. */
static void
add_dropped(struct buf *b, const struct table *t)
{
	bool any = false;
	int i;

	buf_adds(b, "  hits dropped by rules: ");
	for (i = PICK_PASSED + 1; i < PICK_RULES; i++) {
		if (t->dropped[i] == 0)
			continue;
		buf_fmt(b, "%s%s %zu", any ? ", " : "", pick_names[i],
		    t->dropped[i]);
		any = true;
	}
	buf_adds(b, any ? "\n" : "none\n");
}

void
table_text(struct buf *b, const struct table *t)
{
	const struct spread *s;
	int i, k;

	if (t->lines == 0)
		return;
	buf_adds(b, "  ");
	add_words(b, t);
	buf_addc(b, '\n');
	add_dropped(b, t);
	add_causes(b, t);
	if (t->picked == 0)
		return;
	buf_fmt(b, "  %-24s%9s%10s", "", "number", "mean");
	for (k = 0; k < QUANTILES; k++)
		buf_fmt(b, "%10s", quantiles[k].name);
	buf_addc(b, '\n');
	for (i = 0; i < TABLE_ROWS; i++) {
		s = &t->of[i];
		buf_fmt(b, "  %-24s%9llu%10.5g", rows[i].words,
		    (unsigned long long)s->n, spread_mean(s));
		for (k = 0; k < QUANTILES; k++)
			buf_fmt(b, "%10.5g", spread_at(s, quantiles[k].share));
		buf_addc(b, '\n');
	}
}
