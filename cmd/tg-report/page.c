/* page: the page, from its template and its parts */
#include "page.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "html.h"
#include "tg-report/html.inc"
#include "tg-report/css.inc"
#include "tg-report/js.inc"

/* The page stays below two million bytes; all but the cards has its room. */
enum { CARDS_ROOM = 1300 * 1000 };

/* Append what a Content-Security-Policy names an inline text by. */
static void
add_hash(struct buf *b, const char *text)
{
	unsigned char sha[32], base64[64];
	size_t n = sizeof sha;

	if (EVP_Q_digest(NULL, "SHA256", NULL, text, strlen(text), sha, &n) !=
	    1)
		mem_fail();
	EVP_EncodeBlock(base64, sha, (int)n);
	buf_fmt(b, "'sha256-%s'", (char *)base64);
}

static void
put_policy(struct buf *b, const struct report *r)
{
	(void)r;
	buf_adds(b, "default-src 'none'; base-uri 'none'; form-action 'none'; "
		    "img-src data:; style-src ");
	add_hash(b, embedded_css);
	buf_adds(b, "; script-src ");
	add_hash(b, embedded_js);
}

static void
put_css(struct buf *b, const struct report *r)
{
	(void)r;
	buf_adds(b, embedded_css);
}

static void
put_js(struct buf *b, const struct report *r)
{
	(void)r;
	buf_adds(b, embedded_js);
}

static void
put_lead(struct buf *b, const struct report *r)
{
	const struct tally *t = &r->tally;

	report_number(b, t->n[KEPT]);
	buf_adds(b, " kept, ");
	report_number(b, t->n[REJECTED]);
	buf_adds(b, " rejected, ");
	report_number(b, t->n[FAILED]);
	buf_fmt(b, " failed, of %zu task%s and language%s", t->nrows,
	    t->nrows == 1 ? "" : "s", t->nrows == 1 ? "" : "s");
}

static void
put_figures(struct buf *b, const struct report *r)
{
	static const char *const classes[] = { "none", "good", "look", "poor" };
	struct figure f[REPORT_FIGURES];
	size_t i;

	report_figures(r, f);
	for (i = 0; i < REPORT_FIGURES; i++) {
		buf_fmt(b,
		    "<li class=%s><h3>%s</h3><p class=value>%s</p><p "
		    "class=of>%s",
		    classes[f[i].grade], f[i].title, buf_cstr(&f[i].value),
		    buf_cstr(&f[i].of));
		if (f[i].grade != GRADE_NONE)
			buf_fmt(b, " <span class=grade>%s</span>",
			    report_grade(f[i].grade));
		buf_fmt(b, "</p><p class=hint>%s</p></li>\n", f[i].hint);
		buf_free(&f[i].value);
		buf_free(&f[i].of);
	}
}

/* Order places by task, then by outcome. */
static int
by_task(const void *a, const void *b)
{
	const struct sample_place *x = a, *y = b;
	int order = strcmp(x->task, y->task);

	return order != 0 ? order : (int)x->outcome - (int)y->outcome;
}

/*
 * Return how many cards of each place fit: the places get the same number of
 * cards, as long as those have cards left.
 */
static size_t
cards_that_fit(const struct sample *s)
{
	size_t rank, i, room = CARDS_ROOM;

	for (rank = 0; rank < s->most; rank++)
		for (i = 0; i < s->n; i++) {
			if (rank >= sample_drawn(s, &s->place[i]))
				continue;
			if (s->place[i].shown[rank].n + 40 > room)
				return rank;
			room -= s->place[i].shown[rank].n + 40;
		}
	return s->most;
}

static void
put_samples(struct buf *b, const struct report *r)
{
	const struct sample *s = &r->sample;
	size_t i, j, fit = cards_that_fit(s), number = 0;
	const struct sample_place *p;

	if (s->n > 0)
		qsort(s->place, s->n, sizeof *s->place, by_task);
	for (i = 0; i < s->n; i++) {
		p = &s->place[i];
		for (j = 0; j < sample_drawn(s, p) && j < fit; j++) {
			buf_fmt(b, "<article id=s%zu ", ++number);
			buf_addspan(b, buf_span(&p->shown[j]));
			buf_adds(b, "</article>\n");
		}
	}
}

static void
put_drawn(struct buf *b, const struct report *r)
{
	const struct sample *s = &r->sample;
	size_t i, fit = cards_that_fit(s), n = 0, all = 0, drawn;

	for (i = 0; i < s->n; i++) {
		drawn = sample_drawn(s, &s->place[i]);
		n += drawn < fit ? drawn : fit;
		all += s->place[i].seen;
	}
	report_number(b, n);
	buf_adds(b, " of ");
	report_number(b, all + s->left_out);
	buf_fmt(b,
	    " records, drawn with seed %lld: up to %zu of each task that were "
	    "kept, rejected and failed.",
	    s->seed, fit < s->most ? fit : s->most);
}

/* The places of the template, "{{name}}", and what goes there. */
static const struct {
	const char *name;
	void (*put)(struct buf *, const struct report *);
} parts[] = {
	{ "policy", put_policy },
	{ "css", put_css },
	{ "js", put_js },
	{ "lead", put_lead },
	{ "figures", put_figures },
	{ "made", tables_made },
	{ "why", tables_why },
	{ "lengths", plots_lengths },
	{ "words", plots_words },
	{ "diversity", tables_diversity },
	{ "copies", tables_copies },
	{ "judge", plots_judge },
	{ "worth", plots_worth },
	{ "negatives", plots_negatives },
	{ "cost", tables_cost },
	{ "drawn", put_drawn },
	{ "samples", put_samples },
	{ "input", tables_input },
};

void
page_write(struct buf *b, const struct report *r)
{
	const char *p = embedded_html, *open, *close;
	size_t i;

	while ((open = strstr(p, "{{")) != NULL &&
	       (close = strstr(open, "}}")) != NULL) {
		buf_add(b, p, (size_t)(open - p));
		for (i = 0; i < sizeof parts / sizeof *parts; i++)
			if (span_is((struct span){ open + 2,
					(size_t)(close - open - 2) },
				parts[i].name))
				parts[i].put(b, r);
		p = close + 2;
	}
	buf_adds(b, p);
}
