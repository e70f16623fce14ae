/*
 * lib/task knows the tasks that training pairs are made for: the catalogue with
 * its rows and languages, the prompts that a row composes, the few-shot
 * examples, and what a record says of its document. tg-prompt, tg-arrange,
 * tg-negs, tg-split-context and tg-cache use it. It never asks an LLM and never
 * decides which pair is good.
 *
 * catalogue: the catalogue. A task is a row of data; see tg-tasks(5).
 */
#ifndef TG_CATALOGUE_H
#define TG_CATALOGUE_H

#include "base/buf.h"
#include "base/hash.h"

/* The texts and templates of a row are as esc has them. */
enum { TASK_STEPS = 2, TASK_INPUTS = 2 };

enum task_input { IN_TEXT, IN_SIMILAR, IN_OUT1, IN_COMPOSITE };

struct task_step {
	enum task_input inputs[TASK_INPUTS];
	int ninputs;
	int examples; /* few-shot examples go into this step's prompt */
	int is_code;  /* output_kind "code" */
	const char *instruction, *output;
};

struct task {
	const char *name, *category, *title, *instruction;
	size_t name_n;
	struct task_step steps[TASK_STEPS];
	int nsteps;
	const char *query, *pos; /* templates */
	const char *mission, *query_type, *doc_type, *yes, *no;
	int judged, needs_similar;
	int needs_target;             /* some template names the target */
	const char *const *languages; /* allowed code languages, NULL: any */
	char sha[SHA256_HEX];         /* of the row: part of a record's key */
};

struct catalogue;

/*
 * The built-in rows, added to or replaced by those of file (a JSON array of
 * rows, one row, or one a line) where it is neither NULL nor "". New; NULL with
 * *why, which names the row and member, borrowed until the next call.
 */
struct catalogue *catalogue_new(const char *file, const char **why);
void catalogue_free(struct catalogue *);

/* By name, or in order; NULL if there is none. Borrowed. */
const struct task *catalogue_find(const struct catalogue *, struct span name);
const struct task *catalogue_at(const struct catalogue *, size_t i);

/* Append row i as one line of JSON, as --tasks takes it. */
void catalogue_print(const struct catalogue *, size_t i, struct buf *);

/*
 * Append the code languages, one line of JSON each: its key, name, aliases
 * and file name extensions.
 */
void catalogue_print_languages(const struct catalogue *, struct buf *);

/* Whether the task may be used on this code language key ("" is always). */
int task_allows(const struct task *, const char *code_language);

/*
 * Languages. Keys are "en", "zh_tw" and "python", "cplusplus"; the name or any
 * alias, in any letter case, finds one. Results are static; NULL: unknown.
 * The empty word and "null" are the code language "", of the name "".
 */
const char *language_key(const struct catalogue *, struct span word);
const char *language_name(const struct catalogue *, const char *key);
const char *code_language_key(const struct catalogue *, struct span word);
const char *code_language_name(const struct catalogue *, const char *key);

/*
 * The target for translating from key: the draw'th of its partners in the
 * table of pairs. NULL if it has none.
 */
const char *code_language_partner(
    const struct catalogue *, const char *key, uint64_t draw);

#endif
