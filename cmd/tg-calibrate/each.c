/* each: the records of files, one after another */
#include "each.h"

#include <errno.h>
#include <stdlib.h>

#include "io/io.h"
#include "io/kind.h"
#include "io/lines.h"
#include "json/find.h"
#include "json/string.h"
#include "record/judged.h"

static _Noreturn void
refuse(const struct lines *in, const char *why)
{
	io_warn("%s:%zu: %s", in->name, in->lineno, why);
	exit(TG_EX_SOME);
}

void
each_record(const char *const *files, size_t max_line,
    const char *(*take)(void *ctx, struct rec *), void *ctx)
{
	struct rec r = { 0 };
	struct lines in;
	struct span line;
	enum lines_got got;
	const char *why;
	size_t bytes;

	lines_init(&in, files, max_line);
	while ((got = lines_next(&in, &line, &bytes)) != LINES_END) {
		if (got == LINES_MORE) {
			if (lines_fill(&in) == 0 || errno == EINTR)
				continue;
			io_warn("%s: %s", in.name, kind_unreadable(errno));
			exit(TG_EX_IO);
		}
		if (got == LINES_LONG)
			refuse(&in, "the line is longer than --max-line");
		if (rec_read(&r, line, &why) == -1 ||
		    (why = take(ctx, &r)) != NULL)
			refuse(&in, why);
	}
	rec_free(&r);
	lines_free(&in);
}

struct span
each_stamp(const struct rec *r, const char *key)
{
	struct span v = rec_tg(r, key);

	if (!js_is_string(v))
		v = js_find(rec_get(r, "meta"), key);
	return js_is_string(v) ? v : rec_get(r, key);
}

struct span
each_name(struct rec *r, const char *key)
{
	return js_string(each_stamp(r, key), &r->mem);
}

struct span
each_p(const struct rec *r)
{
	struct span p = judged_number(rec_tg(r, "judge"));

	return js_is_there(p) ? p : rec_get(r, "p");
}
