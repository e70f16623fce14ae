/* tables: the tables of the page */
#include <stdlib.h>

#include "html.h"
#include "page.h"

/* The most rows of tasks and languages that are shown at once. */
enum { ROWS = 12 };

/* Append a cell with a number of records. */
static void
add_cell(struct buf *b, const char *head, size_t n)
{
	buf_fmt(b, "<td class=%s data-h=\"%s\">",
	    n > 0 ? "num" : "\"num zero\"", head);
	report_number(b, n);
}

/* Append a cell with text that may be hostile. */
static void
add_name(struct buf *b, const char *head, const char *text)
{
	buf_fmt(b, "<td%s data-h=\"%s\">", *text != '\0' ? "" : " class=none",
	    head);
	html_text(b, span_of(*text != '\0' ? text : "\xe2\x80\x93"));
}

static size_t
row_all(const struct tally_row *r)
{
	return r->n[KEPT] + r->n[REJECTED] + r->n[FAILED];
}

static int
by_size(const void *a, const void *b)
{
	size_t x = row_all(*(const struct tally_row *const *)a);
	size_t y = row_all(*(const struct tally_row *const *)b);

	return x < y ? 1 : x > y ? -1 : 0;
}

/* Append a bar that shows a share, and the share in words. */
static void
add_share(struct buf *b, const char *head, size_t n, size_t all)
{
	buf_fmt(b,
	    "<td class=num data-h=\"%s\"><svg class=share viewBox=\"0 0 60 8\" "
	    "aria-hidden=true><rect class=rail width=60 height=8 />"
	    "<rect class=bar width=%.1f height=8 /></svg> ",
	    head, all > 0 ? 60.0 * (double)n / (double)all : 0);
	report_percent(b, n, all);
}

static void
add_row(struct buf *b, const struct tally_row *row)
{
	struct buf why = { 0 };

	buf_adds(b, "<tr><th scope=row>");
	html_text(b, span_of(*row->task != '\0' ? row->task : "no task named"));
	add_name(b, "Language", row->language);
	add_name(b, "Code", row->code_language);
	add_cell(b, "Records", row_all(row));
	add_cell(b, "Kept", row->n[KEPT]);
	add_cell(b, "Rejected", row->n[REJECTED]);
	add_cell(b, "Failed", row->n[FAILED]);
	add_share(b, "Kept of records", row->n[KEPT], row_all(row));
	counts_words(&why, &row->why);
	buf_fmt(b, "<td class=\"codes%s\" data-h=\"Why not\">",
	    why.n > 0 ? "" : " none");
	html_text(b, buf_span(&why));
	if (why.n == 0)
		buf_adds(b, "\xe2\x80\x93");
	buf_adds(b, "</tr>\n");
	buf_free(&why);
}

/* Append a table of rows from one up to another, which is left out. */
static void
add_rows(struct buf *b, const struct tally_row **rows, size_t from, size_t to)
{
	buf_adds(b,
	    "<table class=tasks><thead><tr><th scope=col>Task<th "
	    "scope=col>Language"
	    "<th scope=col>Code<th scope=col class=num>Records"
	    "<th scope=col class=num>Kept<th scope=col class=num>Rejected"
	    "<th scope=col class=num>Failed<th scope=col class=num>Kept of "
	    "records"
	    "<th scope=col>Why not</thead><tbody>\n");
	for (; from < to; from++)
		add_row(b, rows[from]);
	buf_adds(b, "</tbody></table>");
}

void
tables_made(struct buf *b, const struct report *r)
{
	const struct tally *t = &r->tally;
	const struct tally_row **rows =
	    mem_array(NULL, t->nrows + 1, sizeof *rows);
	size_t i, shown = t->nrows;

	for (i = 0; i < t->nrows; i++)
		rows[i] = &t->rows[i];
	qsort(rows, t->nrows, sizeof *rows, by_size);
	if (shown > ROWS + 3)
		shown = ROWS;
	add_rows(b, rows, 0, shown);
	if (shown < t->nrows) {
		buf_fmt(b, "<details><summary>%zu smaller ones</summary>",
		    t->nrows - shown);
		add_rows(b, rows, shown, t->nrows);
		buf_adds(b, "</details>");
	}
	free(rows);
}

static void
add_codes(
    struct buf *b, const struct tally *t, enum outcome o, const char *what)
{
	const char *code;
	json_t *count, *message;
	size_t n;

	json_object_foreach (t->why[o].names, code, count) {
		n = (size_t)json_integer_value(count);
		buf_adds(b, "<tr><th scope=row>");
		html_text(b, span_of(code));
		buf_fmt(b, "<td data-h=Outcome>%s", what);
		add_cell(b, "Records", n);
		add_share(b, "Of all records", n, tally_all(t));
		message = json_object_get(t->message, code);
		add_name(b, "The first says",
		    message != NULL ? json_string_value(message) : "");
		buf_adds(b, "</tr>\n");
	}
}

void
tables_why(struct buf *b, const struct report *r)
{
	const struct tally *t = &r->tally;

	if (t->n[REJECTED] + t->n[FAILED] == 0) {
		buf_fmt(b,
		    "<p>None of %zu records was rejected or failed. The file "
		    "of "
		    "<code>tg-run --rejects</code> has those that were: give "
		    "it "
		    "with <code>--rejects</code>.</p>",
		    tally_all(t));
		return;
	}
	buf_adds(b, "<table><thead><tr><th scope=col>Code<th scope=col>Outcome"
		    "<th scope=col class=num>Records<th scope=col class=num>Of "
		    "all records"
		    "<th scope=col>The first says</thead><tbody>\n");
	add_codes(b, t, REJECTED, "rejected");
	add_codes(b, t, FAILED, "failed");
	buf_adds(b, "</tbody></table>");
}

/* Append the things that came most often. */
static void
add_top(struct buf *b, const struct copies *c, const char *title,
    const char *what, size_t least)
{
	size_t i;

	if (c->top[0].n < least)
		return;
	buf_fmt(b,
	    "<table><caption>%s</caption><thead><tr><th scope=col>Text"
	    "<th scope=col class=num>%s<th scope=col "
	    "class=num>Share</thead><tbody>",
	    title, what);
	for (i = 0; i < COPIES_TOP && c->top[i].n >= least; i++) {
		buf_adds(b, "<tr><td class=text data-h=Text dir=auto>");
		html_text(b, span_of(c->top[i].text));
		add_cell(b, what, c->top[i].n);
		buf_adds(b, "<td class=num data-h=Share>");
		report_percent(b, c->top[i].n, c->n);
		buf_adds(b, "</tr>");
	}
	buf_adds(b, "</tbody></table>");
}

void
tables_diversity(struct buf *b, const struct report *r)
{
	static const char *const titles[KEPT_GRAMS] = { "Words",
		"Pairs of words", "Runs of three words" };
	const struct kept *k = &r->kept;
	const struct copies *o = &k->openings;
	double different;
	size_t i;

	buf_adds(b, "<table><thead><tr><th scope=col>In the queries"
		    "<th scope=col class=num>All<th scope=col "
		    "class=num>Different, about"
		    "<th scope=col class=num>Share</thead><tbody>");
	for (i = 0; i < KEPT_GRAMS; i++) {
		different = distinct_count(&k->grams[i]);
		buf_fmt(
		    b, "<tr><th scope=row>%s (distinct-%zu)", titles[i], i + 1);
		add_cell(b, "All", (size_t)k->grams[i].n);
		add_cell(b, "Different, about", (size_t)different);
		buf_adds(b, "<td class=num data-h=Share>");
		report_percent(b, (size_t)different, (size_t)k->grams[i].n);
		buf_adds(b, "</tr>");
	}
	buf_adds(b, "<tr><th scope=row>Openings (first three words)");
	add_cell(b, "All", o->n);
	add_cell(b, "Different, about", o->n - o->again);
	buf_adds(b, "<td class=num data-h=Share>");
	report_percent(b, o->n - o->again, o->n);
	buf_adds(b, "</tr></tbody></table>");
	add_top(b, o, "The most common openings", "Queries", 2);
}

static void
add_copies_row(struct buf *b, const struct copies *c, const char *title)
{
	buf_fmt(b, "<tr><th scope=row>%s", title);
	add_cell(b, "Texts", c->n);
	add_cell(b, "Came before", c->again);
	buf_adds(b, "<td class=num data-h=Share>");
	report_percent(b, c->again, c->n);
	add_cell(b, "Most often", c->top[0].n);
	buf_adds(b, "</tr>");
}

void
tables_copies(struct buf *b, const struct report *r)
{
	const struct kept *k = &r->kept;

	buf_adds(b,
	    "<table><thead><tr><th scope=col>Within a task"
	    "<th scope=col class=num>Texts<th scope=col class=num>Came before"
	    "<th scope=col class=num>Share<th scope=col class=num>Most often"
	    "</thead><tbody>");
	add_copies_row(b, &k->documents,
	    "Positives, equal but for names, literals, comments and layout");
	add_copies_row(b, &k->queries, "Queries, equal in their words");
	buf_adds(b, "</tbody></table>");
	add_top(b, &k->documents, "The positives with most near copies",
	    "Times", 2);
	add_top(b, &k->queries, "The queries that come most often", "Times", 2);
}

/* The members of a stage that have a column. */
static const struct {
	const char *member, *head;
} columns[] = {
	{ "records", "Records" },
	{ "calls", "Calls" },
	{ "retries", "Retries" },
	{ "cached", "From cache" },
	{ "prompt_tokens", "Tokens in" },
	{ "cached_tokens", "of them cached" },
	{ "completion_tokens", "Tokens out" },
	{ "reasoning_tokens", "of them reasoning" },
};

enum { NCOLUMNS = sizeof columns / sizeof *columns };

/* Append a cell with a number of three digits, or a dash where it is 0. */
static void
add_amount(struct buf *b, const char *head, double n)
{
	buf_fmt(b, "<td class=\"num%s\" data-h=\"%s\">", n > 0 ? "" : " zero",
	    head);
	if (n >= 100)
		report_number(b, (size_t)(n + 0.5));
	else if (n > 0)
		buf_fmt(b, "%.3g", n);
	else
		buf_adds(b, "\xe2\x80\x93");
}

/* Append cost and time of a stage, and what a kept triplet took of it. */
static void
add_shares(struct buf *b, const json_t *stage, double kept)
{
	double tokens = stats_number(stage, "prompt_tokens") +
			stats_number(stage, "completion_tokens");
	double cost = stats_number(stage, "cost");
	double seconds = stats_number(stage, "seconds");
	double each = kept > 0 ? 1 / kept : 0;

	add_amount(b, "Cost", cost);
	add_amount(b, "Seconds", seconds);
	add_amount(b, "Tokens each", tokens * each);
	add_amount(b, "Cost each", cost * each);
	add_amount(b, "Seconds each", seconds * each);
}

static void
add_stage(struct buf *b, const struct stats *s, const char *name,
    const json_t *stage, double kept)
{
	const char *model = json_string_value(json_object_get(stage, "model"));
	const char *code, *comma = "";
	json_t *count;
	size_t i;

	buf_adds(b, "<tr><th scope=row>");
	html_text(b, span_of(name));
	add_name(b, "Model", model != NULL ? model : "");
	for (i = 0; i < NCOLUMNS; i++)
		if (stats_sum(s, columns[i].member) > 0)
			add_cell(b, columns[i].head,
			    (size_t)stats_number(stage, columns[i].member));
	add_shares(b, stage, kept);
	buf_adds(b, "<td class=codes data-h=Failed>");
	json_object_foreach (json_object_get(stage, "errors"), code, count) {
		buf_fmt(b, "%s%.0f ", comma, json_number_value(count));
		html_text(b, span_of(code));
		comma = ", ";
	}
	if (*comma == '\0')
		buf_adds(b, "\xe2\x80\x93");
	buf_adds(b, "</tr>\n");
}

/* Append what the last tg-emit and the last verification have counted. */
static void
add_last(struct buf *b, const struct report *r)
{
	const json_t *e = r->stats.emit;
	const char *verified = json_string_value(r->stats.verified);

	if (e != NULL)
		buf_fmt(b,
		    "<p>The last run ended %.0f records: %.0f triplets, "
		    "%.0f duplicates, which are not shown here, and the rest "
		    "rejected or failed.</p>",
		    stats_number(e, "lines"), stats_number(e, "triplets"),
		    stats_number(e, "duplicates"));
	if (verified == NULL)
		return;
	buf_adds(b, "<p>Its negatives: ");
	html_text(b, span_of(verified));
	buf_adds(b, ".</p>");
}

void
tables_cost(struct buf *b, const struct report *r)
{
	const struct stats *s = &r->stats;
	double kept = report_kept(r),
	       tokens = stats_sum(s, "prompt_tokens") +
			stats_sum(s, "completion_tokens");
	size_t i, runs = json_object_size(s->runs);
	const char *name;
	json_t *stage;

	if (s->stages == NULL) {
		buf_adds(b,
		    "<p>No counts of stages were given. <code>tg-run --stats "
		    "FILE</code> writes them, and <code>--stats FILE</code> "
		    "here "
		    "reads them.</p>");
		add_last(b, r);
		return;
	}
	buf_fmt(b, "<p>%zu run%s, ", runs, runs == 1 ? "" : "s");
	report_number(b, (size_t)kept);
	buf_adds(b, " kept triplets, and for each of these <strong>");
	report_number(b, kept > 0 ? (size_t)(tokens / kept) : 0);
	buf_fmt(b,
	    " tokens and a cost of %.3g</strong>, of all that was asked. The "
	    "last columns tell the same by stage. Stages run side by side.</p>",
	    kept > 0 ? stats_sum(s, "cost") / kept : 0);
	add_last(b, r);
	buf_adds(b, "<table class=stages><thead><tr><th scope=col>Stage<th "
		    "scope=col>Model");
	for (i = 0; i < NCOLUMNS; i++)
		if (stats_sum(s, columns[i].member) > 0)
			buf_fmt(
			    b, "<th scope=col class=num>%s", columns[i].head);
	buf_adds(b,
	    "<th scope=col class=num>Cost<th scope=col class=num>Seconds"
	    "<th scope=col class=num>Tokens each"
	    "<th scope=col class=num>Cost each"
	    "<th scope=col class=num>Seconds each<th scope=col>Failed"
	    "</thead><tbody>\n");
	json_object_foreach (s->stages, name, stage)
		add_stage(b, s, name, stage, kept);
	buf_adds(b, "</tbody></table>");
}

void
tables_input(struct buf *b, const struct report *r)
{
	const struct reading *g = &r->reading;
	size_t i;

	buf_adds(b, "<p>");
	report_number(b, g->lines);
	buf_adds(b, " lines were read; ");
	report_number(b, g->bad);
	buf_adds(b, " of them could not be used, and count nowhere.");
	if (g->twice > 0) {
		buf_adds(b, " ");
		report_number(b, g->twice);
		buf_adds(b,
		    " rejected pairs among the triplets were left out: "
		    "they stand in the files of <code>--rejects</code>.");
	}
	buf_adds(b, "</p>");
	if (g->bad == 0)
		return;
	buf_adds(b,
	    "<table><thead><tr><th scope=col>File<th scope=col class=num>"
	    "Line<th scope=col>Why</thead><tbody>");
	for (i = 0; i < g->bad && i < READ_BAD_MAX; i++) {
		buf_adds(b, "<tr><th scope=row>");
		html_text(b, span_of(g->first[i].file));
		add_cell(b, "Line", g->first[i].line);
		add_name(b, "Why", g->first[i].why);
		buf_adds(b, "</tr>");
	}
	buf_adds(b, "</tbody></table>");
}
