/* pem: the body of a private key, in a file or within strings */
#include "redact/pem.h"

#include <string.h>

#include "base/text.h"

enum {
	BODY_MAX = 64 * 1024, /* bytes that are looked through for a body */
	LINE_MIN = 32,        /* digits of the first line at least */
	RUN_MIN = 16,         /* digits that are no word of a program */
};

static int
is_digit(char c)
{
	return (text_is_word_char(c) && c != '_') || c == '+' || c == '/' ||
	       c == '=';
}

/* Return the end of the run of digits at i. */
static size_t
run_end(struct span text, size_t i, size_t end)
{
	while (i < end && is_digit(text.p[i]))
		i++;
	return i;
}

/* Return the number of bytes of the escape of a line end at i; 0: none. */
static size_t
escape_at(struct span text, size_t i, size_t end)
{
	size_t n = i;

	while (n < end && text.p[n] == '\\')
		n++;
	return n > i && n < end && (text.p[n] == 'n' || text.p[n] == 'r')
		   ? n + 1 - i
		   : 0;
}

/* Return whether the short run from i to run is the rest of a line of a key. */
static int
is_rest(struct span text, size_t i, size_t run, size_t end)
{
	char before = i > 0 ? text.p[i - 1] : '\n';
	char after = run < end ? text.p[run] : '\n';

	return run - i >= 2 && strchr("\"'`\n\r\t nr>", before) != NULL &&
	       strchr("\n\r\"'`\\<,-", after) != NULL;
}

struct pem_body
pem_find(struct span text, size_t at)
{
	size_t end = text.n - at < BODY_MAX ? text.n : at + BODY_MAX;
	struct pem_body body = { 0 };
	size_t i = at, run, lines = 0, gap = 0;

	/* the dashes that end the heading */
	while (i < end && text.p[i] == '-')
		i++;
	while (i < end && gap < 200) {
		size_t escape = escape_at(text, i, end);

		if (escape > 0) {
			i += escape;
			continue;
		}
		if (end - i >= 4 && memcmp(text.p + i, "----", 4) == 0)
			break;
		if (end - i >= 11 && memcmp(text.p + i, "Private-MAC", 11) == 0)
			break;
		if (!is_digit(text.p[i])) {
			if (text.p[i] == '<' && end - i > 9 &&
			    memcmp(text.p + i, "<redacted", 9) == 0)
				break;
			i++;
			gap++;
			continue;
		}
		run = run_end(text, i, end);
		if (run - i >= (lines == 0 ? LINE_MIN : RUN_MIN) ||
		    (lines > 0 && is_rest(text, i, run, end))) {
			if (lines++ == 0)
				body.start = i;
			body.end = run;
			gap = 0;
		} else
			gap += run - i;
		i = run;
	}
	return body;
}

void
pem_leave(struct span body, struct buf *out)
{
	size_t i = 0, run, escape;

	while (i < body.n) {
		if ((escape = escape_at(body, i, body.n)) > 0) {
			i += escape;
			continue;
		}
		run = run_end(body, i, body.n);
		if (run == i)
			run++;
		else if (run - i >= RUN_MIN || run == body.n ||
			 is_rest(body, i, run, body.n)) {
			i = run;
			continue;
		}
		buf_add(out, body.p + i, run - i);
		i = run;
	}
}
