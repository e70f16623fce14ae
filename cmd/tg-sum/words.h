/*
 * words: counts in words.
 */
#pragma once

#include <jansson.h>

#include "base/buf.h"

/* Return the number called name in object, 0 if there is none. */
double words_number(const json_t *object, const char *name);

/* Return the sum of the counts in object. */
double words_total(json_t *object);

/* Append "1 call, " or "2 calls, ". */
void words_plural(struct buf *b, double n, const char *one, const char *more);

/* Append "3 rejected (2 judge_0, 1 judge_2), ". */
void words_counts(struct buf *b, json_t *counts, const char *what);

/* Append a cost with up to four decimals, and the texts around it. */
void words_cost(
    struct buf *b, const char *before, double cost, const char *after);

/* Append "2 calls, 0 retries, ", tokens and cost of the counts of tg-llm. */
void words_took(struct buf *b, const json_t *llm);
