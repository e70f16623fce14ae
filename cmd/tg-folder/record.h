/* record: the records of one file, written to stdout. */
#pragma once

#include "lex/lex.h"
#include "options.h"

/* What the records of a file have in common; all of it is borrowed. */
struct record_file {
	const char *prefix; /* folder as it was named, with "/"; "" for "." */
	const char *path;   /* path within the folder */
	struct span repository, revision;
	const char *license; /* "": not known */
};

/* A part of a file that becomes a record, or several chunks. */
struct record_part {
	struct span text;     /* code */
	const char *language; /* key of its code language */
	size_t first;         /* line of the file where it begins; 0: whole */
	struct span name;     /* name of the function; p NULL: none */
	size_t cell;          /* number of the notebook's cell; 0: none */
};

/* What became of the parts of a file. */
struct record_counts {
	size_t parts, written, short_ones, long_ones, encoded;
	size_t copies;  /* functions that equal one taken before */
	size_t dropped; /* parts left out for their secrets */
	size_t tokens; /* tokens of the last part */
};

/* Output of the program and what a record needs to be made. */
struct records {
	const struct folder_opts *opts;
	struct record_file file;
	struct record_counts counts;
	struct buf out;        /* lines that wait to be written */
	struct buf scratch;    /* text that has been changed */
	struct redact *redact; /* finder of secrets; NULL: not used yet */
	struct buf redacted;   /* text without its secrets */
	size_t dropped;        /* parts left out for their secrets */
};

/* Append the folder's name as it stands before the paths of its files. */
void record_prefix(struct buf *, const char *folder);

/*
 * Return whether a part has as many tokens as a record may have; count it if it
 * has not.
 */
bool record_fits(struct records *, const struct record_part *);

/* Write the records of a part that fits. */
void record_write(struct records *, const struct record_part *);

/* Say on stderr how many secrets there were, unless there were none. */
void record_say_secrets(const struct records *);

/* Write what waits; exit if stdout fails. */
void record_flush(struct records *);
