/*
 * program: whether a text is program code.
 */
#pragma once

#include "base/buf.h"

/*
 * Return whether all of a text is code, fenced or not. language is the key of
 * the natural language that it should be in.
 */
int program_is_all(struct span text, const char *language);

/*
 * Return whether a line is of a log or a stack trace, such as an indented one,
 * one that begins with a time, or "ValueError: no such host".
 */
int program_is_log(struct span line);

/* Return whether a line of a text begins with an error or a place in a file. */
int program_has_error(struct span text);

/* Add the lines of a text that are of no log. */
void program_add_said(struct buf *said, struct span text);
