/* rows: reads the JSON objects of a file */
#include "task/rows.h"

#include <errno.h>
#include <stdint.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "io/io.h"
#include "json/scan.h"
#include "json/string.h"

static char rows_why[512];

json_t *
rows_parse(const char *file, struct span text, size_t flags, const char **why)
{
	const char *p = text.p, *end = span_end(text), *nl = text.p;
	json_t *rows = json_array(), *value;
	json_error_t err;
	int line = 0;

	do {
		value = json_loadb(
		    p, (size_t)(end - p), flags | JSON_DISABLE_EOF_CHECK, &err);
		if (value == NULL) {
			for (; nl < p; nl++)
				line += *nl == '\n';
			snprintf(rows_why, sizeof rows_why, "%s:%d: %s", file,
			    line + err.line, err.text);
			*why = rows_why;
			json_decref(rows);
			errno = 0;
			return NULL;
		}
		if (json_is_array(value))
			json_array_extend(rows, value);
		else
			json_array_append(rows, value);
		json_decref(value);
		p = js_space(p + err.position, end);
	} while (p < end);
	return rows;
}

json_t *
rows_read(const char *file, size_t flags, const char **why)
{
	struct buf b = { 0 };
	json_t *rows = NULL;
	int error = 0;

	if (io_read_all(file, SIZE_MAX, &b) == 0) {
		rows =
		    rows_parse(file, text_skip_bom(buf_span(&b)), flags, why);
	} else {
		error = errno;
		snprintf(
		    rows_why, sizeof rows_why, "%s: %s", file, strerror(error));
		*why = rows_why;
	}
	buf_free(&b);
	errno = error;
	return rows;
}

struct span
rows_escaped(json_t *string, struct arena *mem)
{
	struct span s = { json_string_value(string),
		json_string_length(string) };
	struct buf b = { 0 };

	js_escape(&b, s);
	s = (struct span){ arena_dup(mem, b.p, b.n), b.n };
	buf_free(&b);
	return s;
}
