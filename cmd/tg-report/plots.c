/* plots: the figures of the page that are drawn */
#include <stdio.h>

#include "page.h"
#include "svg.h"

static void
length_tick(size_t i, char label[32])
{
	size_t edge = i > 0 ? lengths_edge(i - 1) : 0;

	/* powers of four have room beside each other */
	if (i == 0 || edge > 65536 || (edge & (edge - 1)) != 0 ||
	    (edge & 0x15555) == 0)
		return;
	if (edge < 1024)
		snprintf(label, 32, "%zu", edge);
	else
		snprintf(label, 32, "%zuk", edge / 1024);
}

static void
name_range(size_t i, char name[64], const char *unit)
{
	size_t last = lengths_edge(i),
	       first = i > 0 ? lengths_edge(i - 1) + 1 : 0;

	if (i == LENGTHS_BINS - 1)
		snprintf(name, 64, "over %zu %s", first - 1, unit);
	else if (first == last)
		snprintf(name, 64, "%zu %s", first, unit);
	else
		snprintf(name, 64, "%zu to %zu %s", first, last, unit);
}

static void
token_name(size_t i, char name[64])
{
	name_range(i, name, "tokens");
}

static void
word_name(size_t i, char name[64])
{
	name_range(i, name, "words");
}

static void
share_tick(size_t i, char label[32])
{
	if (i % 4 == 0)
		snprintf(label, 32, "%zu", i * 100 / KEPT_SHARES);
}

static void
share_name(size_t i, char name[64])
{
	size_t step = 100 / KEPT_SHARES;

	if (i == KEPT_SHARES)
		snprintf(name, 64, "all words");
	else
		snprintf(
		    name, 64, "%zu to %zu %%", i * step, i * step + step - 1);
}

static void
verdict_tick(size_t i, char label[32])
{
	snprintf(label, 32, "%zu", i);
}

static void
verdict_name(size_t i, char name[64])
{
	snprintf(name, 64, "verdict %zu", i);
}

static void
p_tick(size_t i, char label[32])
{
	if (i % 2 == 0)
		snprintf(label, 32, "%.1f", (double)i / P_BINS);
}

static void
p_name(size_t i, char name[64])
{
	snprintf(name, 64, "p %.1f to %.1f", (double)i / P_BINS,
	    (double)(i + 1) / P_BINS);
}

static void
negative_tick(size_t i, char label[32])
{
	if (i < KEPT_NEGATIVES)
		snprintf(label, 32, "%zu", i);
	else
		snprintf(label, 32, "%zu+", i);
}

static void
negative_name(size_t i, char name[64])
{
	snprintf(name, 64, "%zu%s negatives", i,
	    i < KEPT_NEGATIVES ? "" : " or more");
}

/* Append a plot in a frame with a caption, which closes the frame. */
static void
add_plot(struct buf *b, const struct svg_bars *bars, const char *caption)
{
	buf_adds(b, "<figure>");
	svg_bars(b, bars);
	buf_fmt(b, "<figcaption>%s</figcaption></figure>\n", caption);
}

static void
add_length_plot(struct buf *b, const struct kept *k, const struct lengths *l,
    const char *title, const char *y)
{
	size_t n = lengths_used(l);
	struct svg_bars bars = { .title = title,
		.y = y,
		.count = l->bins,
		.x = "tokens, estimated (each step is half a doubling)",
		.n = n > 20 ? n : 20,
		.tick = length_tick,
		.name = token_name,
		.between = 1,
		.mark = 18,
		.mark_text = "512 tokens" };
	struct buf caption = { 0 };

	if (l->n == 0)
		return;
	buf_fmt(&caption, "%s: ", title);
	report_percent(&caption, l->over, l->n);
	buf_adds(&caption, " of ");
	report_number(&caption, l->n);
	report_drawn(&caption, k);
	buf_adds(&caption, " are longer than 512 tokens");
	add_plot(b, &bars, buf_cstr(&caption));
	buf_free(&caption);
}

static void
add_length_row(struct buf *b, const struct lengths *l, const char *title)
{
	static const double shares[] = { 0.5, 0.9, 0.99, 1 };
	static const char *const heads[] = { "Median", "90 %", "99 %",
		"Longest" };
	size_t i;

	if (l->n == 0)
		return;
	buf_fmt(b, "<tr><th scope=row>%s<td class=num data-h=Texts>", title);
	report_number(b, l->n);
	for (i = 0; i < 4; i++) {
		buf_fmt(b, "<td class=num data-h=\"%s\">", heads[i]);
		report_number(b, (size_t)hist_at(&l->hist, shares[i]));
	}
	buf_adds(b, "<td class=num data-h=\"Over 512\">");
	report_number(b, l->over);
	buf_adds(b, " (");
	report_percent(b, l->over, l->n);
	buf_adds(b, ")</tr>\n");
}

void
plots_lengths(struct buf *b, const struct report *r)
{
	const struct kept *k = &r->kept;
	const struct measure *m = kept_measure(k);

	if (k->n > KEPT_WHOLE) {
		buf_adds(b, "<p>Measured were ");
		report_number(b, m->pos.n);
		buf_adds(b, " of ");
		report_number(b, k->n);
		buf_adds(b, " triplets, drawn by the hash of their query and "
			    "positive.</p>");
	}
	buf_adds(b, "<div class=plots>");
	add_length_plot(b, k, &m->query, "Queries", "queries");
	add_length_plot(b, k, &m->pos, "Positives", "positives");
	add_length_plot(b, k, &m->neg, "Negatives", "negatives");
	buf_adds(b,
	    "<div class=beside><table><thead><tr><th scope=col>Tokens of"
	    "<th scope=col class=num>Texts<th scope=col class=num>Median<th "
	    "scope=col class=num>90 %"
	    "<th scope=col class=num>99 %<th scope=col class=num>Longest<th "
	    "scope=col class=num>Over 512"
	    "</thead><tbody>");
	add_length_row(b, &m->query, "Queries");
	add_length_row(b, &m->pos, "Positives");
	add_length_row(b, &m->neg, "Negatives");
	buf_adds(b, "</tbody></table></div></div>");
}

void
plots_words(struct buf *b, const struct report *r)
{
	const struct kept *k = &r->kept;
	const struct measure *m = kept_measure(k);
	size_t n = lengths_used(&k->words);
	struct svg_bars shares = { .title =
				       "Words of the query in the positive",
		.x =
		    "percent of the query\xe2\x80\x99s words that stand in the "
		    "positive",
		.y = "queries",
		.count = m->shares,
		.n = KEPT_SHARES + 1,
		.tick = share_tick,
		.name = share_name,
		.between = 1 };
	struct svg_bars words = { .title = "Words of queries",
		.x = "words (each step is half a doubling)",
		.y = "queries",
		.count = k->words.bins,
		.n = n > 14 ? n : 14,
		.tick = length_tick,
		.name = word_name,
		.between = 1 };
	struct buf caption = { 0 };

	buf_adds(b, "<div class=plots>");
	buf_fmt(&caption, "Half of ");
	report_number(&caption, m->shared);
	buf_adds(&caption, " queries");
	report_drawn(&caption, k);
	buf_fmt(&caption,
	    " share at most %d %% of their words with their positive, "
	    "the mean is %.0f %%",
	    kept_median_share(m),
	    m->shared > 0 ? 100 * m->share_sum / (double)m->shared : 0);
	add_plot(b, &shares, buf_cstr(&caption));
	buf_clear(&caption);
	buf_adds(&caption, "Half of ");
	report_number(&caption, k->words.n);
	buf_fmt(&caption, " queries have at most %lld words, the longest %lld",
	    hist_at(&k->words.hist, 0.5), hist_at(&k->words.hist, 1));
	add_plot(b, &words, buf_cstr(&caption));
	buf_adds(b, "</div>");
	buf_free(&caption);
}

void
plots_judge(struct buf *b, const struct report *r)
{
	const struct tally *t = &r->tally;
	struct svg_bars verdicts = { .title = "Verdicts of the judge",
		.x = "verdict",
		.y = "pairs",
		.count = t->verdicts,
		.n = 3,
		.tick = verdict_tick,
		.name = verdict_name };
	struct svg_bars numbers = { .title = "Numbers of the judge",
		.x = "p: how sure the judge was of 1",
		.y = "pairs",
		.count = t->by_p,
		.n = P_BINS,
		.tick = p_tick,
		.name = p_name,
		.between = 1 };
	struct buf caption = { 0 };

	if (t->judged == 0) {
		buf_fmt(b,
		    "<p>None of %zu records names a verdict. Triplets have it "
		    "with <code>--meta</code> or <code>--debug</code>.</p>",
		    tally_all(t));
		return;
	}
	buf_adds(b, "<div class=plots>");
	report_number(&caption, t->judged);
	buf_adds(&caption, " of ");
	report_number(&caption, tally_all(t));
	buf_adds(&caption, " records have a verdict; ");
	report_percent(&caption, t->verdicts[1], t->judged);
	buf_adds(&caption, " of these are 1, which keeps a pair");
	if (t->second > 0) {
		buf_adds(&caption, "; a second judge gave ");
		report_number(&caption, t->second);
	}
	add_plot(b, &verdicts, buf_cstr(&caption));
	if (t->with_p > 0) {
		buf_clear(&caption);
		report_number(&caption, t->with_p);
		buf_adds(&caption, " pairs have a number p");
		add_plot(b, &numbers, buf_cstr(&caption));
	}
	buf_adds(b, "</div>");
	buf_free(&caption);
}

void
plots_negatives(struct buf *b, const struct report *r)
{
	const struct kept *k = &r->kept;
	const struct measure *m = kept_measure(k);
	struct svg_bars bars = { .title = "Negatives of a triplet",
		.x = "negatives",
		.y = "triplets",
		.count = k->negatives,
		.n = KEPT_NEGATIVES + 1,
		.tick = negative_tick,
		.name = negative_name };
	struct buf caption = { 0 };

	if (k->nneg == 0) {
		buf_adds(b, "<p>None of ");
		report_number(b, k->n);
		buf_adds(b, " triplets has negatives.</p>");
		return;
	}
	report_number(&caption, k->nneg);
	buf_adds(&caption, " negatives of ");
	report_number(&caption, k->n);
	buf_fmt(&caption, " triplets, %.1f each; ",
	    (double)k->nneg / (double)(k->n > 0 ? k->n : 1));
	report_number(&caption, k->negatives[0]);
	buf_adds(&caption, " triplets have none");
	buf_adds(b, "<div class=plots>");
	add_plot(b, &bars, buf_cstr(&caption));
	buf_adds(b, "<div class=beside><p class=big>");
	report_percent(b, m->near_negatives, m->neg.n);
	buf_adds(b, "</p><p>");
	report_number(b, m->near_negatives);
	buf_adds(b, " of ");
	report_number(b, m->neg.n);
	buf_adds(b, " negatives");
	report_drawn(b, k);
	buf_adds(b, " are near copies of their positive: equal but "
		    "for names, "
		    "literals, comments and layout. They are right answers "
		    "that would be "
		    "trained as wrong ones. They stand in ");
	report_number(b, m->near_triplets);
	buf_adds(b, " triplets, and ");
	report_number(b, k->equal_negatives);
	buf_adds(b, " of all ");
	report_number(b, k->nneg);
	buf_adds(b, " negatives are the positive itself.</p></div></div>");
	buf_free(&caption);
}
