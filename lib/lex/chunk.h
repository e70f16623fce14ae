/*
 * chunk: a text cut into parts of a bounded number of tokens.
 *
 * A cut stands where the code has a seam: between functions and classes rather
 * than within them, behind a blank line, at the start of a line. A string, a
 * comment or a line is cut only if it is too long by itself. The parts overlap.
 */
#pragma once

#include "lex/lex.h"

enum { CHUNK_MIN = 32 };

/* A part of a text: bytes start to end (exclusive). */
struct chunk {
	size_t start, end;
};

/* A walk over the parts of a text: for the functions below only. */
struct chunks {
	struct span text;
	size_t limit; /* tokens of a part */
	struct chunk_seam {
		size_t start;  /* offset where a part may begin */
		size_t tokens; /* estimate of the tokens up to the next seam */
		int cost;      /* how bad a cut here is; 0: best */
	} * seams;             /* n of them, then one at the end of the text */
	size_t n, cap, at;     /* at: the seam where the next part begins */
	bool done;
};

/*
 * Begin to cut a text, which stays the caller's and in place, into parts of at
 * most limit tokens by tokens_estimate; a limit below CHUNK_MIN counts as
 * that. chunks_end frees. It takes 24 bytes of memory for each line.
 */
void chunks_start(struct chunks *, const struct lex_language *,
    struct span text, size_t limit);

/*
 * Write the next part; return false behind the last. Parts leave out no byte of
 * the text: each begins within the one before it or right behind it, and ends
 * behind its end.
 */
bool chunks_next(struct chunks *, struct chunk *);

void chunks_end(struct chunks *);
