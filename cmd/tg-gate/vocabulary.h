/*
 * vocabulary: the words of English that are often written.
 *
 * The words are data, vocabulary.txt: in order, and with those that begin as a
 * longer one does.
 */
#pragma once

#include "base/buf.h"

/* Open the list, before all else; vocabulary_close frees it. */
void vocabulary_open(void);
void vocabulary_close(void);

/*
 * Return whether a word in small letters is the first part of words on the list
 * and none itself.
 */
int vocabulary_is_part(struct span word);
