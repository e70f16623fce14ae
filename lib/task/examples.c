/* examples: the few-shot pool, and the drawing from it */
#include "task/examples.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "task/rows.h"

struct examples {
	json_t *rows; /* array of the examples, which names of tasks are in */
	struct arena mem;
	struct example *v;
	size_t n;
	char sha[SHA256_HEX];
};

static struct span
text_of(const json_t *v)
{
	return (struct span){ json_string_value(v), json_string_length(v) };
}

/* Add an example to e, and its texts to all; return what is wrong with it, or
 * NULL. */
static const char *
add_example(struct examples *e, json_t *row, struct buf *all)
{
	json_t *input = json_object_get(row, "input");
	json_t *output = json_object_get(row, "output");
	json_t *task = json_object_get(row, "task");

	if (task != NULL && !json_is_string(task) && !json_is_null(task))
		return "\"task\" is not a text";
	if (text_of(input).n == 0 || text_of(output).n == 0)
		return "needs the texts \"input\" and \"output\"";
	buf_add0(all, text_of(input));
	buf_add0(all, text_of(output));
	buf_add0(all, text_of(task));
	e->v[e->n++] = (struct example){ rows_escaped(input, &e->mem),
		rows_escaped(output, &e->mem), text_of(task) };
	return NULL;
}

struct examples *
examples_new(const char *file, const char **why)
{
	static char wrong[512];
	json_t *rows = rows_read(file, JSON_ALLOW_NUL, why), *row;
	struct examples *e;
	const char *what = NULL;
	struct buf all = { 0 };
	size_t i;

	if (rows == NULL)
		return NULL;
	e = mem_new(sizeof *e);
	e->rows = rows;
	e->v = mem_array(NULL, json_array_size(rows), sizeof *e->v);
	json_array_foreach (rows, i, row)
		if ((what = add_example(e, row, &all)) != NULL)
			break;
	hash_sha256(buf_span(&all), e->sha);
	buf_free(&all);
	if (what == NULL && e->n > 0)
		return e;
	if (what != NULL)
		snprintf(wrong, sizeof wrong, "%s: example %zu: %s", file,
		    e->n + 1, what);
	else
		snprintf(wrong, sizeof wrong, "%s: holds no examples", file);
	*why = wrong;
	examples_free(e);
	errno = 0;
	return NULL;
}

void
examples_free(struct examples *e)
{
	if (e == NULL)
		return;
	json_decref(e->rows);
	arena_free(&e->mem);
	free(e->v);
	free(e);
}

const char *
examples_sha(const struct examples *e)
{
	return e ? e->sha : "";
}

/* Draw number nth; its purpose is "examples", then "examples.2" and so on. */
static uint64_t
draw(long long seed, struct span id, int nth)
{
	char purpose[32] = "examples";

	if (nth > 0)
		snprintf(purpose, sizeof purpose, "examples.%d", nth + 1);
	return hash_draw(seed, id, purpose);
}

int
examples_draw(const struct examples *e, struct span task, long long seed,
    struct span id, int k, const struct example **out)
{
	const struct example **fit, *x;
	size_t i, j, n = 0;
	int got = 0;

	if (e == NULL || k <= 0)
		return 0;
	fit = mem_array(NULL, e->n, sizeof *fit);
	for (i = 0; i < e->n; i++)
		if (e->v[i].task.p == NULL || span_eq(e->v[i].task, task))
			fit[n++] = &e->v[i];
	/* the first k steps of a Fisher-Yates shuffle */
	for (; got < k && (size_t)got < n; got++) {
		i = (size_t)got;
		j = i + (size_t)(draw(seed, id, got) % (n - i));
		x = fit[i];
		fit[i] = fit[j];
		fit[j] = x;
		out[got] = fit[i];
	}
	free(fit);
	return got;
}
