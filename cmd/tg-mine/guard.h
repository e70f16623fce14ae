/*
 * guard: the texts that no negative of a query may be, or be a near copy of.
 *
 * These are its positives, those of equal queries, the query itself, the
 * document that it was made from, and negatives that it has already.
 */
#pragma once

#include "index/pick.h"
#include "known.h"
#include "sketches.h"

/* The guard of one query. A zeroed struct guards nothing. */
struct guard {
	const struct lex_language *language; /* language of all texts */
	double likeness;                 /* shingles in common of a near copy */
	const struct known *known;       /* positives of equal queries */
	const struct known_query *equal; /* equal queries; NULL: none */
	struct keyset_key scope;         /* key of the query */
	struct guarded *texts;           /* n of them */
	size_t n, cap;
	struct guard_negative *negatives; /* n_negatives of them */
	size_t n_negatives, negatives_cap;
	size_t kept; /* negatives that were there before any was looked at */
};

/* Begin a guard anew, for a query; what it has is forgotten. */
void guard_begin(struct guard *, const struct lex_language *, double likeness);

/* Add a text, which is not kept, and the rule that texts equal to it break. */
void guard_add(struct guard *, enum pick_rule, struct span text);

/* Set the query, and guard the positives of equal ones among those known. */
void guard_query(struct guard *, struct span text, const struct known *);

/* Add a negative that the query has already. */
void guard_keep(struct guard *, struct near *scratch, struct span text);

/* Forget the candidates that passed: they are looked at again. */
void guard_again(struct guard *);

/*
 * Return the rule that a document of an index breaks, or PICK_PASSED: then it
 * is a negative, and later ones may not equal it.
 */
enum pick_rule guard_look(struct guard *, const struct index *, uint64_t doc,
    struct sketches *, struct near *scratch);

/* Do the same with a text that is no document. */
enum pick_rule guard_look_text(
    struct guard *, struct span text, struct near *scratch);

void guard_free(struct guard *);
