/*
 * import: another cache's files taken into a store.
 *
 * A store reads and writes one level of files, so import brings up what lies in
 * a second one, see list.h, once.
 */
#ifndef TG_IMPORT_H
#define TG_IMPORT_H

#include "store/store.h"

/*
 * Tell whether files of a store's directory lie in a second level, and say how
 * to import them: 1, 0, or -1 after saying why it cannot be told.
 */
int import_pending(struct store *);

/*
 * Take all files of the directory `from`, in one level or two, into a store,
 * entry by entry as store_add does. `from` is left as it is, unless it is the
 * store's own directory: then its second level moves up, broken files go to
 * DIR/broken and temporary ones are removed. Return TG_EX_OK, TG_EX_SOME if a
 * broken file was left out or set aside, or TG_EX_IO after saying why.
 */
int import_folder(struct store *, const char *from, int sync);

#endif
