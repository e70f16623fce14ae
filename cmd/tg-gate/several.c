/* several: an answer in code holds several code blocks */
#include "gate.h"

const char *
gate_blocks(struct gates *g, const struct part *p)
{
	const struct answer_lines *l;

	if (!p->is_code || (memmem(p->text.p, p->text.n, "```", 3) == NULL &&
			       memmem(p->text.p, p->text.n, "~~~", 3) == NULL))
		return NULL;
	l = gate_lines(g, p);
	if (l->blocks < 2)
		return NULL;
	return gate_why(g, "the %s holds %zu code blocks where code is asked",
	    p->name, l->blocks);
}
