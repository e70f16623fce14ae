/* catalogue: the tasks of the built-in rows and of a user's file */
#include "task/catalogue.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "io/io.h"
#include "task/language.h"
#include "task/rows.h"

#include "task/rows.inc" /* embedded_rows */

struct catalogue {
	json_t *rows; /* array of the row objects that tasks borrow from */
	struct task *tasks;
	size_t n;
	struct arena mem;
};

/* Add a row, or let it replace its namesake. */
static void
add_task(struct catalogue *c, const struct task *t)
{
	size_t i;

	for (i = 0; i < c->n && strcmp(c->tasks[i].name, t->name) != 0; i++)
		;
	if (i == c->n)
		c->tasks = mem_array(c->tasks, ++c->n, sizeof *c->tasks);
	c->tasks[i] = *t;
}

/* Take an array of rows, or NULL; return -1 if that or a row is wrong. */
static int
take_rows(struct catalogue *c, json_t *rows, const char **why)
{
	int ok = rows != NULL ? 0 : -1;
	struct task t;
	json_t *row;
	size_t i;

	json_array_extend(c->rows, rows);
	json_array_foreach (rows, i, row) {
		ok = task_read(&t, row, i, &c->mem, why);
		if (ok == -1) {
			errno = 0;
			break;
		}
		add_task(c, &t);
	}
	json_decref(rows);
	return ok;
}

struct catalogue *
catalogue_new(const char *file, const char **why)
{
	static const struct span built_in = { embedded_rows,
		sizeof embedded_rows - 1 };
	struct catalogue *c = mem_new(sizeof *c);
	const size_t flags = JSON_REJECT_DUPLICATES;

	c->rows = json_array();
	if (take_rows(c,
		rows_parse("the built-in catalogue", built_in, flags, why),
		why) == 0 &&
	    (file == NULL || *file == '\0' ||
		take_rows(c, rows_read(file, flags, why), why) == 0))
		return c;
	catalogue_free(c);
	return NULL;
}

struct catalogue *
catalogue_open(const char *file)
{
	const char *why;
	struct catalogue *c;
	int status;

	language_open(NULL); /* a row may name a language of the user's */
	c = catalogue_new(file != NULL ? file : getenv("TG_TASKS"), &why);
	if (c == NULL) {
		status = io_file_status(errno);
		io_warn("%s", why);
		exit(status);
	}
	return c;
}

void
catalogue_free(struct catalogue *c)
{
	if (c == NULL)
		return;
	free(c->tasks);
	json_decref(c->rows);
	arena_free(&c->mem);
	free(c);
}

const struct task *
catalogue_find(const struct catalogue *c, struct span name)
{
	size_t i;

	/* lengths first: finding a task took 3 % of the time of tg-prompt */
	for (i = 0; name.p != NULL && i < c->n; i++)
		if (c->tasks[i].name_n == name.n &&
		    memcmp(c->tasks[i].name, name.p, name.n) == 0)
			return &c->tasks[i];
	return NULL;
}

const char *
catalogue_hint(const struct catalogue *c, struct span name)
{
	struct nearest n = { .word = name };
	size_t i;

	for (i = 0; i < c->n; i++)
		nearest_offer(&n, c->tasks[i].name);
	return nearest_hint(&n);
}

const struct task *
catalogue_at(const struct catalogue *c, size_t i)
{
	return i < c->n ? &c->tasks[i] : NULL;
}

void
catalogue_print(const struct catalogue *c, size_t i, struct buf *b)
{
	char *text = json_dumps(c->tasks[i].row, JSON_COMPACT);

	buf_fmt(b, "%s\n", text);
	free(text);
}
