/*
 * table: what tg-mine negatives has picked and dropped, in numbers.
 */
#pragma once

#include "base/buf.h"
#include "index/pick.h"
#include "spread.h"

/* Numbers that the table has a row of. */
enum table_of {
	TABLE_POS_SCORE,
	TABLE_NEG_SCORE,
	TABLE_DIFFERENCE, /* positive's score less the negative's */
	TABLE_POS_RANK,
	TABLE_NEG_RANK,
	TABLE_POS_LENGTH, /* lengths, bytes */
	TABLE_NEG_LENGTH,
	TABLE_ROWS
};

struct table {
	size_t lines;         /* lines of the part that was done */
	size_t records;       /* records that were served */
	size_t wanted;        /* negatives that these lacked */
	size_t picked;        /* negatives that they got */
	size_t kept;          /* negatives that they had */
	size_t short_records; /* records that got fewer than they lacked */
	size_t no_score;   /* records that got none: a positive has no score */
	size_t no_term;    /* records whose positive has score 0 by bm25 */
	size_t no_pool;    /* records whose pool is empty */
	size_t few;        /* records that --min-negs rejected */
	size_t asked;      /* records that ask for scores; they count in none of
			    * the numbers above */
	size_t candidates; /* documents whose scores they ask for */
	size_t unanswered; /* records that got none: no scores came */
	bool plants;       /* whether copies are planted */
	size_t planted;    /* copies that were tried */
	size_t planted_chosen;      /* copies that would be negatives */
	size_t unplanted;           /* records that nothing can be copied of */
	size_t dropped[PICK_RULES]; /* hits, by the rule that they broke */
	struct spread of[TABLE_ROWS];
};

/*
 * Append the sums as one line of JSON, and as a table to read, which is empty if
 * there were no lines.
 */
void table_json(struct buf *, const struct table *);
void table_text(struct buf *, const struct table *);
