/* recital: an answer repeats its prompt or an example */
#include "base/text.h"
#include "gate.h"

const char *
gate_recital(struct gates *g, const struct part *p)
{
	const struct pair *pair = &g->pair;
	size_t end;
	int step;

	if (table_starts(g->phrases, "prompt", text_trim(p->text), &end))
		return gate_why(g, "the %s recites its prompt", p->name);
	for (step = p->step; step >= 0; step--)
		if (recited_prompt(
			g->recited, pair->rec, pair->task, step, p->text))
			return gate_why(
			    g, "the %s recites its prompt", p->name);
	if (recited_example(g->recited, pair->language, p->text, p->is_code))
		return gate_why(g, "the %s recites an example", p->name);
	return NULL;
}
