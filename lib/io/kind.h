/*
 * kind: tells files that are no JSON Lines from each other, and the command
 * that makes lines of them.
 */
#pragma once

#include "base/buf.h"

/*
 * Return what a file is whose first line is no record, and the command that
 * makes lines of it, for a message; borrowed until the next call; NULL if it
 * cannot be told. head is the line or its beginning, file the name for
 * messages.
 */
const char *kind_cure(struct span head, const char *file);

/*
 * Return why an input file cannot be read, by its errno, for a message; for a
 * folder, what makes records of it.
 */
const char *kind_unreadable(int error);
