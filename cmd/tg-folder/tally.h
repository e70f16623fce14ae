/* tally: what is taken from a folder, and what is left out and why. */
#pragma once

#include "base/buf.h"

/* The reasons to leave out a file, in the order in which they are printed. */
enum left {
	LEFT_NOT, /* the file is taken */
	LEFT_OTHER,
	LEFT_UNTRACKED,
	LEFT_IGNORED,
	LEFT_SUBMODULE,
	LEFT_LINK,
	LEFT_GONE,
	LEFT_CLOSED, /* folders, not files */
	LEFT_UNFIT,
	LEFT_NOT_TEXT,
	LEFT_XML,
	LEFT_LFS,
	LEFT_NAME,
	LEFT_NOTEBOOK,
	LEFT_VENDORED,
	LEFT_GENERATED,
	LEFT_MINIFIED,
	LEFT_ENCODED,
	LEFT_COPIES,
	LEFT_TEST,
	LEFT_BARE, /* no function or no code cell */
	LEFT_REASONS,
};

enum { TALLY_ENDINGS = 256, TALLY_LANGUAGES = 64 };

/* Counts of one folder. Zero-initialise; tally_free frees. */
struct tally {
	size_t files;              /* number of files taken */
	size_t records;            /* number of records written */
	size_t left[LEFT_REASONS]; /* numbers of files left out */
	size_t short_ones, long_ones,
	    encoded, copies;  /* numbers of records not written */
	size_t cells; /* number of notebook cells in other languages */
	struct tally_name {
		char *name; /* ending of other languages' files, or key */
		size_t n;
	} ending[TALLY_ENDINGS], language[TALLY_LANGUAGES];
	size_t endings, languages;
	int explain;        /* 1: print a line for each file */
	const char *prefix; /* what stands before a path there; borrowed */
};

/* What the message calls the numbers of records. */
struct tally_words {
	const char *folder; /* folder as it was named */
	const char *unit;   /* "function"; NULL: a record is a file */
	long long min, max; /* tokens of a record */
};

/*
 * Return the reason whose word for --keep is given, LEFT_NOT if there is none.
 */
enum left tally_keep(struct span word);

/* Append the words for --keep, with blanks between them. */
void tally_keep_words(struct buf *);

/*
 * Count a file that is left out, and explain it: why is a detail, "" for none.
 */
void tally_leave(struct tally *, enum left, const char *path, const char *why);

/* Count a file of this code language that is taken; what it gave is told. */
void tally_take(
    struct tally *, const char *language, const char *path, const char *what);

/* Print the counts of a folder. */
void tally_say(const struct tally *, const struct tally_words *);

void tally_free(struct tally *);
