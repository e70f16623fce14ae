/* tg-split-context - cut code in two: what stands before, and what follows */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/num.h"
#include "base/text.h"
#include "io/io.h"
#include "json/string.h"
#include "record/filter.h"
#include "task/catalogue.h"
#include "task/document.h"

static const char usage[] =
    "usage: tg-split-context [--anchor LOW,HIGH] [--boundary line | char]\n"
    "           [--window TOKENS] [--seed N] [--tasks FILE] [--max-line "
    "BYTES]\n"
    "           [file ...]\n"
    "\n"
    "Cut the text of new records whose task has no steps into prefix and\n"
    "suffix, at a point drawn for each document. No LLM takes part.\n"
    "\n"
    "      --anchor LOW,HIGH  where the cut may fall, 0.4,0.7 unless given\n"
    "      --boundary WHAT    line: between lines when the range has such a\n"
    "                         place (the default); char: anywhere\n"
    "      --window TOKENS    keep only so much next to the cut on either "
    "side,\n"
    "                         in estimated tokens of 3 bytes\n"
    "      --seed N           of the draws, 0 unless given\n"
    "      --tasks FILE       add or replace catalogue rows ($TG_TASKS)\n"
    "      --max-line BYTES   longest line taken, 64 MiB\n"
    "      --help, --version\n"
    "\n"
    "Example: tg-prompt generate -t code_context_retrieval < code.jsonl |\n"
    "             tg-split-context --window 500 | tg-arrange | tg-emit\n";

/*
 * Code is 3 to 4 bytes a token with the usual vocabularies; counting 3 keeps
 * a side within the trainer's limit rather than just over it.
 */
enum { BYTES_A_TOKEN = 3 };

struct split {
	struct catalogue *catalogue;
	double low, high;
	int by_char;
	size_t window; /* bytes, 0: no limit */
	long long seed;
};

static int
blank(const char *p, const char *end)
{
	return text_trim((struct span){ p, (size_t)(end - p) }).n == 0;
}

/*
 * The line start nearest to at within [low, high] that leaves something on
 * both sides; NULL if there is none.
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

/* The cut, drawn evenly from the range; NULL if one side would be empty. */
static const char *
cut_at(const struct split *o, struct span s, struct span id)
{
	double u = (double)(hash_draw(o->seed, id, "split") >> 11) / 0x1p53;
	const char *low = s.p + (size_t)((double)s.n * o->low);
	const char *high = s.p + (size_t)((double)s.n * o->high);
	const char *at = low + (size_t)((double)(high - low) * u), *line;

	if (!o->by_char && (line = nearest_line(s, low, high, at)) != NULL)
		return line;
	at = text_char_start(at, s.p);
	return blank(s.p, at) || blank(at, s.p + s.n) ? NULL : at;
}

/* The tail of the prefix, from a line start if one is not too far in. */
static struct span
tail(struct span s, size_t max)
{
	const char *p = s.p + s.n - max, *nl;

	if (max == 0 || s.n <= max)
		return s;
	while (((unsigned char)*p & 0xc0) == 0x80)
		p++;
	nl = memchr(p, '\n', max / 2);
	if (nl != NULL && !blank(nl + 1, s.p + s.n))
		p = nl + 1;
	return (struct span){ p, (size_t)(s.p + s.n - p) };
}

/* The head of the suffix, to a line end if one is not too far back. */
static struct span
head(struct span s, size_t max)
{
	const char *end, *nl;

	if (max == 0 || s.n <= max)
		return s;
	end = text_char_start(s.p + max, s.p);
	nl = memrchr(s.p + max / 2, '\n', (size_t)(end - s.p) - max / 2);
	if (nl != NULL && !blank(s.p, nl + 1))
		end = nl + 1;
	return (struct span){ s.p, (size_t)(end - s.p) };
}

static enum filter_did
serve(struct filter *f, struct rec *r)
{
	const struct split *o = f->ctx;
	struct span text, id = rec_tg_str(r, "id"), prefix, suffix;
	const struct task *t;
	const char *at;
	struct buf b = { 0 };

	if (rec_state(r) != REC_NEW)
		return FILTER_PASS;
	t = catalogue_find(o->catalogue, rec_tg_str(r, "task"));
	if (t == NULL || t->nsteps > 0)
		return FILTER_PASS;
	if (id.p == NULL) {
		rec_error(r, f->tool, "not_stamped",
		    "no tg.id: send it through tg-prompt generate first");
		return FILTER_PASS;
	}
	text = doc_text(r);
	at = text.p != NULL ? cut_at(o, text, id) : NULL;
	if (at != NULL) {
		prefix.p = text.p;
		prefix.n = (size_t)(at - text.p);
		prefix = tail(prefix, o->window);
		suffix.p = at;
		suffix.n = (size_t)(text.p + text.n - at);
		suffix = head(suffix, o->window);
	}
	/* a window may show nothing but blank lines */
	if (at == NULL || text_trim(prefix).n == 0 ||
	    text_trim(suffix).n == 0) {
		rec_error(r, f->tool, "too_short",
		    "the text cannot be cut in two within the range");
		return FILTER_PASS;
	}
	buf_addc(&b, '[');
	js_quote(&b, prefix);
	buf_addc(&b, ',');
	js_quote(&b, suffix);
	buf_addc(&b, ']');
	rec_tg_put(r, "parts", rec_hold(r, &b));
	buf_free(&b);
	return FILTER_PASS;
}

static void
set_anchor(const struct filter *f, struct split *o, char *arg)
{
	char *comma = strchr(arg, ',');

	if (comma != NULL)
		*comma = '\0';
	if (comma == NULL || num_real(arg, 0, 1, &o->low) == -1 ||
	    num_real(comma + 1, 0, 1, &o->high) == -1 || o->low > o->high)
		filter_usage(
		    f, "--anchor: give two numbers in 0..1, as 0.4,0.7");
}

static void
set_boundary(const struct filter *f, struct split *o, const char *arg)
{
	o->by_char = strcmp(arg, "char") == 0;
	if (!o->by_char && strcmp(arg, "line") != 0)
		filter_usage(f, "--boundary: \"%s\" is not line or char", arg);
}

int
main(int argc, char *argv[])
{
	enum { ANCHOR = OPT_OWN, BOUNDARY, WINDOW, SEED, TASKS };
	static const struct option options[] = {
		{ "anchor", required_argument, NULL, ANCHOR },
		{ "boundary", required_argument, NULL, BOUNDARY },
		{ "window", required_argument, NULL, WINDOW },
		{ "seed", required_argument, NULL, SEED },
		{ "tasks", required_argument, NULL, TASKS },
		FILTER_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	struct split o = { .low = 0.4, .high = 0.7 };
	struct filter f = { .tool = "tg-split-context",
		.usage = usage,
		.serve = serve,
		.ctx = &o };
	const char *tasks = getenv("TG_TASKS"), *why;
	int ch, status;

	io_start();
	while ((ch = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (ch == ANCHOR)
			set_anchor(&f, &o, optarg);
		else if (ch == BOUNDARY)
			set_boundary(&f, &o, optarg);
		else if (ch == WINDOW)
			o.window = BYTES_A_TOKEN * (size_t)filter_int(&f,
						       "--window", 8, 1 << 24);
		else if (ch == SEED)
			o.seed = filter_int(&f, "--seed", INT64_MIN, INT64_MAX);
		else if (ch == TASKS)
			tasks = optarg;
		else
			filter_option(&f, ch);
	}
	filter_tty(&f, argv + optind);
	if ((o.catalogue = catalogue_new(tasks, &why)) == NULL) {
		io_warn(f.tool, "%s", why);
		return TG_EX_USAGE;
	}
	status = filter_run(&f, argv + optind);
	catalogue_free(o.catalogue);
	return status;
}
