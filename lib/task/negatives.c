/* negatives: which texts become negatives of a pair, and how these end */
#include "task/negatives.h"

#include <string.h>

#include "base/text.h"
#include "json/find.h"
#include "json/string.h"
#include "task/renamed.h"

/* Add a text to a set as what; return 1 if it was new. */
static int
add_text(struct negatives *n, char what, struct span s)
{
	size_t before = n->seen.n;

	keyset_add(&n->seen, keyset_key(span_of(""), what, s));
	return n->seen.n > before;
}

/* Return the key of a text without its white space. */
static struct keyset_key
key_without_blanks(struct span s)
{
	struct buf b = { 0 };
	struct keyset_key key;
	size_t i;

	for (i = 0; i < s.n; i++)
		if (strchr(" \t\n\r", s.p[i]) == NULL)
			buf_addc(&b, s.p[i]);
	key = keyset_key(span_of(""), 'b', buf_span(&b));
	buf_free(&b);
	return key;
}

/* Return whether a text is a diff: its hunks may begin and end in a comment. */
static int
is_diff(struct span s)
{
	return (s.n > 3 && memcmp(s.p, "@@ ", 3) == 0) ||
	       memmem(s.p, s.n, "\n@@ ", 4) != NULL;
}

/*
 * Add a text of code, by what it is but for its names; return 1 if it is new. A
 * diff is new if its text is, and so is all code where layout counts.
 */
static int
add_code(struct negatives *n, struct span s)
{
	unsigned char digest[RENAMED_BYTES];

	if (n->layout_counts || is_diff(s))
		return add_text(n, 'd', text_trim(s));
	renamed_digest(n->language, s, digest);
	return add_text(
	    n, 'c', (struct span){ (const char *)digest, sizeof digest });
}

/* Keep negatives from being a text that a member of the record has. */
static void
shun(struct negatives *n, struct span s, int is_code, int any_layout)
{
	if (s.p == NULL)
		return;
	add_text(n, 't', text_trim(s));
	if (any_layout)
		keyset_add(&n->seen, key_without_blanks(s));
	if (is_code && text_trim(s).n > 0)
		add_code(n, s);
}

/* Shun a member that is a text or a list of texts. */
static void
shun_member(struct negatives *n, const char *name, int is_code, int any_layout)
{
	struct span list = rec_get(n->r, name), one;
	size_t at = 0;

	shun(n, js_string(list, &n->r->mem), is_code, any_layout);
	while (js_next(list, &at, &one))
		shun(n, js_string(one, &n->r->mem), is_code, any_layout);
}

struct ending
negatives_ending(struct span text)
{
	struct ending e = { span_skip(text, text_trim_end(text).n), 0 };
	size_t i, lines = 0, crlf = 0;

	for (i = 0; i < text.n; i++) {
		lines += text.p[i] == '\n';
		crlf += text.p[i] == '\n' && i > 0 && text.p[i - 1] == '\r';
	}
	e.crlf = crlf == 0 ? 0 : crlf == lines ? 1 : -1;
	return e;
}

void
negatives_begin(struct negatives *n, struct rec *r)
{
	struct span target = rec_tg_str(r, "tgt_code_language");
	struct span pos = rec_get(r, "pos");

	n->r = r;
	n->seen = (struct keyset){ 0 };
	n->language =
	    lex_find(target.n > 0 ? target : rec_tg_str(r, "code_language"));
	shun_member(n, "query", n->queries_are_code, 0);
	shun_member(n, "pos", n->documents_are_code, !n->documents_are_code);
	shun_member(n, "neg", n->documents_are_code, 0);
	if (js_is_array(pos))
		pos = js_at(pos, 0);
	n->end = negatives_ending(js_string(pos, &r->mem));
}

void
negatives_end_as(struct buf *b, struct span text, const struct ending *e)
{
	struct span s = text_trim_end(text);
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (e->crlf == 0 && s.p[i] == '\r' && i + 1 < s.n &&
		    s.p[i + 1] == '\n')
			continue;
		if (e->crlf == 1 && s.p[i] == '\n' &&
		    (i == 0 || s.p[i - 1] != '\r'))
			buf_addc(b, '\r');
		buf_addc(b, s.p[i]);
	}
	buf_addspan(b, e->blanks);
}

struct span
negatives_take(struct negatives *n, struct span text)
{
	struct buf b = { 0 };

	if (text_trim(text).n == 0 ||
	    keyset_find(&n->seen, key_without_blanks(text)) != NULL ||
	    !add_text(n, 't', text_trim(text)) ||
	    (n->documents_are_code && !add_code(n, text)))
		return (struct span){ NULL, 0 };
	negatives_end_as(&b, text, &n->end);
	return rec_hold(n->r, &b);
}

/* Take a marked line off a text; return 1 with the requirement it names. */
static int
take_mark(struct span *text, struct span *what)
{
	const size_t mark = strlen(NEGATIVES_MARK);
	struct span s = text_trim(*text);
	const char *nl;

	if (s.n < mark || memcmp(s.p, NEGATIVES_MARK, mark) != 0)
		return 0;
	nl = memchr(s.p, '\n', s.n);
	*what = span_skip(s, mark);
	what->n = (size_t)((nl != NULL ? nl : span_end(s)) - what->p);
	*what = text_trim(*what);
	*text = (struct span){ span_end(*what), 0 };
	if (nl != NULL)
		*text = span_skip(s, (size_t)(nl + 1 - s.p));
	return 1;
}

struct span
negatives_unmark(
    struct negatives *n, struct span answer, struct span (*clean)(struct span))
{
	struct span what = { NULL, 0 }, text = answer;
	int marked = take_mark(&text, &what);

	text = clean(text);
	/* the line may stand within the fence */
	if (!marked && take_mark(&text, &what))
		text = clean(text);
	if (what.n > 0 && text_trim(text).n > 0 && !add_text(n, 'm', what))
		return (struct span){ NULL, 0 };
	return text;
}

void
negatives_free(struct negatives *n)
{
	keyset_free(&n->seen);
}
