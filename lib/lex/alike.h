/*
 * alike: a digest that near copies share.
 */
#pragma once

#include "lex/lex.h"

enum { ALIKE_BYTES = 16 };

/*
 * Write the digest of a text: equal for texts of one language that are equal
 * but for names, literals, comments and layout. A text of fewer than 16 tokens
 * says too little for that: its names and literals count, too. Language NULL:
 * what most languages have in common.
 */
void alike_digest(const struct lex_language *, struct span text,
    unsigned char digest[ALIKE_BYTES]);

/*
 * Return whether two texts have one digest. Takes less time than two digests:
 * it stops at the first token that differs.
 */
bool alike_same(const struct lex_language *, struct span, struct span);
