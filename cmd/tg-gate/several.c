/* several: an answer in code holds several code blocks */
#include "base/text.h"
#include "gate.h"

/* Count the blocks of a diff, whose own lines all have a mark before them. */
static size_t
count_around_diff(struct span s)
{
	struct span line;
	size_t fences = 0;

	while (s.n > 0) {
		line = text_take_line(&s);
		fences += line.n >= 3 && memcmp(line.p, "```", 3) == 0;
	}
	return (fences + 1) / 2;
}

const char *
gate_blocks(struct gates *g, const struct part *p)
{
	size_t n;

	if (!p->is_code || (memmem(p->text.p, p->text.n, "```", 3) == NULL &&
			       memmem(p->text.p, p->text.n, "~~~", 3) == NULL))
		return NULL;
	n = p->is_diff ? count_around_diff(p->text) : gate_lines(g, p)->blocks;
	if (n < 2)
		return NULL;
	return gate_why(
	    g, "the %s holds %zu code blocks where code is asked", p->name, n);
}
