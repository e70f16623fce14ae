/*
 * table: patterns as data. A table is embedded text, a row a line, with tabs
 * between its columns: a key, a weight where the table has weights, a pattern.
 *
 * The patterns of a key are compiled when the key is first asked for; a table
 * that is wrong ends the program then, and so it is found by any test.
 */
#pragma once

#include "base/buf.h"

struct table;

/*
 * Return a new table of text, which stays the caller's; weighted: whether the
 * rows have weights. The caller frees it with table_free.
 */
struct table *table_new(const char *text, int weighted);
void table_free(struct table *);

/* Return whether a pattern of key matches at the start of s, its end in *end.
 */
int table_starts(struct table *, const char *key, struct span s, size_t *end);

/*
 * Return the sum of weights of the patterns of key that are found in s, each
 * for as often as it is found, three times at most. Ends at a sum of enough or
 * more.
 */
int table_score(struct table *, const char *key, struct span s, int enough);
