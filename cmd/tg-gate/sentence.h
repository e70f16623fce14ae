/*
 * sentence: whether a text in prose stops in the middle of a sentence.
 */
#pragma once

#include "base/buf.h"

/*
 * Return whether a text, trimmed, ends within a sentence, as its last word and
 * the sentences before it tell. language is the key of its natural language;
 * asked: a person asks in it, and may leave out the last full stop.
 */
int sentence_is_open(struct span text, const char *language, int asked);

/* Return whether a text breaks off by its last word, before a code block that
 * it does not go on in. */
int sentence_breaks_off(struct span, const char *language);
