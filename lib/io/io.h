/*
 * lib/io reads lines from files, writes bytes to stdout, and shows progress on
 * stderr. Every program uses it. It also keeps the folder where the processes
 * of one user meet. It never looks into a line: JSON and records are read by
 * lib/json and lib/record.
 *
 * io: files read and written whole, messages, and the end of stdout.
 */
#pragma once

#include <stdio.h>

#include "base/buf.h"

/*
 * options_parse calls io_start first. It fences off what the environment of the
 * caller may change: the order of options, and an umask that takes files from
 * the user. A standard descriptor that is closed gets one that can't be read or
 * written, so that no file that is opened later takes its place. SIGPIPE is
 * ignored: a message that nobody reads can't end the program, only a failed
 * write to stdout does, by io_die_stdout. SIGXFSZ is ignored: a write beyond
 * the limit on files fails.
 */
void io_start(const char *program);

/* Name of the program, for messages and records; set by io_start. */
extern const char *io_program;

/* Give up stdin: the program that writes to it loses its reader. */
void io_leave_stdin(void);

/* Open file to read; NULL with errno, EISDIR if it is a directory. */
FILE *io_open(const char *file);

/*
 * Append the whole of a file, which may be a pipe: 0, or -1 with errno, EFBIG
 * if it has more than max bytes.
 */
int io_read_all(const char *file, size_t max, struct buf *);

/*
 * Append the whole of a regular file, which has max bytes at most: 0, or -1
 * with errno, ESPIPE if the file is not regular. To open a pipe does not wait.
 */
int io_read_file(const char *file, size_t max, struct buf *);

/*
 * Return the exit status for an errno of a file that an option names: usage if
 * the file was read (0) or is not there, else that input failed.
 */
int io_file_status(int error);

/* Return the words for an errno of opening or reading a file, until the next
 * call. */
const char *io_reason(int error);

/* Write all of s to fd. Return 0, or -1 with errno. */
int io_write(int fd, struct span s);

/* Write all of s to the file fd, from offset at on. Return as io_write does. */
int io_write_at(int fd, struct span s, off_t at);

/*
 * Write s as the whole of file: a reader sees the old file or the new one,
 * nothing between. The new one is the user's alone, unless the old one was not.
 * A file that is not regular, such as a pipe, is written to. Return 0, or -1
 * with errno.
 */
int io_replace(const char *file, struct span s);

/*
 * Write s as the whole of file as io_replace does, but have bytes and name on
 * the disk on return, and replace a link itself. By way of file.tmp: only one
 * process may do this to a file at a time.
 */
int io_replace_synced(const char *file, struct span s);

/*
 * Have the bytes of fd, the open file temp, on the disk, close it and give it
 * the name file, on the disk too: 0, or -1 with errno, and temp is removed.
 * failed: 1 if a write has failed with errno before.
 */
int io_rename_synced(int fd, int failed, const char *temp, const char *file);

/*
 * Write a message "program: ..." to stderr, always one line, with control
 * characters made harmless. On a terminal it takes the place of the status
 * line.
 */
void io_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Write a message "name: text" as io_warn does. */
void io_message(const char *name, const char *text);

/*
 * Draw "name: text" as the status line of the terminal on stderr, cut to its
 * width, over the one before, and leave the cursor at its beginning.
 * NO_COLOR or TERM=dumb: it is drawn without escape sequences.
 */
void io_status(const char *name, const char *text);

/* End the program as errno of a write to stdout says; a broken pipe quietly. */
_Noreturn void io_die_stdout(void);

/* Close stdout; end the program if what was written did not arrive. */
void io_close_stdout(void);
