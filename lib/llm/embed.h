/*
 * embed: requests for the vectors of texts, and the replies to them.
 *
 * Source: the OpenAI API, "Create embeddings": input, model, encoding_format;
 * data [{index, embedding}], where embedding is a list of numbers or, as was
 * asked for, base64 of float32, little-endian.
 *
 * A vector is held as that base64, whichever of the two a server has sent.
 */
#pragma once

#include "llm/reply.h"

/* Most floats of a vector that are taken. */
enum { EMBED_DIMS_MAX = 65536 };

/*
 * Return how many floats a vector has; 0 if s is no base64 of floats, or holds
 * one that is not finite. floats has room for EMBED_DIMS_MAX of them and gets
 * them; NULL: they are not wanted.
 */
size_t embed_decode(struct span s, float *floats);

/*
 * Read the body of a 200 to a request for n texts: 0, with the vector of text i
 * as the text of choice i; -1 with *why if it is anything else. Vectors have
 * *dims floats each; 0: any number, which *dims then is. All is borrowed from
 * body or the arena.
 */
int embed_read(struct span body, int n, size_t *dims, struct arena *,
    struct reply *, const char **why);
