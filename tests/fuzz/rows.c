/*
 * rows: a file of task rows is refused with a reason, or each of its prompts is
 * a JSON string, whatever the document says. A NUL stands between the rows and
 * the document.
 */
#include "task/rows.h"

#include <jansson.h>

#include "json/scan.h"
#include "json/string.h"
#include "task/prompt.h"
#include "task/task.h"

#include "fuzz.h"

/* The bytes in b are the inside of a JSON string. */
static void
is_inside(const struct buf *b, const char *what)
{
	struct buf text = { 0 };
	const char *why;

	buf_addc(&text, '"');
	buf_addspan(&text, buf_span(b));
	buf_addc(&text, '"');
	CHECK(js_text(buf_span(&text), &why).p != NULL, "%s: %s", what, why);
	buf_free(&text);
}

static void
ask(const struct task *t, struct span value)
{
	struct example some = { value, value };
	const struct example *examples[] = { &some };
	struct vary_value drawn[AXES + 1];
	struct values v = { .vary = drawn, .nvary = t->naxes };
	struct buf b = { 0 };
	struct span bad;
	int i;

	for (i = 0; i < VALUES; i++)
		v.of[i] = value;
	for (i = 0; (size_t)i < t->naxes; i++)
		drawn[i] = (struct vary_value){ t->axes[i].name, value };
	for (i = 0; i < t->nsteps; i++) {
		b.n = 0;
		prompt_head(&b, t, i, &v);
		(void)prompt_document(&b, t, i, &v, examples, 1, &bad);
		is_inside(&b, "step");
	}
	b.n = 0;
	prompt_judge(&b, t, &v, value, value);
	is_inside(&b, "judge");
	b.n = 0;
	prompt_negatives(
	    &b, t, &v, value, value, t->nways > 0 ? t->ways : NULL, 1);
	is_inside(&b, "negatives");
	b.n = 0;
	if (t->query != NULL && template_expand(&b, t->query, &v, &bad) == 0)
		is_inside(&b, "query");
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const uint8_t *nul = n > 0 ? memchr(p, 0, n) : NULL;
	struct span s = { (const char *)p, n }, value = { "x", 1 };
	struct buf quoted = { 0 };
	struct arena mem = { 0 };
	const char *why = NULL;
	struct task t;
	json_t *rows, *row;
	size_t i;

	fuzz_input = s;
	if (nul != NULL) {
		s.n = (size_t)(nul - p);
		js_quote_any(&quoted,
		    (struct span){ (const char *)nul + 1, n - s.n - 1 });
		value = (struct span){ quoted.p + 1, quoted.n - 2 };
	}
	rows = rows_parse("rows", s, JSON_REJECT_DUPLICATES, &why);
	CHECK(rows != NULL || why != NULL, "no reason");
	json_array_foreach (rows, i, row) {
		why = NULL;
		if (task_read(&t, row, i, &mem, &why) == 0)
			ask(&t, value);
		else
			CHECK(why != NULL, "no reason");
	}
	json_decref(rows);
	arena_free(&mem);
	buf_free(&quoted);
	return 0;
}
