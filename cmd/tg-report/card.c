/* card: a record to read, as the page shows it */
#include "html.h"
#include "lex/alike.h"
#include "lex/tokens.h"
#include "base/overlap.h"
#include "report.h"
#include "visible.h"

/* The most that a card shows of a text, in bytes and lines. */
enum {
	QUERY = 1600,
	QUERY_LINES = 40,
	CODE = 3200,
	CODE_LINES = 90,
	NEGATIVE = 1200,
	NEGATIVE_LINES = 30,
	NEGATIVES = 3,
	WORDS = 600
};

static const char *const outcomes[OUTCOMES] = { "kept", "rejected", "failed" };

/* Append how much of a text is not shown, if some is not. */
static void
add_rest(struct buf *b, struct span all, struct span shown)
{
	if (shown.n == all.n)
		return;
	buf_adds(b, "<p class=rest>");
	report_number(b, all.n - shown.n);
	buf_adds(b, " of ");
	report_number(b, all.n);
	buf_adds(b, " bytes are not shown</p>");
}

/* Append a text under a heading; prose wraps, code keeps its lines. */
static void
add_text(struct buf *b, const char *title, const struct item *item,
    struct span text, size_t bytes, size_t lines)
{
	struct span shown = visible_cut(text, bytes, lines);
	int is_code = html_looks_like_code(text);

	if (text.p == NULL)
		return;
	buf_fmt(b, "<h4>%s</h4>", title);
	if (is_code)
		buf_fmt(b,
		    "<pre tabindex=0 role=region aria-label=\"%s\"><code>",
		    title);
	else
		buf_adds(b, "<p class=prose dir=auto>");
	html_code(b, kept_lexer(item), shown, is_code);
	buf_adds(b, is_code ? "</code></pre>" : "</p>");
	add_rest(b, text, shown);
}

static void
add_head(struct buf *b, const struct item *item)
{
	buf_fmt(b, "<header><h3><span class=badge>%s</span> ",
	    outcomes[item->outcome]);
	html_text(b, visible_cut(item->task.n > 0 ? item->task
						  : span_of("no task named"),
			 120, 1));
	buf_adds(b, "</h3>");
	if (item->code_language.n > 0) {
		buf_adds(b, " <span class=lang>");
		html_text(b, visible_cut(item->code_language, 60, 1));
		buf_adds(b, "</span>");
	}
	buf_adds(b, " <span class=place>");
	html_text(b, visible_cut(span_of(item->file), 200, 1));
	buf_fmt(b, ":%zu", item->line);
	if (item->path.n > 0) {
		buf_adds(b, " \xc2\xb7 ");
		html_text(b, visible_cut(item->path, 200, 1));
	}
	buf_adds(b, "</span></header>");
}

/* Append why a record is not kept, and what the judge said. */
static void
add_why(struct buf *b, const struct item *item)
{
	if (item->outcome != KEPT) {
		buf_adds(b, "<p class=why><strong>");
		html_text(b, visible_cut(item->code, 64, 1));
		buf_adds(b, "</strong> ");
		html_text(b, visible_cut(item->message, WORDS, 8));
		if (item->tool.n > 0) {
			buf_adds(b, " <span class=place>");
			html_text(b, visible_cut(item->tool, 64, 1));
			buf_adds(b, "</span>");
		}
		buf_adds(b, "</p>");
	}
	if (item->verdict < 0)
		return;
	buf_fmt(b, "<p class=judge>Verdict %d", item->verdict);
	if (item->p >= 0)
		buf_fmt(b, ", p %.2f", item->p);
	if (item->answer.n > 1) {
		buf_adds(b, ": <q dir=auto>");
		html_text(b, visible_cut(item->answer, WORDS, 8));
		buf_adds(b, "</q>");
	}
	buf_adds(b, "</p>");
}

/* Append the negatives, which open at a click, and say which are copies. */
static void
add_negatives(struct buf *b, const struct item *item)
{
	const struct lex_language *language = kept_lexer(item);
	const struct span *neg = item_negatives(item);
	size_t i, near = 0;
	char title[80];

	if (item->nneg == 0)
		return;
	for (i = 0; i < item->nneg; i++)
		near += (size_t)alike_same(language, item->pos, neg[i]);
	buf_fmt(b, "<details><summary>%zu negative%s", item->nneg,
	    item->nneg == 1 ? "" : "s");
	if (item->nneg > NEGATIVES)
		buf_fmt(b, ", %d shown", NEGATIVES);
	if (near > 0)
		buf_fmt(b, "; <strong>%zu near cop%s of the positive</strong>",
		    near, near == 1 ? "y" : "ies");
	buf_adds(b, "</summary>");
	for (i = 0; i < item->nneg && i < NEGATIVES; i++) {
		snprintf(title, sizeof title, "Negative %zu%s", i + 1,
		    alike_same(language, item->pos, neg[i])
			? ", near copy of the positive"
			: "");
		add_text(b, title, item, neg[i], NEGATIVE, NEGATIVE_LINES);
	}
	buf_adds(b, "</details>");
}

/* Append the measures of a pair. */
static void
add_measures(struct buf *b, const struct item *item)
{
	struct overlap s;

	if (item->query.p == NULL || item->pos.p == NULL)
		return;
	s = overlap_count(item->query, item->pos);
	buf_adds(b, "<footer>Query ");
	report_number(b, tokens_estimate(item->query));
	buf_adds(b, " tokens \xc2\xb7 positive ");
	report_number(b, tokens_estimate(item->pos));
	buf_adds(b, " tokens");
	if (s.of > 0)
		buf_fmt(b,
		    " \xc2\xb7 %zu of the query\xe2\x80\x99s %zu words stand "
		    "in "
		    "the positive",
		    s.found, s.of);
	buf_adds(b, "</footer>");
}

void
card_write(struct buf *b, const struct item *item)
{
	buf_fmt(b, "class=\"sample %s\" data-outcome=%s data-task=\"",
	    outcomes[item->outcome], outcomes[item->outcome]);
	html_attribute(b, item->task, 120);
	buf_adds(b, "\" data-language=\"");
	html_attribute(b, item->code_language, 60);
	buf_adds(b, "\">");
	add_head(b, item);
	add_why(b, item);
	add_text(b, "Query", item, item->query, QUERY, QUERY_LINES);
	add_text(b, "Positive", item, item->pos, CODE, CODE_LINES);
	if (item->query.p == NULL || item->pos.p == NULL)
		add_text(b, "Document", item, item->text, CODE, CODE_LINES);
	add_negatives(b, item);
	add_measures(b, item);
}
