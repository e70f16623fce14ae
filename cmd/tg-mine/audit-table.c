/* audit-table: what tg-mine audit has found, as JSON and as a table */
#include "audit.h"

const char *const audit_names[FOUND_KINDS] = {
	[FOUND_NOTHING] = "nothing",
	[FOUND_EMPTY] = "empty",
	[FOUND_POSITIVE] = "positive",
	[FOUND_OTHER] = "other_positive",
	[FOUND_QUERY] = "query",
	[FOUND_NEAR] = "near_copy",
	[FOUND_DUPLICATE] = "duplicate",
};

/* Words of the table for each thing found of a negative. */
static const char *const words[FOUND_KINDS] = {
	[FOUND_EMPTY] = "empty",
	[FOUND_POSITIVE] = "equal to a positive of the row",
	[FOUND_OTHER] = "equal to a positive of an equal query",
	[FOUND_QUERY] = "equal to the query",
	[FOUND_NEAR] = "near copy of a positive",
	[FOUND_DUPLICATE] = "equal to an earlier negative of the row",
};

static const char *const near_names[] = {
	[NEAR_EQUAL] = "equal",
	[NEAR_ALIKE] = "alike",
	[NEAR_SHINGLES] = "shingles",
};

static double
share(size_t n, size_t of)
{
	return of > 0 ? (double)n / (double)of : 0;
}

static void
add_lengths(struct buf *b, const char *name, const struct hist *h, double scale)
{
	static const struct {
		const char *name;
		double share;
	} at[] = { { "p10", .1 }, { "p50", .5 }, { "p90", .9 }, { "max", 1 } };
	size_t i;

	buf_fmt(b, "\"%s\":{", name);
	for (i = 0; i < sizeof at / sizeof *at; i++)
		buf_fmt(b, "%s\"%s\":%.10g", i > 0 ? "," : "", at[i].name,
		    (double)hist_at(h, at[i].share) / scale);
	buf_adds(b, "},");
}

static void
add_found(struct buf *b, const struct audit_sums *s)
{
	int i;

	buf_adds(b, "\"found\":{");
	for (i = FOUND_NOTHING + 1; i < FOUND_KINDS; i++)
		buf_fmt(b, "%s\"%s\":{\"negatives\":%zu,\"rows\":%zu}",
		    i > FOUND_NOTHING + 1 ? "," : "", audit_names[i],
		    s->found[i].negatives, s->found[i].rows);
	buf_adds(b, "},\"near_by\":{");
	for (i = NEAR_ALIKE; i <= NEAR_SHINGLES; i++)
		buf_fmt(b, "%s\"%s\":%zu", i > NEAR_ALIKE ? "," : "",
		    near_names[i], s->near[i]);
	buf_adds(b, "},");
}

void
audit_json(struct buf *b, const struct audit_sums *s)
{
	buf_fmt(b,
	    "{\"rows\":%zu,\"no_rows\":%zu,\"bad_lines\":%zu,"
	    "\"positives\":%zu,\"negatives\":%zu,"
	    "\"rows_without_negatives\":%zu,\"rows_found\":%zu,"
	    "\"rows_emptied\":%zu,",
	    s->rows, s->other, s->bad, s->positives, s->negatives, s->bare,
	    s->offending, s->emptied);
	add_found(b, s);
	buf_fmt(b,
	    "\"duplicates\":{\"rows\":%zu,\"pairs\":%zu,\"queries\":%zu},"
	    "\"lengths\":{",
	    s->same_rows, s->same_pairs, s->same_queries);
	add_lengths(b, "positive", &s->pos, 1);
	add_lengths(b, "negative", &s->neg, 1);
	add_lengths(b, "ratio", &s->ratio, 1000);
	buf_fmt(b,
	    "\"rows\":%zu,\"positive_longest\":%zu,\"positive_shortest\":%zu,"
	    "\"by_chance\":%.10g},\"blind\":",
	    s->compared, s->longest, s->shortest, s->chance);
	if (s->has_blind)
		buf_fmt(b,
		    "{\"auc\":%.4f,\"low\":%.4f,\"high\":%.4f,\"rows\":%zu}",
		    s->blind.auc, s->blind.low, s->blind.high, s->blind_rows);
	else
		buf_adds(b, "null");
	buf_adds(b, "}\n");
}

/* Append "name  n  share": a row of the table. */
static void
add_row(struct buf *b, const char *name, size_t n, size_t of)
{
	buf_fmt(b, "  %-42s%12zu%9.2f %%\n", name, n, 100 * share(n, of));
}

static void
add_length_row(
    struct buf *b, const char *name, const struct hist *h, double scale)
{
	buf_fmt(b, "  %-42s%9.6g%9.6g%9.6g%9.6g\n", name,
	    (double)hist_at(h, .1) / scale, (double)hist_at(h, .5) / scale,
	    (double)hist_at(h, .9) / scale, (double)hist_at(h, 1) / scale);
}

static void
add_lengths_table(struct buf *b, const struct audit_sums *s)
{
	if (s->compared == 0)
		return;
	buf_fmt(b, "\n  %-42s%9s%9s%9s%9s\n", "Lengths, in tokens of a model",
	    "10 %", "median", "90 %", "longest");
	add_length_row(b, "positives", &s->pos, 1);
	add_length_row(b, "negatives", &s->neg, 1);
	add_length_row(b, "negative / positive", &s->ratio, 1000);
	add_row(
	    b, "rows whose positive is the longest", s->longest, s->compared);
	add_row(
	    b, "rows whose positive is the shortest", s->shortest, s->compared);
	add_row(b, "rows by chance", (size_t)(s->chance + .5), s->compared);
}

static void
add_blind(struct buf *b, const struct audit_sums *s)
{
	if (s->has_blind)
		buf_fmt(b,
		    "\nWithout the query a classifier tells a positive from a "
		    "negative with an AUC of\n%.3f (95 %%: %.3f to %.3f; .5 is "
		    "to guess), measured in %zu rows.\n",
		    s->blind.auc, s->blind.low, s->blind.high, s->blind_rows);
	else
		buf_adds(b, "\nToo few rows have negatives to measure how "
			    "well a classifier does without the query.\n");
}

void
audit_table(struct buf *b, const struct audit_sums *s)
{
	int i;

	buf_fmt(b, "%zu rows with %zu positives and %zu negatives\n", s->rows,
	    s->positives, s->negatives);
	if (s->other + s->bad > 0)
		buf_fmt(b,
		    "%zu records that are no rows, %zu lines that are "
		    "no records\n",
		    s->other, s->bad);
	buf_fmt(b, "\n  %-42s%12s%11s%10s%11s\n", "Negatives that are",
	    "negatives", "", "rows", "");
	for (i = FOUND_NOTHING + 1; i < FOUND_KINDS; i++)
		buf_fmt(b, "  %-42s%12zu%9.2f %%%10zu%9.2f %%\n", words[i],
		    s->found[i].negatives,
		    100 * share(s->found[i].negatives, s->negatives),
		    s->found[i].rows, 100 * share(s->found[i].rows, s->rows));
	buf_addc(b, '\n');
	add_row(b, "rows with any of these", s->offending, s->rows);
	add_row(b, "rows with no other negative", s->emptied, s->rows);
	add_row(b, "rows without negatives", s->bare, s->rows);
	add_row(b, "rows that equal an earlier one", s->same_rows, s->rows);
	add_row(b, "rows with an earlier query and positives", s->same_pairs,
	    s->rows);
	add_row(b, "rows with an earlier query", s->same_queries, s->rows);
	add_lengths_table(b, s);
	add_blind(b, s);
}
