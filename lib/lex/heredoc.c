/* heredoc: strings that begin on the line below */
#include "lex/lex-in.h"

/* Searches that find no end a text may have: more would be quadratic. */
enum { MISSES_MAX = 64 };

/*
 * Return the offset of the line that is the word of h alone, at or behind an
 * offset, and write the offset behind its word; the end if there is none.
 */
static size_t
last_line(const struct lexer *lx, const struct lex_heredoc *h, size_t at,
    size_t *behind)
{
	size_t n = h->end - h->start, p, line = at;

	for (; line < lx->text.n; line = lex_line_end(lx, p) + 1) {
		p = line;
		while (h->dash &&
		       (byte_at(lx, p) == ' ' || byte_at(lx, p) == '\t'))
			p++;
		*behind = p + n;
		if (n <= lx->text.n - p &&
		    memcmp(lx->text.p + p, lx->text.p + h->start, n) == 0 &&
		    (has(lx, HAS_TAGS) ? !lex_in_name(lx, byte_at(lx, p + n))
				       : lex_line_end(lx, p + n) == p + n))
			return line;
	}
	*behind = lx->text.n;
	return lx->text.n;
}

void
heredoc_bodies(struct lexer *lx)
{
	size_t behind;
	int i;

	for (i = 0; i < lx->heredocs && lx->at < lx->text.n; i++) {
		last_line(lx, &lx->heredoc[i], lx->at, &behind);
		lx->at = behind;
		if (i + 1 < lx->heredocs)
			lx->at = lex_line_end(lx, lx->at) + 1;
	}
	lx->heredocs = 0;
}

/* Read the word at *at, quoted or not, into h; return false if there is none.
 */
static bool
read_word(struct lexer *lx, size_t *at, struct lex_heredoc *h)
{
	char c = byte_at(lx, *at);
	char close[2] = { c, '\0' };

	if (c == '\\' && has(lx, HAS_WORDS))
		c = byte_at(lx, ++*at);
	if (c == '"' || c == '\'' || (c == '`' && !has(lx, HAS_WORDS))) {
		h->start = *at + 1;
		*at = quote_end(lx, h->start, close, 0);
		h->end = *at - 1;
		return *at > h->start && byte_at(lx, h->end) == c;
	}
	h->start = *at;
	while (lex_in_name(lx, byte_at(lx, *at)) && byte_at(lx, *at) != '\0')
		++*at;
	h->end = *at;
	return h->end > h->start &&
	       (has(lx, HAS_WORDS) || byte_at(lx, h->start) > '9');
}

int
heredoc_begin(struct lexer *lx)
{
	struct lex_heredoc h = { 0, 0, false };
	size_t at = lx->at + 2, behind;
	bool shell = has(lx, HAS_WORDS), php = has(lx, HAS_TAGS);

	if (lx->heredocs == LEX_HEREDOCS)
		return -1;
	if (php != (byte_at(lx, at) == '<'))
		return -1;
	if (php)
		at++;
	if (byte_at(lx, at) == '-' || byte_at(lx, at) == '~')
		h.dash = true, at++;
	while ((shell || php) &&
	       (byte_at(lx, at) == ' ' || byte_at(lx, at) == '\t'))
		at++;
	h.dash = h.dash || php;
	if (!read_word(lx, &at, &h))
		return -1;
	/* Elsewhere << shifts too: a heredoc has an end below. */
	if (!shell) {
		if (lx->misses >= MISSES_MAX)
			return -1;
		if (last_line(lx, &h, lex_line_end(lx, at) + 1, &behind) ==
		    lx->text.n) {
			lx->misses++;
			return -1;
		}
	}
	lx->heredoc[lx->heredocs++] = h;
	lx->at = at;
	return LEX_STRING;
}
