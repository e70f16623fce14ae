/*
 * visible: the characters of a text that would act instead of being seen.
 *
 * Controls drive a terminal, bidirectional marks let code read as other code
 * than it is, and characters without width hide. They are shown by a name.
 */
#pragma once

#include "base/buf.h"

/*
 * Return how many bytes at the start of s may be shown as they are: none of
 * them belongs to a character that acts. Line feeds and tabs may be shown.
 */
size_t visible_run(struct span s);

/*
 * Take the character that acts, or the broken byte, off the start of *s, which
 * is not empty, and append its name: a picture for a control of ASCII, "U+202E"
 * for another character, U+FFFD for a byte that is no UTF-8.
 */
void visible_name(struct span *s, struct buf *);

/*
 * Return the beginning of s, of at most so many bytes and lines, that ends with
 * a whole character, and at the end of a line where one is near.
 */
struct span visible_cut(struct span s, size_t bytes, size_t lines);
