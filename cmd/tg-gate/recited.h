/*
 * recited: the words of prompts and examples, to find them in an answer.
 */
#pragma once

#include "record/rec.h"
#include "task/catalogue.h"

struct recited;

/*
 * Return what prompts and a pool of examples have: file as tg-prompt's -e takes
 * it. NULL with *why and errno as examples_new has them.
 */
struct recited *recited_new(const char *pool, const char **why);
void recited_free(struct recited *);

/* Return whether an answer of a step has a run of words of its prompt. */
int recited_prompt(struct recited *, struct rec *, const struct task *,
    int step, struct span answer);

/* Return whether an answer has a long run of words of an example. */
int recited_example(
    struct recited *, const char *language, struct span answer, int is_code);
