/* open: the index that -i names */
#pragma once

#include "index/index.h"

/* Open the index that -i names, or exit: with TG_EX_USAGE where none is named
 * or it is not there, with TG_EX_IO where it is none or a torn one. */
void open_index(struct index *, const char *file);

/* Open an index to search in as open_index does; a part is none. */
void open_whole_index(struct index *, const char *file);
