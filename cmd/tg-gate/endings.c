/* endings: how a text ends that wants more behind it */
#include "endings.h"

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

int
endings_wants_more(struct span s, const char *language)
{
	const char *from;
	size_t end;

	if (strcmp(language, "zh_tw") == 0)
		language = "zh";
	if (s.n > TAIL) {
		from = text_char_start(span_end(s) - TAIL, s.p);
		s = span_skip(s, (size_t)(from - s.p));
	}
	return table_starts(table, language, s, &end);
}
