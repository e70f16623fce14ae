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

/* A digest that is made of tokens as they come. Zero-initialise it. */
struct alike {
	struct buf out; /* bytes that the tokens have contributed */
	size_t n;       /* number of tokens that count, so far */
	bool exact;     /* whether names and literals are added as they are */
};

/*
 * Add the next token of a text, and at its end write the digest as alike_digest
 * does and begin anew: for callers that read the tokens themselves.
 */
void alike_add(struct alike *, struct span text, const struct lex_token *);
void alike_end(struct alike *, const struct lex_language *, struct span text,
    unsigned char digest[ALIKE_BYTES]);
void alike_free(struct alike *);

/*
 * Return whether two texts have one digest. Takes less time than two digests:
 * it stops at the first token that differs.
 */
bool alike_same(const struct lex_language *, struct span, struct span);
