/*
 * log: files that are only appended to, a line at a time.
 *
 * A reader follows a log: it hands each whole line to a function, which notes
 * where the line is, and goes on there when the log has grown. Later it reads
 * a line again by its place. Files may be larger than memory.
 */
#pragma once

#include <sys/types.h>

#include "base/buf.h"

/*
 * Take a line, without its newline, that begins at an offset of its file. The
 * line is borrowed for the call. A line over the limit comes in pieces, the
 * first of which is longer than the limit.
 */
typedef void log_take(void *ctx, struct span line, off_t at);

/*
 * Hand the whole lines of s, which begins at offset at, to take; with end, an
 * unended last line and one over limit, too. Return how many bytes they are.
 */
size_t log_split(
    struct span s, off_t at, size_t limit, int end, log_take *take, void *ctx);

/*
 * Hand the lines of fd from *at on to take, and move *at behind the last of
 * them. With end, what is behind the last newline is a line, too. What is no
 * regular file is empty, and of a line that has not ended what comes before a
 * NUL is dropped. Return 0, or -1 with errno.
 */
int log_follow(
    int fd, off_t *at, size_t limit, int end, log_take *take, void *ctx);

/*
 * Read up to n bytes of a file from offset at on, however often that is
 * interrupted or cut short. Return how many, fewer only at the end of the file;
 * or -1 with errno.
 */
ssize_t log_read_at(int fd, char *p, size_t n, off_t at);

/*
 * Append len bytes of fd from at on to b: 0, or -1 with errno, ENODATA if the
 * file has become shorter.
 */
int log_read(int fd, off_t at, size_t len, struct buf *b);
