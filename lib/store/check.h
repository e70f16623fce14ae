/*
 * check: a store counted, as one JSON object; see tg-cache(1) for its members.
 */
#ifndef TG_CHECK_H
#define TG_CHECK_H

#include "store/store.h"

/*
 * Count all that is in the store and in DIR/answers, and append it to out, on
 * one line. 0, or -1 after saying why.
 */
int check_counts(struct store *, struct buf *out);

/*
 * What is wrong with a file that was read: NULL, or where and why, which is in
 * b then. These count as broken, too.
 */
const char *check_file(
    const struct store_item *, const struct store_file *, struct buf *b);

#endif
