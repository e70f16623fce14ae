/*
 * gate: a rule that good answers keep. Each stands in a file of its own.
 */
#pragma once

#include "answer-lines.h"
#include "pair.h"
#include "recited.h"
#include "table.h"

/* A pair under examination, and what the gates share. Zero-initialise. */
struct gates {
	struct pair pair;
	struct answer_lines
	    lines[PARTS];     /* lines of each part, once asked for */
	int has_lines[PARTS]; /* flag: they were read for this pair */
	struct table *phrases;
	struct recited *recited;
	char why[200]; /* memory for a reason */
};

/* Return the lines of an answer of the pair, borrowed until the next pair. */
const struct answer_lines *gate_lines(struct gates *, const struct part *);

/* Write a reason to the memory of the gates and return it. */
const char *gate_why(struct gates *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Return whether a text begins with a phrase of a kind: one of any language, or
 * of the pair's, whose key is behind the kind in the table.
 */
int gate_begins(struct gates *, const char *kind, struct span text);

/*
 * Each gate returns why an answer is wrong, static or in the memory of the
 * gates; NULL: it has found nothing.
 */
const char *gate_copy(struct gates *, const struct part *);
const char *gate_unchanged(struct gates *, const struct part *);
const char *gate_refusal(struct gates *, const struct part *);
const char *gate_remark(struct gates *, const struct part *);
const char *gate_blocks(struct gates *, const struct part *);
const char *gate_language(struct gates *, const struct part *);
const char *gate_diff(struct gates *, const struct part *);
const char *gate_cut(struct gates *, const struct part *);
const char *gate_recital(struct gates *, const struct part *);
