/* buf: bytes that grow */
#include "base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { KEEP = 1024 * 1024 };

void
buf_need(struct buf *b, size_t more)
{
	size_t cap = b->cap ? b->cap : 256;

	if (b->cap - b->n >= more)
		return;
	/* the first request is often the only one: give it a little more */
	if (b->cap == 0 && more > cap && more < 64 * 1024)
		cap = more + more / 8;
	while (cap - b->n < more) {
		if (cap > SIZE_MAX / 2) {
			cap = SIZE_MAX;
			break;
		}
		cap *= 2;
	}
	b->p = mem_array(b->p, cap, 1);
	b->cap = cap;
}

void
buf_add(struct buf *b, const void *p, size_t n)
{
	if (n == 0)
		return;
	if (b->cap - b->n < n)
		buf_need(b, n);
	memcpy(b->p + b->n, p, n);
	b->n += n;
}

void
buf_addc(struct buf *b, char c)
{
	if (b->n == b->cap)
		buf_need(b, 1);
	b->p[b->n++] = c;
}

void
buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_addspan(struct buf *b, struct span s)
{
	buf_add(b, s.p, s.n);
}

void
buf_add0(struct buf *b, struct span s)
{
	buf_addspan(b, s);
	buf_addc(b, '\0');
}

void
buf_fmt(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n, tries;

	/* print into the free room, and once more if that was too little */
	for (tries = 0; tries < 2; tries++) {
		va_start(ap, fmt);
		n = vsnprintf(
		    b->p ? b->p + b->n : NULL, b->cap - b->n, fmt, ap);
		va_end(ap);
		if (n <= 0)
			return;
		if ((size_t)n < b->cap - b->n) {
			b->n += (size_t)n;
			return;
		}
		buf_need(b, (size_t)n + 1);
	}
}

char *
buf_cstr(struct buf *b)
{
	buf_need(b, 1);
	b->p[b->n] = '\0';
	return b->p;
}

struct span
buf_span(const struct buf *b)
{
	return (struct span){ b->p, b->n };
}

void
buf_clear(struct buf *b)
{
	if (b->cap > KEEP)
		buf_free(b);
	b->n = 0;
}

void
buf_free(struct buf *b)
{
	free(b->p);
	*b = (struct buf){ 0 };
}
