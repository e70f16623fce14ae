/*
 * entry: entries of the document cache, from records and back.
 *
 *	{"prompt":..,"query":..,"pos":[..],"neg":[..],"tg":{
 *		"fingerprint":..,"text_sha256":..,   its name
 *		"key":..,"with":..,                  what the first was made of
 *		"task":..,"language":..,"code_language":..,"tgt_code_language":..,
 *		"draw":..,"vary":..,"out":..,"model":..,"judge":..,
 *		"judge_first":..,
 *		"mined":..,"verify":..,"verified":..,"rejected":..}}
 *
 * `out` is there if it has an answer that neither query nor positive holds.
 * A reject that never was a pair has no triplet. An entry from elsewhere has no
 * fingerprint.
 */
#pragma once

#include "base/hash.h"
#include "record/rec.h"
#include "store/store.h"

/* Hash a record's key and what else its answers depend on into hex. */
void entry_fingerprint(struct span key, struct span with, char hex[SHA256_HEX]);

/*
 * Name the entry of a stamped record: 0; -1 if the record is not stamped; -2 if
 * it is, but has no text.
 */
int entry_name(struct rec *, struct span with, struct store_name *);

/*
 * Tell what a record is stored as; STORE_MISS if it is neither a finished pair
 * nor a reject, or waits for a second judge. A pair that was rejected for its
 * few negatives is stored as the pair: another run may ask for fewer, or add
 * some.
 */
enum store_kind entry_kind(const struct rec *);

/* Append the entry of a pair or a reject, on one line. */
void entry_write(
    struct buf *, struct rec *, const struct store_name *, struct span with);

/*
 * Give a record what an entry says became of it. Of what else the programs have
 * made of the record only its log stays, unless a debugging run of the
 * published generator made the entry and noted what was asked and answered.
 */
void entry_take(struct rec *, struct span entry, enum store_kind);

/* A stamped record and the name that its entry would have. */
struct entry_asked {
	struct rec *r;
	const struct store_name *name;
	struct span with;
};

/*
 * Return whether an entry is a pair that answers a struct entry_asked but for
 * the row of the task and the options of the prompts: its document, task,
 * languages and draw, and what else its answers depend on, are the same.
 */
int entry_answers(const void *asked, struct span entry);

/* Give a record that has taken such an entry what had been drawn for that. */
void entry_take_vary(struct rec *, struct span entry);

/*
 * Give a record that has taken an entry from elsewhere the verdict of the other
 * program's judge, which has accepted the pair.
 */
void entry_take_accepted(struct rec *, struct span entry);

/* Return NULL, or why an entry is no pair, or no reject with its reason. */
const char *entry_wrong(struct span entry, enum store_kind);

/*
 * Return NULL, or why an entry from elsewhere cannot be taken: it is no pair,
 * or the judge whose word a debugging run leaves in it said 0 or 2, or no 1.
 */
const char *entry_foreign_wrong(struct span entry);

/*
 * Check all that an entry tells by itself: NULL, or what is wrong. Its hashes
 * must have the form of hashes, its fingerprint must be that of key and with,
 * and where query or pos is the text by one of its hashes, it must be so by
 * both.
 */
const char *entry_check(struct span entry, enum store_kind, const char *id);

/*
 * Append an entry as a record on a line, with tg.id, and tg.pair where there is
 * a pair: 0, or -1 with *why it is no record.
 */
int entry_export(struct buf *, struct span entry, const char *id,
    enum store_kind, const char **why);

/*
 * Append the entry of a record that was exported and may have gone through
 * tools since, and set its kind and name; one from elsewhere has no
 * fingerprint. Return 0, or -1 after ending the record in an error.
 */
int entry_import(
    struct rec *, struct buf *, enum store_kind *, struct store_name *);
