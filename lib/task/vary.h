/*
 * vary: the axes on which the prompts of a task vary, and drawing from them.
 */
#pragma once

#include "base/buf.h"
#include "base/mem.h"

struct json_t;

/* The axis that paraphrases of a row's instruction are drawn on. */
#define AXIS_INSTRUCTION "instruction"

/* The axis whose phrasings a file may replace. */
#define AXIS_ROLE "role"

/* Bounds of a row: axes, bytes of a name, phrasings of an axis, a weight. */
enum { AXES = 16, AXIS_NAME = 32, PHRASES = 1000, WEIGHT_MAX = 1000000 };

struct phrase {
	const char *text; /* text that names languages only, escaped */
	double weight;    /* share in the draws, above 0 */
};

struct axis {
	const char *name; /* lower-case letters, digits and '_' */
	struct phrase *of;
	size_t n;
	double total; /* sum of the weights */
};

/*
 * Make an axis of a list of phrasings, each a text or a list of a text and its
 * weight; 1 is the weight of a text alone. A text called first, unless it is
 * NULL, precedes them with the weight 1. What the axis has is borrowed from the
 * arena. Return NULL or, valid until the next call, what is wrong, as the end
 * of a sentence that begins with the name of the list.
 */
const char *axis_read(struct axis *, const char *name, const char *first,
    struct json_t *list, struct arena *);

/*
 * Make an axis of a file of roles, a role a line, that borrows from the arena.
 * White space around a role and blank lines are skipped. Return 0; -1 with
 * *why, which names the file, valid until the next call, and errno, 0 if the
 * file was read.
 */
int axis_read_roles(
    struct axis *, const char *file, struct arena *, const char **why);

/* Return the number of the phrasing that is drawn for an id. */
size_t axis_draw(const struct axis *, long long seed, struct span id, int draw);
