/*
 * examples: the few-shot pool, and drawing from it.
 *
 * The pools that come with the programs lie in lib/task/pools, a file a task,
 * and are embedded.
 */
#pragma once

#include "base/buf.h"
#include "base/hash.h"

struct example {
	struct span input, output; /* texts of a last step, in escaped form */
};

/* A document that examples are drawn for; a span with p NULL is unknown. */
struct example_wish {
	struct span task;          /* name of its task */
	int is_code;               /* flag: the last step asks for code */
	struct span language;      /* key of the natural language */
	struct span code_language; /* key of the code language; "": none */
	struct span target; /* key of the code language to translate to */
	long long seed;
	struct span
	    draw;       /* text to draw by: its id, or "" for one draw a run */
	struct span id; /* MD5 of its text */
	struct span path; /* value of its member path */
	struct span text;
};

struct examples;

/*
 * Read the pool in file: a JSON array of {"input","output"} objects, or one
 * object a line. The name "builtin" is that of the built-in pools. The members
 * task, language, code_language and tgt_code_language say for which documents
 * an example is, and id, docid or path, also in an object meta, what it was
 * made of; other members are ignored. Return a new pool; NULL with *why, valid
 * until the next call, and errno, 0 if the file was read.
 */
struct examples *examples_new(const char *file, const char **why);
void examples_free(struct examples *);

/*
 * Return what a pool, or NULL, adds to the key of a record: its SHA-256. Of the
 * built-in pools only the examples that fit the document count: "" if none
 * does. The text is valid until the next call.
 */
const char *examples_sha(struct examples *, const struct example_wish *);

/*
 * Draw up to k different examples into out, in the order drawn, and return
 * their number. An example that names a task, a natural language or a target is
 * for these alone. Those of the document's code language, or of none, come
 * first; those of another follow, unless the output would be code in the wrong
 * language. An example that was made of the document is passed over.
 */
int examples_draw(struct examples *, const struct example_wish *, int k,
    const struct example **out);

/*
 * Append the examples of a task, or of all tasks for "", that serve a natural
 * language, one a line.
 */
void examples_print(const struct examples *, struct span task,
    const char *language, struct buf *);
