/*
 * sample: a set of pairs for a person to label, and wrong pairs made of them.
 */
#pragma once

#include <stddef.h>

#include "base/buf.h"

/*
 * Append to out, as lines of JSON, n pairs drawn by seed from the records of
 * files (none: stdin), half of them kept and half rejected as far as there are
 * enough, the tasks evenly; and wrong pairs of five kinds, a tenth as many of
 * each. Return the exit status; exit if a file cannot be read.
 */
int sample(struct buf *out, const char *const *files, size_t max_line, size_t n,
    long long seed);
