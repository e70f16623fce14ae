/*
 * rows: rows of training data as people have them, whoever made them.
 *
 * A row has a query, one positive or more, and negatives. Its members are named
 * as FlagEmbedding (query, pos, neg), sentence-transformers (anchor, positive,
 * negative or negative_1, negative_2 ...) or Tevatron (query,
 * positive_passages, negative_passages) name them. Each of the texts is a
 * string, an object with a text, or one of a list of these.
 */
#pragma once

#include <stdbool.h>

#include "record/rec.h"

/* A text of a row, decoded, and where it stands. Borrowed until the next. */
struct row_text {
	struct span text;
	struct span key; /* name of its member, decoded */
	size_t at;       /* index in the member, if that is a list */
	bool in_list;    /* whether the member is a list */
};

/* The texts of a row. A zeroed struct is empty; row_free frees it. */
struct row {
	struct span query;
	struct span prompt; /* prompt or instruction; n 0: none */
	struct row_texts {
		struct row_text *v;
		size_t n, cap;
	} pos, neg;
};

/*
 * Read the texts of a record. Return false if it is no row: it has no query or
 * no positive, or has ended as an error or a rejected record.
 */
bool row_read(struct row *, struct rec *);

/*
 * Remove the negatives that drop is true for, one of each negative. What is
 * said of each of them goes, too: lists such as neg_scores that have an element
 * a negative, and scores or labels that have one a positive and negative.
 * Numbered members are numbered anew.
 */
void row_drop(const struct row *, struct rec *, const bool *drop);

void row_free(struct row *);
