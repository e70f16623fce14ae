/*
 * command: the command or program that trains on what was written.
 */
#pragma once

#include "export.h"

/*
 * Append it, ready to run: sh for FlagEmbedding and Tevatron, else Python.
 * Where there are no rows for it, it says so and fails.
 */
void command_write(struct buf *, const struct plan *, const struct options *,
    const struct format *);
