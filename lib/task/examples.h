/*
 * examples: the few-shot pool, and drawing from it.
 */
#pragma once

#include "base/buf.h"
#include "base/hash.h"

struct example {
	struct span input, output; /* texts of a last step, in escaped form */
	struct span task;          /* name of its task; p NULL: any task */
};

struct examples;

/*
 * Read the pool in file: a JSON array of {"input","output"} objects, or one
 * object a line. A "task" member ties an example to that task; other members
 * are ignored. Return a new pool; NULL with *why, valid until the next call,
 * and errno, 0 if the file was read.
 */
struct examples *examples_new(const char *file, const char **why);
void examples_free(struct examples *);

/* Return the SHA-256 of the pool, part of a record's key; "" if NULL. */
const char *examples_sha(const struct examples *);

/*
 * Draw up to k different examples that fit the task into out, in the order
 * drawn, and return their number. id is the document's, or empty for one draw a
 * run.
 */
int examples_draw(const struct examples *, struct span task, long long seed,
    struct span id, int k, const struct example **out);
