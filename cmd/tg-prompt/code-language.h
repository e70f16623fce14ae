/*
 * code-language: finds the code language that a record names, and counts the
 * records of each.
 *
 * A record's own tg.code_language comes first. Then it is the member that
 * --code-language-field names or, without that option, the first of these at
 * top level that says it: code_language, language where that names no natural
 * language, and the ending of path or of its like.
 */
#pragma once

#include "options.h"
#include "record/rec.h"

enum code_language_from {
	CODE_LANGUAGE_WRONG, /* the record has ended in an error */
	CODE_LANGUAGE_TG,    /* tg.code_language */
	CODE_LANGUAGE_READ,  /* a member at top level */
	CODE_LANGUAGE_NONE,  /* the record names none */
};

/*
 * Find the code language of a record: *key is its key, borrowed from the table
 * of languages; "" if the record names that there is none; NULL if it says
 * nothing. A language that is unknown ends the record in an error, and so does
 * a record without the member that --code-language-field names unless -c is
 * given.
 */
enum code_language_from code_language_of(
    struct rec *, const struct prompt_opts *, const char **key);

enum { LANGUAGES_SEEN = 64 }; /* further languages are not told apart */

/* Numbers of records by their code language. Zero-initialise it. */
struct languages_seen {
	struct {
		const char *key;
		size_t n; /* number of records */
	} of[LANGUAGES_SEEN];
	size_t read;     /* number of records whose language was read */
	size_t unnamed;  /* number of records that name none */
	size_t rejected; /* number of records that the task does not take */
};

/* Count a record of a code language. */
void code_language_count(
    struct languages_seen *, const char *key, enum code_language_from);

/*
 * Append the counts in words, "52 JavaScript, 8 Python; ..."; nothing if every
 * record got its language from -c or tg. default_given: -c was given.
 */
void code_language_words(
    struct buf *, const struct languages_seen *, int default_given);
