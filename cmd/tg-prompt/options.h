/*
 * options: what tg-prompt is told on its command line, and the catalogue
 * and examples that this names.
 */
#ifndef TG_PROMPT_OPTIONS_H
#define TG_PROMPT_OPTIONS_H

#include "record/filter.h"
#include "task/catalogue.h"
#include "task/examples.h"

enum { PROMPT_EXAMPLES = 100 }; /* k at most */

struct prompt_opts {
	const char *text_field, *language_field; /* the latter or NULL */
	int k, per_run, retry;
	long long seed;
	const char *summary; /* file for the number of records; NULL: none */
	int list, languages; /* 1: print these and serve no record */
	/* names as they were given, or NULL */
	struct prompt_names {
		const char *task, *language, *code_language, *target;
		const char *examples, *tasks;
	} names;
	/* what they stand for */
	struct catalogue *catalogue;
	struct examples *pool;     /* NULL: none */
	const struct task *task;   /* NULL: not given */
	const char *language;      /* keys */
	const char *code_language; /* NULL: not given */
	const char *target;        /* NULL: not given */
};

/*
 * Read the options into names and what stands above them, with $TG_TASKS for
 * tasks; all else is NULL. The filter gets its usage. Exits for --help,
 * --version and, like the next, what is no proper use.
 */
char **prompt_opts_parse(
    struct prompt_opts *, struct filter *, int argc, char **argv);

/*
 * Read the catalogue and, unless it is only to be printed, look the names up
 * in it and read the examples.
 */
void prompt_opts_open(struct prompt_opts *, const struct filter *);
void prompt_opts_free(struct prompt_opts *);

#endif
