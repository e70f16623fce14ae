/*
 * html: whatever bytes a text has, the page gets UTF-8 without a character that
 * acts, and no tag but the marks of tokens and names. The text for a terminal
 * is made of the same runs and names.
 */
#include "tg-report/html.h"

#include "base/text.h"
#include "fuzz.h"
#include "lex/lex.h"
#include "tg-report/visible.h"

static const char *const tags[] = { "<b class=x>", "</b>", "</i>",
	"<i class=c>", "<i class=s>", "<i class=n>", "<i class=k>",
	"<i class=d>" };

/* Return the length of the tag at p, 0 if it is none of the page's own. */
static size_t
tag_at(const char *p, const char *end)
{
	size_t i, n;

	for (i = 0; i < sizeof tags / sizeof *tags; i++) {
		n = strlen(tags[i]);
		if ((size_t)(end - p) >= n && memcmp(p, tags[i], n) == 0)
			return n;
	}
	return 0;
}

static void
harmless(const struct buf *b, int has_tags, const char *what)
{
	const char *p = b->p, *end = span_end(buf_span(b));
	size_t n;

	CHECK(visible_run(buf_span(b)) == b->n, "%s: a character acts", what);
	while (p < end) {
		n = *p == '<' && has_tags ? tag_at(p, end) : 0;
		CHECK(n > 0 ||
			  (*p != '<' && *p != '>' && *p != '"' && *p != '\''),
		    "%s: %.20s", what, p);
		p += n > 0 ? n : text_utf8(p, end);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const languages[] = { "python", "c", "html", "php" };
	struct span s = { (const char *)data, size }, cut;
	struct buf b = { 0 };

	if (size == 0)
		return 0;
	html_text(&b, s);
	harmless(&b, 1, "text");
	buf_clear(&b);
	html_attribute(&b, s, 40);
	harmless(&b, 0, "attribute");
	buf_clear(&b);
	html_code(&b, lex_find(span_of(languages[data[0] % 4])), s, 1);
	harmless(&b, 1, "code");
	buf_clear(&b);
	html_code(&b, NULL, s, html_looks_like_code(s));
	harmless(&b, 1, "either");
	cut = visible_cut(s, size / 2, 3);
	CHECK(cut.p == s.p && cut.n <= s.n && cut.n <= size / 2 + 1, "cut");
	buf_free(&b);
	return 0;
}
