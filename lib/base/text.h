/*
 * text: the text of prompts and answers cleaned.
 *
 * Texts are UTF-8 and may hold NUL bytes. Functions that cut return a span
 * into the one given.
 */
#pragma once

#include "base/buf.h"

/* Cut off white space at both ends. */
struct span text_trim(struct span);

/*
 * Cut an answer down to its data: without blank lines before and white space
 * behind, one
 * outer code fence (with or without a language tag) and one pair of matching
 * outer quotes. What is inside stays; a fence or quote that does not enclose
 * the whole is inside.
 */
struct span text_clean(struct span);

/*
 * Cut off a leading <think> block. A block that is never closed takes all; a
 * closing tag alone takes what is before it, unless it stands in quotes or in
 * a code fence, where it is part of the answer.
 */
struct span text_unthink(struct span);

/* Return whether s is a word of list, "a|b|c", in any case of ASCII. */
int text_is_one_of(struct span s, struct span list);

/* Return the length of the UTF-8 sequence at p, 0 if it is none. */
size_t text_utf8(const char *p, const char *end);

/* Move p back to the start of its character, but not before start. */
const char *text_char_start(const char *p, const char *start);

/* Append s with control characters as '?', at most max bytes: for messages. */
void text_printable(struct buf *, struct span s, size_t max);
