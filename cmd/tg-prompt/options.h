/*
 * options: tg-prompt's options, and the catalogue and examples they name.
 */
#pragma once

#include "record/filter.h"
#include "secrets.h"
#include "task/catalogue.h"
#include "task/examples.h"

/* Upper bounds of k, of draws and of votes. */
enum { PROMPT_EXAMPLES = 100, PROMPT_DRAWS = 1000, PROMPT_VOTES = 1000 };

struct prompt_opts {
	const char *text_field; /* member that holds the code; NULL: usual */
	const char
	    *language_field; /* member with its language; NULL: the usual */
	int k;               /* examples in a prompt */
	int per_run, retry, replay;
	int draws;         /* records that are made of a document */
	int no_vary;       /* 1: prompts are not varied */
	struct axis roles; /* roles of the file roles_file; n 0: the row's */
	const char *roles_file; /* NULL: not given */
	struct arena mem;       /* memory of the roles */
	int negatives; /* negatives that a pair shall have; 0: not given,
			* tg-llm says how many */
	int votes;     /* answers that a judge is asked for */
	int orders;    /* orders in which verify asks, 1 or 2 */
	int no_mark;   /* 1: no negative is to say which requirement it fails */
	long long seed;      /* seed of all draws */
	const char *summary; /* file for the number of records; NULL: none */
	enum redact_what secrets;
	int list, json; /* 1: print the catalogue; as JSON on a terminal */
	/* file of more languages; "": none, but print all; NULL: not given */
	const char *languages;
	int list_examples; /* 1: print them and serve no record */
	const char *task_name, *examples, *tasks; /* as given, or NULL */
	struct catalogue *catalogue;
	struct examples *pool;     /* few-shot pool; NULL: none */
	const struct task *task;   /* row of the catalogue; NULL: not given */
	const char *language;      /* key of the natural language */
	const char *code_language; /* key; NULL: not given */
	const char *target;        /* key; NULL: not given */
};

/*
 * Read the options into *o, with $TG_TASKS where --tasks is not given, look up
 * what they name, and set the program of the filter. Return the operands, the
 * first of which is the subcommand. Exit as filter_options does, also where a
 * name is unknown or a file cannot be read.
 */
char **prompt_opts_parse(
    struct prompt_opts *, struct filter *, int argc, char **argv);
