/*
 * lib/store is the document cache: it keeps what became of a document in a
 * directory that other programs may write to as well. Only tg-cache uses it. It
 * never asks an LLM, and it never writes into a file in place: each file is
 * replaced as a whole.
 *
 * store: the document cache, a directory of small JSON files.
 *
 * DIR/<id>.json and DIR/rejected/<id>.json are each a JSON array of entries.
 * An entry is an object; ours have a member "tg" with "fingerprint" (what
 * decided the requests) and "text_sha256", and only the two together name one.
 * Others lie beside them untouched. In a two-level directory, one that has
 * DIR/00 and DIR/ff, files lie one lower, by the first two digits of their id;
 * either kind of place is read in either kind of directory, and a file that is
 * there stays where it is.
 *
 * A file is only ever replaced as a whole, under a lock on its id (a byte of
 * DIR/.lock), after reading it again. What cannot be read as such an array is a
 * miss with a warning, and is moved to DIR/broken when something is to be
 * stored there. All messages are the store's own: "tool: path: what".
 */
#ifndef TG_STORE_H
#define TG_STORE_H

#include <time.h>

#include "base/buf.h"

struct store;

enum { STORE_ID = 33 }; /* with its NUL */

/* What an entry goes by: NUL-terminated hex. */
struct store_name {
	const char *id;          /* as store_is_id has it */
	const char *fingerprint; /* 64 */
	const char *text_sha256; /* 64 */
};

enum store_got { STORE_MISS, STORE_PAIR, STORE_REJECT };

/* Whether s may name a file: 32 lower-case hex digits, nothing else may. */
int store_is_id(struct span s);

/*
 * How to open: to write; make the directory (its last level) if it is missing;
 * two levels for what is new. Without STORE_WRITE nothing in the directory is
 * touched, the lock included.
 */
enum { STORE_WRITE = 1, STORE_MAKE = 2, STORE_TWO_LEVEL = 4 };

/* dir and tool are borrowed. New; NULL after saying why. */
struct store *store_open(const char *tool, const char *dir, int flags);
void store_free(struct store *);
int store_two_level(const struct store *);

/* Whether there may be an entry: cheaper than to compute a name's hashes. */
int store_may_have(struct store *, const char *id);

/*
 * The entry of that name, borrowed until the next call of any function.
 * Accepted JSON, which may hold line breaks.
 */
enum store_got store_get(
    struct store *, const struct store_name *, struct span *entry);

/*
 * An entry from elsewhere, one without a fingerprint: the first whose "prompt"
 * is the given text, else the first; p NULL if there is none. Passed over is
 * what `wrong` (which may be NULL) gives a reason against. Borrowed likewise.
 */
struct span store_foreign(struct store *, const char *id, struct span prompt,
    const char *(*wrong)(struct span entry));

/*
 * Store an entry, raw JSON on one line, among the pairs or the rejects: in
 * place of the one of that name, which leaves the other kind, or of one from
 * elsewhere with the same query and pos. Nothing is written when the same bytes
 * stand there already, or the same pair with negatives that the new one lacks.
 * When sync is set it is on the disk on return. What would make a file larger
 * than is ever read is not stored, either. 0, or -1 after saying why.
 */
int store_put(struct store *, const struct store_name *, enum store_got kind,
    struct span entry, int sync);

/*
 * Store an entry without a fingerprint among the pairs, unless the same pair
 * stands there; but one from elsewhere that lacks negatives gives way to it.
 */
int store_put_foreign(
    struct store *, const char *id, struct span entry, int sync);

/* A file of the store by its place, as list.h lists them. */
struct store_item {
	char id[STORE_ID];
	enum store_got kind;
	int shard; /* the folder it is in, 0..255; -1: none */
	int temp;  /* a temporary file, of a writer that is or was */
};

/* Its path below the directory, for messages: b is emptied first. */
const char *store_item_path(const struct store_item *, struct buf *b);

enum store_state { STORE_READ, STORE_GONE, STORE_BROKEN, STORE_FAILED };

/* What a file holds, borrowed until the next call of any function. */
struct store_file {
	const struct span *entries;
	size_t n;
	long long bytes;
	time_t written;
	const char *why; /* of STORE_BROKEN; STORE_FAILED leaves errno */
};

/* Read a file, without a word on stderr. */
enum store_state store_read(
    struct store *, const struct store_item *, struct store_file *);

/*
 * Drop the entries of a file that keep() gives 0 for, under its lock; a file
 * that is left empty goes. With dry nothing is changed. How many were dropped,
 * -1 after saying why. What is no file of entries is left alone.
 */
typedef int store_keep(void *ctx, const struct store_file *, struct span entry);
int store_filter(struct store *, const struct store_item *, store_keep *keep,
    void *ctx, int dry, int sync);

/*
 * Under its lock: remove a temporary file, or move what is no file of entries
 * to DIR/broken. 1 if it was there to be, 0 if not, -1 after saying why.
 */
int store_drop_temp(struct store *, const struct store_item *);
int store_set_aside(struct store *, const struct store_item *);

#endif
