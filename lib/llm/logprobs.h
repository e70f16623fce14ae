/*
 * logprobs: the probabilities of the first token of an answer.
 */
#pragma once

#include "base/buf.h"
#include "base/mem.h"

/*
 * Find in tokens, choices[].logprobs.content of a reply, the token that begins
 * answer (decoded, less the thinking before it). Return an object of tokens and
 * natural logarithms, the chosen token first, then the others in the order
 * given. The object is in the arena; p NULL if there are no tokens, or the
 * answer is not found in them. js_text must have accepted tokens.
 */
struct span logprobs_of(struct span tokens, struct span answer, struct arena *);

/*
 * Set *score to P("1") / (P("0") + P("1") + P("2")) of what logprobs_of gave,
 * each token taken without white space, quotes, backticks, asterisks and one
 * full stop around it. Return 0; -1 if the object holds fewer than two tokens,
 * or none of the three.
 */
int logprobs_score(struct span object, double *score);
