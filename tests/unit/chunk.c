/* chunk: a text cut into parts */
#include "lex/chunk.h"

#include "base/text.h"
#include "lex/tokens.h"
#include "tap.h"

/* What the parts of a text have in common. */
struct found {
	size_t n, largest, holes, repeats, halves, inside;
};

/* Cut a text and check what holds for all parts. */
static struct found
cut(const char *language, struct span text, size_t limit)
{
	struct found f = { 0 };
	struct chunks c;
	struct chunk part, last = { 0, 0 };
	size_t tokens;

	chunks_start(&c, lex_find(span_of(language)), text, limit);
	while (chunks_next(&c, &part)) {
		tokens = tokens_estimate((struct span){
		    text.p + part.start, part.end - part.start });
		f.n++;
		f.largest = tokens > f.largest ? tokens : f.largest;
		f.holes += part.start > last.end || part.end <= last.end;
		f.repeats += part.start < last.end;
		f.halves += part.start < text.n &&
			    ((unsigned char)text.p[part.start] & 0xc0) == 0x80;
		f.inside += part.start > 0 && text.p[part.start - 1] != '\n';
		last = part;
	}
	chunks_end(&c);
	f.holes += last.end != text.n;
	return f;
}

/* Append functions with blank lines between them, n lines each. */
static void
add_functions(struct buf *b, size_t count, size_t n)
{
	size_t i, k;

	for (i = 0; i < count; i++) {
		buf_fmt(b, "def f%zu(a):\n", i);
		for (k = 0; k < n; k++)
			buf_fmt(b, "    a = a * %zu + %zu\n", i, k);
		buf_adds(b, "    return a\n\n\n");
	}
}

static void
seams(void)
{
	struct buf b = { 0 };
	struct chunks c;
	struct chunk part;
	size_t good = 0, n = 0;

	add_functions(&b, 20, 8);
	chunks_start(&c, lex_find(S("python")), buf_span(&b), 256);
	while (chunks_next(&c, &part)) {
		n++;
		good += part.end == b.n ||
			(b.n - part.end > 4 &&
			    memcmp(b.p + part.end, "def ", 4) == 0);
	}
	chunks_end(&c);
	ok(n > 3, "twenty functions make several parts of 256 tokens");
	is_int((long long)good, (long long)n,
	    "every part ends between two functions");
	buf_free(&b);
}

/* Every text is cut without holes and within the limit. */
static void
properties(void)
{
	static const struct {
		const char *what, *language, *piece;
		size_t times;
	} rows[] = {
		{ "one long line", "javascript", "a=b(c,1);", 4000 },
		{ "one long word", "c", "abcdefghij", 3000 },
		{ "digits", "c", "7", 20000 },
		{ "a long string", "python", "'%s %d'", 3000 },
		{ "lines without an end", "c", "\r", 20000 },
		{ "blank lines", "python", "\n", 20000 },
		{ "blanks", "python", " ", 20000 },
		{ "characters of three bytes", "go", "\xe2\x82\xac", 9000 },
		{ "bytes that are no UTF-8", "go", "\x80", 20000 },
		{ "NUL bytes", "ruby", "\0", 1 },
		{ "brackets that stay open", "java", "({[", 5000 },
		{ "an open comment", "c", "/* x\n", 5000 },
		{ "statements", "php", "<?php $a = 1;\n", 2000 },
	};
	static const size_t limits[] = { 1, 32, 100, 512, 100000 };
	struct found f;
	struct buf b = { 0 };
	size_t i, k, bad;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		b.n = bad = 0;
		for (k = 0; k < rows[i].times; k++)
			buf_adds(&b, *rows[i].piece ? rows[i].piece : "x");
		for (k = 0; k < sizeof limits / sizeof *limits; k++) {
			f = cut(rows[i].language, buf_span(&b), limits[k]);
			bad += f.holes > 0 ||
			       f.largest > (limits[k] < CHUNK_MIN ? CHUNK_MIN
								  : limits[k]);
			bad += f.halves > 0 && rows[i].piece[0] != '\x80';
		}
		is_int((long long)bad, 0,
		    "%s: the parts leave nothing out, and none is too large",
		    rows[i].what);
	}
	buf_free(&b);
}

static void
whole(void)
{
	struct found f = cut("python", S("x = 1\n"), 100);

	is_int((long long)f.n, 1, "a short text is one part");
	is_int((long long)cut("python", S(""), 100).n, 0,
	    "an empty text has no part");
	is_int((long long)cut("no language", S("x\n\ny\n"), 100).n, 1,
	    "a text of an unknown language is cut, too");
}

static void
overlap(void)
{
	struct buf b = { 0 };
	struct found f;

	add_functions(&b, 1, 400);
	f = cut("python", buf_span(&b), 512);
	ok(f.n > 5, "a long function makes several parts");
	is_int((long long)f.repeats, (long long)f.n - 1,
	    "every part but the first begins within the one before");
	is_int(
	    (long long)f.inside, 0, "every part begins at the start of a line");
	is_int((long long)f.holes, 0, "nothing is left out");
	buf_free(&b);
}

int
main(void)
{
	cpu_limit(20);
	whole();
	seams();
	overlap();
	properties();
	return done();
}
