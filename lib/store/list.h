/*
 * list: what lies in a store's folders, by name; nothing is opened.
 *
 * It takes some 20 bytes of memory a file.
 */
#ifndef TG_LIST_H
#define TG_LIST_H

#include "store/store.h"

struct list {
	struct list_item *v; /* its own */
	size_t n, cap;
	size_t others; /* names that are nobody's here */
};

/*
 * List the files of entries and temporary files, sorted by id, of one id pairs
 * first. New, whatever was in it; freed by list_free. 0, or -1 after
 * saying why.
 */
int list_read(struct list *, struct store *);
void list_free(struct list *);

struct store_item list_at(const struct list *, size_t i);

/*
 * What was set aside, DIR/broken: how many and how large. With drop they are
 * removed. 0, or -1 after saying why.
 */
int list_broken(struct store *, int drop, size_t *files, long long *bytes);

#endif
