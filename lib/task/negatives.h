/*
 * negatives: which texts become negatives of a pair, and how these end.
 */
#pragma once

#include "base/keyset.h"
#include "lex/lex.h"
#include "record/rec.h"

/* The line that begins an answer which says what requirement it fails. */
#define NEGATIVES_MARK "#BREAKS:"

/* The ending of a text and of its lines. */
struct ending {
	struct span blanks; /* white space that ends the text, borrowed */
	int crlf;           /* lines end in CRLF: 1 all, 0 none, -1 some */
};

struct ending negatives_ending(struct span text);

/* Append a text that ends, as its lines do, as such an ending says. */
void negatives_end_as(struct buf *, struct span text, const struct ending *);

/* A pair's texts. Set the flags, and let negatives_begin set the rest. */
struct negatives {
	int documents_are_code, queries_are_code; /* flags */
	int layout_counts; /* flag: so do layout, comments and names of code */
	/* rest: for negatives.c only */
	struct rec *r;
	const struct lex_language *language; /* code language; NULL: any */
	struct keyset seen;
	struct ending end; /* that of the positive */
};

/* Note the query, the positives and the negatives of a record. */
void negatives_begin(struct negatives *, struct rec *);

/*
 * Return a text as a further negative, in the record's memory, ended as the
 * positive ends, and note it; p NULL if it is none. None is an empty text, one
 * that equals a negative, the query, or a positive, this also but for white
 * space. Where the texts are code, they are equal if they are but for a
 * one-to-one renaming of names that they define, comments and layout; not so
 * where these count.
 */
struct span negatives_take(struct negatives *, struct span text);

/*
 * Return the text of an answer without the marked line that begins it, if one
 * does; p NULL if another answer has failed the same requirement. clean takes
 * off what models put around a text.
 */
struct span negatives_unmark(
    struct negatives *, struct span answer, struct span (*clean)(struct span));

void negatives_free(struct negatives *);
