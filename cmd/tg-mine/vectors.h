/* vectors: the files of vectors that --vectors and --query-vectors name */
#pragma once

#include "io/npy.h"

/* Open a file and read all of it, or exit with TG_EX_IO where it is no array of
 * float32 in rows, or a number is not finite. */
void vectors_open(struct npy *, const char *file);

/* Say of a file what is wrong with it, and exit with TG_EX_IO. */
_Noreturn void vectors_refuse(const char *file, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
