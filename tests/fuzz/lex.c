/*
 * lex: tokens cover any text, functions are in order and within it, and code
 * without comments has the tokens that it had with them. The first byte chooses
 * the language.
 */
#include "base/text.h"
#include "index/terms.h"
#include "lex/alike.h"
#include "lex/functions.h"
#include "lex/strip.h"
#include "task/renamed.h"

#include "fuzz.h"

static const char *const names[] = { "java", "python", "javascript", "php",
	"ruby", "go", "csharp", "cplusplus", "c", "rust", "typescript", "perl",
	"shell", "sql", "batchfile", "fortran", "haskell", "lua", "powershell",
	"visual_basic" };

enum { NAMES = sizeof names / sizeof *names };

/* Check that the tokens of a text cover it. */
static void
cover(const struct lex_language *l, struct span s)
{
	struct lexer lx;
	struct lex_token t;
	size_t at = 0;

	lexer_start(&lx, l, s);
	while (lexer_next(&lx, &t)) {
		CHECK(t.start == at && t.end > at && t.end <= s.n,
		    "token %zu-%zu at %zu", t.start, t.end, at);
		at = t.end;
	}
	CHECK(at == s.n, "tokens end at %zu of %zu", at, s.n);
}

static void
functions(const struct lex_language *l, struct span s)
{
	static struct lex_functions f;
	size_t i;

	functions_find(l, s, &f);
	for (i = 0; i < f.n; i++) {
		CHECK(f.v[i].start < f.v[i].end && f.v[i].end <= s.n,
		    "bytes %zu-%zu", f.v[i].start, f.v[i].end);
		CHECK(f.v[i].first >= 1 && f.v[i].first <= f.v[i].line &&
			  f.v[i].line <= f.v[i].last,
		    "lines %zu %zu %zu", f.v[i].first, f.v[i].line,
		    f.v[i].last);
		CHECK(f.v[i].name.p >= s.p && f.v[i].name.n > 0 &&
			  f.v[i].name.p + f.v[i].name.n <= s.p + s.n,
		    "name outside");
		CHECK(i == 0 || f.v[i].first >= f.v[i - 1].last,
		    "line %zu before %zu", f.v[i].first, f.v[i - 1].last);
		CHECK(f.v[i].start == 0 || s.p[f.v[i].start - 1] == '\n',
		    "start within a line");
		CHECK(f.v[i].end == s.n || s.p[f.v[i].end - 1] == '\n',
		    "end within a line");
	}
}

/* Check that terms are short, and text if the text is text. */
static void
terms(const struct lex_language *l, struct span s)
{
	static struct terms t;
	const char *p, *end;
	struct span term;
	size_t i, n;

	terms_read(&t, l, s, NULL);
	for (i = 0; i < t.n; i++) {
		term = terms_at(&t, i);
		CHECK(
		    term.n > 0 && term.n <= TERMS_LONGEST, "%zu bytes", term.n);
		end = span_end(term);
		for (p = term.p; p < end; p += n) {
			n = text_utf8(p, end);
			CHECK(n > 0, "no UTF-8");
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span s = { (const char *)p, n };
	const struct lex_language *l = NULL;
	unsigned char digest[ALIKE_BYTES], again[RENAMED_BYTES];
	struct buf out = { 0 };

	fuzz_input = s;
	if (n == 0)
		return 0;
	/* 'A' is the first language, 'T' the last, and all else is one too. */
	if (*p != '0')
		l = lex_find(span_of(names[(*p - 'A' + 20 * NAMES) % NAMES]));
	s = span_skip(s, 1);
	cover(l, s);
	functions(l, s);
	terms(l, s);
	alike_digest(l, s, digest);
	renamed_digest(l, s, digest);
	renamed_digest(l, s, again);
	CHECK(memcmp(digest, again, sizeof digest) == 0, "another digest");
	strip_comments(l, s, &out);
	CHECK(out.n <= s.n, "%zu bytes of %zu", out.n, s.n);
	buf_free(&out);
	return 0;
}
