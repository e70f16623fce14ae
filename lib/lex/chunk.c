/* chunk: a text cut into parts of a bounded number of tokens */
#include "lex/chunk.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "lex/tokens.h"

/* What makes a cut worse. */
enum {
	COST_DEPTH = 8,     /* for each bracket that is open */
	COST_INDENT = 2,    /* for each column of indentation */
	COST_NO_BLANK = 6,  /* the line before is not blank */
	COST_CLOSES = 12,   /* the line begins with what closes a block */
	COST_FOLLOWS = 10,  /* the line before belongs to it: "@x", "// x" */
	COST_JOINED = 300,  /* within a line */
	COST_TOKEN = 1000,  /* within a string or comment, at a line break */
	COST_INSIDE = 3000, /* within a token and a line */
	COST_COLUMNS = 40,  /* most columns that count */
};

enum {
	OVERLAP = 10, /* the tenth of the tokens that stands in two parts */
	LOOK = 200,   /* bytes of a line that tell its cost */
};

static void
add_seam(struct chunks *c, size_t start, int cost)
{
	if (c->n > 0 && c->seams[c->n - 1].start == start)
		return;
	if (c->n == c->cap) {
		c->cap = c->cap > 0 ? c->cap * 2 : 64;
		c->seams = mem_array(c->seams, c->cap, sizeof *c->seams);
	}
	c->seams[c->n++] = (struct chunk_seam){ .start = start, .cost = cost };
}

/*
 * Return the line of bytes start to end without white space at its end; no more
 * than its first bytes if it is long.
 */
static struct span
line_of(struct span text, size_t start, size_t end)
{
	struct span s = { text.p + start, end - start };
	const char *nl;

	s.n = s.n < LOOK ? s.n : LOOK;
	nl = s.n > 0 ? memchr(s.p, '\n', s.n) : NULL;
	s.n = nl != NULL ? (size_t)(nl - s.p) : s.n;
	return text_trim_end(s);
}

/* Return whether a line leads to the next: a comment or a decorator. */
static bool
leads(struct span line)
{
	struct span s = text_trim(line);

	return s.n > 0 && (strchr("@#[", *s.p) != NULL ||
			      (s.n > 1 && (memcmp(s.p, "//", 2) == 0 ||
					      memcmp(s.p, "/*", 2) == 0 ||
					      memcmp(s.p, "--", 2) == 0)) ||
			      (s.n > 1 && memcmp(s.p + s.n - 2, "*/", 2) == 0));
}

/* Return what a cut at an offset costs; the line before it begins at last. */
static int
line_cost(struct span text, size_t last, size_t at, int depth)
{
	struct span line = line_of(text, at, text.n);
	struct span before = line_of(text, last, at);
	struct span code = text_trim(line);
	int columns = 0, cost = depth * COST_DEPTH;
	const char *p;

	for (p = line.p; p < code.p && columns < COST_COLUMNS; p++)
		columns += *p == '\t' ? 4 : 1;
	cost += code.n > 0 ? columns * COST_INDENT : COST_NO_BLANK;
	cost += text_trim(before).n > 0 ? COST_NO_BLANK : 0;
	if (code.n > 0 && (strchr("})]", *code.p) != NULL ||
			      (code.n >= 3 && memcmp(code.p, "end", 3) == 0)))
		cost += COST_CLOSES;
	return cost + (leads(before) ? COST_FOLLOWS : 0);
}

/* Add a seam at each line break in a token, whose lines belong together. */
static void
add_breaks(struct chunks *c, struct lex_token t, int cost)
{
	size_t i;

	for (i = t.start; i + 1 < t.end; i++)
		if (c->text.p[i] == '\n')
			add_seam(c, i + 1, cost);
}

/* Add seams at all line breaks, and between the tokens of long lines. */
static void
find_seams(struct chunks *c, const struct lex_language *language)
{
	struct lexer lx;
	struct lex_token t;
	size_t line = 0; /* start of the line */
	int depth = 0;

	add_seam(c, 0, 0);
	lexer_start(&lx, language, c->text);
	while (lexer_next(&lx, &t)) {
		if (t.kind == LEX_OPERATOR && t.end - t.start == 1) {
			depth += strchr("([{", c->text.p[t.start]) != NULL &&
				 c->text.p[t.start] != '\0';
			depth -= strchr(")]}", c->text.p[t.start]) != NULL &&
				 c->text.p[t.start] != '\0' && depth > 0;
		}
		if (t.kind == LEX_NEWLINE && t.end < c->text.n) {
			add_seam(
			    c, t.end, line_cost(c->text, line, t.end, depth));
			line = t.end;
		} else if (memchr(c->text.p + t.start, '\n', t.end - t.start)) {
			add_breaks(c, t,
			    t.kind == LEX_SPACE || t.kind == LEX_TEXT
				? COST_JOINED
				: COST_TOKEN);
			line = t.end;
		} else if (t.end - line > c->limit && t.end < c->text.n) {
			add_seam(c, t.end, COST_JOINED);
			line = t.end;
		}
	}
}

/*
 * Add seams within what has more than a quarter of the limit's tokens, so close
 * that even two tokens a byte fit between them.
 */
static void
split_long(struct chunks *c)
{
	struct chunk_seam *old = c->seams;
	size_t n = c->n, i, end, at, last, step = c->limit / 8;
	const char *p = c->text.p, *start;

	c->seams = NULL;
	c->n = c->cap = 0;
	for (i = 0; i < n; i++) {
		end = i + 1 < n ? old[i + 1].start : c->text.n;
		add_seam(c, old[i].start, old[i].cost);
		if (end - old[i].start <= 2 * step ||
		    tokens_estimate((struct span){
			p + old[i].start, end - old[i].start }) <= 2 * step)
			continue;
		for (at = old[i].start + step; at + step < end; at += step) {
			last = c->seams[c->n - 1].start;
			start = text_char_start(p + at, p + last);
			if (start > p + last)
				at = (size_t)(start - p);
			add_seam(c, at, COST_INSIDE);
		}
	}
	free(old);
}

/* Return the text between two seams. */
static struct span
between(const struct chunks *c, size_t from, size_t to)
{
	return (struct span){ c->text.p + c->seams[from].start,
		c->seams[to].start - c->seams[from].start };
}

void
chunks_start(struct chunks *c, const struct lex_language *language,
    struct span text, size_t limit)
{
	size_t i;

	*c = (struct chunks){ .text = text,
		.limit = limit < CHUNK_MIN ? CHUNK_MIN : limit,
		.done = text.n == 0 };
	if (text.n == 0)
		return;
	find_seams(c, language);
	split_long(c);
	add_seam(c, text.n, 0);
	c->n--;
	for (i = 0; i < c->n; i++)
		c->seams[i].tokens = tokens_estimate(between(c, i, i + 1));
}

/* Return the seam before which the part that begins at `at` ends. */
static size_t
find_end(const struct chunks *c)
{
	size_t sum = 0, half = c->at + 1, end = c->at, best, i;

	while (end < c->n && sum + c->seams[end].tokens <= c->limit) {
		sum += c->seams[end++].tokens;
		if (sum * 2 <= c->limit)
			half = end;
	}
	/* pieces may have more tokens together than one by one */
	end = end > c->at ? end : end + 1;
	while (end > c->at + 1 &&
	       tokens_estimate(between(c, c->at, end)) > c->limit)
		end--;
	if (end == c->n)
		return end;
	for (best = i = end; i > half && i > c->at + 1; i--)
		if (c->seams[i].cost < c->seams[best].cost)
			best = i;
	return best;
}

bool
chunks_next(struct chunks *c, struct chunk *out)
{
	size_t end, i, sum = 0, start = c->at;

	if (c->done)
		return false;
	end = find_end(c);
	*out = (struct chunk){ c->seams[start].start, c->seams[end].start };
	c->done = end == c->n;
	/* the next part begins with the last lines of this one */
	c->at = end;
	for (i = end; --i > start;) {
		sum += c->seams[i].tokens;
		if (sum * OVERLAP > c->limit)
			break;
		if (c->seams[i].cost < COST_JOINED)
			c->at = i;
	}
	return true;
}

void
chunks_end(struct chunks *c)
{
	free(c->seams);
	*c = (struct chunks){ 0 };
}
