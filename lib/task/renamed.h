/*
 * renamed: a digest that texts share which differ in names alone.
 */
#pragma once

#include "lex/lex.h"

enum { RENAMED_BYTES = 16 };

/*
 * Write the digest of a text: equal for texts of one language that are equal
 * but for comments, layout, and a one-to-one renaming of the names that they
 * define. Swapped names, another literal and another function that is called,
 * but not defined there, make a difference; so do, where the language goes by
 * them, line breaks and the depth of indentation. Language NULL: what most
 * languages have in common.
 */
void renamed_digest(const struct lex_language *, struct span text,
    unsigned char digest[RENAMED_BYTES]);
