/*
 * check: the files of a store counted, and what is wrong with them.
 */
#pragma once

#include "store/store.h"

/*
 * Count all that is in a store and in its DIR/answers, and append the counts to
 * out as one line of JSON, see tg-cache(1). Return TG_EX_OK, or TG_EX_IO after
 * saying why.
 */
int check_counts(struct store *, struct buf *out);

/*
 * Return NULL, or what is wrong with a file that was read, and set *entry to
 * the number of its first wrong entry, 0 if none is alone to blame.
 */
const char *check_file(
    const struct store_item *, const struct store_file *, size_t *entry);
