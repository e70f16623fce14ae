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
 * A file is only ever replaced as a whole, under a lock on its id (a byte of
 * DIR/.lock), after reading it again. What cannot be read as an array of
 * objects is a miss with a warning, and is moved to DIR/broken when something
 * is to be stored there. All messages are the store's own: "tool: path: what".
 */
#ifndef TG_STORE_H
#define TG_STORE_H

#include <time.h>

#include "base/buf.h"

struct store;

enum { STORE_ID = 33 }; /* bytes of an id with its NUL */

/* The name of an entry: NUL-terminated hex. */
struct store_name {
	const char *id;          /* as store_is_id has it */
	const char *fingerprint; /* 64 digits; NULL: an entry from elsewhere */
	const char *text_sha256; /* 64 digits */
};

enum store_got { STORE_MISS, STORE_PAIR, STORE_REJECT };

/* Tell whether s may name a file: 32 lower-case hex digits may: 1 or 0. */
int store_is_id(struct span s);

/*
 * Flags of store_open: to write; to make the directory (its last level) if it
 * is missing. Without STORE_WRITE nothing in the directory is touched, not even
 * the lock.
 */
enum { STORE_WRITE = 1, STORE_MAKE = 2 };

/*
 * Open the directory dir; tool is for messages, and both names stay the
 * caller's. Return a new store, or NULL after saying why.
 */
struct store *store_open(const char *tool, const char *dir, int flags);

/* Close and free a store; NULL is fine. */
void store_free(struct store *);

/*
 * Tell whether there is a file of an id: 1 or 0. This is cheaper than the
 * hashes of a name.
 */
int store_may_have(struct store *, const char *id);

/*
 * Find the entry of a name, borrowed until the next call of any function: valid
 * JSON, which may hold line breaks. Return what it is.
 */
enum store_got store_get(
    struct store *, const struct store_name *, struct span *entry);

/*
 * Find an entry from elsewhere, one without a fingerprint: the first whose
 * "prompt" is the given text, else the first. Entries that `wrong` (which may
 * be NULL) gives a reason against are passed over. Return it borrowed as
 * store_get does, p NULL if there is none.
 */
struct span store_foreign(struct store *, const char *id, struct span prompt,
    const char *(*wrong)(struct span entry));

/*
 * Store an entry, raw JSON on one line, among the pairs or the rejects: in the
 * place of the one of its name, which leaves the other kind, or of one from
 * elsewhere with the same query and pos. Nothing is written when the same bytes
 * stand there, or the same pair with negatives that the new one lacks. With
 * sync the entry is on the disk on return. What would make a file larger than
 * is ever read is not stored, either. Return 0, or -1 after saying why.
 */
int store_put(struct store *, const struct store_name *, enum store_got kind,
    struct span entry, int sync);

/*
 * Store n entries, raw JSON, of an id unless they are there: an entry stays if
 * it has the same name or, where one of the two is from elsewhere, is the same
 * pair. But one that lacks the new one's negatives or name gives way to it.
 * Return 0, or -1 after saying why.
 */
int store_add(struct store *, const char *id, enum store_got kind,
    const struct span *entries, size_t n, int sync);

/* A file of the store by its place, as list.h lists them. */
struct store_item {
	char id[STORE_ID];
	enum store_got kind;
	int temp; /* whether it is a temporary file, its writer dead or not */
};

/* Return the path of a file below the directory, in b, emptied first. */
const char *store_item_path(const struct store_item *, struct buf *b);

enum store_state { STORE_READ, STORE_GONE, STORE_BROKEN, STORE_FAILED };

/* The contents of a file, borrowed until the next call of any function. */
struct store_file {
	const struct span *entries;
	size_t n;
	long long bytes;
	time_t written;
	const char *why; /* reason of STORE_BROKEN, else NULL */
};

/* Read a file, silently; STORE_FAILED leaves errno. */
enum store_state store_read(
    struct store *, const struct store_item *, struct store_file *);

/*
 * Drop the entries of a file that keep(ctx, ...) returns 0 for, under its lock,
 * and the file if none is left; with dry only count. What is no file of entries
 * is left alone. Return how many were dropped, or -1 after saying why.
 */
typedef int store_keep(void *ctx, const struct store_file *, struct span entry);
int store_filter(struct store *, const struct store_item *, store_keep *keep,
    void *ctx, int dry, int sync);

/* Remove a temporary file: 1, 0 if it was gone, or -1 after saying why. */
int store_drop_temp(struct store *, const struct store_item *);

/*
 * Move a file that is no file of entries to DIR/broken: 1, 0 if there is none,
 * or -1 after saying why.
 */
int store_set_aside(struct store *, const struct store_item *);

#endif
