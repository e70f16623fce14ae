/* row-vary: what varies in the prompts of a row */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "task/row.h"

/* Add an axis to the row, and check the phrasings that its list has. */
static int
add_axis(struct row *r, const char *name, const char *first, json_t *list)
{
	struct axis *a = &r->task->axes[r->task->naxes];
	const char *what = axis_read(a, name, first, list, r->mem);
	char key[AXIS_NAME + 16];
	size_t i;

	snprintf(key, sizeof key, "%s%s", name, first != NULL ? "s" : "");
	if (what != NULL)
		return row_refuse(r, key, "%s", what);
	for (i = 0; i < a->n; i++)
		if (row_check_prose(r, key, a->of[i].text, ROW_LANGUAGES) == -1)
			return -1;
	r->task->naxes++;
	return 0;
}

/* Check the name of an axis, which stands in placeholders. */
static int
check_axis(struct row *r, const char *name)
{
	size_t n = strlen(name);

	if (n == 0 || n > AXIS_NAME ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != n)
		return row_refuse(r, name,
		    ": an axis is named by 1 to %d lower-case letters, digits "
		    "and '_'",
		    AXIS_NAME);
	if (strcmp(name, AXIS_INSTRUCTION) == 0)
		return row_refuse(r, name,
		    ": this axis is that of the member \"instructions\"");
	return 0;
}

int
row_read_axes(struct row *r)
{
	struct task *t = r->task;
	json_t *vary = json_object_get(t->row, "vary"), *list;
	json_t *more = json_object_get(t->row, "instructions");
	const char *name;

	if (vary != NULL && !json_is_object(vary))
		return row_refuse(r, "vary", " is not an object");
	if (json_object_size(vary) > AXES)
		return row_refuse(r, "vary", " has more than %d axes", AXES);
	t->axes = arena_get(r->mem, (AXES + 1) * sizeof *t->axes);
	r->where = "vary.";
	json_object_foreach (vary, name, list)
		if (check_axis(r, name) == -1 ||
		    add_axis(r, name, NULL, list) == -1)
			return -1;
	r->where = "";
	if (more == NULL)
		return 0;
	t->wording = &t->axes[t->naxes];
	return add_axis(r, AXIS_INSTRUCTION, t->instruction, more);
}

int
row_check_axes(struct row *r)
{
	const struct task *t = r->task;
	size_t i;

	r->where = "vary.";
	for (i = 0; i < t->naxes; i++)
		if (&t->axes[i] != t->wording && (r->named & 1u << i) == 0)
			return row_refuse(r, t->axes[i].name,
			    ": no step names {vary:%s}", t->axes[i].name);
	r->where = "";
	return 0;
}
