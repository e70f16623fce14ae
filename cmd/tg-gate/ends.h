/*
 * ends: how code ends, whether it stops in the middle.
 */
#pragma once

#include "lex/lex.h"

/*
 * Return what is open at the end of code, in a word or two, static: a string, a
 * comment, a bracket, a block or a statement; NULL: nothing is. Only what the
 * language's tokens tell is seen: code cut between two statements looks whole.
 */
const char *ends_open(const struct lex_language *, struct span code);

/*
 * Return what is open at the end of a file whose language is not known, such as
 * a configuration, by its quotes, brackets and last character; NULL: nothing
 * is.
 */
const char *ends_open_config(struct span text);
