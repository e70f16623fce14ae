/*
 * lib/base holds what any C program could use: memory, byte buffers, numbers, a
 * clock, text, hashes, sets and percentiles. Every folder of lib/ and every
 * program builds on it. It opens no file and no connection, and it knows
 * neither JSON nor records.
 *
 * buf: bytes that grow.
 *
 * A zeroed struct is an empty buffer. p is not NUL-terminated unless
 * buf_cstr is asked. Running out of memory ends the program (see mem.h).
 */
#pragma once

#include <stddef.h>
#include <string.h>

/* Borrowed bytes: valid as long as what they point into. */
struct span {
	const char *p;
	size_t n;
};

struct buf {
	char *p;
	size_t n, cap;
};

/* Make room for at least `more` bytes past n. */
void buf_need(struct buf *, size_t more);

void buf_add(struct buf *, const void *, size_t n);
void buf_addc(struct buf *, char);
void buf_adds(struct buf *, const char *);
void buf_addspan(struct buf *, struct span);
/* Append a span and a 0 byte, so that neighbours cannot run together. */
void buf_add0(struct buf *, struct span);
void buf_fmt(struct buf *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

/* Return the contents NUL-terminated, borrowed; n does not count the NUL. */
char *buf_cstr(struct buf *);
struct span buf_span(const struct buf *);

/* Empty a buffer, and keep up to 1 MiB of its memory. */
void buf_clear(struct buf *);
void buf_free(struct buf *);

/* Inline: calls took 4 % of the instructions of tg-emit and tg-prompt judge. */
static inline struct span
span_of(const char *s)
{
	return (struct span){ s, strlen(s) };
}

/* Return the place behind a span, whose p may be NULL. */
static inline const char *
span_end(struct span s)
{
	return s.n > 0 ? s.p + s.n : s.p;
}

/* Return a span, whose p may be NULL, without its first n bytes. */
static inline struct span
span_skip(struct span s, size_t n)
{
	return n > 0 ? (struct span){ s.p + n, s.n - n } : s;
}

static inline int
span_eq(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline int
span_is(struct span a, const char *s)
{
	return span_eq(a, span_of(s));
}
