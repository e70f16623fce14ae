/* vocabulary: the words of English that are often written */
#include "vocabulary.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "tg-gate/vocabulary.inc"

enum { WORDS_MAX = 8192 };

static struct span *list;
static size_t words;

/* Add the words of a line to the list. */
static void
add_line(struct span line)
{
	const char *blank;
	size_t n;

	while (line.n > 0) {
		blank = memchr(line.p, ' ', line.n);
		n = blank != NULL ? (size_t)(blank - line.p) : line.n;
		if (words == WORDS_MAX)
			abort();
		list[words++] = (struct span){ line.p, n };
		line = span_skip(line, n + (blank != NULL));
	}
}

void
vocabulary_open(void)
{
	struct span rest = span_of(embedded_vocabulary), line;

	list = mem_array(NULL, WORDS_MAX, sizeof *list);
	while (rest.n > 0) {
		line = text_take_line(&rest);
		if (line.n > 0 && *line.p != '#')
			add_line(line);
	}
}

void
vocabulary_close(void)
{
	free(list);
	list = NULL;
	words = 0;
}

/* Return less than, equal to or more than 0 as a is before, at or behind b. */
static int
compare(struct span a, struct span b)
{
	int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);

	return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

int
vocabulary_is_part(struct span word)
{
	size_t lo = 0, hi = words, mid;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (compare(list[mid], word) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < words && list[lo].n > word.n &&
	       memcmp(list[lo].p, word.p, word.n) == 0;
}
