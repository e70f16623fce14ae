/*
 * kinds: what a file's path and its text say of its kind.
 *
 * Each function returns NULL or why the file is of the kind: words that stay
 * as long as the program runs, or until the next call.
 */
#pragma once

#include "lex/lex.h"

/* A path is one relative to the folder that was named. */
const char *kinds_vendored(const char *path);
const char *kinds_test(const char *path);

/* Return why a file is generated: by its name, or a comment at its head. */
const char *kinds_generated(
    const char *path, const struct lex_language *, struct span text);

/*
 * Return why a text is minified or a bundle: little white space in long lines,
 * or what bundlers write.
 */
const char *kinds_minified(struct span text);

/*
 * Return why a text is encoded data: much of it is base64 or hexadecimal
 * digits, a data URI, or a long array of numbers.
 */
const char *kinds_encoded(struct span text);
