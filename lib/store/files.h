/*
 * files: what the files of the store share; nobody else's.
 *
 * files.c knows files and folders, store.c entries and names, list.c what lies
 * about.
 */
#ifndef TG_FILES_H
#define TG_FILES_H

#include "store/store.h"

enum { SHARDS = 256 };

struct store {
	const char *tool, *dir;
	int fd;      /* the directory */
	int rejects; /* -1: not there, or not yet */
	int lock;    /* -1: not for writing */
	int two_level;
	int warned; /* of files that were ignored */
	/* the file read last: its bytes, and the entries in them */
	struct buf text;
	struct span *entries;
	size_t n, cap;
	time_t written;
	struct buf bytes; /* what is to be written */
};

/* Where a file is: the folder, open, and its name there. */
struct spot {
	struct store_item item;
	int fd, own; /* own: close it */
	char file[48];
};

enum loaded { LOADED, ABSENT, BAD, FAILED };

/* Say what is the matter with a file; that it is what errno says: -1. */
void item_warn(
    const struct store *, const struct store_item *, const char *what);
int item_fail(const struct store *, const struct store_item *);

/*
 * A file's spot, its folder open: 0, or -1 with errno. With make the folder is
 * made if it is missing.
 */
int spot_open(
    struct store *, struct spot *, const struct store_item *, int make);
void spot_close(struct spot *);

/* The items of an id, the place for new ones first: number 0 or 1. */
struct store_item spot_item(
    const struct store *, const char *id, enum store_got, int number);

/*
 * Read a file and find its entries. BAD is what is no file of entries, *why
 * says so; FAILED leaves errno. Entries are none then.
 */
enum loaded spot_load(struct store *, const struct spot *, const char **why);

/*
 * Put s->bytes in the place of a file, unless there are more of them than are
 * ever read: 0, or -1 after saying why.
 */
int spot_replace(struct store *, const struct spot *, int sync);

/* Remove a file, which may be gone: 1, 0 if it was, -1 after saying why. */
int spot_unlink(struct store *, const struct spot *);

/* Move a file to DIR/broken, by a name that is free there: as above. */
int spot_set_aside(struct store *, const struct spot *, const char *why);

/* The lock on an id, waited for: 0, or -1 after saying why. */
int store_lock(struct store *, const char *id);
void store_unlock(struct store *, const char *id);

/* A folder below another, a link aside; made if asked to: -1 with errno. */
int files_folder(int at, const char *name, int make);

#endif
