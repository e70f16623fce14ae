/*
 * filter: the loop of every program but tg-llm, and its common options.
 *
 * Lines that are no records pass as error records; output waits in a buffer
 * only as long as input is at hand, so that nothing lingers in a slow stream.
 */
#ifndef TG_FILTER_H
#define TG_FILTER_H

#include "record/options.h"
#include "record/rec.h"

/* What serve may return. */
enum filter_did {
	FILTER_PASS, /* write the record, changed or not */
	FILTER_TAKE, /* it is done with: write nothing */
};

struct filter {
	const struct program *program; /* name, options and usage */
	const char *tool; /* name of the program, from filter_options */
	enum filter_did (*serve)(struct filter *, struct rec *);
	/* NULL, or called after each record and every second of waiting */
	void (*tick)(struct filter *);
	/* NULL, or called when all is read; it may append to out */
	void (*end)(struct filter *);
	int serve_bad;   /* bad lines are served, as their error records */
	void *ctx;       /* the command's own */
	size_t max_line; /* longest line, bytes; 0: LINES_LIMIT */
	unsigned long long given; /* options given, for options_only */
	struct buf out;  /* whole lines; serve may append some itself */
	/* NULL, or where they go in place of stdout; ends the program when it
	 * fails */
	void (*put)(struct filter *, struct span lines);
	size_t lines;    /* lines read so far, blank ones aside */
	/* NULL, or a file that holds their number, as {"lines":N}, from before
	 * what they became is written; 0 at the start */
	const char *count_file;
	int count_fd;
	size_t failed;   /* records that ended in error here */
};

/*
 * Parse the options of the filter's program into *to, with tool, max_line
 * and given of the filter, and return the operands, NULL-terminated in argv. Exits as
 * options_parse does.
 */
char **filter_options(struct filter *, void *to, int argc, char **argv);

/*
 * Refuse to write over what is read: end the program with TG_EX_USAGE if path,
 * which option opt is to write, is the same regular file as one of files
 * (NULL-terminated; "-", or no file at all, is stdin). Call this before path is
 * opened.
 */
void filter_output(const struct filter *, const char *opt, const char *path,
    const char *const *files);

/* Print the usage and exit if stdin is a terminal and no file is named. */
void filter_tty(const struct filter *, char *const *files);

/*
 * Serve every record of the files (stdin if there are none) and close
 * stdout. Returns the exit status; ends the program when input or output
 * fails.
 */
int filter_run(struct filter *, char *const *files);

#endif
