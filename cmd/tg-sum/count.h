/*
 * count: the number of records in input files.
 */
#pragma once

#include "base/buf.h"

/*
 * Append to out how many records files hold from where stdin stands; nothing
 * if one of them is no regular file, or cannot be read.
 */
void count_records(char *const *files, struct buf *out);
