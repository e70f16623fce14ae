/*
 * lib/task knows the tasks that training pairs are made for: the catalogue with
 * its rows and languages, the prompts that a row composes, the few-shot
 * examples, and what a record says of its document. tg-prompt, tg-arrange,
 * tg-negs, tg-split-context and tg-cache use it. It never asks an LLM and never
 * decides which pair is good.
 *
 * catalogue: the catalogue. A task is a row of data; see tg-tasks(5).
 */
#pragma once

#include "base/buf.h"
#include "task/task.h"

struct catalogue;

/*
 * Return a new catalogue of the built-in rows, added to or replaced by those of
 * file (a JSON array of rows, one row, or one a line) unless it is NULL or "".
 * NULL with *why, which names the row and member, valid until the next call,
 * and errno, 0 if the file was read.
 */
struct catalogue *catalogue_new(const char *file, const char **why);
void catalogue_free(struct catalogue *);

/*
 * Return catalogue_new of file or, if that is NULL, of the file that $TG_TASKS
 * names; exit with TG_EX_USAGE where it is wrong, or TG_EX_IO where it cannot
 * be read. Calls language_open before.
 */
struct catalogue *catalogue_open(const char *file);

/* Return a task by its name, or by its number; borrowed; NULL if none. */
const struct task *catalogue_find(const struct catalogue *, struct span name);
const struct task *catalogue_at(const struct catalogue *, size_t i);

/*
 * Return " (did you mean NAME?)" for a name that no task has, borrowed until
 * the next call; "" if no name is near.
 */
const char *catalogue_hint(const struct catalogue *, struct span name);

/* Append row i as one line of JSON, as --tasks takes it. */
void catalogue_print(const struct catalogue *, size_t i, struct buf *);
