/*
 * line: one example as a line of a trainer's format.
 */
#pragma once

#include "export.h"

/*
 * Append the line of a format: the query is composed as the format of queries
 * says, except for FlagEmbedding, which composes it by itself. All lines of a
 * file have the same members, and each member has one type.
 */
typedef void line_writer(
    struct buf *, const struct format *, const struct example *);

extern line_writer *const line_writers[];

/* Append a score so that every reader takes it for a real number. */
void line_score(struct buf *, double score);
