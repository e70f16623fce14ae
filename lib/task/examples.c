/* examples: the few-shot pool, and the drawing from it */
#include "task/examples.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "io/io.h"
#include "json/string.h"

struct examples {
	json_t *docs; /* documents that the names of tasks point into */
	struct arena mem;
	struct example *v;
	size_t n;
	char sha[SHA256_HEX];
};

static char why_buf[512];

static struct span
text_of(json_t *o, const char *key)
{
	json_t *v = json_object_get(o, key);

	return (struct span){ json_string_value(v), json_string_length(v) };
}

static struct span
escaped(struct examples *e, struct span s)
{
	struct buf b = { 0 };

	js_escape(&b, s);
	s = (struct span){ arena_dup(&e->mem, b.p, b.n), b.n };
	buf_free(&b);
	return s;
}

static int
add(struct examples *e, json_t *o, const char *file, struct hash *h)
{
	struct example x = { text_of(o, "input"), text_of(o, "output"),
		text_of(o, "task") };

	json_t *task = json_object_get(o, "task");

	if (task != NULL && !json_is_string(task) && !json_is_null(task)) {
		snprintf(why_buf, sizeof why_buf,
		    "%s: example %zu: \"task\" is not a text", file, e->n + 1);
		return -1;
	}
	if (x.input.n == 0 || x.output.n == 0) {
		snprintf(why_buf, sizeof why_buf,
		    "%s: example %zu: needs the texts \"input\" and \"output\"",
		    file, e->n + 1);
		return -1;
	}
	hash_add0(h, x.input);
	hash_add0(h, x.output);
	hash_add0(h, x.task);
	x.input = escaped(e, x.input);
	x.output = escaped(e, x.output);
	e->v = mem_array(e->v, e->n + 1, sizeof *e->v);
	e->v[e->n++] = x;
	return 0;
}

static int
add_doc(struct examples *e, json_t *doc, const char *file, struct hash *h)
{
	json_t *o;
	size_t i;

	if (!json_is_array(doc))
		return add(e, doc, file, h);
	json_array_foreach (doc, i, o)
		if (add(e, o, file, h) == -1)
			return -1;
	return 0;
}

static int
load(struct examples *e, FILE *f, const char *file, struct hash *h)
{
	json_error_t err;
	json_t *doc;
	int ch;

	for (;;) {
		while ((ch = getc(f)) == ' ' || ch == '\n' || ch == '\r' ||
		       ch == '\t')
			;
		if (ch == EOF)
			break;
		ungetc(ch, f);
		doc = json_loadf(
		    f, JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, &err);
		if (doc == NULL) {
			snprintf(why_buf, sizeof why_buf, "%s: example %zu: %s",
			    file, e->n + 1, err.text);
			return -1;
		}
		json_array_append_new(e->docs, doc);
		if (add_doc(e, doc, file, h) == -1)
			return -1;
	}
	if (e->n == 0) {
		snprintf(
		    why_buf, sizeof why_buf, "%s: holds no examples", file);
		return -1;
	}
	return 0;
}

struct examples *
examples_new(const char *file, const char **why)
{
	struct examples *e;
	struct hash *h;
	FILE *f = io_open(file);
	int ok;

	*why = why_buf;
	if (f == NULL) {
		snprintf(
		    why_buf, sizeof why_buf, "%s: %s", file, strerror(errno));
		return NULL;
	}
	e = mem_new(sizeof *e);
	e->docs = json_array();
	h = hash_new();
	ok = load(e, f, file, h);
	hash_end(h, e->sha);
	fclose(f);
	if (ok == -1) {
		examples_free(e);
		return NULL;
	}
	return e;
}

void
examples_free(struct examples *e)
{
	if (e == NULL)
		return;
	json_decref(e->docs);
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
