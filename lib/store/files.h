/*
 * files: the files and folders of a store; only lib/store includes this.
 *
 * files knows paths, locks and bytes; store knows entries and their names; list
 * knows what lies in the folders.
 */
#pragma once

#include "base/mem.h"
#include "store/store.h"

/* A file that was written beside its place, and waits for the disk. */
struct files_new {
	struct store_item item; /* file whose place it takes */
	int fd;
};

enum { FILES_GROUP = 32 }; /* files that may wait for the disk together */

struct store {
	const char *dir;
	int fd;        /* directory */
	int lock;      /* lock file; -1: open to read only */
	int sync;      /* 1: what is written is on the disk on return */
	int warned;    /* files that were ignored, each told up to a limit */
	size_t others; /* names listed last that are none of the store's */
	size_t broken; /* files in DIR/broken that were counted last */
	struct store_file file; /* file loaded last */
	struct buf text;        /* bytes of that file */
	struct buf bytes;       /* bytes to be written */
	struct arena notes;     /* new entries with the notes of old ones */
	int group; /* 1: new files wait for files_commit, and locks with them */
	struct files_new fresh[FILES_GROUP + 1];
	size_t nfresh;
	char held[FILES_GROUP][STORE_ID]; /* ids whose locks wait with them */
	size_t nheld;
};

/* Say what errno means for a file: -1. */
int files_fail(const struct store *, const struct store_item *);

/* Say what errno means for a name below the directory, "" for itself: -1. */
int files_fail_name(const struct store *, const char *name);

/*
 * Tell whether the folder `name` is there, after making it if asked: 1, 0, or
 * -1 after saying why. A link is no folder.
 */
int files_folder(struct store *, const char *name, int make);

/*
 * Call take for each name in the folder `name` but "." and ".."; fd is the
 * folder, and take returns 0, or -1 with errno. Return 1, 0 if there is no such
 * folder, or -1 after saying why.
 */
typedef int files_take(void *ctx, int fd, const char *name);
int files_each(struct store *, const char *name, files_take *take, void *ctx);

/* Add an entry, borrowed, to the entries of the loaded file. */
void files_add_entry(struct store *, struct span entry);

/*
 * Read a file into s->text and set s->file: 1, 0 if it is gone, or -1 with
 * errno. There are no entries unless all is well.
 */
int files_load(struct store *s, const struct store_item *);

/*
 * Put s->bytes in the place of a file, unless there are more of them than are
 * ever read; in a group files_commit does it: 0, or -1 after saying why.
 */
int files_replace(struct store *s, const struct store_item *);

/*
 * Put all files that were written into their places, once they are on the disk,
 * and sync their folders: 0, or -1 after saying why. The disk works for all of
 * them at once.
 */
int files_commit(struct store *);

/* Remove a file: 1, 0 if it was gone, or -1 after saying why. */
int files_remove(struct store *, const struct store_item *);

/*
 * Move the loaded file, which is no file of entries, to DIR/broken by a name
 * that is free there: 0, or -1 after saying why.
 */
int files_set_aside(struct store *, const struct store_item *);

/* Return whether there is a file. */
int files_is_there(const struct store *, const struct store_item *);

/*
 * Wait for the lock on an id, or only try: 1, 0 if another one holds it, or -1
 * after saying why.
 */
int files_lock(struct store *, const char *id, int only_try);
void files_unlock(struct store *, const char *id);
