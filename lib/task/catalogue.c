/* catalogue: the tasks of the built-in rows and of a user's file */
#include "task/catalogue.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "io/io.h"

#include "task/rows.inc" /* embedded_rows[], embedded_languages */

struct catalogue {
	json_t *rows; /* array of the row objects that tasks borrow from */
	struct language_table *languages;
	struct task *tasks;
	size_t n;
	struct arena mem;
};

static char why_buf[512];

/* Add or replace a row; a reference to o is kept. */
static int
add_row(struct catalogue *c, json_t *o, size_t nth)
{
	struct task t;
	const char *why;
	size_t i;

	if (task_read(&t, o, nth, c->languages, &c->mem, &why) == -1) {
		snprintf(why_buf, sizeof why_buf, "%s", why);
		return -1;
	}
	json_array_append(c->rows, o);
	for (i = 0; i < c->n; i++)
		if (strcmp(c->tasks[i].name, t.name) == 0) {
			task_free(&c->tasks[i]);
			c->tasks[i] = t;
			return 0;
		}
	c->tasks = mem_array(c->tasks, c->n + 1, sizeof *c->tasks);
	c->tasks[c->n++] = t;
	return 0;
}

/* Add a document of rows, or row nth alone. */
static int
add_rows(struct catalogue *c, json_t *doc, size_t nth)
{
	size_t i;
	json_t *o;

	if (!json_is_array(doc))
		return add_row(c, doc, nth);
	json_array_foreach (doc, i, o)
		if (add_row(c, o, i) == -1)
			return -1;
	return 0;
}

/* Add a file of rows: an array, an object, or objects one after another. */
static int
add_file(struct catalogue *c, const char *path)
{
	FILE *f = io_open(path);
	json_error_t err;
	json_t *doc;
	size_t n = 0;
	int ok = 0, ch;

	if (f == NULL) {
		snprintf(
		    why_buf, sizeof why_buf, "%s: %s", path, strerror(errno));
		return -1;
	}
	for (;;) {
		while ((ch = getc(f)) == ' ' || ch == '\n' || ch == '\r' ||
		       ch == '\t')
			;
		if (ch == EOF && n > 0)
			break;
		ungetc(ch, f);
		doc = json_loadf(
		    f, JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, &err);
		if (doc == NULL) {
			snprintf(why_buf, sizeof why_buf, "%s:%d: %s", path,
			    err.line, err.text);
			ok = -1;
			break;
		}
		ok = add_rows(c, doc, n++);
		json_decref(doc);
		if (ok == -1)
			break;
	}
	fclose(f);
	return ok;
}

static json_t *
load_embedded(const char *text)
{
	json_error_t err;
	json_t *doc = json_loads(text, JSON_REJECT_DUPLICATES, &err);

	if (doc == NULL)
		snprintf(why_buf, sizeof why_buf,
		    "the built-in catalogue, line %d: %s", err.line, err.text);
	return doc;
}

struct catalogue *
catalogue_new(const char *file, const char **why)
{
	struct catalogue *c = mem_new(sizeof *c);
	json_t *doc;
	size_t i;
	int ok;

	*why = why_buf;
	c->rows = json_array();
	c->languages = language_table_new(embedded_languages);
	for (i = 0; embedded_rows[i] != NULL; i++) {
		if ((doc = load_embedded(embedded_rows[i])) == NULL)
			goto bad;
		ok = add_rows(c, doc, 0);
		json_decref(doc);
		if (ok == -1)
			goto bad;
	}
	if (file != NULL && *file != '\0' && add_file(c, file) == -1)
		goto bad;
	return c;
bad:
	catalogue_free(c);
	return NULL;
}

void
catalogue_free(struct catalogue *c)
{
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; i < c->n; i++)
		task_free(&c->tasks[i]);
	free(c->tasks);
	json_decref(c->rows);
	language_table_free(c->languages);
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

const struct task *
catalogue_at(const struct catalogue *c, size_t i)
{
	return i < c->n ? &c->tasks[i] : NULL;
}

const struct language_table *
catalogue_languages(const struct catalogue *c)
{
	return c->languages;
}

void
catalogue_print(const struct catalogue *c, size_t i, struct buf *b)
{
	json_t *o, *found = NULL;
	size_t k;
	char *text;

	/* the last row of the name is the one in force */
	json_array_foreach (c->rows, k, o)
		if (strcmp(json_string_value(json_object_get(o, "name")),
			c->tasks[i].name) == 0)
			found = o;
	if ((text = json_dumps(found, JSON_COMPACT)) != NULL)
		buf_adds(b, text);
	buf_addc(b, '\n');
	free(text);
}
