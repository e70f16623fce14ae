/*
 * gate: whatever an answer is, tg-gate's readers of code and text stay within
 * it: all bytes are in one line, code is the same as itself, and a text has all
 * runs of its own.
 */
#include "fuzz.h"
#include "base/text.h"
#include "tg-gate/answer-lines.h"
#include "tg-gate/blocks.h"
#include "tg-gate/ends.h"
#include "tg-gate/layout.h"
#include "tg-gate/shingles.h"
#include "tg-gate/signs.h"
#include "tg-gate/words.h"

static const char *const languages[] = { "python", "c", "shell", "ruby", "php",
	"javascript", "lua", "sql", "none" };

/* Return the part of s that is UTF-8, as all texts of records are. */
static struct span
utf8_of(struct span s)
{
	size_t n = 0, one;

	while (n < s.n && (one = text_utf8(s.p + n, span_end(s))) > 0)
		n += one;
	return (struct span){ s.p, n };
}

static void
lines_hold(const struct lex_language *lex, struct span s)
{
	static struct answer_lines l;
	size_t i, last = 0;

	answer_lines_read(&l, lex, "de", s);
	for (i = 0; i < l.n; i++) {
		CHECK(l.v[i].s.p >= s.p + last &&
			  span_end(l.v[i].s) <= span_end(s),
		    "line %zu", i);
		last = (size_t)(l.v[i].s.p - s.p);
	}
	CHECK(s.n == 0 || l.n > 0, "no line");
}

static void
shares_itself(const struct lex_language *lex, struct span s)
{
	static struct shingles a, b;

	shingles_read(&a, s, 1, 0, lex);
	shingles_read(&b, s, 1, 0, lex);
	CHECK(a.n == 0 || shingles_share(&a, &b) >= 1, "runs");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct lex_language *lex;
	struct span s = { (const char *)data, size }, body, before;
	struct words w;
	static int open;

	if (!open) {
		words_open();
		signs_open();
		open = 1;
	}
	if (size == 0)
		return 0;
	lex = lex_find(span_of(languages[data[0] % 9]));
	s = utf8_of(span_skip(s, 1));
	lines_hold(lex, s);
	shares_itself(lex, s);
	layout_same(lex, s, s);
	CHECK(layout_same_text(s, s), "text");
	ends_open(lex, s);
	words_count(&w, s);
	CHECK(w.letters <= s.n && w.n <= s.n, "words");
	signs_best(s, NULL);
	before = blocks_before(s);
	CHECK(before.p >= s.p && span_end(before) <= span_end(s), "before");
	if (blocks_last(s, &body))
		CHECK(body.p >= s.p && span_end(body) <= span_end(s), "block");
	return 0;
}
