/* tg-negs - fill neg with the cleaned, distinct answers */
#include <stdint.h>
#include <stdlib.h>

#include "base/text.h"
#include "json/find.h"
#include "json/string.h"
#include "record/filter.h"

/* tg-llm asks for 1000 answers at most; tg-negs ignores any further ones. */
enum { CHOICES_MAX = 1000 };

struct negs {
	size_t max; /* negatives that a record gets at most */
};

static const struct option_def options[] = {
	{ "max", 'n', OPTION_INT, OPTION_ANSWER, "N",
	    "at most N negatives a record", OPTION_AT(struct negs, max),
	    .lo = 1, .hi = CHOICES_MAX },
	{ OPTION_MAX_LINE_DEF },
	OPTIONS_COMMON,
};

static const struct program program = {
	.name = "tg-negs",
	.forms = { { 1, "", "[file ...]" } },
	.options = options,
	.about =
	    "Fill neg from the answers to a request for negatives: cleaned, in "
	    "the\n"
	    "order given, without repeats and without the query or a "
	    "positive.\n",
	.notes = "Example: tg-prompt negatives < pairs.jsonl | tg-llm -n 7 | "
		 "tg-negs -n 5\n",
};

/* The texts that no further negative may equal. */
struct seen {
	struct span *v;
	size_t n;
};

/* Add s unless seen has it already; return 1 if s was new. */
static int
see_text(struct seen *seen, struct span s)
{
	size_t i;

	s = text_trim(s);
	for (i = 0; i < seen->n; i++)
		if (span_eq(seen->v[i], s))
			return 0;
	seen->v = mem_array(seen->v, seen->n + 1, sizeof *seen->v);
	seen->v[seen->n++] = s;
	return 1;
}

static void
see_pair(struct seen *seen, struct rec *r)
{
	struct span pos = rec_get(r, "pos"), one;
	size_t at = 0;

	see_text(seen, rec_str(r, "query"));
	see_text(seen, rec_str(r, "pos"));
	while (js_next(pos, &at, &one))
		see_text(seen, js_string(one, &r->mem));
}

/* Append the list of negatives to b, max at most, and return their number. */
static size_t
fill_negatives(struct rec *r, struct buf *b, size_t max)
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
		s = text_clean(js_string(js_find(s, "text"), &r->mem));
		if (s.n == 0 || !see_text(&seen, s))
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
fill_record(struct filter *f, struct rec *r)
{
	const struct negs *o = f->ctx;
	struct buf b = { 0 };

	if (!rec_answered(r, REC_NEGATIVES))
		return FILTER_PASS;
	if (fill_negatives(r, &b, o->max) == 0) {
		rec_error(r, "no_negatives",
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
	struct negs o = { .max = SIZE_MAX };
	struct filter f = {
		.program = &program, .serve = fill_record, .ctx = &o
	};

	return filter_run(&f, filter_options(&f, &o, argc, argv));
}
