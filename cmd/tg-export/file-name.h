/*
 * file-name: file names made of the tasks and languages of rows, which are
 * hostile text.
 */
#pragma once

#include "example.h"

/*
 * Append the name of the file for an example, without suffix:
 * TASK-LANGUAGE-CODE, or TASK-LANGUAGE-CODE-TARGET. What is not known is "any",
 * and "all" is the name if nothing is. Different rows have different names.
 */
void file_name(struct buf *, const struct example *);
