/*
 * nearest: the name that a mistyped word most likely means, for "did you mean".
 *
 * Letter case, and "-", "_", "." and blanks within a word, make no difference:
 * webCodeRetrieval and web-code-retrieval are web_code_retrieval.
 */
#pragma once

#include <stddef.h>

#include "base/buf.h"

/* A search for the name nearest to word. Set word, and leave the rest zero. */
struct nearest {
	struct span word; /* word that was typed, borrowed */
	const char *name; /* nearest name so far, borrowed; NULL: none is near */
	size_t cost;      /* distance of that name; the unit is of no meaning */
};

/*
 * Weigh one more name, and keep it in n->name if it is near and nearer than
 * those before. A name is near if a slip of the hand in every fourth letter
 * makes the word of it, or if it contains the word.
 */
void nearest_offer(struct nearest *n, const char *name);

/*
 * Return " (did you mean NAME?)" for a message, borrowed until the next call; ""
 * if no name is near.
 */
const char *nearest_hint(const struct nearest *n);
