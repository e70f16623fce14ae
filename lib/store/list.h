/*
 * list: all files of a store, one after another, and their import.
 *
 * Older versions could lay a store out in two levels, DIR/<xx>/<id>.json and
 * DIR/rejected/<xx>/<id>.json by the first two digits of the id. A store reads
 * and writes one level, so list_import brings up what lies in a second one.
 */
#pragma once

#include "store/store.h"

/* Flags of list_walk: the second level; the names alone, no file is read. */
enum { LIST_SECOND = 1, LIST_NAMES = 2 };

/*
 * Call visit for each file of entries and temporary file of a store, sorted by
 * id, of one id temporary ones last and pairs first. file is what was read,
 * NULL for a temporary one. visit returns a TG_EX status, and TG_EX_IO ends the
 * walk. Return the worst status, TG_EX_IO after saying why if something cannot
 * be read.
 */
typedef int list_visit(
    void *ctx, const struct store_item *, const struct store_file *file);
int list_walk(struct store *, int flags, list_visit *visit, void *ctx);

/*
 * Count the files in DIR/broken, and remove them if the store is open to write.
 * Return 0, or -1 after saying why.
 */
int list_broken(struct store *, size_t *files);

/*
 * Return TG_EX_IO after saying how to import files of a store's directory that
 * lie in a second level, or why it cannot be told; TG_EX_OK if there are none.
 */
int list_pending(struct store *);

/*
 * Take all files of the directory `from`, in one level or two, into a store,
 * entry by entry, replacing none. `from` is left as it is, unless it is the
 * store's own directory: then its second level moves up, broken files go to
 * DIR/broken and temporary ones are removed. Return TG_EX_OK, TG_EX_SOME if a
 * broken file was left out or set aside, or TG_EX_IO after saying why.
 */
int list_import(struct store *, const char *from);
