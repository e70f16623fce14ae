/*
 * filter: the loop of every program but tg-llm, and its common options.
 *
 * Lines that are no records pass as error records; output waits in a buffer
 * only as long as input is at hand, so that nothing lingers in a slow stream.
 */
#ifndef TG_FILTER_H
#define TG_FILTER_H

#include <getopt.h>

#include "record/rec.h"

/* What serve may return. */
enum filter_did {
	FILTER_PASS, /* write the record, changed or not */
	FILTER_TAKE, /* it is done with: write nothing */
};

struct filter {
	const char *tool;  /* "tg-judge" */
	const char *usage; /* the text of --help; its first line is the usage */
	enum filter_did (*serve)(struct filter *, struct rec *);
	/* NULL, or called after each record and every second of waiting */
	void (*tick)(struct filter *);
	/* NULL, or called when all is read; it may append to out */
	void (*end)(struct filter *);
	int serve_bad;   /* bad lines are served, as their error records */
	void *ctx;       /* the command's own */
	size_t max_line; /* 0: LINES_LIMIT */
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

/* getopt_long values of the options every program has. */
enum { OPT_HELP = 256, OPT_VERSION, OPT_MAX_LINE, OPT_OWN };

/* Entries for a struct option table: --help, --version, --max-line. */
#define FILTER_OPTIONS                                                         \
	{ "help", no_argument, NULL, OPT_HELP },                               \
	    { "version", no_argument, NULL, OPT_VERSION },                     \
	{                                                                      \
		"max-line", required_argument, NULL, OPT_MAX_LINE              \
	}

/*
 * Handle a getopt_long value no command knows: --help and --version print
 * and exit 0, --max-line is stored; anything else exits with TG_EX_USAGE.
 */
void filter_option(struct filter *, int ch);

/* "tool: what" and a pointer to --help on stderr; exits TG_EX_USAGE. */
_Noreturn void filter_usage(const struct filter *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* optarg as a number within bounds, or filter_usage naming the option. */
long long filter_int(
    const struct filter *, const char *opt, long long min, long long max);
double filter_real(
    const struct filter *, const char *opt, double min, double max);

/*
 * Refuse to write over what is read: end the program with TG_EX_USAGE if path,
 * which option opt is to write, is the same regular file as one of files
 * (NULL-terminated; "-", or no file at all, is stdin). Call this before path is
 * opened.
 */
void filter_output(const struct filter *, const char *opt, const char *path,
    char *const *files);

/* Print the usage and exit if stdin is a terminal and no file is named. */
void filter_tty(const struct filter *, char *const *files);

/*
 * Serve every record of the files (stdin if there are none) and close
 * stdout. Returns the exit status; ends the program when input or output
 * fails.
 */
int filter_run(struct filter *, char *const *files);

#endif
