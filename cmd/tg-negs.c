/* tg-negs - fill neg with the cleaned, distinct answers */
#include <stdlib.h>

#include "base/text.h"
#include "io/io.h"
#include "json/find.h"
#include "json/scan.h"
#include "json/string.h"
#include "record/filter.h"
#include "task/document.h"

static const char usage[] =
    "usage: tg-negs [-n max] [--max-line BYTES] [file ...]\n"
    "\n"
    "Fill neg from the answers to a request for negatives: cleaned, in the\n"
    "order given, without repeats and without the query or a positive.\n"
    "\n"
    "  -n, --max N       at most N negatives a record\n"
    "  --max-line BYTES  longest line taken, 64 MiB\n"
    "  --help, --version\n"
    "\n"
    "Example: tg-prompt negatives < pairs.jsonl | tg-llm -n 7 | tg-negs -n 5\n";

/* tg-llm asks for no more answers than this; the rest is not looked at. */
enum { CHOICES_MAX = 1000 };

/* Texts that no further negative may equal. */
struct seen {
	struct span *v;
	size_t n, cap;
};

static void
add(struct seen *seen, struct span s)
{
	if (seen->n == seen->cap) {
		seen->cap = seen->cap ? seen->cap * 2 : 16;
		seen->v = mem_array(seen->v, seen->cap, sizeof *seen->v);
	}
	seen->v[seen->n++] = text_trim(s);
}

/* Add s unless it stands there already: 1 if it was new. */
static int
see(struct seen *seen, struct span s)
{
	size_t i;

	s = text_trim(s);
	for (i = 0; i < seen->n; i++)
		if (span_eq(seen->v[i], s))
			return 0;
	add(seen, s);
	return 1;
}

static void
see_pair(struct seen *seen, struct rec *r)
{
	struct span pos = rec_get(r, "pos"), one;
	size_t at = 0;

	add(seen, rec_str(r, "query"));
	add(seen, rec_str(r, "pos"));
	while (js_next(pos, &at, &one))
		add(seen, js_string(one, &r->mem));
}

/* The list of negatives into b; how many there are. */
static size_t
fill(struct rec *r, struct buf *b, size_t max)
{
	struct span choices = js_find(rec_tg(r, "response"), "choices"), s;
	struct seen seen = { 0 };
	size_t i, at = 0, kept = 0;

	if (!js_is_array(choices))
		return 0;
	see_pair(&seen, r);
	buf_addc(b, '[');
	for (i = 0; i < CHOICES_MAX && kept < max; i++) {
		if (!js_next(choices, &at, &s))
			break;
		s = js_string(js_find(s, "text"), &r->mem);
		s = text_clean(s);
		if (s.n == 0 || !see(&seen, s))
			continue;
		if (kept++ > 0)
			buf_addc(b, ',');
		js_quote(b, s);
	}
	buf_addc(b, ']');
	free(seen.v);
	return kept;
}

static enum filter_did
serve(struct filter *f, struct rec *r)
{
	const size_t *max = f->ctx;
	struct buf b = { 0 };
	int step;

	if (!rec_answered(r, REC_NEGATIVES, &step))
		return FILTER_PASS;
	if (fill(r, &b, *max) == 0) {
		rec_error(r, f->tool, "no_negatives",
		    "no answer is a text other than query and positive");
	} else {
		rec_put(r, "neg", rec_hold(r, &b));
		rec_tg_del(r, "response");
	}
	buf_free(&b);
	return FILTER_PASS;
}

int
main(int argc, char *argv[])
{
	static const struct option options[] = {
		{ "max", required_argument, NULL, 'n' },
		FILTER_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	size_t max = SIZE_MAX;
	struct filter f = {
		.tool = "tg-negs", .usage = usage, .serve = serve, .ctx = &max
	};
	int ch;

	io_start();
	while ((ch = getopt_long(argc, argv, "n:", options, NULL)) != -1) {
		if (ch == 'n')
			max = (size_t)filter_int(&f, "-n", 1, 1000);
		else
			filter_option(&f, ch);
	}
	filter_tty(&f, argv + optind);
	return filter_run(&f, argv + optind);
}
