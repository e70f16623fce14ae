/* format: a query with its instruction */
#include <string.h>

#include "export.h"

static const char prompt_mark[] = "{prompt}", query_mark[] = "{query}";

/* Append text with each \n that is spelled out as a newline. */
static void
add_unescaped(struct buf *b, const char *text)
{
	for (; *text != '\0'; text++)
		if (text[0] == '\\' && text[1] == 'n') {
			buf_addc(b, '\n');
			text++;
		} else {
			buf_addc(b, *text);
		}
}

const char *
format_read(struct format *f, const char *text)
{
	const char *p, *q, *s;

	*f = (struct format){ .prompted = 0 };
	add_unescaped(&f->text, text);
	s = buf_cstr(&f->text);
	p = strstr(s, prompt_mark);
	q = strstr(s, query_mark);
	if (q == NULL)
		return "it has no {query}";
	if (strstr(q + 1, query_mark) != NULL ||
	    (p != NULL && strstr(p + 1, prompt_mark) != NULL))
		return "a name stands twice";
	if (p != NULL && p > q)
		return "{prompt} stands behind {query}";
	f->prompted = p != NULL;
	if (p != NULL) {
		f->before = (struct span){ s, (size_t)(p - s) };
		s = p + strlen(prompt_mark);
	}
	f->between = (struct span){ s, (size_t)(q - s) };
	f->after = span_of(q + strlen(query_mark));
	return NULL;
}

void
format_query(struct buf *b, const struct format *f, const struct example *e)
{
	if (f->prompted && e->prompt.n > 0) {
		buf_addspan(b, f->before);
		buf_addspan(b, e->prompt);
	}
	if (!f->prompted || e->prompt.n > 0)
		buf_addspan(b, f->between);
	buf_addspan(b, e->query);
	if (!f->prompted || e->prompt.n > 0)
		buf_addspan(b, f->after);
}

/* Append s with its newlines spelled out and its braces doubled. */
static void
add_python(struct buf *b, struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] == '\n')
			buf_adds(b, "\\n");
		else if (s.p[i] == '{' || s.p[i] == '}')
			buf_fmt(b, "%c%c", s.p[i], s.p[i]);
		else
			buf_addc(b, s.p[i]);
}

void
format_python(struct buf *b, const struct format *f)
{
	add_python(b, f->before);
	buf_adds(b, "{}");
	add_python(b, f->between);
	buf_adds(b, "{}");
	add_python(b, f->after);
}
