/* figures: the figures at the top that answer whether the data is good */
#include <math.h>

#include "report.h"

const char *
report_grade(enum grade g)
{
	static const char *const words[] = { "", "good", "worth a look",
		"poor" };

	return words[g];
}

void
report_number(struct buf *b, size_t n)
{
	if (n >= 1000)
		report_number(b, n / 1000);
	if (n >= 1000)
		buf_fmt(b, ",%03zu", n % 1000);
	else
		buf_fmt(b, "%zu", n);
}

void
report_percent(struct buf *b, size_t n, size_t all)
{
	double percent = all > 0 ? 100.0 * (double)n / (double)all : 0;

	if (all == 0)
		buf_adds(b, "\xe2\x80\x93");
	else if (n > 0 && percent < 0.1)
		buf_adds(b, "<0.1 %");
	else if ((percent > 0 && percent < 10) || (n < all && percent >= 99.5))
		buf_fmt(b, "%.1f %%", fmin(percent, 99.9));
	else
		buf_fmt(b, "%.0f %%", percent);
}

void
report_drawn(struct buf *b, const struct kept *k)
{
	if (k->n > KEPT_WHOLE)
		buf_adds(b, " drawn");
}

double
report_kept(const struct report *r)
{
	return r->tally.n[KEPT] > 0 ? (double)r->tally.n[KEPT]
				    : stats_number(r->stats.emit, "triplets");
}

enum { PAIRS_MANY = 50 }; /* so many pairs say something about a judge */

/* Return the grade of a share: good up to a bound, poor from another on. */
static enum grade
grade_of(size_t n, size_t all, double good, double poor)
{
	double percent = all > 0 ? 100.0 * (double)n / (double)all : 0;

	return all == 0          ? GRADE_NONE
	       : percent <= good ? GRADE_GOOD
	       : percent < poor  ? GRADE_LOOK
				 : GRADE_POOR;
}

/* Append "1,234 of 5,678 ". */
static void
add_of(struct buf *b, size_t n, size_t all)
{
	report_number(b, n);
	buf_adds(b, " of ");
	report_number(b, all);
	buf_addc(b, ' ');
}

static void
kept_figure(const struct report *r, struct figure *f)
{
	size_t all = tally_all(&r->tally), n = r->tally.n[KEPT];

	report_percent(&f->value, n, all);
	add_of(&f->of, n, all);
	buf_adds(&f->of, "records");
	f->hint =
	    "Records that became triplets. \xe2\x80\x9cWhy not\xe2\x80\x9d "
	    "below says what became of the rest.";
	if (n == all && r->stats.emit == NULL && !r->reading.has_rejects) {
		buf_adds(&f->of, " read");
		f->hint = "Only triplets were read: give --rejects FILE to see "
			  "what was left out, and why.";
	} else {
		f->grade = grade_of(all - n, all, 30, 60);
	}
}

static void
copies_figure(const struct report *r, struct figure *f)
{
	const struct copies *d = &r->kept.documents, *q = &r->kept.queries;
	const struct copies *most = d->again >= q->again ? d : q;

	report_percent(&f->value, most->again, most->n);
	add_of(&f->of, most->again, most->n);
	buf_adds(&f->of, most == d ? "positives" : "queries");
	f->grade = grade_of(most->again, most->n, 2, 10);
	f->hint = "Texts that came before in the same task, but for names, "
		  "literals and layout. In one batch they are each "
		  "other\xe2\x80\x99s "
		  "false negatives.";
}

static void
length_figure(const struct report *r, struct figure *f)
{
	const struct lengths *pos = &kept_measure(&r->kept)->pos;

	report_percent(&f->value, pos->over, pos->n);
	add_of(&f->of, pos->over, pos->n);
	buf_adds(&f->of, "positives");
	report_drawn(&f->of, &r->kept);
	f->grade = grade_of(pos->over, pos->n, 5, 25);
	f->hint = "Most trainers cut there: what follows teaches nothing. "
		  "Chunks or functions are shorter.";
}

static void
words_figure(const struct report *r, struct figure *f)
{
	const struct measure *m = kept_measure(&r->kept);
	size_t median = (size_t)kept_median_share(m);
	size_t all = m->shared > 0 ? 100 : 0;

	report_percent(&f->value, median, all);
	buf_adds(&f->of, "median of ");
	report_number(&f->of, m->shared);
	buf_adds(&f->of, " queries");
	report_drawn(&f->of, &r->kept);
	f->grade = grade_of(median, all, 33, 60);
	f->hint = "Where it is high, a model learns to match words and not "
		  "meaning. Tasks from code to code are high by nature.";
}

static void
verbatim_figure(const struct report *r, struct figure *f)
{
	const struct kept *k = &r->kept;

	report_percent(&f->value, k->verbatim, k->n);
	add_of(&f->of, k->verbatim, k->n);
	buf_adds(&f->of, "queries");
	f->grade = grade_of(k->verbatim, k->n, 1, 5);
	f->hint = "The whole query stands in its positive, case and white "
		  "space aside: a search for its text finds it, and nothing "
		  "is learned.";
}

static void
negatives_figure(const struct report *r, struct figure *f)
{
	const struct kept *k = &r->kept;
	size_t none = k->negatives[0];

	report_percent(&f->value, none, k->n);
	add_of(&f->of, none, k->n);
	buf_adds(&f->of, "triplets");
	f->grade = grade_of(none, k->n, 0, 50);
	f->hint = "Triplets with and without negatives cannot share a batch in "
		  "most trainers, and some fail at the first that has none.";
	if (k->n > 0 && none == k->n) {
		f->grade = GRADE_LOOK;
		f->hint = "A model learns from the other positives of a batch "
			  "alone: use large batches, or make negatives.";
	}
}

static void
false_figure(const struct report *r, struct figure *f)
{
	const struct kept *k = &r->kept;
	const struct measure *m = kept_measure(k);

	report_percent(&f->value, m->near_negatives, m->neg.n);
	add_of(&f->of, m->near_negatives, m->neg.n);
	buf_adds(&f->of, "negatives");
	report_drawn(&f->of, k);
	if (k->equal_negatives > 0) {
		buf_adds(&f->of, "; ");
		add_of(&f->of, k->equal_negatives, k->nneg);
		buf_adds(&f->of, "are the positive itself");
	}
	f->grade = grade_of(m->near_negatives, m->neg.n, 0.5, 5);
	f->hint = "Equal to the positive, or equal but for names, literals, "
		  "comments and layout: right answers trained as wrong ones.";
}

static void
judge_figure(const struct report *r, struct figure *f)
{
	const struct tally *t = &r->tally;
	size_t kept = t->verdicts[1];

	report_percent(&f->value, kept, t->judged);
	add_of(&f->of, kept, t->judged);
	buf_adds(&f->of, "pairs with a verdict");
	f->hint = "The share of pairs that the judge kept.";
	if (t->judged == 0) {
		f->hint = "No record names a verdict: nothing here says that a "
			  "query and its positive belong together.";
	} else if (kept == t->judged && !r->reading.has_rejects) {
		f->hint = "Rejected pairs were not read, so this says nothing: "
			  "give --rejects FILE.";
	} else if (kept == t->judged && kept >= PAIRS_MANY) {
		f->grade = GRADE_LOOK;
		f->hint = "A judge that rejects nothing says nothing: read "
			  "samples, or ask another model.";
	}
}

void
report_figures(const struct report *r, struct figure f[REPORT_FIGURES])
{
	static const struct {
		const char *title;
		void (*make)(const struct report *, struct figure *);
	} figures[REPORT_FIGURES] = {
		{ "Kept", kept_figure },
		{ "Kept by the judge", judge_figure },
		{ "Words of the query in the positive", words_figure },
		{ "Query verbatim in the positive", verbatim_figure },
		{ "Near copies", copies_figure },
		{ "Beyond 512 tokens", length_figure },
		{ "Without negatives", negatives_figure },
		{ "Negatives like the positive", false_figure },
	};
	size_t i;

	memset(f, 0, REPORT_FIGURES * sizeof *f);
	for (i = 0; i < REPORT_FIGURES; i++) {
		f[i].title = figures[i].title;
		figures[i].make(r, &f[i]);
	}
}
