/*
 * list: the files in a store's folders, by name.
 *
 * Older versions could lay a store out in two levels, DIR/<xx>/<id>.json and
 * DIR/rejected/<xx>/<id>.json by the first two digits of the id. Only import
 * lists the second level.
 */
#ifndef TG_LIST_H
#define TG_LIST_H

#include "store/store.h"

/* Zero-initialise it, and free it with list_free. */
struct list {
	struct store_item *v; /* n files of entries and temporary files */
	size_t n, cap;
	size_t others; /* names that are none of the store's */
};

/*
 * Append the files of a store's first or second level to a list. Then the files
 * of the first are sorted by id, of one id temporary ones last and pairs first.
 * Return 0, or -1 after saying why.
 */
int list_read(struct list *, struct store *);
int list_read_second(struct list *, struct store *);
void list_free(struct list *);

/*
 * Read the files of a list, and call visit for each: file is NULL for a
 * temporary one, and those that are gone are passed over. visit returns a
 * TG_EX status, and TG_EX_IO ends the walk. Return the worst status, TG_EX_IO
 * after saying why if a file cannot be read.
 */
typedef int list_visit(
    void *ctx, const struct store_item *, const struct store_file *);
int list_each(
    const struct list *, struct store *, list_visit *visit, void *ctx);

/* Remove the empty folders of the second level. */
void list_drop_second(struct store *);

/*
 * Count the files in DIR/broken, and with drop remove them. Return 0, or -1
 * after saying why.
 */
int list_broken(struct store *, int drop, size_t *files);

#endif
