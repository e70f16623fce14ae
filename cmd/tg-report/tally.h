/*
 * tally: what became of the records, by task and language, and why.
 */
#pragma once

#include "base/keyset.h"
#include "io/counts.h"
#include "read.h"

enum { TALLY_ROWS = 1500, P_BINS = 10 };

struct tally_row {
	char *task, *language, *code_language; /* "": not named */
	size_t n[OUTCOMES];                    /* records by outcome */
	struct counts why;                     /* the codes of those not kept */
};

/* A struct of all zeros is empty. */
struct tally {
	struct tally_row *rows; /* in the order in which they came */
	size_t nrows;        /* rows; a row more than TALLY_ROWS is "other" */
	struct keyset index; /* key of a row -> its number */
	size_t n[OUTCOMES];  /* all records by outcome */
	struct counts why[OUTCOMES]; /* codes by outcome */
	json_t *message;             /* first message of each code, an object */
	size_t verdicts[3];          /* pairs by verdict of the judge */
	size_t judged;               /* pairs with a verdict */
	size_t by_p[P_BINS];         /* pairs by p, in tenths */
	size_t second;               /* pairs that a second judge decided */
	size_t with_p;               /* pairs with p */
};

void tally_add(struct tally *, const struct item *);
void tally_free(struct tally *);

/* Return the number of all records. */
size_t tally_all(const struct tally *);
