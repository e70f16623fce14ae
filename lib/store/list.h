/*
 * list: the files in a store's folders, by name; no file is opened.
 *
 * A list takes 18 bytes of memory a file, and room to grow.
 */
#ifndef TG_LIST_H
#define TG_LIST_H

#include "store/store.h"

struct list {
	struct list_item *v; /* files, sorted by id; of one id pairs first */
	size_t n, cap;
	size_t others; /* names that are none of the store's */
};

/*
 * List the files of entries and the temporary files of a store, whatever *list
 * held. Free it with list_free. Return 0, or -1 after saying why.
 */
int list_read(struct list *, struct store *);
void list_free(struct list *);

/* Return file i. */
struct store_item list_at(const struct list *, size_t i);

/*
 * Count the files in DIR/broken and their bytes; with drop remove them. Return
 * 0, or -1 after saying why.
 */
int list_broken(struct store *, int drop, size_t *files, long long *bytes);

#endif
