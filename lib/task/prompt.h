/*
 * prompt: the messages that ask the LLM.
 *
 * All prompts are one user message: first what is the same for every
 * document of a run, then the examples, the document last, so that a server's
 * prefix cache serves the shared part. The prompts of pairs
 * end in a line or two on what to write now: small models need it.
 */
#pragma once

#include "task/catalogue.h"
#include "task/examples.h"

/* Version of the wording, part of every record's key: a change raises it. */
#define PROMPT_VERSION "2"

/* Append a prose text of a row, which names languages only. */
void prompt_prose(struct buf *, const char *prose, const struct values *);

/*
 * Append the user message that asks for step (from 0), in two parts: the head,
 * in which only languages are filled in, so that it can be kept for the next
 * document; and the rest, examples and document: 0, or -1 with *bad the name of
 * a value that is absent.
 */
void prompt_head(
    struct buf *, const struct task *, int step, const struct values *);
int prompt_document(struct buf *, const struct task *, int step,
    const struct values *, const struct example *const *, int nexamples,
    struct span *bad);

/* Append the user message that asks for a verdict on a pair. */
void prompt_judge(struct buf *, const struct task *, const struct values *,
    struct span query, struct span pos);

/*
 * Append the user message that asks which of n documents, in the order given,
 * answer a query.
 */
void prompt_verify(struct buf *, const struct task *, const struct values *,
    struct span query, const struct span *documents, size_t n);

/*
 * Append the user message that asks for one hard negative, which goes wrong in
 * a way of the task, or NULL where it names none. With marked, and a row that
 * allows it, a first line is asked for that says which requirement it fails.
 */
void prompt_negatives(struct buf *, const struct task *, const struct values *,
    struct span query, struct span pos, const struct way *, int marked);

/* What a mirrored pair is made of, in its escaped form. */
struct mirrored {
	struct span query;   /* query of the pair */
	struct span old_one; /* document that answers it */
	struct span new_one; /* document that is to answer its edit alone */
	const struct span *others; /* documents that are to answer neither */
	size_t nothers;
};

/*
 * Append the user message that asks for the query of a mirrored pair: an edit
 * of the query. What all mirrors of a pair share comes first.
 */
void prompt_mirror(struct buf *, const struct task *, const struct values *,
    const struct mirrored *);
