/* counts: the number of times that each of a few names came */
#include "io/counts.h"

#include <math.h>
#include <stdlib.h>

#include "base/text.h"

void
counts_add(struct counts *t, struct span s)
{
	struct buf b = { 0 };
	const char *name;
	json_t *n;

	t->total++;
	if (t->names == NULL)
		t->names = json_object();
	text_printable(&b, s, COUNTS_NAME_LEN);
	name = b.n > 0 ? buf_cstr(&b) : "unknown";
	n = json_object_get(t->names, name);
	if (n == NULL && json_object_size(t->names) >= COUNTS_NAMES - 1) {
		name = "other";
		n = json_object_get(t->names, name);
	}
	json_object_set_new(
	    t->names, name, json_integer(json_integer_value(n) + 1));
	buf_free(&b);
}

void
counts_free(struct counts *t)
{
	json_decref(t->names);
	*t = (struct counts){ 0 };
}

void
counts_json(struct buf *b, const struct counts *t)
{
	char *text = json_dumps(t->names, JSON_COMPACT);

	buf_adds(b, text != NULL ? text : "{}");
	free(text);
}

void
counts_words(struct buf *b, const struct counts *t)
{
	const char *name, *comma = "";
	json_t *n;

	json_object_foreach (t->names, name, n) {
		buf_fmt(b, "%s%lld %s", comma, (long long)json_integer_value(n),
		    name);
		comma = ", ";
	}
}

void
counts_sum(json_t *to, json_t *from)
{
	const char *name;
	json_t *value;
	double n;

	json_object_foreach (from, name, value) {
		if (json_is_number(value)) {
			n = json_number_value(json_object_get(to, name)) +
			    json_number_value(value);
			json_object_set_new(to, name,
			    n == floor(n) ? json_integer((json_int_t)n)
					  : json_real(n));
		} else if (json_is_object(value)) {
			if (json_object_get(to, name) == NULL)
				json_object_set_new(to, name, json_object());
			counts_sum(json_object_get(to, name), value);
		}
	}
}
