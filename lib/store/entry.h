/*
 * entry: an entry of the document cache, made of a record and made one again.
 *
 *	{"prompt":..,"query":..,"pos":[..],"neg":[..],"tg":{
 *		"fingerprint":..,"text_sha256":..,   its name
 *		"key":..,"with":..,                  what the first was made of
 *		"task":..,"language":..,"code_language":..,"tgt_code_language":..,
 *		"model":..,"judge":..,"rejected":..}}
 *
 * A reject that never was a pair has no triplet. An entry from elsewhere has no
 * fingerprint.
 */
#ifndef TG_ENTRY_H
#define TG_ENTRY_H

#include "base/hash.h"
#include "record/rec.h"
#include "store/store.h"

/* A name and room for it. */
struct entry_name {
	struct store_name ptr;
	char id[STORE_ID], fingerprint[SHA256_HEX], text_sha256[SHA256_HEX];
};

/* SHA-256 of a record's key and of what else the answers depend on. */
void entry_fingerprint(struct span key, struct span with, char hex[SHA256_HEX]);

/*
 * The name of a stamped record's entry: 0; -1 if the record is not stamped;
 * -2 if it is, but has no text.
 */
int entry_name(struct rec *, struct span with, struct entry_name *);

/*
 * What becomes of a record: STORE_MISS if it is neither a finished pair nor a
 * reject.
 */
enum store_got entry_kind(const struct rec *);

/* Append the entry of such a record, on one line. */
void entry_write(struct buf *, struct rec *, enum store_got,
    const struct store_name *, struct span with);

/* Make a record what its entry says. */
void entry_take(struct rec *, struct span entry, enum store_got);

/* NULL, or why an entry cannot be taken: it is no pair, or without reason. */
const char *entry_wrong(struct span entry, enum store_got);

/*
 * NULL, or why one from elsewhere cannot: it is no pair, or its judge, whose
 * word a debugging run leaves in it, did not say 1.
 */
const char *entry_foreign_wrong(struct span entry);

/*
 * What can be told of an entry by itself: NULL, or what is wrong. Hashes must
 * be such, the fingerprint that of key and with; and where query or pos is the
 * text the entry is of, by one hash, it must be by the other, too.
 */
const char *entry_doubt(struct span entry, enum store_got, const char *id);

/*
 * An entry as a record on a line: tg.id is added, and tg.pair where there is a
 * pair. 0, or -1 with *why: it is no record.
 */
int entry_export(struct buf *, struct span entry, const char *id,
    enum store_got, const char **why);

/*
 * The entry of a record that was exported and may have gone through tools
 * since. Kind and name are set; fingerprint NULL: it is one from elsewhere.
 * NULL, or the code of the error that the record has been ended in.
 */
const char *entry_import(struct rec *, const char *tool, struct buf *,
    enum store_got *, struct entry_name *);

#endif
