/* text: the text of prompts and answers cleaned */
#include "base/text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static size_t
run_of(struct span s, char c)
{
	size_t n = 0;

	while (n < s.n && s.p[n] == c)
		n++;
	return n;
}

static struct span
skip(struct span s, size_t n)
{
	return n > 0 ? (struct span){ s.p + n, s.n - n } : s;
}

static struct span
trim_end(struct span s)
{
	while (s.n > 0 && isspace((unsigned char)s.p[s.n - 1]))
		s.n--;
	return s;
}

struct span
text_trim(struct span s)
{
	while (s.n > 0 && isspace((unsigned char)s.p[0]))
		s = skip(s, 1);
	return trim_end(s);
}

/* Cut off leading blank lines; the indentation of the first line stays. */
static struct span
trim_blank_lines(struct span s)
{
	size_t i, start = 0;

	for (i = 0; i < s.n && isspace((unsigned char)s.p[i]); i++)
		if (s.p[i] == '\n')
			start = i + 1;
	return skip(s, start);
}

/* Take the first line, returned without its newline, off *s, which has one. */
static struct span
take_line(struct span *s)
{
	const char *nl = memchr(s->p, '\n', s->n);
	struct span line = *s;

	if (nl != NULL)
		line.n = (size_t)(nl - s->p);
	*s = skip(*s, line.n + (nl != NULL));
	return line;
}

/*
 * Count the ticks of a fence line: backticks (or tildes) then at most a word or
 * two of info. 0 for any other line. *bare says that nothing follows them.
 */
static size_t
fence_line(struct span line, char mark, int *bare)
{
	struct span rest;
	size_t ticks;

	line = text_trim(line);
	ticks = run_of(line, mark);
	if (ticks < 3)
		return 0;
	rest = text_trim(skip(line, ticks));
	*bare = rest.n == 0;
	if (rest.n > 40 || (rest.n > 0 && memchr(rest.p, mark, rest.n)))
		return 0;
	return ticks;
}

/*
 * Inner blocks count too, unless their fence is shorter: a line with a tag
 * opens one, a bare one closes the last opened. The fence is outer only if its
 * own end is the last line.
 */
static struct span
strip_fence(struct span s)
{
	char mark = s.n > 0 && s.p[0] == '~' ? '~' : '`';
	struct span rest = s, body;
	const char *line = s.p;
	int bare, depth = 1;
	size_t n, ticks;

	if (s.n == 0)
		return s;
	ticks = fence_line(take_line(&rest), mark, &bare);
	if (ticks == 0)
		return s;
	body = rest;
	while (rest.n > 0 && depth > 0) {
		line = rest.p;
		n = fence_line(take_line(&rest), mark, &bare);
		if (n >= ticks)
			depth += bare ? -1 : 1;
	}
	if (depth > 0 || rest.n > 0)
		return s;
	body.n = (size_t)(line - body.p);
	return body;
}

static struct span
strip_quotes(struct span s)
{
	static const char *const pairs[][2] = {
		{ "\"", "\"" }, { "'", "'" },
		{ "\xe2\x80\x9c", "\xe2\x80\x9d" }, /* curly double */
	};
	struct span in;
	size_t i, a, z;

	for (i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		a = strlen(pairs[i][0]);
		z = strlen(pairs[i][1]);
		if (s.n < a + z + 1 || memcmp(s.p, pairs[i][0], a) != 0 ||
		    memcmp(s.p + s.n - z, pairs[i][1], z) != 0)
			continue;
		in = (struct span){ s.p + a, s.n - a - z };
		/* "a" + "b" is not one quotation */
		if (memmem(in.p, in.n, pairs[i][0], a) == NULL &&
		    memmem(in.p, in.n, pairs[i][1], z) == NULL)
			return in;
	}
	return s;
}

struct span
text_clean(struct span s)
{
	struct span in;

	s = trim_end(trim_blank_lines(s));
	in = strip_fence(text_trim(s));
	if (in.n != text_trim(s).n)
		s = trim_end(trim_blank_lines(in));
	in = strip_quotes(text_trim(s));
	if (in.n != text_trim(s).n)
		s = text_trim(in);
	return s;
}

static int
is_quote(char c)
{
	return c == '"' || c == '\'' || c == '`';
}

/* Tell whether s ends within a code block that is still open. */
static int
ends_in_fence(struct span s)
{
	size_t n, ticks = 0;
	int bare;

	while (s.n > 0) {
		n = fence_line(take_line(&s), '`', &bare);
		if (ticks == 0)
			ticks = n;
		else if (n >= ticks && bare)
			ticks = 0;
	}
	return ticks != 0;
}

struct span
text_unthink(struct span s)
{
	static const char open[] = "<think>", close[] = "</think>";
	struct span t = text_trim(s), rest;
	const char *end;
	int opened;

	if (t.n == 0)
		return s;
	opened = t.n >= sizeof open - 1 && !memcmp(t.p, open, sizeof open - 1);
	end = memmem(t.p, t.n, close, sizeof close - 1);
	if (end == NULL)
		return opened ? skip(s, s.n) : s;
	rest.p = end + sizeof close - 1;
	rest.n = (size_t)(span_end(t) - rest.p);
	if (!opened &&
	    (ends_in_fence((struct span){ t.p, (size_t)(end - t.p) }) ||
		memmem(t.p, (size_t)(end - t.p), open, sizeof open - 1) ||
		(end > t.p && is_quote(end[-1])) ||
		(rest.n > 0 && is_quote(rest.p[0]) && run_of(rest, '`') < 3)))
		return s;
	return trim_blank_lines(rest);
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
