/*
 * examples: the few-shot pool, and the drawing from it.
 */
#ifndef TG_EXAMPLES_H
#define TG_EXAMPLES_H

#include "base/buf.h"
#include "base/hash.h"

struct example {
	struct span input, output; /* of a task's last step, as esc has texts */
	struct span task;          /* p NULL: fits every task */
};

struct examples;

/*
 * The pool in a file: a JSON array of {"input","output"} objects, or one such
 * object a line. A "task" member keeps one to that task; others are ignored.
 * New; NULL with *why, borrowed until the next call.
 */
struct examples *examples_new(const char *file, const char **why);
void examples_free(struct examples *);

/* SHA-256 of the pool's contents, "" of no pool: part of a record's key. */
const char *examples_sha(const struct examples *);

/*
 * Draw up to k different examples that fit the task, into out, in the order
 * drawn; returns how many. id is the document's, or empty for one draw a run.
 */
int examples_draw(const struct examples *, struct span task, long long seed,
    struct span id, int k, const struct example **out);

#endif
