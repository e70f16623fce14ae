/* unchanged: a step gave back what it was to change */
#include "base/text.h"
#include "blocks.h"
#include "gate.h"
#include "layout.h"

/* Return whether code is the same, but for layout and comments where these count
 * little. */
static int
is_same_code(const struct task *t, const struct part *p, struct span code)
{
	if ((t->allows & ALLOWS_LAYOUT) != 0)
		return span_eq(text_trim(p->text), text_trim(code));
	return (t->allows & ALLOWS_COMMENTS) != 0
		   ? layout_same(p->lex, p->text, code)
		   : layout_same_bare(p->lex, p->text, code);
}

/* Return whether an answer is an input, or one of the code blocks in it. */
static int
gives_back(
    const struct task *t, const struct part *p, struct span input, int is_code)
{
	struct blocks b = { .rest = input };

	if (input.p == NULL)
		return 0;
	if (!p->is_code || p->is_diff)
		return layout_same_text(p->text, input);
	if (is_code)
		return is_same_code(t, p, input);
	while (blocks_next(&b))
		if (is_same_code(t, p, b.body))
			return 1;
	return 0;
}

const char *
gate_unchanged(struct gates *g, const struct part *p)
{
	const struct pair *pair = &g->pair;
	const struct task_step *st = &pair->task->steps[p->step];
	struct span input;
	int i, is_code;

	if (pair->out[p->step].p == NULL)
		return NULL;
	for (i = 0; i < st->ninputs; i++) {
		is_code = 1;
		switch (st->inputs[i]) {
		case IN_SIMILAR:
			input = pair->similar;
			break;
		case IN_OUT1:
			input = pair->out[0];
			is_code = pair->task->steps[0].is_code;
			break;
		case IN_COMPOSITE:
			input = pair->query;
			is_code = 0;
			break;
		default:
			input = pair->text;
		}
		if (gives_back(pair->task, p, input, is_code))
			return gate_why(g,
			    "step %d gave back its input as it was",
			    p->step + 1);
	}
	return NULL;
}
