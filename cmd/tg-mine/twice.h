/*
 * twice: files that are read twice.
 *
 * What is no regular file is kept in a file without a name meanwhile.
 */
#pragma once

#include <sys/types.h>

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
