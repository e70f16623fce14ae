/* figures: the four figures that answer whether the data is good */
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

double
report_kept(const struct report *r)
{
	return r->tally.n[KEPT] > 0 ? (double)r->tally.n[KEPT]
				    : stats_number(r->stats.emit, "triplets");
}

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
	if (n == all && r->stats.emit == NULL) {
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

void
report_figures(const struct report *r, struct figure f[REPORT_FIGURES])
{
	const struct kept *k = &r->kept;
	size_t median = (size_t)kept_median_share(k);

	memset(f, 0, REPORT_FIGURES * sizeof *f);
	f[0].title = "Kept";
	kept_figure(r, &f[0]);
	f[1].title = "Beyond 512 tokens";
	report_percent(&f[1].value, k->pos.over, k->pos.n);
	add_of(&f[1].of, k->pos.over, k->pos.n);
	buf_adds(&f[1].of, "positives");
	f[1].grade = grade_of(k->pos.over, k->pos.n, 5, 25);
	f[1].hint = "Most trainers cut there: what follows teaches nothing. "
		    "Chunks or functions are shorter.";
	f[2].title = "Words of the query in the positive";
	report_percent(&f[2].value, median, k->shared > 0 ? 100 : 0);
	buf_adds(&f[2].of, "median of ");
	report_number(&f[2].of, k->shared);
	buf_adds(&f[2].of, " queries");
	f[2].grade = grade_of(median, k->shared > 0 ? 100 : 0, 50, 75);
	f[2].hint = "Where it is high, a model learns to match words and not "
		    "meaning. Tasks from code to code are high by nature.";
	f[3].title = "Near copies";
	copies_figure(r, &f[3]);
}
