/*
 * text: white space, words, characters and messages.
 *
 * Texts are UTF-8 and may hold NUL bytes.
 */
#pragma once

#include "base/buf.h"

/* Cut off the byte order mark that some programs begin a file with. */
struct span text_skip_bom(struct span);

/* Return the text without the white space at both ends. */
struct span text_trim(struct span);

/* Return the text without the white space at its end. */
struct span text_trim_end(struct span);

/* Take the first line off *s, returned without its newline; *s is not empty. */
struct span text_take_line(struct span *s);

/* Return whether c may stand in a name: a letter or digit of ASCII, or "_". */
int text_is_word_char(char c);

/* Return whether s is a word of list, "a|b|c", in any case of ASCII. */
int text_is_one_of(struct span s, struct span list);

/* Return the length of the UTF-8 sequence at p, 0 if it is none. */
size_t text_utf8(const char *p, const char *end);

/* Move p back to the start of its character, but not before start. */
const char *text_char_start(const char *p, const char *start);

/* Append s with control characters as '?', at most max bytes: for messages. */
void text_printable(struct buf *, struct span s, size_t max);
