/*
 * rows: reads the JSON objects of a file, an array of them or one after
 * another.
 */
#pragma once

#include <stddef.h>

#include "base/buf.h"
#include "base/mem.h"

struct json_t;

/*
 * Return a new array of the values in a file, or in text, where an array counts
 * as its elements. flags are jansson's. NULL with *why, which names the file
 * and line, valid until the next call, and errno, 0 if the file was read.
 */
struct json_t *rows_read(const char *file, size_t flags, const char **why);
struct json_t *rows_parse(
    const char *file, struct span text, size_t flags, const char **why);

/* Return a JSON string in escaped form, borrowed from the arena. */
struct span rows_escaped(struct json_t *string, struct arena *);
