/*
 * page: parts of the page, which the template page.html puts in their places.
 */
#pragma once

#include "report.h"

/* Each appends one part of the page. */
void plots_lengths(struct buf *, const struct report *);
void plots_words(struct buf *, const struct report *);
void plots_judge(struct buf *, const struct report *);
void plots_worth(struct buf *, const struct report *);
void plots_negatives(struct buf *, const struct report *);
void tables_made(struct buf *, const struct report *);
void tables_why(struct buf *, const struct report *);
void tables_diversity(struct buf *, const struct report *);
void tables_copies(struct buf *, const struct report *);
void tables_cost(struct buf *, const struct report *);
void tables_input(struct buf *, const struct report *);
