/*
 * plant: a copy of a text as somebody else would have written it.
 *
 * Names that the text defines itself (see own.h) get other names, each the same
 * everywhere. Neighbours change places where that plainly makes no difference:
 * functions that do not name each other, and assignments of one line that share
 * no name, at most one of which calls anything. All else stays: comments,
 * literals, layout, and names that come from elsewhere. So a copy says whether
 * a miner is deceived by these changes, and nothing of others.
 */
#pragma once

#include "base/buf.h"
#include "lex/lex.h"

/* Changes of a copy: none, if both are 0. */
struct plant_changes {
	size_t names; /* different names that were replaced */
	size_t moved; /* pairs of neighbours that changed places */
};

/*
 * Append a copy of a text to out, and return what was changed; out stays as it
 * is where nothing can be. The text is any bytes; the copy depends on it, its
 * language and the seed alone. Its tokens are of the same kinds, and those that
 * are no names the same.
 */
struct plant_changes plant_copy(const struct lex_language *, struct span text,
    long long seed, struct buf *out);
