/*
 * lib/io reads lines from files, writes bytes to stdout, and shows progress on
 * stderr. Every program uses it. It also keeps the folder where the processes
 * of one user meet. It never looks into a line: JSON and records are read by
 * lib/json and lib/record.
 *
 * io: lines in and bytes out, for filters.
 */
#ifndef TG_IO_H
#define TG_IO_H

#include <stddef.h>
#include <stdio.h>

#include "base/buf.h"

/*
 * Lines of files, one after another. No line is ever wholly in memory when
 * it is longer than the limit.
 */
struct lines {
	const char *const *files; /* operands left; "-" is stdin */
	const char *name;         /* of the open file, for messages */
	int fd;
	size_t limit;  /* bytes a line may have */
	size_t lineno; /* of the last line given, from 1 within its file */
	struct buf buf;
	size_t at;      /* where the next line starts in buf */
	size_t seen;    /* bytes from there known to hold no newline */
	size_t skipped; /* bytes of an overlong line dropped so far */
	int eof, at_start, long_line;
};

enum lines_got { LINES_LINE, LINES_LONG, LINES_MORE, LINES_END };

/* 64 MiB: the default limit. */
enum { LINES_LIMIT = 64 * 1024 * 1024 };

/*
 * files is NULL-terminated and stays; none at all means stdin. Blank lines
 * are skipped, as is a byte order mark at the start of a file.
 */
void lines_init(struct lines *, const char *const *files, size_t limit);
void lines_free(struct lines *);

/*
 * The next line into *line, borrowed until the next call of either function.
 * LINES_LONG: it was over the limit; *line is its first REC_RAW_MAX bytes at
 * most, *bytes its length. LINES_MORE: call lines_fill first.
 */
enum lines_got lines_next(struct lines *, struct span *line, size_t *bytes);

/*
 * One read, which may block, or where no file is open the next one opened: 0,
 * or -1 with errno (name and fd say where).
 */
int lines_fill(struct lines *);

/*
 * After LINES_MORE: complete the line that has begun, byte by byte, so that
 * nothing behind it is taken from the input. 1 if there was one to complete,
 * 0 if not, 2 if the rest of it is not there yet, -1 with errno.
 */
int lines_rest(struct lines *);

/* Whether a lines_fill would find something at once. */
int lines_ready(struct lines *);

/*
 * Every program calls this first. SIGPIPE is ignored from here on, so that a
 * message on stderr that nobody reads can't end the program: only a failed
 * write to stdout does, by io_die_stdout.
 */
void io_start(void);

/* Read stdin no more: whoever writes to it has lost its reader. */
void io_leave_stdin(void);

/* Open a file to read, NULL with errno; EISDIR if it is a directory. */
FILE *io_open(const char *file);

/* Write all of s to fd: 0, or -1 with errno. */
int io_write(int fd, struct span s);

/*
 * Write a whole file: whoever reads it meanwhile sees the old one or the new.
 * What is there and is no plain file is written to as it is. 0, or -1 with
 * errno.
 */
int io_replace(const char *file, struct span s);

/* Whether stderr is a terminal that takes escape sequences. */
int io_escapes(void);

/*
 * Write a message "tool: ..." to stderr, always one line, with control
 * characters made harmless. On a terminal it takes the place of the status
 * line.
 */
void io_warn(const char *tool, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* An error on output fd 1: ends the program, quietly if the pipe is broken. */
_Noreturn void io_die_stdout(const char *tool);

/* Close stdout and see that everything arrived; ends the program if not. */
void io_close_stdout(const char *tool);

#endif
