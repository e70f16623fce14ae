/* text-field: the member of a record that holds its code */
#include "text-field.h"

#include "io/io.h"
#include "json/string.h"

const char *
text_field(const struct prompt_opts *o, struct rec *r)
{
	static const char *const names[] = { "text", "content", "code",
		"whole_func_string" };
	enum { NAMES = sizeof names / sizeof *names };
	static int said[NAMES];
	struct span field = rec_tg_str(r, "field");
	size_t i;

	if (field.p != NULL)
		return arena_dup(&r->mem, field.p, field.n);
	if (o->text_field != NULL)
		return o->text_field;
	for (i = 0; i < NAMES && !js_is_string(rec_get(r, names[i])); i++)
		continue;
	if (i == NAMES)
		return names[0];
	if (i > 0 && !said[i])
		io_warn("text is read from \"%s\"; --text-field names another",
		    names[i]);
	said[i] = 1;
	return names[i];
}
