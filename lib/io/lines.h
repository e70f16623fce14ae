/*
 * lines: the lines of files, one after another.
 *
 * A line that is longer than the limit is never wholly in memory.
 */
#pragma once

#include <stddef.h>

#include "base/buf.h"

struct lines {
	const char *const *files; /* operands left; "-" is stdin */
	const char *name;         /* name of the open file, for messages */
	int fd;                   /* descriptor of the open file; -1: none */
	size_t limit;             /* most bytes of a line */
	size_t lineno;            /* number of the last line, in its file */
	struct buf buf;           /* bytes that were read */
	size_t at;                /* offset in buf of the next line */
	size_t seen;              /* bytes from there on without a newline */
	size_t skipped;           /* bytes of an overlong line dropped so far */
	int eof, long_line;
};

enum lines_got { LINES_LINE, LINES_LONG, LINES_MORE, LINES_END };

/* The limit where none is given, 64 MiB. */
enum { LINES_LIMIT = 64 * 1024 * 1024 };

/*
 * Set up l to read files, which ends in NULL and stays the caller's; no file at
 * all means stdin. limit 0 is LINES_LIMIT. Blank lines are skipped, and a byte
 * order mark at the start of a file.
 */
void lines_init(struct lines *l, const char *const *files, size_t limit);
void lines_free(struct lines *);

/*
 * Get the next line into *line, borrowed until the next call of lines_next or
 * lines_fill. LINES_LONG: the line is over the limit; *line is its head, up to
 * REC_RAW_MAX bytes, *bytes its length. LINES_MORE: call lines_fill first.
 */
enum lines_got lines_next(struct lines *, struct span *line, size_t *bytes);

/*
 * Read once, which may block, or open the next file where none is open. Return
 * 0, or -1 with errno; name and fd say where. EINTR: a signal came while a pipe
 * had no writer; call again.
 */
int lines_fill(struct lines *);

/*
 * After LINES_MORE, complete the line that has begun; of stdin byte by byte, so
 * that nothing behind it is taken from the input. A line over the limit ends at
 * once. Return 1 if there was one to complete, 0 if not, 2 to be called again
 * for the rest of it, once that is there, -1 with errno.
 */
int lines_rest(struct lines *);

/* Return whether lines_fill would return at once. */
int lines_ready(struct lines *);
