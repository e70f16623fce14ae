/*
 * layout: code without its layout, to see whether that is all that differs.
 */
#pragma once

#include "lex/lex.h"

/*
 * Return whether two codes are equal but for layout: white space, line breaks,
 * commas before a closing bracket at a line's end and, in languages where they
 * mean the same, the kind of quotes. Indentation counts where it is grammar, by
 * its levels. Language NULL reads what most languages have in common.
 */
int layout_same(const struct lex_language *, struct span, struct span);

/* Return whether they are equal but for layout, comments and docstrings. */
int layout_same_bare(const struct lex_language *, struct span, struct span);

/* Return whether two texts are equal but for white space. */
int layout_same_text(struct span, struct span);
