/*
 * language: the languages that a record may name.
 *
 * A language is known by its key: "en", "zh_tw"; "python", "cplusplus". The
 * name or an alias, in any letter case, finds the key. The table is built in,
 * and a user's file adds to it; the functions return what is borrowed from it,
 * or NULL if it does not have the language.
 */
#pragma once

#include <stdint.h>

#include "base/buf.h"

/*
 * Add the languages of file or, if that is NULL, of the file that $TG_LANGUAGES
 * names; nothing where neither is given. Only the first call has an effect. The
 * rows are as language_print writes them: name, and where there are any key,
 * aliases and extensions; "natural": true makes it a natural language. A row
 * with the key of a language that is there adds aliases and extensions to it.
 * Exit with TG_EX_USAGE where the file is wrong, or TG_EX_IO where it cannot be
 * read.
 */
void language_open(const char *file);

/* Return the key of the natural language that word names. */
const char *language_key(struct span word);

/* Return the name of the natural language with that key. */
const char *language_name(const char *key);

/* Return the key of the code language that word names; "" for "" and "null". */
const char *language_code_key(struct span word);

/*
 * Return " (did you mean NAME?)" for a word that names no code language, or no
 * natural language, borrowed until the next call; "" if no name is near.
 */
const char *language_code_hint(struct span word);
const char *language_hint(struct span word);

/*
 * Return whether a word names a natural language, whether the table has it or
 * not: "English", "pt", "zh-Hans", "en_US".
 */
int language_is_natural(struct span word);

/* Return the name of the code language with that key; "" for "". */
const char *language_code_name(const char *key);

/*
 * Return the key of the code language that the ending of a file's path tells,
 * in any letter case; NULL if it tells none.
 */
const char *language_of_path(struct span path);

/*
 * Return the ending of the name of a file, without its dot, within path; p
 * NULL: it has none, as "Makefile" and ".profile".
 */
struct span language_ending(struct span path);

/*
 * Return the target for translating from key: partner number draw, modulo
 * their count, in the table of pairs. NULL if key has none.
 */
const char *language_code_partner(const char *key, uint64_t draw);

/*
 * Append the code languages, one line of JSON each: key, name, aliases and
 * file name extensions.
 */
void language_print(struct buf *);
