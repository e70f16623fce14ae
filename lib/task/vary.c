/* vary: the axes on which the prompts of a task vary, and drawing from them */
#include "task/vary.h"

#include <errno.h>
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "io/io.h"
#include "json/string.h"
#include "task/rows.h"

static char axis_why[512];

/* Read phrasing number i of a list: NULL, or what is wrong. */
static const char *
read_phrase(struct phrase *to, json_t *v, size_t i, struct arena *mem)
{
	json_t *text = json_is_array(v) ? json_array_get(v, 0) : v;
	json_t *weight = json_array_get(v, 1);

	if (json_string_length(text) == 0 ||
	    (json_is_array(v) && json_array_size(v) != 2)) {
		snprintf(axis_why, sizeof axis_why,
		    "[%zu] is neither a text nor a text with its weight", i);
		return axis_why;
	}
	to->text = rows_escaped(text, mem).p;
	to->weight = json_is_array(v) ? json_number_value(weight) : 1;
	if (to->weight > 0 && to->weight <= WEIGHT_MAX)
		return NULL;
	snprintf(axis_why, sizeof axis_why,
	    "[%zu] has a weight that is not a number above 0, at most %d", i,
	    WEIGHT_MAX);
	return axis_why;
}

const char *
axis_read(struct axis *a, const char *name, const char *first, json_t *list,
    struct arena *mem)
{
	size_t i, n = json_array_size(list);
	const char *wrong;
	json_t *v;

	if (n == 0)
		return " is not a list of phrasings";
	if (n > PHRASES)
		return " has more than 1000 phrasings";
	*a = (struct axis){ .name = name };
	a->of = arena_get(mem, (n + 1) * sizeof *a->of);
	if (first != NULL)
		a->of[a->n++] = (struct phrase){ first, 1 };
	json_array_foreach (list, i, v)
		if ((wrong = read_phrase(&a->of[a->n++], v, i, mem)) != NULL)
			return wrong;
	for (i = 0; i < a->n; i++)
		a->total += a->of[i].weight;
	return NULL;
}

/* Take the next line off *rest and return it without white space around it. */
static struct span
next_role(struct span *rest)
{
	return text_trim(text_take_line(rest));
}

/* Make an axis of lines: 0, or -1 where a line is not UTF-8. */
static int
take_roles(struct axis *a, struct span text, struct arena *mem)
{
	struct span rest = text, role;
	const char *p;
	size_t n = 0;
	struct buf b = { 0 };

	while (rest.n > 0)
		n += next_role(&rest).n > 0;
	a->of = arena_get(mem, n * sizeof *a->of);
	for (rest = text; rest.n > 0;) {
		role = next_role(&rest);
		for (p = role.p; p < span_end(role); p += n)
			if ((n = text_utf8(p, span_end(role))) == 0)
				return -1;
		if (role.n == 0)
			continue;
		buf_clear(&b);
		js_escape(&b, role);
		a->of[a->n++] = (struct phrase){ arena_dup(mem, b.p, b.n), 1 };
	}
	a->total = (double)a->n;
	buf_free(&b);
	return 0;
}

int
axis_read_roles(
    struct axis *a, const char *file, struct arena *mem, const char **why)
{
	const char *wrong = NULL;
	struct buf b = { 0 };
	int error = 0;

	*a = (struct axis){ .name = AXIS_ROLE };
	if (io_read_all(file, SIZE_MAX, &b) == -1)
		wrong = strerror(error = errno);
	else if (take_roles(a, text_skip_bom(buf_span(&b)), mem) == -1)
		wrong = "not UTF-8";
	else if (a->n == 0)
		wrong = "holds no role";
	buf_free(&b);
	if (wrong == NULL)
		return 0;
	snprintf(axis_why, sizeof axis_why, "%s: %s", file, wrong);
	*why = axis_why;
	errno = error;
	return -1;
}

size_t
axis_draw(const struct axis *a, long long seed, struct span id, int draw)
{
	char purpose[AXIS_NAME + 32];
	double at;
	size_t i;

	snprintf(purpose, sizeof purpose, "vary:%d:%s", draw, a->name);
	at = (double)(hash_draw(seed, id, purpose) >> 11) / 0x1p53 * a->total;
	for (i = 0; i + 1 < a->n && at >= a->of[i].weight; i++)
		at -= a->of[i].weight;
	return i;
}
