/* clean: the data of an answer, without fences and quotes around it */
#include "base/clean.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"

enum {
	INFO_MAX = 40, /* bytes of a fence's language tag */
	INDENT = 4,    /* columns that no line of prose is indented by */
};

static size_t
run_of(struct span s, char c)
{
	size_t n = 0;

	while (n < s.n && s.p[n] == c)
		n++;
	return n;
}

struct span
clean_first_line(struct span s)
{
	size_t i, start = 0;

	for (i = 0; i < s.n && isspace((unsigned char)s.p[i]); i++)
		if (s.p[i] == '\n')
			start = i + 1;
	return span_skip(s, start);
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
	rest = text_trim(span_skip(line, ticks));
	*bare = rest.n == 0;
	if (rest.n > INFO_MAX ||
	    (rest.n > 0 && memchr(rest.p, mark, rest.n) != NULL))
		return 0;
	return ticks;
}

/*
 * Count the ticks of a fence that opens behind a colon, at the end of a line of
 * prose, with a word of info at most. 0 if there is none.
 */
static size_t
late_fence(struct span line, char mark)
{
	const char ticks[] = { mark, mark, mark, '\0' };
	const char *p = memmem(line.p, line.n, ticks, 3);
	struct span prose, rest;
	int bare;

	if (p == NULL)
		return 0;
	prose = text_trim_end((struct span){ line.p, (size_t)(p - line.p) });
	rest = text_trim_end(span_skip(line, (size_t)(p - line.p)));
	if (prose.n == 0 || prose.p[prose.n - 1] != ':' ||
	    memchr(rest.p, ' ', rest.n) != NULL)
		return 0;
	return fence_line(rest, mark, &bare);
}

/* Note in *ticks whether a line opens a code fence or closes the one open. */
static void
walk_line(struct span line, char mark, size_t *ticks)
{
	int bare;
	size_t n = fence_line(line, mark, &bare);

	if (*ticks == 0)
		*ticks = n > 0 ? n : late_fence(line, mark);
	else if (n >= *ticks && bare)
		*ticks = 0;
}

int
clean_in_fence(struct clean_walk *w, const char *p)
{
	const char *from;

	while ((from = w->rest.p + w->looked) < p) {
		if (memchr(from, '\n', (size_t)(p - from)) == NULL) {
			w->looked = (size_t)(p - w->rest.p);
			break;
		}
		walk_line(text_take_line(&w->rest), '`', &w->ticks);
		w->looked = 0;
	}
	return w->ticks != 0;
}

int
clean_closes_fences(struct span s)
{
	size_t ticks = 0;

	while (s.n > 0)
		walk_line(text_take_line(&s), '`', &ticks);
	return ticks == 0;
}

/*
 * Take the block off *s whose opening line, of ticks marks, was the line before
 * it: return what the block holds. Inner blocks count too, unless their fence
 * is shorter: a line with a tag opens one, a bare line closes the last opened.
 * *closed says whether the block has an end.
 */
static struct span
take_block(struct span *s, char mark, size_t ticks, int *closed)
{
	struct span body = *s;
	const char *line = s->p;
	int bare, depth = 1;
	size_t n;

	while (s->n > 0 && depth > 0) {
		line = s->p;
		n = fence_line(text_take_line(s), mark, &bare);
		if (n >= ticks)
			depth += bare ? -1 : 1;
	}
	*closed = depth == 0;
	if (*closed)
		body.n = (size_t)(line - body.p);
	return body;
}

static struct span
last_line(struct span s)
{
	const char *nl = s.n > 0 ? memrchr(s.p, '\n', s.n) : NULL;

	return nl != NULL ? span_skip(s, (size_t)(nl + 1 - s.p)) : s;
}

/* Cut off a last line that closes a fence which no line has opened. */
static struct span
strip_last_fence(struct span s)
{
	struct span rest = s, last = last_line(s);
	size_t ticks = 0;
	int bare;
	char mark;

	if (last.p == s.p)
		return s;
	mark = memchr(last.p, '~', last.n) != NULL ? '~' : '`';
	if (fence_line(last, mark, &bare) == 0 || !bare)
		return s;
	while (rest.p < last.p)
		walk_line(text_take_line(&rest), mark, &ticks);
	return ticks != 0 ? s : (struct span){ s.p, s.n - last.n - 1 };
}

/* Return whether a fence line says that its block is Markdown. */
static int
is_markdown(struct span line, char mark)
{
	line = text_trim(line);
	line = text_trim(span_skip(line, run_of(line, mark)));
	return text_is_one_of(line, span_of("md|markdown"));
}

/* Cut off an outer fence, or half of one. */
static struct span
strip_fence(struct span s)
{
	char mark = s.n > 0 && s.p[0] == '~' ? '~' : '`';
	struct span rest = s, body, line, last;
	int bare, closed;
	size_t ticks;

	if (s.n == 0)
		return s;
	line = text_take_line(&rest);
	ticks = fence_line(line, mark, &bare);
	if (ticks == 0)
		return run_of(s, mark) < 3 ? strip_last_fence(s) : s;
	last = last_line(rest);
	body = take_block(&rest, mark, ticks, &closed);
	if (!closed)
		return body.n > 0 ? strip_last_fence(body) : body;
	if (rest.n == 0)
		return body;
	if (fence_line(last, mark, &bare) < ticks || !bare)
		return s;
	if (last.p == clean_first_line(rest).p) /* half a fence follows */
		return body;
	/* bare fences within Markdown are blocks of it */
	return is_markdown(line, mark)
		   ? (struct span){ body.p, (size_t)(last.p - body.p) }
		   : s;
}

static struct span
strip_quotes(struct span s)
{
	static const char *const pairs[][2] = {
		{ "\"", "\"" }, { "'", "'" },
		{ "\xe2\x80\x9c", "\xe2\x80\x9d" }, /* curly double */
		{ "\xe2\x80\x98", "\xe2\x80\x99" }, /* curly single */
		{ "\xe2\x80\x9e", "\xe2\x80\x9c" }, /* low and high */
		{ "\xc2\xab", "\xc2\xbb" },         /* angle */
		{ "\xe3\x80\x8c", "\xe3\x80\x8d" }, /* Chinese */
	};
	struct span in;
	size_t i, a, z;

	for (i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		a = strlen(pairs[i][0]);
		z = strlen(pairs[i][1]);
		if (s.n < a + z || memcmp(s.p, pairs[i][0], a) != 0 ||
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

/* Cut off what is around an answer, but not the first line's indentation. */
static struct span
strip_outer(struct span s)
{
	struct span all, in;

	s = text_trim_end(clean_first_line(s));
	all = text_trim(s);
	in = strip_fence(all);
	if (in.p == all.p) /* the first line keeps its indentation */
		s.n -= all.n - in.n;
	else
		s = in;
	s = text_trim_end(clean_first_line(s));
	in = strip_quotes(text_trim(s));
	if (in.n != text_trim(s).n)
		s = text_trim(in);
	return s;
}

/* Cut off the pair of one or two backticks around a line that has no others. */
static struct span
strip_ticks(struct span s)
{
	struct span all = text_trim(s), in;
	size_t n = run_of(all, '`');

	if (n < 1 || n > 2 || all.n <= 2 * n)
		return s;
	in = (struct span){ all.p + n, all.n - 2 * n };
	if (memchr(in.p, '`', in.n) != NULL ||
	    memchr(in.p, '\n', in.n) != NULL ||
	    run_of((struct span){ in.p + in.n, n }, '`') < n)
		return s;
	return text_trim(in).n > 0 ? text_trim(in) : s;
}

struct span
clean_text(struct span s)
{
	struct span in = strip_ticks(strip_outer(s));

	/* many a model begins its answer with a space */
	return in.p < text_trim(s).p ? text_trim(in) : in;
}

/* Return whether a line, without its indentation, is an item of a list. */
static int
is_item(struct span line)
{
	size_t digits = 0;

	while (digits < line.n && isdigit((unsigned char)line.p[digits]))
		digits++;
	if (digits > 0)
		return line.n > digits + 1 && line.p[digits] == '.' &&
		       line.p[digits + 1] == ' ';
	return line.n > 1 && strchr("-*+", line.p[0]) != NULL &&
	       line.p[0] != '\0' && line.p[1] == ' ';
}

/* Return whether a line reads like prose: no code, and no comment in code. */
static int
is_prose(struct span line)
{
	static const char *const signs[] = { "\"\"\"", "'''", "/*", "*/" };
	size_t i, indent = run_of(line, ' ');

	line = text_trim_end(line);
	if (line.n == 0)
		return 1;
	if (strchr(";{}", line.p[line.n - 1]) != NULL ||
	    ((indent >= INDENT || line.p[0] == '\t') &&
		!is_item(text_trim(line))))
		return 0;
	for (i = 0; i < sizeof signs / sizeof *signs; i++)
		if (memmem(line.p, line.n, signs[i], strlen(signs[i])) != NULL)
			return 0;
	return 1;
}

/*
 * Return the ticks of a fence line of either mark, which goes into *mark.
 * *unsure says that a block is one only if it is closed.
 */
static size_t
any_fence_line(struct span line, char *mark, int *unsure)
{
	size_t ticks;

	*mark = '`';
	if ((ticks = fence_line(line, *mark, unsure)) > 0)
		return ticks;
	*mark = '~';
	if ((ticks = fence_line(line, *mark, unsure)) > 0)
		return ticks;
	*mark = '`';
	*unsure = 1;
	return late_fence(line, *mark);
}

struct span
clean_code(struct span s)
{
	struct span whole = strip_outer(s), rest = whole, line;
	struct span body = { NULL, 0 };
	int unsure, closed;
	size_t ticks;
	char mark;

	while (rest.n > 0) {
		line = text_take_line(&rest);
		ticks = any_fence_line(line, &mark, &unsure);
		if (ticks == 0 && is_prose(line))
			continue;
		if (ticks == 0 || body.p != NULL)
			return whole;
		body = take_block(&rest, mark, ticks, &closed);
		/* a bare fence that stands alone may be an end */
		if (!closed && unsure)
			return whole;
	}
	if (body.p == NULL || text_trim(body).n == 0)
		return whole;
	return text_trim_end(clean_first_line(body));
}
