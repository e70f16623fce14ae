/* diff: an answer that should be a diff is none, or does not apply */
#include "base/text.h"
#include "gate.h"
#include "json/find.h"

/* One side of a hunk: the lines that the text should have. */
enum { OLD_SIDE, NEW_SIDE, DIFF_SIDES };

/* Bytes of hunks that are compared, at most; what needs more is taken to fit.
 */
enum { BYTES_MAX = 100000000 };

static int
is_hunk(struct span line)
{
	return line.n > 2 && memcmp(line.p, "@@", 2) == 0;
}

/* Return whether a line belongs to one side of a hunk; *s: it, unmarked. */
static int
is_on_side(struct span line, int side, struct span *s)
{
	char mark = line.n > 0 ? *line.p : ' ';

	*s = text_trim_end(line.n > 0 ? span_skip(line, 1) : line);
	return mark == ' ' || mark == (side == OLD_SIDE ? '-' : '+');
}

/* Return whether the lines of one side of a hunk stand at the start of text. */
static int
fits_here(struct span hunk, int side, struct span text, long *left)
{
	struct span line, want, have;

	while (hunk.n > 0 && *left > 0) {
		line = text_take_line(&hunk);
		*left -= (long)line.n + 1;
		if (!is_on_side(line, side, &want))
			continue;
		if (text.n == 0 && want.n > 0)
			return 0;
		if (text.n == 0) /* blank lines at the end do not count */
			continue;
		have = text_trim_end(text_take_line(&text));
		if (!span_eq(want, have))
			return 0;
	}
	return 1;
}

static int
fits(struct span hunk, int side, struct span text, long *left)
{
	while (text.n > 0 && *left > 0) {
		if (fits_here(hunk, side, text, left))
			return 1;
		text_take_line(&text);
	}
	return fits_here(hunk, side, text, left);
}

/* Take the next hunk off *diff, without its header. Return 0: none is left. */
static int
take_hunk(struct span *diff, struct span *hunk)
{
	struct span line, rest;
	const char *end;

	do {
		if (diff->n == 0)
			return 0;
		line = text_take_line(diff);
	} while (!is_hunk(line));
	*hunk = (struct span){ diff->p, 0 };
	end = diff->p;
	for (rest = *diff; rest.n > 0; end = rest.p) {
		line = text_take_line(&rest);
		if (is_hunk(line) ||
		    (line.n > 3 &&
			(memcmp(line.p, "--- ", 4) == 0 ||
			    memcmp(line.p, "diff ", 5) == 0) &&
			rest.n > 4 && memcmp(rest.p, "+++ ", 4) == 0) ||
		    (line.n > 10 && memcmp(line.p, "diff --git", 10) == 0))
			break;
	}
	hunk->n = (size_t)(end - hunk->p);
	/* a blank line at the end is no context */
	*hunk = text_trim_end(*hunk);
	*diff = (struct span){ end, (size_t)(span_end(*diff) - end) };
	return 1;
}

/* Return whether a hunk adds or removes a line. */
static int
changes(struct span hunk)
{
	struct span line;

	while (hunk.n > 0) {
		line = text_take_line(&hunk);
		if (line.n > 0 && (*line.p == '+' || *line.p == '-'))
			return 1;
	}
	return 0;
}

/*
 * Return the text that a diff is to be applied to; p NULL: it is unknown. A
 * mirror is about another text than its pair.
 */
static struct span
applies_to(const struct gates *g)
{
	if (js_is_there(rec_tg(g->pair.rec, "mirror")))
		return (struct span){ NULL, 0 };
	return g->pair.text;
}

const char *
gate_diff(struct gates *g, const struct part *p)
{
	struct span diff = p->text, text = applies_to(g), hunk;
	int hunks = 0, side, apply[DIFF_SIDES] = { 1, 1 };
	long left = BYTES_MAX;

	if (!p->is_diff)
		return NULL;
	while (take_hunk(&diff, &hunk)) {
		if (!changes(hunk))
			return gate_why(g, "hunk %d of the %s changes nothing",
			    hunks + 1, p->name);
		hunks++;
		for (side = 0; text.p != NULL && side < DIFF_SIDES; side++)
			apply[side] =
			    apply[side] && fits(hunk, side, text, &left);
	}
	if (hunks == 0)
		return gate_why(g, "the %s is no unified diff", p->name);
	if (!apply[OLD_SIDE] && !apply[NEW_SIDE])
		return gate_why(g,
		    "the diff of the %s applies to the text in neither "
		    "direction",
		    p->name);
	return NULL;
}
