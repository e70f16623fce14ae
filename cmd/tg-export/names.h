/*
 * names: file names made of the tasks and languages of rows, which are hostile
 * text, and a table of names.
 */
#pragma once

#include <stdint.h>

#include "base/keyset.h"
#include "example.h"

/* Zero-initialise it, then set ids.value to NAMES_VALUE. */
struct names {
	struct keyset ids;
	char **v;
	size_t n;
};

enum { NAMES_VALUE = 8 };

/*
 * Append the name of the file for an example, without suffix:
 * TASK-LANGUAGE-CODE, or TASK-LANGUAGE-CODE-TARGET. What is not known is "any",
 * and "all" is the name if nothing is. Different rows have different names.
 */
void names_of(struct buf *, const struct example *);

/* Return the index of a name in the table, which it is added to if need be. */
uint32_t names_add(struct names *, struct span name);

void names_free(struct names *);
