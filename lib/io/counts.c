/* counts: the number of times that each of a few names came */
#include "io/counts.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "json/string.h"

static size_t
find_name(const struct tally *t, const char *name)
{
	size_t i;

	for (i = 0; i < t->n && strcmp(t->v[i].name, name) != 0; i++)
		;
	return i;
}

void
tally_add(struct tally *t, struct span s)
{
	struct buf b = { 0 };
	const char *name;
	size_t i;

	t->total++;
	text_printable(&b, s, TALLY_NAME_LEN);
	name = b.n > 0 ? buf_cstr(&b) : "unknown";
	i = find_name(t, name);
	if (i >= TALLY_NAMES - 1) {
		i = TALLY_NAMES - 1;
		name = "other";
	}
	if (i == t->n)
		t->v[t->n++].name = mem_dup(name, strlen(name));
	t->v[i].count++;
	buf_free(&b);
}

void
tally_free(struct tally *t)
{
	while (t->n > 0)
		free(t->v[--t->n].name);
	*t = (struct tally){ 0 };
}

void
tally_json(struct buf *b, const struct tally *t)
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
tally_words(struct buf *b, const struct tally *t)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		buf_fmt(
		    b, "%s%zu %s", i ? ", " : "", t->v[i].count, t->v[i].name);
}
