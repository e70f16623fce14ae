/*
 * language: the languages that a record may name.
 *
 * A language is known by its key: "en", "zh_tw"; "python", "cplusplus". The
 * name or an alias, in any letter case, finds the key. The table is built in;
 * the functions return what is borrowed from it, or NULL if it does not have
 * the language.
 */
#pragma once

#include <stdint.h>

#include "base/buf.h"

/* Return the key of the natural language that word names. */
const char *language_key(struct span word);

/* Return the name of the natural language with that key. */
const char *language_name(const char *key);

/* Return the key of the code language that word names; "" for "" and "null". */
const char *language_code_key(struct span word);

/* Return the name of the code language with that key; "" for "". */
const char *language_code_name(const char *key);

/*
 * Return the key of the code language that the ending of a file's path tells,
 * in any letter case; NULL if it tells none.
 */
const char *language_of_path(struct span path);

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
