/* summary: the file of --summary */
#pragma once

#include "base/buf.h"

/*
 * Write the text as the whole of a file: return 0, or TG_EX_IO after a message
 * that says why. The text is freed.
 */
int summary_write(const char *file, struct buf *text);
