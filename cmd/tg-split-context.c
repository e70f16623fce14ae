/* tg-split-context - cut code into a prefix and a suffix */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/num.h"
#include "base/text.h"
#include "json/string.h"
#include "lex/tokens.h"
#include "record/filter.h"
#include "task/catalogue.h"
#include "task/document.h"

enum {
	/* Code is 3 to 4 bytes a token with the usual vocabularies. */
	BYTES_A_TOKEN = 3,
	/*
	 * A trainer that cuts at 512 tokens cuts no side of this size: the
	 * query has about 30 tokens of instruction besides, and vocabularies of
	 * embedding models make up to a fifth more tokens of code than o200k.
	 */
	WINDOW = 400,
};

struct split {
	struct catalogue *catalogue;
	double low, high;
	int by_char;
	size_t window;     /* estimated tokens on either side; 0: no limit */
	long long seed;    /* seed of the draws */
	const char *tasks; /* file of catalogue rows; NULL: $TG_TASKS */
};

static int
is_blank_text(const char *p, const char *end)
{
	return text_trim((struct span){ p, (size_t)(end - p) }).n == 0;
}

/*
 * Return the start of a line within [low, high] that is nearest to at and
 * leaves text on both sides; NULL if there is none.
 */
static const char *
nearest_line(struct span s, const char *low, const char *high, const char *at)
{
	struct span body = text_trim(s);
	const char *p, *best = NULL;

	for (p = low; p <= high && p < body.p + body.n; p++) {
		if (p <= body.p || p[-1] != '\n')
			continue;
		if (best == NULL || labs(p - at) < labs(best - at))
			best = p;
	}
	return best;
}

/*
 * Draw the cut of a document's draw, from 0, evenly from the range, and return
 * its place.
 */
static const char *
cut_at(const struct split *o, struct span s, struct span id, long long draw)
{
	char purpose[40] = "split";
	double u;
	const char *low = s.p + (size_t)((double)s.n * o->low);
	const char *high = s.p + (size_t)((double)s.n * o->high);
	const char *at, *line;

	if (draw > 0)
		snprintf(purpose, sizeof purpose, "split:%lld", draw);
	u = (double)(hash_draw(o->seed, id, purpose) >> 11) / 0x1p53;
	at = low + (size_t)((double)(high - low) * u);
	if (!o->by_char && (line = nearest_line(s, low, high, at)) != NULL)
		return line;
	return text_char_start(at, s.p);
}

/*
 * Return the last max bytes of a prefix, from the start of a line if one lies
 * in their first half; max 0: the whole prefix.
 */
static struct span
tail_of(struct span s, size_t max)
{
	const char *p = s.p + s.n - max, *nl;

	if (max == 0 || s.n <= max)
		return s;
	while (((unsigned char)*p & 0xc0) == 0x80)
		p++;
	nl = memchr(p, '\n', max / 2);
	if (nl != NULL && !is_blank_text(nl + 1, s.p + s.n))
		p = nl + 1;
	return (struct span){ p, (size_t)(s.p + s.n - p) };
}

/*
 * Return the first max bytes of a suffix, to the end of a line if one lies in
 * their second half; max 0: the whole suffix.
 */
static struct span
head_of(struct span s, size_t max)
{
	const char *end, *nl;

	if (max == 0 || s.n <= max)
		return s;
	end = text_char_start(s.p + max, s.p);
	nl = memrchr(s.p + max / 2, '\n', (size_t)(end - s.p) - max / 2);
	if (nl != NULL && !is_blank_text(s.p, nl + 1))
		end = nl + 1;
	return (struct span){ s.p, (size_t)(end - s.p) };
}

/*
 * Return what one of the functions above takes of a side for a window of
 * estimated tokens; window 0: the whole side.
 */
static struct span
fit(struct span side, size_t window, struct span part_of(struct span, size_t))
{
	size_t max = BYTES_A_TOKEN * window, n;
	struct span s = part_of(side, max);

	/* a token has a byte at least, and so max stays above 0 */
	while (window > 0 && (n = tokens_estimate(s)) > window) {
		max = s.n * window / n;
		s = part_of(side, max);
	}
	return s;
}

/* Append the two parts of a text as a list; return 0, or -1 if one is blank. */
static int
add_parts(const struct split *o, struct span text, struct span id,
    long long draw, struct buf *b)
{
	const char *at = cut_at(o, text, id, draw);
	struct span prefix = { text.p, (size_t)(at - text.p) };
	struct span suffix = { at, text.n - prefix.n };

	prefix = fit(prefix, o->window, tail_of);
	suffix = fit(suffix, o->window, head_of);
	buf_addc(b, '[');
	js_quote(b, prefix);
	buf_addc(b, ',');
	js_quote(b, suffix);
	buf_addc(b, ']');
	return text_trim(prefix).n > 0 && text_trim(suffix).n > 0 ? 0 : -1;
}

static enum filter_did
split_record(struct filter *f, struct rec *r)
{
	const struct split *o = f->ctx;
	struct span text, id = rec_tg_str(r, "id");
	const struct task *t;
	struct buf b = { 0 };

	if (rec_state(r) != REC_NEW)
		return FILTER_PASS;
	t = catalogue_find(o->catalogue, rec_tg_str(r, "task"));
	if (t == NULL || t->nsteps > 0)
		return FILTER_PASS;
	text = document_text(r);
	if (id.p == NULL)
		rec_error(r, "not_stamped",
		    "no tg.id: send it through tg-prompt generate first");
	else if (text.p == NULL ||
		 add_parts(o, text, id, js_int(rec_tg(r, "draw"), 0), &b) == -1)
		rec_error(r, "too_short",
		    "the text cannot be cut in two within the range");
	else
		rec_tg_put(r, "parts", rec_hold(r, &b));
	buf_free(&b);
	return FILTER_PASS;
}

/* Store "LOW,HIGH" in the struct split at. */
static void
set_anchor(void *at, const char *value)
{
	struct split *o = at;

	if (num_band(value, &o->low, &o->high) == -1)
		options_refuse(
		    "--anchor: give two numbers in 0..1, as 0.4,0.7");
}

#define AT(member) OPTION_AT(struct split, member)

static const struct option_def options[] = {
	{ "anchor", 0, OPTION_STRING, OPTION_ANSWER, "LOW,HIGH",
	    "where the cut may fall, 0.4,0.7 unless given", .set = set_anchor },
	{ "boundary", 0, OPTION_CHOICE, OPTION_ANSWER, "WHAT",
	    "line: between lines when the range has such a place (the "
	    "default); char: anywhere",
	    AT(by_char), .choices = "line | char" },
	{ "window", 0, OPTION_INT, OPTION_ANSWER, "TOKENS",
	    "keep only so many estimated tokens next to the cut on either "
	    "side; 400 unless given, 0: all",
	    AT(window), .hi = 1 << 24 },
	{ "seed", 0, OPTION_INT, OPTION_ANSWER, "N",
	    "of the draws, 0 unless given", AT(seed), .lo = INT64_MIN,
	    .hi = INT64_MAX },
	{ "tasks", 0, OPTION_STRING, OPTION_ANSWER, "FILE",
	    "add or replace catalogue rows ($TG_TASKS)", AT(tasks) },
	{ OPTION_MAX_LINE_DEF },
	OPTIONS_COMMON,
};

static const struct program program = {
	.name = "tg-split-context",
	.forms = { { 1, "", "[file ...]" } },
	.options = options,
	.about =
	    "Cut the text of new records whose task has no steps into prefix "
	    "and\n"
	    "suffix, at a point drawn for each document. No LLM takes part.\n",
	.notes = "Example: tg-prompt generate -t code_context_retrieval < "
		 "code.jsonl "
		 "|\n"
		 "             tg-split-context --window 200 | tg-arrange | "
		 "tg-emit\n",
};

int
main(int argc, char *argv[])
{
	static struct split o = { .low = 0.4, .high = 0.7, .window = WINDOW };
	struct filter f = {
		.program = &program, .serve = split_record, .ctx = &o
	};
	char **files = filter_options(&f, &o, argc, argv);

	o.catalogue = catalogue_open(o.tasks);
	return filter_run(&f, files);
}
