/*
 * strip: code without its comments.
 */
#pragma once

#include "lex/lex.h"

/*
 * Append text without its comments to out. Lines that held only comments go,
 * and so do the blanks before a comment at the end of a line; a comment between
 * two tokens of a line becomes one blank. All else stays to the byte, strings
 * above all; the tokens are the same but for the comments.
 *
 * Kept are comments that mean something to a program: a first line that begins
 * with #!, an encoding within the first two lines, build tags and pragmas of Go
 * (//go:, //line, // +build, //export), and the comments above `import "C"`.
 * Docstrings of Python are strings, and stay too. Language NULL: nothing is
 * known to be a comment, and text is appended whole.
 */
void strip_comments(
    const struct lex_language *, struct span text, struct buf *out);
