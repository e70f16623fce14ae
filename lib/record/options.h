/*
 * options: one table of a program's options, from which its usage text, its
 * parser and the output of --options are made.
 *
 * A table is static and ends with OPTIONS_COMMON. It says where in a struct of
 * the caller each value goes. A long option may be cut short as long as one
 * option of the program alone begins with it.
 */
#pragma once

#include <stddef.h>

#include "base/buf.h"

enum option_type {
	OPTION_FLAG,     /* no value; an int becomes 1 */
	OPTION_HELP,     /* no value; prints the usage text and exits */
	OPTION_VERSION,  /* no value; prints the version and exits */
	OPTION_OPTIONS,  /* no value; prints the table and exits */
	OPTION_STRING,   /* const char *, borrowed from argv */
	OPTION_LIST,     /* struct option_list; the option may be repeated */
	OPTION_INT,      /* integer of 4 or 8 bytes, within lo..hi */
	OPTION_REAL,     /* double, within min..max */
	OPTION_OBJECT,   /* struct span, an object of JSON */
	OPTION_CHOICE,   /* int or enum, the index of a word of choices */
	OPTION_MAX_LINE, /* longest line in bytes, for options_parse's caller */
};

/* The groups tell scripts such as tg-run what depends on an option. */
enum option_group {
	OPTION_ANSWER,   /* answers; the option is part of a cache's key */
	OPTION_SAMPLING, /* answers, but those of the judge */
	OPTION_LIMIT,    /* a limit, which several processes may share */
	OPTION_RUN,      /* how the program runs */
};

struct option_def {
	const char *name; /* long name without dashes; NULL ends a table */
	char letter;      /* short name; 0: none */
	enum option_type type;
	enum option_group group;
	const char *arg;  /* value's name; the synopsis of a letter has name */
	const char *help; /* help text; NULL: that of the next option */
	size_t at, size;  /* place of the value, from OPTION_AT */
	long long lo, hi; /* bounds of an integer, inclusive */
	double min, max;  /* bounds of a real number, inclusive */
	double scale; /* factor with which a real number becomes an integer of 8
		       * bytes; 0: it stays a double */
	const char *choices; /* "task | run | none"; the synopsis has it, too */
	unsigned forms;      /* forms of use that have it; 0: the first form */
	int required;        /* 1: each form that has it needs it */
	unsigned spared;     /* forms that have it and do not need it */
	int optional; /* 1: the value may be missing, and is "" then; one that
		       * looks like an option is none */
	/* function that stores a value of the right type and bounds; or NULL */
	void (*set)(void *at, const char *value);
};

/* The place of a member of a struct. */
#define OPTION_AT(type, member)                                                \
	.at = offsetof(type, member), .size = sizeof(((type *)0)->member)

/* The row of an option that most programs have. */
#define OPTION_MAX_LINE_DEF                                                    \
	"max-line", 0, OPTION_MAX_LINE, OPTION_RUN, "BYTES",                   \
	    "longest line taken, 64 MiB", .size = sizeof(size_t), .lo = 1024,  \
					  .hi = 1LL << 32

/* The rows that end every table. */
#define OPTIONS_COMMON                                                         \
	{ "help", 0, OPTION_HELP, OPTION_RUN, .forms = OPTION_NO_FORM },       \
	    { "version", 0, OPTION_VERSION, OPTION_RUN,                        \
		    .forms = OPTION_NO_FORM },                                 \
	    { "options", 0, OPTION_OPTIONS, OPTION_RUN, .help = "",            \
		    .forms = OPTION_NO_FORM },                                 \
	{                                                                      \
		0                                                              \
	}

/* Bits of forms: no form has the option, or every form. */
#define OPTION_NO_FORM (1u << 31)
#define OPTION_ALL_FORMS (~OPTION_NO_FORM)

/* One form of use: a line or more of the usage text. */
struct option_form {
	unsigned bits;      /* the options that have one of them are listed */
	const char *before; /* words before the options; "": none */
	const char *after;  /* words after them; NULL ends the forms */
};

struct program {
	const char *name; /* "tg-judge" */
	struct option_form forms[16];
	const char *about; /* lines between the forms and the options */
	const char *notes; /* lines after the options */
	const struct option_def *options; /* table, 64 rows at most */
};

/* The values of an option that may be repeated. Zero-initialise it. */
struct option_list {
	const char **v; /* n values and NULL; NULL: none; the owner frees it */
	size_t n;
};

/* Results of options_parse besides the values. */
struct options_found {
	char **operands;          /* rest of argv, NULL-terminated */
	size_t max_line;          /* bytes; 0: not given */
	unsigned long long given; /* bit i: option i of the table was given */
};

/*
 * Call io_start, parse a command line, store the values in *to and return the
 * rest. Print and exit with TG_EX_OK for --help, --version and --options; exit
 * with TG_EX_USAGE after one line for what the table does not allow. argv is
 * reordered, and values are borrowed from it.
 */
struct options_found options_parse(
    const struct program *, void *to, int argc, char **argv);

/*
 * Exit with options_refuse unless each option in given, from options_parse, has
 * one of bits among its forms; form names these in the message.
 */
void options_only(const struct program *, unsigned long long given,
    const char *form, unsigned bits);

/* Append a value to a list that is now NULL-terminated. */
void options_add(struct option_list *, const char *value);

/*
 * Return value as a whole number within lo..hi, or exit with options_refuse
 * naming the option opt.
 */
long long options_int(
    const char *opt, const char *value, long long lo, long long hi);

/* Append the text of --help to a buffer. */
void options_usage(const struct program *, struct buf *);

/*
 * Return the number of the command that a word names among n, whose names stand
 * every size bytes from the first on, or exit; word NULL: there is none.
 */
size_t options_command(
    const char *word, const char *const *first, size_t n, size_t size);

/* Print "program: what" and a pointer to --help on stderr; exit TG_EX_USAGE. */
_Noreturn void options_refuse(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));
