/*
 * command: the command or program that trains on what was written.
 */
#pragma once

#include "export.h"

/* Most rows of a batch of FlagEmbedding, unless its user says otherwise. */
enum { COMMAND_BATCH = 8 };

/* Append it, ready to run: sh for FlagEmbedding and Tevatron, else Python. */
void command_write(struct buf *, const struct plan *, const struct options *,
    const struct format *);
