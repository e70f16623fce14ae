/* string: strings decoded and quoted, and numbers read */
#include "json/string.h"

#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "json/chars.h"

int
js_is_string(struct span s)
{
	return s.p != NULL && s.n >= 2 && s.p[0] == '"';
}

/* Write the UTF-8 of c at out and return what is behind it. */
static char *
put_utf8(char *out, int c)
{
	static const int first[] = { 0, 0xc0, 0xe0, 0xf0 };
	int more = (c >= 0x80) + (c >= 0x800) + (c >= 0x10000);

	*out++ = (char)(first[more] | c >> 6 * more);
	while (more-- > 0)
		*out++ = (char)(0x80 | (c >> 6 * more & 0x3f));
	return out;
}

/* Write what the \u escape at *p stands for and step over it. */
static char *
unescape(char *out, const char **p, const char *end)
{
	int c = js_hex4(*p + 2, end);

	*p += 6;
	if (c >= 0xd800 && c <= 0xdbff) {
		c = 0x10000 + ((c - 0xd800) << 10) +
		    (js_hex4(*p + 2, end) - 0xdc00);
		*p += 6;
	}
	return put_utf8(out, c);
}

/* Write what the escape at *p stands for and step over it. */
static inline char *
unescape_any(char *out, const char **p, const char *end)
{
	if ((*p)[1] == 'u')
		return unescape(out, p, end);
	*out++ = js_escapes[(unsigned char)(*p)[1]];
	*p += 2;
	return out;
}

/* Decode s, which never gets longer, to out. Return the byte behind it. */
static char *
decode(char *out, struct span s)
{
	const char *p = s.p + 1, *end = s.p + s.n - 1, *q;
	uint64_t back;
	int n;

	/* code has an escape every 30 bytes: copy first, then look for one */
	while (end - p >= 32) {
		memcpy(out, p, 32);
		back = js_equal16(p, '\\') | js_equal16(p + 16, '\\') << 16;
		n = back != 0 ? __builtin_ctzll(back) : 32;
		p += n;
		out += n;
		if (back != 0)
			out = unescape_any(out, &p, end);
	}
	while (p < end) {
		if ((q = memchr(p, '\\', (size_t)(end - p))) == NULL)
			q = end;
		memcpy(out, p, (size_t)(q - p));
		out += q - p;
		p = q;
		if (p < end)
			out = unescape_any(out, &p, end);
	}
	return out;
}

int
js_decode(struct buf *b, struct span s)
{
	if (!js_is_string(s))
		return -1;
	buf_need(b, s.n);
	b->n = (size_t)(decode(b->p + b->n, s) - b->p);
	return 0;
}

struct span
js_string(struct span s, struct arena *mem)
{
	char *out, *end;

	if (!js_is_string(s))
		return (struct span){ NULL, 0 };
	if (memchr(s.p + 1, '\\', s.n - 2) == NULL)
		return (struct span){ s.p + 1, s.n - 2 };
	out = arena_get(mem, s.n);
	end = decode(out, s);
	*end = '\0'; /* a caller may read the byte behind the string */
	return (struct span){ out, (size_t)(end - out) };
}

long long
js_int(struct span s, long long def)
{
	char num[32];
	long long v;

	if (s.p == NULL || s.n == 0 || s.n >= sizeof num)
		return def;
	memcpy(num, s.p, s.n);
	num[s.n] = '\0';
	return num_int(num, LLONG_MIN, LLONG_MAX, &v) == 0 ? v : def;
}

int
js_real(struct span s, double *number)
{
	double v;

	*number = 0;
	if (s.p == NULL || s.n == 0 || strchr("-0123456789", s.p[0]) == NULL)
		return 0;
	v = strtod(s.p, NULL);
	if (!isfinite(v))
		return 0;
	*number = v;
	return 1;
}

int
js_needs_escape(struct span s)
{
	const char *end = span_end(s);

	return js_plain(s.p, end) != end;
}

/* Return whether a control character from U+0080 to U+009F is at p. */
static int
is_upper_control(const char *p, const char *end)
{
	return end - p > 1 && (unsigned char)p[0] == 0xc2 &&
	       (unsigned char)p[1] >= 0x80 && (unsigned char)p[1] < 0xa0;
}

void
js_escape(struct buf *b, struct span s)
{
	static const char hex[] = "0123456789abcdef";
	static const char letters[128] = { ['"'] = '"',
		['\\'] = '\\',
		['\b'] = 'b',
		['\f'] = 'f',
		['\n'] = 'n',
		['\r'] = 'r',
		['\t'] = 't' };
	const char *p = s.p, *end = span_end(s), *q;

	buf_need(b, s.n);
	while (p < end) {
		for (q = p; (q = js_plain(q, end)) < end && (*q & 0x80) != 0 &&
			    !is_upper_control(q, end);)
			q++;
		buf_add(b, p, (size_t)(q - p));
		if (q == end)
			break;
		buf_addc(b, '\\');
		/* the second byte of U+0080 to U+009F is its code */
		q += (*q & 0x80) != 0;
		if ((*q & 0x80) == 0 && letters[(unsigned char)*q] != '\0') {
			buf_addc(b, letters[(unsigned char)*q]);
		} else {
			buf_adds(b, "u00");
			buf_addc(b, hex[*q >> 4 & 15]);
			buf_addc(b, hex[*q & 15]);
		}
		p = q + 1;
	}
}

void
js_quote(struct buf *b, struct span s)
{
	buf_need(b, s.n + 2);
	buf_addc(b, '"');
	js_escape(b, s);
	buf_addc(b, '"');
}

void
js_quote_any(struct buf *b, struct span s)
{
	const char *p = s.p, *end = span_end(s);
	struct buf clean = { 0 };
	size_t n;

	while (p < end) {
		if ((n = text_utf8(p, end)) == 0) {
			buf_adds(&clean, "\xef\xbf\xbd");
			n = 1;
		} else {
			buf_add(&clean, p, n);
		}
		p += n;
	}
	js_quote(b, buf_span(&clean));
	buf_free(&clean);
}
