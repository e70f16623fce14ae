/*
 * lib/store is the document cache: it keeps what became of a document in a
 * directory that other programs may write to as well. Only tg-cache uses it. It
 * never asks an LLM, and it never writes into a file in place: each file is
 * replaced as a whole.
 *
 * store: entries by their names, found and merged.
 *
 * DIR/<id>.json and DIR/rejected/<id>.json are each a JSON array of entries.
 * An entry is an object. Ours have a member "tg" with "fingerprint" (what
 * decided the requests) and "text_sha256", and only the two together name one.
 * Entries of other programs lie beside them untouched.
 *
 * A file is replaced under a lock on its id (a byte of DIR/.lock), after
 * reading it again. What cannot be read as an array of objects is a miss with a
 * warning, and is moved to DIR/broken when something is to be stored there. All
 * messages are the store's own: "program: path: what".
 */
#pragma once

#include <time.h>

#include "base/buf.h"
#include "base/hash.h"

struct store;

/* Bytes of an id with its NUL, and of the longest path of a file. */
enum { STORE_ID = MD5_HEX, STORE_PATH = 64 };

/* The name of an entry: lower-case hex. */
struct store_name {
	char id[STORE_ID];
	char fingerprint[SHA256_HEX]; /* "": an entry from elsewhere */
	char text_sha256[SHA256_HEX];
};

enum store_kind { STORE_MISS, STORE_PAIR, STORE_REJECT };

/* Tell whether s is so many lower-case hex digits: 1 or 0. */
int store_is_hex(struct span s, size_t digits);

/*
 * Flags of store_open: to write; to make the directory (its last level) if it
 * is missing; not to wait for the disk; to put in groups, which store_commit
 * ends. Without STORE_WRITE nothing in the directory is touched, not even the
 * lock, and nothing may be put or set aside.
 */
enum { STORE_WRITE = 1, STORE_MAKE = 2, STORE_NO_SYNC = 4, STORE_GROUP = 8 };

/*
 * Open the directory dir; dir stays the caller's. Return a new store, or NULL
 * after saying why.
 */
struct store *store_open(const char *dir, int flags);

/* End a group, whatever becomes of it, and free a store; NULL is fine. */
void store_free(struct store *);

/*
 * Tell whether there is a file of an id, which may be any text: 1 or 0. This is
 * cheaper than the hashes of a name.
 */
int store_may_have(struct store *, struct span id);

/*
 * Find the entry of a name, borrowed until the next call of any function: valid
 * JSON, which may hold line breaks. Return what it is.
 */
enum store_kind store_get(
    struct store *, const struct store_name *, struct span *entry);

/*
 * Find an entry from elsewhere, one without a fingerprint: the first whose
 * "prompt" is the given text, else the first. Entries that `wrong` gives a
 * reason against are passed over. Return it borrowed as store_get does, p NULL
 * if there is none.
 */
struct span store_foreign(struct store *, const char *id, struct span prompt,
    const char *(*wrong)(struct span entry));

/*
 * Find the first entry among the pairs of an id that fits(ctx, entry) returns 1
 * for, borrowed as store_get does; p NULL if there is none.
 */
struct span store_find(struct store *, const char *id,
    int (*fits)(const void *ctx, struct span entry), const void *ctx);

/* The fate of an old entry that is the same as a new one. */
enum store_how {
	STORE_KEEP, /* the old stays unless it has fewer negatives or no name */
	STORE_GROW, /* the old gives way unless it has more negatives */
	STORE_EDIT, /* the old gives way unless it alone has negatives */
};

/*
 * Store n entries of an id, raw JSON on one line, among the pairs or the
 * rejects. An entry is the same as one that is there if they have one name or,
 * where one of them is from elsewhere, the same query and first positive. Only
 * negatives of the same pair count, and what another program has noted in an
 * entry stays with the same pair. A new entry that does not just keep leaves
 * the other kind, and n is 1; nothing is written when the same bytes stand
 * there.
 *
 * What would make a file larger than is ever read is not stored. Return 0, or
 * -1 after saying why.
 */
int store_put(struct store *, const char *id, enum store_kind kind,
    const struct span *entries, size_t n, enum store_how how);

/*
 * Wait until all that was put is on the disk, and release its locks: 0, or -1
 * after saying why, and what was put since the last call is not stored. With
 * STORE_GROUP an entry is not found before that. The entries of a group share
 * the waiting for the disk. store_put ends a group that has become large, and
 * waits for no lock while it holds others.
 */
int store_commit(struct store *);

/* A file of the store by its place, as list.h lists them. */
struct store_item {
	char id[STORE_ID];
	enum store_kind kind;
	int temp;   /* 1: a temporary file, its writer dead or not */
	int second; /* 1: in the second level of an old store, see list.h */
};

/* Write the path of a file below the directory to path, and return it. */
const char *store_path(const struct store_item *, char path[STORE_PATH]);

/* Say what is the matter with a file. */
void store_warn(
    const struct store *, const struct store_item *, const char *what);

/* The contents of a file, borrowed until the next call of any function. */
struct store_file {
	struct span *entries;
	size_t n;
	long long bytes;
	time_t written;
	const char *why; /* reason why it is no file of entries; NULL: it is */
};

/*
 * Drop the entries of a file that keep(ctx, ...) returns 0 for, under its lock,
 * and the file if none is left; with keep NULL, drop the file. A store that is
 * open to read only counts. What is no file of entries is left alone. Return
 * how many entries or files were dropped, or -1 after saying why.
 */
typedef int store_keep(
    const void *ctx, const struct store_file *, struct span entry);
int store_filter(struct store *, const struct store_item *, store_keep *keep,
    const void *ctx);

/* Move what is no file of entries to DIR/broken: 0, or -1 after saying why. */
int store_set_aside(struct store *, const struct store_item *);
