/* text: the report for a terminal */
#include "report.h"

#include "lex/tokens.h"
#include "visible.h"

/* The most that is shown of a sample's texts, and of samples in all. */
enum {
	QUERY = 400,
	QUERY_LINES = 8,
	CODE = 700,
	CODE_LINES = 14,
	SAMPLES = 3,
	BAR = 30
};

static const char *const outcomes[OUTCOMES] = { "kept", "rejected", "failed" };

/* Append a text whose every character is seen, each line behind before. */
static void
add_text(struct buf *b, const char *before, struct span s)
{
	size_t n;
	const char *nl;

	buf_adds(b, before);
	while (s.n > 0) {
		n = visible_run(s);
		nl = n > 0 ? memchr(s.p, '\n', n) : NULL;
		if (nl != NULL) {
			buf_add(b, s.p, (size_t)(nl + 1 - s.p));
			s = span_skip(s, (size_t)(nl + 1 - s.p));
			if (s.n > 0)
				buf_adds(b, before);
			continue;
		}
		buf_add(b, s.p, n);
		s = span_skip(s, n);
		if (s.n > 0)
			visible_name(&s, b);
	}
}

/* Append the first line of a text, at most so many bytes of it. */
static void
add_line(struct buf *b, struct span s, size_t max)
{
	const char *nl = memchr(s.p != NULL ? s.p : "", '\n', s.n);
	struct span cut;

	if (nl != NULL)
		s.n = (size_t)(nl - s.p);
	cut = visible_cut(s, max, 1);
	add_text(b, "", cut);
	if (cut.n < s.n)
		buf_adds(b, " ...");
}

static void
add_part(
    struct buf *b, const char *name, struct span s, size_t bytes, size_t lines)
{
	struct span shown = visible_cut(s, bytes, lines);

	if (s.p == NULL)
		return;
	buf_fmt(b, "  %s (%zu tokens)\n", name, tokens_estimate(s));
	add_text(b, "    | ", shown);
	buf_addc(b, '\n');
	if (shown.n < s.n)
		buf_fmt(b, "    ... %zu bytes more\n", s.n - shown.n);
}

void
text_sample(struct buf *b, const struct item *item)
{
	buf_fmt(b, "%s  ", outcomes[item->outcome]);
	add_line(
	    b, item->task.n > 0 ? item->task : span_of("no task named"), 80);
	buf_adds(b, "  ");
	add_line(b, item->code_language, 40);
	buf_adds(b, "  ");
	add_line(b, span_of(item->file), 200);
	buf_fmt(b, ":%zu\n", item->line);
	if (item->outcome != KEPT) {
		buf_adds(b, "  ");
		add_line(b, item->code, 64);
		buf_adds(b, ": ");
		add_line(b, item->message, 300);
		buf_addc(b, '\n');
	}
	add_part(b, "query", item->query, QUERY, QUERY_LINES);
	add_part(b, "positive", item->pos, CODE, CODE_LINES);
	if (item->query.p == NULL || item->pos.p == NULL)
		add_part(b, "document", item->text, CODE, CODE_LINES);
	if (item->nneg > 0)
		add_part(b, "first of the negatives", item_negatives(item)[0],
		    QUERY, QUERY_LINES);
}

static void
add_title(struct buf *b, const char *title)
{
	buf_fmt(b, "\n%s\n", title);
}

/* Append "  name      123   4 %". */
static void
add_row(struct buf *b, const char *name, size_t n, size_t all)
{
	buf_adds(b, "  ");
	add_line(b, span_of(name), 48);
	buf_fmt(b, "%*s", (int)(strlen(name) < 50 ? 50 - strlen(name) : 1), "");
	report_number(b, n);
	buf_adds(b, "  ");
	report_percent(b, n, all);
	buf_addc(b, '\n');
}

static void
add_codes(struct buf *b, const struct tally *t, enum outcome o)
{
	const char *code;
	json_t *count;

	json_object_foreach (t->why[o].names, code, count) {
		buf_fmt(b, "  %-9s", outcomes[o]);
		add_row(
		    b, code, (size_t)json_integer_value(count), tally_all(t));
	}
}

static void
add_made(struct buf *b, const struct tally *t)
{
	const struct tally_row *row;
	struct buf name = { 0 };
	size_t i;

	add_title(b, "Kept of the records, by task and languages");
	for (i = 0; i < t->nrows; i++) {
		row = &t->rows[i];
		buf_clear(&name);
		buf_fmt(&name, "%s %s %s",
		    *row->task ? row->task : "no task named", row->language,
		    row->code_language);
		add_row(b, buf_cstr(&name), row->n[KEPT],
		    row->n[KEPT] + row->n[REJECTED] + row->n[FAILED]);
	}
	buf_free(&name);
	if (t->n[REJECTED] + t->n[FAILED] == 0)
		return;
	add_title(b, "Why not, of all records");
	add_codes(b, t, REJECTED);
	add_codes(b, t, FAILED);
}

static void
add_lengths(struct buf *b, const struct lengths *l, const char *name)
{
	if (l->n == 0)
		return;
	buf_fmt(b, "  %-10s%10zu%9lld%9lld%9lld%9lld  ", name, l->n,
	    hist_at(&l->hist, .5), hist_at(&l->hist, .9),
	    hist_at(&l->hist, .99), hist_at(&l->hist, 1));
	report_number(b, l->over);
	buf_adds(b, " (");
	report_percent(b, l->over, l->n);
	buf_adds(b, ")\n");
}

/* Append a bar for each tenth of the share of words. */
static void
add_shares(struct buf *b, const struct measure *k)
{
	size_t i, most = 1, n, at;

	for (i = 0; i < KEPT_SHARES; i += 2)
		if (k->shares[i] + k->shares[i + 1] > most)
			most = k->shares[i] + k->shares[i + 1];
	for (i = 0; i <= KEPT_SHARES; i += 2) {
		n = k->shares[i] + (i < KEPT_SHARES ? k->shares[i + 1] : 0);
		buf_fmt(b, "  %3zu %%  ", i * 5);
		for (at = 0; at < (n * BAR + most - 1) / most && at < BAR; at++)
			buf_addc(b, '#');
		buf_addc(b, ' ');
		report_number(b, n);
		buf_addc(b, '\n');
	}
}

static void
add_kept(struct buf *b, const struct kept *k)
{
	static const char *const names[KEPT_GRAMS] = { "different words, about",
		"different pairs of words, about",
		"different runs of three words, about" };
	const struct measure *m = kept_measure(k);
	size_t i;

	add_title(b, "Tokens of kept triplets, estimated");
	buf_fmt(b, "  %-10s%10s%9s%9s%9s%9s  %s\n", "", "texts", "median",
	    "90 %", "99 %", "longest", "over 512");
	add_lengths(b, &m->query, "queries");
	add_lengths(b, &m->pos, "positives");
	add_lengths(b, &m->neg, "negatives");
	add_title(b, "Queries by the share of their words in the positive");
	add_shares(b, m);
	if (k->n > KEPT_WHOLE)
		buf_fmt(b,
		    "  Tokens, shared words and near negatives are of %zu of "
		    "%zu triplets, "
		    "drawn by hash.\n",
		    m->pos.n, k->n);
	add_title(b, "Diversity of the queries, and copies");
	for (i = 0; i < KEPT_GRAMS; i++)
		add_row(b, names[i], (size_t)distinct_count(&k->grams[i]),
		    (size_t)k->grams[i].n);
	add_row(b, "different openings of three words",
	    k->openings.n - k->openings.again, k->openings.n);
	add_row(b, "queries that came before", k->queries.again, k->queries.n);
	add_row(b, "positives that are near copies", k->documents.again,
	    k->documents.n);
	add_row(
	    b, "negatives that are the positive", k->equal_negatives, k->nneg);
	add_row(b, "negatives that are near copies of the positive",
	    m->near_negatives, m->neg.n);
}

static void
add_judge(struct buf *b, const struct tally *t)
{
	size_t i;
	char name[] = "verdict 0";

	if (t->judged == 0)
		return;
	add_title(b, "The judge, of the records with a verdict");
	for (i = 0; i < 3; i++) {
		name[sizeof name - 2] = (char)('0' + i);
		add_row(b, name, t->verdicts[i], t->judged);
	}
}

/* Append what a curve keeps: "  overall   4000 gold lines, kept from p 0.71". */
static void
add_curve(struct buf *b, const struct calibration_curve *c)
{
	double least = calibration_least(c);

	buf_adds(b, "  ");
	add_line(b, span_of(c->task != NULL ? c->task : "all tasks"), 48);
	buf_fmt(b, ": %.0f gold lines, %.0f right, ", c->lines, c->right);
	if (least >= 0)
		buf_fmt(b, "kept from p %.3f\n", least);
	else
		buf_adds(b, "none is kept\n");
}

static void
add_worth(struct buf *b, const struct report *r)
{
	size_t i;

	if (r->calibration.overall.n == 0)
		return;
	add_title(b, "What the judge's number is worth");
	add_curve(b, &r->calibration.overall);
	for (i = 0; i < r->calibration.ntasks; i++)
		add_curve(b, &r->calibration.tasks[i]);
	if (r->nvalues > 0)
		buf_fmt(b,
		    "  %.1f %% of the %zu kept pairs with a number are right, "
		    "by these curves\n",
		    100 * r->values / (double)r->nvalues, r->nvalues);
}

static void
add_cost(struct buf *b, const struct report *r)
{
	double kept = report_kept(r), tokens, cost;
	const char *name;
	json_t *stage;

	if (json_is_string(r->stats.verified)) {
		add_title(b, "Negatives of the last run");
		buf_adds(b, "  ");
		add_line(
		    b, span_of(json_string_value(r->stats.verified)), 1000);
		buf_addc(b, '\n');
	}
	if (r->stats.stages == NULL)
		return;
	add_title(b, "Tokens, cost and time, and those a kept triplet");
	buf_fmt(b, "  %-24s%12s%12s%10s%12s%12s\n", "stage", "tokens", "cost",
	    "s", "tokens each", "cost each");
	json_object_foreach (r->stats.stages, name, stage) {
		tokens = stats_number(stage, "prompt_tokens") +
			 stats_number(stage, "completion_tokens");
		cost = stats_number(stage, "cost");
		buf_adds(b, "  ");
		add_line(b, span_of(name), 24);
		buf_fmt(b, "%*s%12.0f%12.4g%10.1f%12.0f%12.3g\n",
		    (int)(strlen(name) < 24 ? 24 - strlen(name) : 0), "",
		    tokens, cost, stats_number(stage, "seconds"),
		    kept > 0 ? tokens / kept : 0, kept > 0 ? cost / kept : 0);
	}
}

static void
add_samples(struct buf *b, const struct sample *s)
{
	size_t i, j, shown[OUTCOMES] = { 0 };
	const struct sample_place *p;

	add_title(b, "Samples");
	for (i = 0; i < s->n; i++) {
		p = &s->place[i];
		for (j = 0;
		     j < sample_drawn(s, p) && shown[p->outcome] < SAMPLES;
		     j++) {
			shown[p->outcome]++;
			buf_addc(b, '\n');
			buf_addspan(b, buf_span(&p->shown[j]));
		}
	}
	buf_adds(b, "\nThe page, without --text, shows more of them.\n");
}

void
text_write(struct buf *b, const struct report *r)
{
	struct figure f[REPORT_FIGURES];
	size_t i;

	report_figures(r, f);
	for (i = 0; i < REPORT_FIGURES; i++) {
		buf_fmt(b, "%-36s%10s  %s", f[i].title, buf_cstr(&f[i].value),
		    buf_cstr(&f[i].of));
		if (f[i].grade != GRADE_NONE)
			buf_fmt(b, ": %s", report_grade(f[i].grade));
		buf_addc(b, '\n');
		buf_free(&f[i].value);
		buf_free(&f[i].of);
	}
	add_made(b, &r->tally);
	if (r->kept.n > 0)
		add_kept(b, &r->kept);
	add_judge(b, &r->tally);
	add_worth(b, r);
	add_cost(b, r);
	if (r->reading.bad > 0)
		buf_fmt(b, "\n%zu of %zu lines could not be used\n",
		    r->reading.bad, r->reading.lines);
	add_samples(b, &r->sample);
}
