/*
 * logprobs: how sure a model was of the first token of its answer.
 */
#ifndef TG_LOGPROBS_H
#define TG_LOGPROBS_H

#include "base/buf.h"
#include "base/mem.h"

/*
 * From the tokens of a reply, choices[].logprobs.content, those of the token
 * that begins answer (decoded; what comes before it, such as thinking, has
 * tokens too): a JSON object of token and natural logarithm, the chosen one
 * first, then the others in the order given. In the arena; p NULL if there are
 * none, or the answer is not found in them. The text of every token has to be
 * valid JSON, which js_text has seen to.
 */
struct span logprobs_of(struct span tokens, struct span answer, struct arena *);

/*
 * P("1") / (P("0") + P("1") + P("2")) from such an object, tokens taken less
 * white space and quotes. 0; -1 if it holds fewer than two tokens, or none of
 * these.
 */
int logprobs_score(struct span object, double *score);

#endif
