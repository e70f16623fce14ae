/* row: a row of the catalogue that is being read */
#include "task/row.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "task/rows.h"

static char why[512];
const char *const row_why = why;

int
row_refuse(const struct row *r, const char *key, const char *fmt, ...)
{
	char what[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	if (key != NULL)
		snprintf(why, sizeof why, "task row \"%s\": member \"%s%s\"%s",
		    r->name, r->where, key, what);
	else
		snprintf(why, sizeof why, "task row \"%s\"%s", r->name, what);
	return -1;
}

/* Note the axes that a template names, and check that the row has them. */
static int
name_axes(struct row *r, const char *key, const char *template)
{
	const struct task *t = r->task;
	struct span axis;
	size_t i;

	while (template_axis(&template, &axis)) {
		for (i = 0; i < t->naxes && !span_is(axis, t->axes[i].name);
		     i++)
			;
		if (i == t->naxes || &t->axes[i] == t->wording)
			return row_refuse(r, key,
			    " names {vary:%.*s}, and \"vary\" has no such "
			    "axis",
			    (int)axis.n, axis.p);
		r->named |= 1u << i;
	}
	return 0;
}

int
row_check_prose(
    struct row *r, const char *key, const char *template, unsigned allowed)
{
	struct span bad;
	unsigned uses;

	uses = template_uses(template, allowed, &bad);
	if (uses & ROW_TARGET)
		r->task->needs_target = 1;
	if (uses & 1 << VALUE_LANGUAGE)
		r->task->speaks = 1;
	if (bad.p != NULL)
		return row_refuse(r, key, " has the unknown placeholder {%.*s}",
		    (int)bad.n, bad.p);
	return name_axes(r, key, template);
}

/* Check member m, whose value is v or missing if NULL; store it in *to. */
static int
read_member(struct row *r, const struct row_member *m, json_t *v, void *to)
{
	void *at = (char *)to + m->at;

	if (m->type == ROW_FLAG && (v == NULL || json_is_boolean(v))) {
		*(int *)at = v != NULL ? json_is_true(v) : *(int *)at;
		return 0;
	}
	if (m->type == ROW_FLAG)
		return row_refuse(r, m->key, " is not true or false");
	if (m->type == ROW_MAYBE && v == NULL)
		return 0;
	if (json_string_length(v) == 0)
		return row_refuse(
		    r, m->key, v ? " is not a text" : " is missing");
	if (m->type == ROW_TEXT)
		return 0;
	if (m->type != ROW_SIDE &&
	    row_check_prose(r, m->key, json_string_value(v),
		m->type == ROW_PROSE ? ROW_LANGUAGES : ROW_IN_STEP) == -1)
		return -1;
	*(const char **)at = rows_escaped(v, r->mem).p;
	return 0;
}

int
row_read_members(
    struct row *r, const struct row_member *known, json_t *o, void *to)
{
	const struct row_member *m;
	const char *key;
	json_t *v;

	json_object_foreach (o, key, v) {
		for (m = known; m->key && strcmp(m->key, key) != 0; m++)
			;
		if (m->key == NULL)
			return row_refuse(r, key, " is unknown");
	}
	for (m = known; m->key != NULL; m++)
		if (m->type != ROW_OTHER &&
		    read_member(r, m, json_object_get(o, m->key), to) == -1)
			return -1;
	return 0;
}
