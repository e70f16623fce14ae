/*
 * logprobs: the probabilities of the token that an answer begins with, or of
 * the digit that is a judge's verdict.
 */
#pragma once

#include "base/buf.h"
#include "base/mem.h"

/*
 * Find in tokens, choices[].logprobs.content of a reply, the token that begins
 * answer (decoded, less the thinking before it); or the token with the digit,
 * if verdict_read reads a verdict from the answer. Return an object of tokens
 * and natural logarithms, the chosen token first, then the others in the order
 * given. The object is in the arena; p NULL if there are no tokens, or the
 * answer is not found in them. js_text must have accepted tokens.
 */
struct span logprobs_of(struct span tokens, struct span answer, struct arena *);

/*
 * Set *p to P("1") / (P("0") + P("1") + P("2")) of what logprobs_of gave, from
 * 0 to 1. A token counts for the digit if nothing but blanks and punctuation is
 * around that, and no sign or point before it; a digit that no token stands for
 * has probability 0. Return 0; -1 if the object holds fewer than two tokens, or
 * none of the three.
 */
int logprobs_p(struct span object, double *p);
