/* text: what is done to the bytes of any text */
#include "base/text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

struct span
text_skip_bom(struct span s)
{
	if (s.n >= 3 && memcmp(s.p, "\xef\xbb\xbf", 3) == 0)
		return span_skip(s, 3);
	return s;
}

struct span
text_trim(struct span s)
{
	while (s.n > 0 && isspace((unsigned char)s.p[0]))
		s = span_skip(s, 1);
	return text_trim_end(s);
}

struct span
text_trim_end(struct span s)
{
	while (s.n > 0 && isspace((unsigned char)s.p[s.n - 1]))
		s.n--;
	return s;
}

struct span
text_take_line(struct span *s)
{
	const char *nl = memchr(s->p, '\n', s->n);
	struct span line = *s;

	if (nl != NULL)
		line.n = (size_t)(nl - s->p);
	*s = span_skip(*s, line.n + (nl != NULL));
	return line;
}

int
text_is_word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

size_t
text_utf8(const char *s, const char *end)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t i, n, left = (size_t)(end - s);

	if (left == 0)
		return 0;
	if (p[0] < 0x80)
		return 1;
	n = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (p[0] < 0xc2 || p[0] > 0xf4 || left < n)
		return 0;
	/* Unicode 15, table 3-7: no overlong form, no surrogate, max 10FFFF */
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	for (i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

const char *
text_char_start(const char *p, const char *start)
{
	while (p > start && ((unsigned char)*p & 0xc0) == 0x80)
		p--;
	return p;
}

int
text_is_one_of(struct span s, struct span list)
{
	const char *p = list.p, *end = span_end(list), *next;

	for (; p < end; p = next + 1) {
		next = memchr(p, '|', (size_t)(end - p));
		if (next == NULL)
			next = end;
		if (s.n == (size_t)(next - p) && strncasecmp(s.p, p, s.n) == 0)
			return 1;
	}
	return 0;
}

void
text_printable(struct buf *b, struct span s, size_t max)
{
	const char *p = s.p, *end = span_end(s);
	size_t n, left = max;

	while (p < end && left > 0) {
		n = text_utf8(p, end);
		if (n > left)
			break;
		/* C0, DEL, C1 and broken bytes could drive a terminal */
		if (n == 0 ||
		    (n == 1 && ((unsigned char)*p < 0x20 || *p == 0x7f)) ||
		    (n == 2 && (unsigned char)p[0] == 0xc2 &&
			(unsigned char)p[1] < 0xa0)) {
			buf_addc(b, *p == '\n' || *p == '\t' ? ' ' : '?');
			n = n ? n : 1;
		} else {
			buf_add(b, p, n);
		}
		p += n;
		left -= n;
	}
	if (p < end)
		buf_adds(b, "...");
}
