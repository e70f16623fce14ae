/* endings: how a text ends that wants more behind it */
#include "endings.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "table.h"
#include "tg-gate/endings.inc"

enum { TAIL = 72 }; /* bytes of a text that hold its end */

static struct table *table;

void
endings_open(void)
{
	table = table_new(embedded_endings, 0);
}

void
endings_close(void)
{
	table_free(table);
}

/* Return whether the end of a text is one of a language, under a key of it that
 * a word may stand before. */
static int
ends_as(struct span s, const char *word, const char *language)
{
	const char *from;
	char key[24];
	size_t end;

	snprintf(key, sizeof key, "%s%.*s", word, (int)strcspn(language, "_"),
	    language);
	if (s.n > TAIL) {
		from = text_char_start(span_end(s) - TAIL, s.p);
		s = span_skip(s, (size_t)(from - s.p));
	}
	return table_starts(table, key, s, &end);
}

int
endings_wants_more(struct span s, const char *language)
{
	return ends_as(s, "", language);
}

int
endings_is_weak(struct span s, const char *language)
{
	return ends_as(s, "weak ", language);
}
