/*
 * store: the document cache, a directory of small JSON files.
 *
 * DIR/<id>.json and DIR/rejected/<id>.json are each a JSON array of entries.
 * An entry is an object; ours have a member "tg" with "fingerprint" (what
 * decided the requests) and "text_sha256", and only the two together name one.
 * Others lie beside them untouched. A file is only ever replaced as a whole,
 * under a lock, after reading it again; what cannot be read as such an array
 * is a miss with a warning, and is moved to <id>.json.bad when something is to
 * be stored there. All messages are the store's own: "tool: path: what".
 */
#ifndef TG_STORE_H
#define TG_STORE_H

#include "buf.h"

struct store;

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
 * The directory (its last level made if it is missing), for writing too or for
 * reading only. dir and tool are borrowed. New; NULL after saying why.
 */
struct store *store_open(const char *tool, const char *dir, int writing);
void store_free(struct store *);

/* Whether there may be an entry: cheaper than to compute a name's hashes. */
int store_may_have(struct store *, const char *id);

/*
 * The entry of that name, borrowed until the next call of any function.
 * Accepted JSON, which may hold line breaks.
 */
enum store_got store_get(
    struct store *, const struct store_name *, struct span *entry);

/*
 * An entry from elsewhere, one without "tg": the first whose "prompt" is the
 * given text, else the first; p NULL if there is none. Borrowed likewise.
 */
struct span store_foreign(struct store *, const char *id, struct span prompt);

/*
 * Store an entry, raw JSON on one line, among the pairs or the rejects: in
 * place of the one of that name, which leaves the other kind, or of one from
 * elsewhere with the same query and pos. Nothing is written when the same bytes
 * stand there already. When sync is set it is on the disk on return. 0, or -1
 * after saying why.
 */
int store_put(struct store *, const struct store_name *, enum store_got kind,
    struct span entry, int sync);

#endif
