/*
 * document: the task, languages, text and outputs of a stamped record, as the
 * values that templates take.
 */
#pragma once

#include "record/rec.h"
#include "task/catalogue.h"
#include "task/prompt.h"

/*
 * Return the task that a record names; NULL, after ending the record in an
 * error, if it names none or an unknown one.
 */
const struct task *document_task(struct rec *, const struct catalogue *);

/* Return the text, from the field that the record names; p NULL: none. */
struct span document_text(struct rec *);

/* Return the first of `similar`; p NULL if there is none. */
struct span document_similar(struct rec *);

/*
 * Get all values of a record of a task, in their escaped form, borrowed from
 * it: absent ones have p NULL. Names of languages are "" if the record has
 * none. What the record has not drawn for an axis is its first phrasing.
 */
void document_values(struct rec *, const struct task *, struct values *);

/*
 * Return the value of member prompt for a pair of the task: its instruction as
 * the record has drawn it, in the record's memory, quoted.
 */
struct span document_prompt(struct rec *, const struct task *);

/* Get a pair's query and first positive. Return 0; -1 if one is missing. */
int document_pair(struct rec *, struct span *query, struct span *pos);

/*
 * Read the answer of a generation step of the task: clean it, append it to
 * tg.out, drop the response and keep its model as tg.model. Where the step asks
 * for code, the single code block of an answer is the output. Return the
 * output, borrowed; p NULL after ending the record: in an error if nothing is
 * left of the answer, or rejected as not_applicable if it is NONE, with a full
 * stop or without, and the step may decline.
 */
struct span document_take_output(struct rec *, const struct task *);
