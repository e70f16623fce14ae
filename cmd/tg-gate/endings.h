/*
 * endings: how a text ends that wants more behind it.
 *
 * The ends are data, endings.txt.
 */
#pragma once

#include "base/buf.h"

/* Open the table, before all else; endings_close frees it. */
void endings_open(void);
void endings_close(void);

/* Return whether it ends in a word that seldom ends a sentence. */
int endings_is_weak(struct span text, const char *language);

/* Return whether a text, trimmed, has such an end in a language, by its key. */
int endings_wants_more(struct span text, const char *language);
