/*
 * files: the files and folders of a store; only lib/store includes this.
 *
 * files knows names, locks and bytes; store knows entries and their names; list
 * knows what lies in the folders; import knows the second level of old stores.
 */
#ifndef TG_FILES_H
#define TG_FILES_H

#include "store/store.h"

struct store {
	const char *tool, *dir;
	int fd;      /* directory */
	int rejects; /* folder of the rejects; -1: not there, or not yet */
	int lock;    /* lock file; -1: opened to read only */
	int warned;  /* files that were ignored, each told up to a limit */
	/* the file read last */
	struct buf text;      /* bytes of that file */
	struct span *entries; /* entries in text */
	size_t n, cap;
	time_t written;
	struct buf bytes; /* bytes to be written */
};

/* Say what is the matter with a file of the store. */
void files_warn(
    const struct store *, const struct store_item *, const char *what);

/* Say what errno means for a file: -1. */
int files_fail(const struct store *, const struct store_item *);

/* Say what errno means for a name below the directory, "" for itself: -1. */
int files_fail_name(const struct store *, const char *name);

/* Open the folder `name` of a folder, no link, made if asked: -1 with errno. */
int files_folder(int at, const char *name, int make);

/* Return the open folder of the pairs or of the rejects, or -1 with errno. */
int files_folder_of(struct store *, enum store_got, int make);

/* Add an entry, borrowed, to the entries of the file read last. */
void files_add_entry(struct store *, struct span entry);

/*
 * Read a file into s->text and find its entries. Of STORE_BROKEN *why says what
 * is wrong; STORE_FAILED leaves errno. Then there are no entries.
 */
enum store_state files_load(
    struct store *s, const struct store_item *, const char **why);

/*
 * Put s->bytes in the place of a file, unless there are more of them than are
 * ever read: 0, or -1 after saying why.
 */
int files_replace(struct store *s, const struct store_item *, int sync);

/* Remove a file: 1, 0 if it was gone, or -1 after saying why. */
int files_remove(struct store *, const struct store_item *);

/*
 * Move a file of the store `from` to DIR/broken by a name that is free there:
 * 1, 0 if it was gone, or -1 after saying why.
 */
int files_set_aside(struct store *, struct store *from,
    const struct store_item *, const char *why);

/* Wait for the lock on an id: 0, or -1 after saying why. */
int files_lock(struct store *, const char *id);
void files_unlock(struct store *, const char *id);

#endif
