/*
 * stamp: what tg-prompt notes in a record of what it is: its task and
 * languages, from the record where it names them, else from the options; and
 * the key of all that decided its requests.
 */
#ifndef TG_PROMPT_STAMP_H
#define TG_PROMPT_STAMP_H

#include "base/hash.h"
#include "options.h"
#include "record/rec.h"

struct stamps {
	/* the caller's to fill in; borrowed */
	const char *tool;
	const struct prompt_opts *o;
	/* the last key that was made, and of what */
	const struct task *task; /* NULL: none yet */
	struct buf languages;
	char key[SHA256_HEX];
	struct buf scratch;
};

void stamps_free(struct stamps *);

/* Set a tg member unless it has this value already: bytes stay if they can. */
void stamp(struct rec *, const char *key, struct span value);

/*
 * Set the task of a record that names none, if -t does: 0, or -1 after ending
 * the record in an error, as a member that names something is not a text.
 */
int stamp_task(const struct stamps *, struct rec *);

/*
 * Set language, code_language and, where the task needs it, the target, drawn
 * by id if nobody names one: 0, or -1 after ending the record in an error.
 */
int stamp_languages(
    const struct stamps *, struct rec *, const struct task *, struct span id);

/* Set the key. Its task and languages are stamped. */
void stamp_key(struct stamps *, struct rec *, const struct task *);

#endif
