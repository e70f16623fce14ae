/*
 * append: add whole lines to a file of triplets that may have been left torn.
 *
 * Whoever is killed, whenever, what is in the file are whole lines and at most
 * the beginning of one behind them; the next append_open takes that away.
 */
#ifndef TG_EMIT_APPEND_H
#define TG_EMIT_APPEND_H

#include <sys/types.h>

#include "base/buf.h"

struct append {
	int fd;
	off_t size; /* of the file: the end of its last line */
};

/*
 * Open file, or make it, and lock it against others that do. A last line
 * without its newline gets it if it is a whole triplet, and is cut off if it is
 * the beginning of one in a file that begins with a triplet; *torn is how many
 * bytes that took, 0 if none. A file with any other last line is left as it is.
 * 0; -1 with *why, borrowed until errno's text is asked again: no regular file,
 * in use, not what tg-emit writes, or an error of the system.
 */
int append_open(struct append *, const char *file, size_t max_line,
    size_t *torn, const char **why);

/*
 * Add lines, each with its newline: 0, or -1 with errno. What of them was
 * written before the failure is then whole lines, too.
 */
int append_lines(struct append *, struct span);

/* See that all of it is on the disk, and close: 0, or -1 with errno. */
int append_close(struct append *);

#endif
