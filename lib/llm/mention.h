/*
 * mention: whether a mark of a chat template, found in a text, is a mark or
 * what a sentence or code of the text speaks of.
 */
#pragma once

#include "base/buf.h"

/* Return whether c is a quote or a backtick, or a space or a tab. */
int mention_is_quote(char c);
int mention_is_blank(char c);

/*
 * Return whether a sentence speaks of the mark before rest, as in "</think> is
 * the end": no answer and no reasoning begins with such a word.
 */
int mention_follows(struct span rest);

/*
 * Return whether the mark at p in s has nothing but a sentence, a statement of
 * code or a line break before it, blanks aside.
 */
int mention_is_apart(struct span s, const char *p);

/*
 * Return whether the closing mark of n bytes at p in s ends a block, and is no
 * word of a sentence or a string: it stands on a new line, or right behind
 * other text, or behind a sentence. opened: whether the block has a start.
 */
int mention_ends_block(struct span s, const char *p, size_t n, int opened);

/*
 * Return whether the mark at p, at the end of s or before another turn, is no
 * word of a sentence or a string.
 */
int mention_ends_turn(struct span s, const char *p, int at_end);
