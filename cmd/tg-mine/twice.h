/*
 * twice: files that are read twice.
 *
 * What is no regular file is kept in a file without a name meanwhile.
 */
#pragma once

#include <sys/types.h>

#include "record/rec.h"

/*
 * Replace the operands that cannot be read twice, in files, which ends in NULL;
 * stdin, too, if it is one of them or if there is none. Return where stdin
 * begins, for twice_rewind. Exit with TG_EX_IO if input fails.
 */
off_t twice_keep(char **files);

/* Go back to the beginning of stdin; -1: it is not read. */
void twice_rewind(off_t start);

/* Say why reading a file failed, by errno, and exit with TG_EX_IO. */
_Noreturn void twice_fail(const char *file);

/*
 * Call each with every record of files, which twice_keep has seen and which
 * ends in NULL, and go back to the beginning of stdin, start. max_line is the
 * longest line taken; 0: the usual limit. Lines that are no records are left
 * out. Exit with TG_EX_IO if input fails.
 */
void twice_read(char **files, off_t start, size_t max_line,
    void (*each)(void *ctx, struct rec *), void *ctx);
