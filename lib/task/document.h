/*
 * document: what a stamped record says of its document: task, languages, text
 * and the outputs so far, as the values its row's templates take.
 */
#ifndef TG_DOCUMENT_H
#define TG_DOCUMENT_H

#include "record/rec.h"
#include "task/catalogue.h"
#include "task/prompt.h"

/*
 * The task a record names; NULL after ending the record in an error (for
 * tool) if it names none or an unknown one.
 */
const struct task *doc_task(
    struct rec *, const struct catalogue *, const char *tool);

/* The text, from the field the record names; p NULL if there is none. */
struct span doc_text(struct rec *);

/* The first of `similar`; p NULL if there is none. */
struct span doc_similar(struct rec *);

/*
 * All values of the record, as esc has texts, borrowed from it: absent ones
 * have p NULL. Language names are "" where the record has none.
 */
void doc_values(struct rec *, const struct catalogue *, struct values *);

/* A pair's query and first positive, likewise: 0; -1 if either is missing. */
int doc_pair(struct rec *, struct span *query, struct span *pos);

/*
 * Read the answer of a generation step: clean it, append it to tg.out, drop
 * the response and keep its model as tg.model. Returns the output, borrowed;
 * p NULL after ending the record in error because nothing was left of it.
 */
struct span doc_take_output(struct rec *, const char *tool);

#endif
