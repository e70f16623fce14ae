/*
 * append: adds whole lines to a file of triplets whose last line may be torn.
 *
 * Whenever a process is killed, the file holds whole lines and at most the
 * beginning of one behind them; the next append_open takes that away.
 */
#pragma once

#include <sys/types.h>

#include "base/buf.h"

struct append {
	int fd;
	off_t size; /* size of the file in bytes: the end of its last line */
};

/*
 * Open file, or make it, and lock it against other calls of append_open. A last
 * line without a newline gets one if it is a whole triplet, and is cut off if
 * it is the beginning of one in a file that begins with a triplet; *torn
 * becomes the number of bytes cut off. A file with any other last line stays
 * unchanged. Return 0; or -1 with *why, borrowed until the next strerror: no
 * regular file, in use, not written by tg-emit, or an error of the system.
 */
int append_open(
    struct append *, const char *file, size_t *torn, const char **why);

/*
 * Append lines, each with its newline; return 0, or -1 with errno. After a
 * failure the file still ends with a whole line.
 */
int append_lines(struct append *, struct span);

/* Flush the file to the disk and close it; return 0, or -1 with errno. */
int append_close(struct append *);
