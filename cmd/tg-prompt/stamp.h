/*
 * stamp: sets task, languages, id and key of a record.
 *
 * Task and languages come from the record where it names them, else from the
 * options. The key is a hash of everything that decides the requests.
 */
#pragma once

#include "base/hash.h"
#include "code-language.h"
#include "options.h"
#include "record/rec.h"

struct stamps {
	/* inputs, set and owned by the caller */
	const struct prompt_opts *o;
	/* the key that was made last, and what it was made from */
	const struct task *task; /* task of the key; NULL: none yet */
	struct buf languages;
	char key[SHA256_HEX];
	struct buf scratch;
	int told_language; /* 1: it was said that a language has no effect */
	struct languages_seen languages_seen; /* counts of stamp_languages */
};

/* Set member key of tg to value, unless it has this value already. */
void stamp(struct rec *, const char *key, struct span value);

/*
 * Set the task of a record that names none, if -t does. Return 0, or -1 after
 * ending the record in an error: a member that names something is not a text.
 */
int stamp_task(const struct stamps *, struct rec *);

/*
 * Set language, code_language and, where the task needs it, the target
 * language, which is drawn by id if nobody names one, and count the record.
 * Return 0, or -1 after ending the record: in an error, or rejected because the
 * task does not take its code language.
 */
int stamp_languages(
    struct stamps *, struct rec *, const struct task *, struct span id);

/*
 * Set tg.vary of a record whose languages are stamped to the phrasing that is
 * drawn on each axis of the task; remove it if none is drawn.
 */
void stamp_vary(const struct stamps *, struct rec *, const struct task *);

/* Return the number of a record among those of its document; 0 if alone. */
int stamp_draw(const struct rec *);

/* Set the key of a record whose task, languages and vary are stamped. */
void stamp_key(struct stamps *, struct rec *, const struct task *);

/*
 * Return what examples are to be drawn for a record whose task and languages
 * are stamped, borrowed from the record and the task.
 */
struct example_wish stamp_wish(
    const struct stamps *, struct rec *, const struct task *);
