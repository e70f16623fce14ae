/*
 * ties: texts and keys that belong together, as sets that grow by joining.
 *
 * A node stands for a text or a key, once for all that are equal. Nodes of
 * texts that are near copies, equal but for names, literals, comments and
 * layout, are joined. A node takes about 37 bytes, and a text of code has
 * three.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/keyset.h"

/* Zero-initialise it, then set ids.value to TIES_VALUE. */
struct ties {
	struct keyset ids; /* nodes by what they stand for */
	uint32_t *parent;  /* node that each node was joined to, or itself */
	size_t n, cap;
};

enum { TIES_VALUE = 8 };

/* Return the node of a key of a kind, such as 'f', which is made if need be. */
uint32_t ties_key(struct ties *, char kind, struct span scope, struct span key);

/* Return the node of exactly this text, white space at its ends aside. */
uint32_t ties_text(struct ties *, struct span text);

/*
 * Return the node of the near copies of a text; if the text is no code, or too
 * short to tell, the node of exactly this text. code_language with p NULL: not
 * known.
 */
uint32_t ties_near(struct ties *, struct span text, struct span code_language);

void ties_join(struct ties *, uint32_t a, uint32_t b);

/* Return the node that stands for all that were joined with a node. */
uint32_t ties_root(struct ties *, uint32_t node);

void ties_free(struct ties *);
