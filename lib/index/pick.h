/*
 * pick: which of a query's hits become its negatives.
 *
 * Hits are looked at in the order of their ranks. One that breaks a rule is
 * dropped and counted under the first rule that it breaks; when `from` of them
 * have passed, those that are taken are chosen among these. Nothing is filled
 * up: where too few pass, too few are picked.
 *
 * A margin is a distance below the positive's score. It is added to that, never
 * multiplied with it, so it means the same where scores are negative: a share
 * is of the score's absolute value.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The rules, by the first of which a hit is dropped; names in pick_names. */
enum pick_rule {
	PICK_PASSED,
	PICK_POSITIVE,        /* a positive of the query */
	PICK_RANK,            /* rank before rank_min */
	PICK_MIN_SCORE,       /* score below min_score; no later hit is seen */
	PICK_MAX_SCORE,       /* score above max_score */
	PICK_MARGIN,          /* nearer to the positive's score than margin */
	PICK_RELATIVE_MARGIN, /* nearer than that share of the score */
	PICK_PERC_POS,        /* score above that share of the positive's */
	PICK_NO_SCORE,        /* no score; for the caller to count */
	PICK_EMPTY,           /* rules from here on are the guard's */
	PICK_OTHER_POSITIVE,
	PICK_QUERY,
	PICK_SOURCE,
	PICK_NEAR_COPY,
	PICK_DUPLICATE,
	PICK_RULES
};

extern const char *const pick_names[PICK_RULES];

/* Hits that are taken of those that pass. */
enum pick_take {
	PICK_LENGTH, /* hits whose length is nearest to the positive's */
	PICK_TOP,    /* the first */
	PICK_RANDOM, /* some, drawn */
};

struct pick_rules {
	uint64_t rank_min, rank_max; /* ranks, from 1; 0: no bound */
	double min_score, max_score; /* scores; -INFINITY, INFINITY: no bound */
	double margin;               /* score <= positive - margin; NAN: off */
	double relative_margin;      /* the same of |positive|; NAN: off */
	double perc_pos;             /* the same with 1 - perc_pos; 0: off */
	enum pick_take take;
	size_t from; /* hits that pass before some are taken; top: not used */
};

/* A hit, as rules see it. */
struct pick_hit {
	double score;
	uint64_t rank;   /* rank in the pool, from 1 */
	uint64_t length; /* length of its text, in any unit */
	uint64_t draw;   /* number that decides a random choice */
	bool positive;   /* whether it is a positive of the query */
};

/* A query that negatives are wanted for. */
struct pick_query {
	double score;    /* least score of its positives */
	bool scored;     /* whether there is a score; else no margin holds */
	uint64_t length; /* length of its first positive, in the same unit */
	size_t wanted;   /* negatives to pick at most */
	/* function that looks at the text of hit i, and returns PICK_PASSED or
	 * the rule that it breaks; called once for each hit that passes all
	 * rules before, in order; NULL: each passes */
	enum pick_rule (*guard)(void *ctx, size_t i);
	void *ctx;
};

struct pick_result {
	size_t *picked; /* indexes of the hits that are picked, by rank */
	size_t n, cap;
	size_t *passed; /* indexes of those that passed */
	size_t n_passed, passed_cap;
	size_t dropped[PICK_RULES]; /* hits dropped, by rules */
	bool enough;                /* whether later hits change nothing */
};

/* Return whether a rule needs the score of the positive. */
bool pick_needs_score(const struct pick_rules *);

/* Return the rule that a hit breaks, the guard aside. */
enum pick_rule pick_rule_of(const struct pick_rules *,
    const struct pick_query *, const struct pick_hit *);

/*
 * Pick among n hits, sorted by rank, and set *result, which is zeroed before
 * its first use and freed by pick_free. If it is not enough, more hits may give
 * another result; call again then with all of them, from the first.
 */
void pick(struct pick_result *result, const struct pick_rules *,
    const struct pick_query *, const struct pick_hit *, size_t n);
void pick_free(struct pick_result *);
