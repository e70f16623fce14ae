/*
 * plain: texts as esc has them from plain ones, and back.
 */
#ifndef PLAIN_H
#define PLAIN_H

#include "json/escaped.h"
#include "json/string.h"

/* The escaped form of a plain text, held for good. */
__attribute__((unused)) static struct span
escaped(struct span s)
{
	static struct arena mem;
	struct buf b = { 0 };

	js_escape(&b, s);
	s = (struct span){ arena_dup(&mem, b.p, b.n), b.n };
	buf_free(&b);
	return s;
}

/* Decode what is in b, and return it. */
__attribute__((unused)) static struct span
plain(struct buf *b)
{
	struct buf quoted = { 0 };

	buf_addc(&quoted, '"');
	buf_addspan(&quoted, buf_span(b));
	buf_addc(&quoted, '"');
	b->n = 0;
	js_decode(b, buf_span(&quoted));
	buf_free(&quoted);
	return buf_span(b);
}

/* Append a plain text in its fence. */
__attribute__((unused)) static void
plain_fence(struct buf *b, struct span s)
{
	struct buf e = { 0 }, f = { 0 };

	js_escape(&e, s);
	esc_fence(&f, buf_span(&e));
	buf_addspan(b, plain(&f));
	buf_free(&e);
	buf_free(&f);
}

#endif
