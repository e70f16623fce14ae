/* visible: the characters of a text that would act instead of being seen */
#include "visible.h"

#include <stdint.h>

#include "base/text.h"

/* The ranges of characters, from U+0080 on, that act or hide. */
static const struct {
	uint32_t first, last;
} acting[] = {
	{ 0x80, 0x9f },       /* controls */
	{ 0xad, 0xad },       /* soft hyphen */
	{ 0x61c, 0x61c },     /* Arabic letter mark */
	{ 0x115f, 0x1160 },   /* fillers of Hangul */
	{ 0x17b4, 0x17b5 },   /* vowels of Khmer that are not shown */
	{ 0x180e, 0x180e },   /* Mongolian vowel separator */
	{ 0x200b, 0x200f },   /* no width, and marks of direction */
	{ 0x2028, 0x202e },   /* separators, embeddings and overrides */
	{ 0x2060, 0x206f },   /* joiners, isolates and operators */
	{ 0x3164, 0x3164 },   /* filler of Hangul */
	{ 0xfeff, 0xfeff },   /* byte order mark */
	{ 0xffa0, 0xffa0 },   /* filler of Hangul, half width */
	{ 0xfff0, 0xfffb },   /* specials */
	{ 0x1d173, 0x1d17a }, /* of musical notation */
	{ 0xe0000, 0xe0fff }, /* tags */
};

/* Return the code point of the n > 1 bytes at p, a character of UTF-8. */
static uint32_t
code_point(const unsigned char *p, size_t n)
{
	uint32_t c = p[0] & (0xffu >> (n + 1));
	size_t i;

	for (i = 1; i < n; i++)
		c = c << 6 | (p[i] & 0x3fu);
	return c;
}

static int
acts(uint32_t c)
{
	size_t i;

	for (i = 0; i < sizeof acting / sizeof *acting; i++)
		if (c >= acting[i].first && c <= acting[i].last)
			return 1;
	return 0;
}

size_t
visible_run(struct span s)
{
	const char *p = s.p, *end = span_end(s);
	size_t n;

	while (p < end) {
		n = text_utf8(p, end);
		if (n == 0)
			break;
		if (n == 1
			? (*p >= 0 && *p < ' ' && *p != '\n' && *p != '\t') ||
			      *p == 0x7f
			: acts(code_point((const unsigned char *)p, n)))
			break;
		p += n;
	}
	return (size_t)(p - s.p);
}

void
visible_name(struct span *s, struct buf *b)
{
	const unsigned char *p = (const unsigned char *)s->p;
	size_t n = text_utf8(s->p, span_end(*s));

	if (n == 0) {
		buf_adds(b, "\xef\xbf\xbd");
		n = 1;
	} else if (n > 1) {
		buf_fmt(b, "U+%04X", (unsigned)code_point(p, n));
	} else {
		/* U+2400 and on have a picture of each control */
		buf_adds(b, "\xe2\x90");
		buf_addc(b, (char)(*p == 0x7f ? 0xa1 : 0x80 + *p));
	}
	*s = span_skip(*s, n);
}

struct span
visible_cut(struct span s, size_t bytes, size_t lines)
{
	const char *p = s.p, *end, *nl = NULL, *next;

	if (s.n > bytes)
		s.n = (size_t)(text_char_start(s.p + bytes, s.p) - s.p);
	else
		bytes = (size_t)-1;
	end = span_end(s);
	for (; lines > 0 && p < end; p = next + 1, lines--) {
		next = memchr(p, '\n', (size_t)(end - p));
		if (next == NULL)
			break;
		nl = next;
	}
	if (lines == 0 && nl != NULL && nl + 1 < end)
		s.n = (size_t)(nl - s.p);
	else if (bytes != (size_t)-1 && nl != NULL && end - nl < 200)
		s.n = (size_t)(nl - s.p);
	return s;
}
