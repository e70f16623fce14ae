/* gold: lines that a person has labelled */
#include "gold.h"

#include <stdlib.h>

#include "base/mem.h"
#include "each.h"
#include "io/io.h"
#include "json/find.h"
#include "json/string.h"
#include "record/calibration.h"

struct span
gold_task(const struct gold *g, size_t i)
{
	if (g->v[i].task == NO_NAME)
		return (struct span){ NULL, 0 };
	return span_of(g->tasks.v[g->v[i].task]);
}

void
gold_add(struct gold *g, double p, int right, double weight, struct span task,
    struct span kind)
{
	if (g->n == g->cap) {
		g->cap = g->cap > 0 ? 2 * g->cap : 1024;
		g->v = mem_array(g->v, g->cap, sizeof *g->v);
	}
	g->v[g->n++] = (struct gold_line){ .p = p,
		.right = right,
		.weight = weight,
		.task = task.n > 0 ? (int)names_add(&g->tasks, task) : NO_NAME,
		.kind =
		    kind.n > 0 ? (int)names_add(&g->kinds, kind) : NO_NAME };
	g->right += (size_t)right;
}

/* Take the line of a record; return NULL, or what is wrong with it. */
static const char *
take(void *ctx, struct rec *r)
{
	struct gold *g = ctx;
	struct span gold = rec_get(r, "gold"), p = each_p(r), v;
	double value, weight = 1;

	if (!js_is_there(gold))
		return "there is no label: gold must be 1 for a right pair, 0 "
		       "for a wrong one";
	if (!span_is(gold, "0") && !span_is(gold, "1"))
		return "gold is neither 0 nor 1";
	if (!js_is_there(p))
		return "there is neither p nor tg.judge.p, the probability "
		       "that the judge gave";
	if (!js_real(p, &value))
		return "p is not a number";
	if (value < 0 || value > 1)
		return "p is not within 0 to 1";
	v = js_find(rec_get(r, "sample"), "weight");
	if (js_is_there(v) &&
	    (!js_real(v, &weight) || !(weight >= 1e-6 && weight <= 1e9)))
		return "sample.weight is not within 1e-6 to 1e9";
	if (g->tasks.n > CALIBRATION_TASKS || g->kinds.n > CALIBRATION_TASKS)
		return "there are too many tasks or kinds, more than 10000";
	gold_add(g, value, span_is(gold, "1"), weight, each_name(r, "task"),
	    each_name(r, "kind"));
	v = js_find(rec_get(r, "sample"), "from");
	g->v[g->n - 1].made = span_is(v, "\"made\"");
	return NULL;
}

void
gold_read(struct gold *g, const char *const *files, size_t max_line)
{
	const char *file = files[0] != NULL ? files[0] : "stdin";

	each_record(files, max_line, take, g);
	if (g->n > 0 && g->right > 0 && g->right < g->n)
		return;
	if (g->n == 0)
		io_warn("%s: there are no gold lines", file);
	else
		io_warn("%s:%zu: all gold lines up to here have gold %d; a "
			"judge is measured by right pairs and wrong ones",
		    file, g->n, g->right > 0);
	exit(TG_EX_SOME);
}

void
gold_free(struct gold *g)
{
	names_free(&g->tasks);
	names_free(&g->kinds);
	free(g->v);
}
