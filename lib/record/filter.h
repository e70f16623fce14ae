/*
 * filter: the main loop of every program but tg-llm.
 *
 * Lines that are no records pass as error records. Output waits in a buffer
 * only while input is at hand, so that a slow stream is not held up.
 */
#pragma once

#include "io/lines.h"
#include "record/options.h"
#include "record/rec.h"

/* The use of a record that was served. */
enum filter_did {
	FILTER_PASS, /* write the record, changed or not */
	FILTER_TAKE, /* write nothing */
	/* write the record, and serve the same line once more as it was */
	FILTER_AGAIN,
};

struct filter {
	const struct program *program; /* name, options and usage */
	enum filter_did (*serve)(struct filter *, struct rec *);
	/* function called after each record and every second; or NULL */
	void (*tick)(struct filter *);
	/* function called after the last record; may append to out; or NULL */
	void (*end)(struct filter *);
	int done;      /* 1: serve or its caller wants no more records */
	int serve_bad; /* 1: bad lines are served, as error records */
	void *ctx;     /* data of the program */
	struct options_found found; /* result of filter_options */
	struct buf out; /* output, whole lines; serve may append to it */
	/* function that takes the output, not stdout, or exits; or NULL */
	void (*put)(struct filter *, struct span lines);
	size_t lines; /* number of lines read, without blank ones */
	size_t turn;  /* number of times that the line was served before */
	size_t more;  /* number of records written besides one a line */
	/*
	 * file for that number and, if they are more, that of the records,
	 * {"lines":N,"records":N}, written before output; or NULL
	 */
	const char *count_file;
	/* function that adds members to that object as counts grow; or NULL */
	void (*counts)(struct filter *, struct buf *out);
	int count_fd;  /* descriptor of it; 0: not open yet */
	size_t failed; /* number of records that ended in error here */
	size_t told;   /* number of those whose message was due */
	/* input of another kind, which is told once; compared to in->files */
	const char *const *other_kind;
	/* error code, quoted, of which one failure is told; NULL: all are told
	 */
	const char *once_code;
	size_t once;            /* number of failures of that code */
	size_t warned;          /* number of calls of filter_warn */
	const struct lines *in; /* input of the record that serve gets */
	/* function called before output leaves; or NULL */
	void (*before)(struct filter *);
	/* function that tells whether a line, just counted, is left out; or
	 * NULL */
	int (*skip)(struct filter *, struct span line);
};

/*
 * Parse the options of the filter's program into *to, set found of the
 * filter, and return the operands. Exits as options_parse does.
 */
char **filter_options(struct filter *, void *to, int argc, char **argv);

/*
 * Refuse to write over an input: exit with TG_EX_USAGE if path, which option
 * opt names as an output, is the same regular file as one of files. files ends
 * in NULL, where "-", or no file at all, is stdin; files NULL: no input. Call
 * this before path is opened.
 */
void filter_output(const char *opt, const char *path, const char *const *files);

/*
 * Print the usage and exit if stdin is a terminal and no file is named.
 * filter_run does so, too, but a program may have opened files by then.
 */
void filter_tty(const struct filter *, char *const *files);

/*
 * Count a record that has ended in error, and print its message with the file
 * and line that it came from; but no more messages than twenty, and of
 * once_code the first alone.
 */
void filter_failed(
    struct filter *, struct rec *, const char *file, size_t lineno);

/*
 * Print what and why with the file and line of the record that is being served,
 * but no more messages than twenty.
 */
void filter_warn(struct filter *, const char *what, struct span why);

/*
 * Append to out the error record of the line last got, or its head, of bytes
 * bytes: why is what rec_read says of it, NULL if it is too long. Count and
 * print it as filter_failed does, and return the code of the error. A file that
 * is no JSON Lines at all, such as a gzip file, is named once.
 */
const char *filter_bad_line(struct filter *, const struct lines *,
    struct span line, size_t bytes, const char *why, struct buf *out);

/*
 * Serve every record of files (none: stdin) and close stdout. Return the exit
 * status; exit if input or output fails.
 */
int filter_run(struct filter *, char *const *files);
