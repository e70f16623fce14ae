/*
 * write: rows as the lines that a trainer reads, into the files of a plan.
 */
#pragma once

#include "export.h"
#include "folder.h"

/*
 * Write all planned rows. Return 0, or -1 with errno and the name of the file
 * that failed in *name, borrowed until the next call.
 */
int write_rows(struct folder *, struct plan *, const struct options *,
    const struct format *, const char **name);
