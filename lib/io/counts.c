/* counts: the number of times that each of a few names came */
#include "io/counts.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "json/string.h"

static size_t
find_name(const struct counts *t, const char *name)
{
	size_t i;

	for (i = 0; i < t->n && strcmp(t->v[i].name, name) != 0; i++)
		;
	return i;
}

void
counts_add(struct counts *t, struct span s)
{
	struct buf b = { 0 };
	const char *name;
	size_t i;

	t->total++;
	text_printable(&b, s, COUNTS_NAME_LEN);
	name = b.n > 0 ? buf_cstr(&b) : "unknown";
	i = find_name(t, name);
	if (i >= COUNTS_NAMES - 1) {
		i = COUNTS_NAMES - 1;
		name = "other";
	}
	if (i == t->n)
		t->v[t->n++].name = mem_dup(name, strlen(name));
	t->v[i].count++;
	buf_free(&b);
}

void
counts_free(struct counts *t)
{
	while (t->n > 0)
		free(t->v[--t->n].name);
	*t = (struct counts){ 0 };
}

void
counts_json(struct buf *b, const struct counts *t)
{
	size_t i;

	buf_addc(b, '{');
	for (i = 0; i < t->n; i++) {
		if (i > 0)
			buf_addc(b, ',');
		js_quote_any(b, span_of(t->v[i].name));
		buf_fmt(b, ":%zu", t->v[i].count);
	}
	buf_addc(b, '}');
}

void
counts_words(struct buf *b, const struct counts *t)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		buf_fmt(
		    b, "%s%zu %s", i ? ", " : "", t->v[i].count, t->v[i].name);
}
