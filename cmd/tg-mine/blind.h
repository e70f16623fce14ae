/*
 * blind: tells positives from negatives without the query.
 *
 * Where that works, a model can learn to do it, too, and learns nothing about
 * queries. The classifier is a logistic regression over n-grams of tokens (1 to
 * 3, hashed to 2^18 numbers, each counted once a text) and the length of the
 * text. Texts are in parts: each part is told apart by what was learnt from the
 * others.
 */
#pragma once

#include <stdint.h>

#include "lex/lex.h"

enum {
	BLIND_PARTS = 5,    /* parts of the texts */
	BLIND_TOKENS = 512, /* tokens that are read of a text */
};

/* The texts. A zeroed struct is empty; blind_free frees it. */
struct blind {
	uint32_t *feature; /* n features of the texts, one after another */
	size_t n, cap;
	struct blind_text *text;
	size_t texts, text_cap;
};

/* How well it works. */
struct blind_result {
	size_t texts;     /* texts that were told apart */
	double auc;       /* chance that a positive is told from a negative, 0
			   * to 1, where .5 is no better than to guess */
	double low, high; /* ends of the 95 % interval of auc */
};

/*
 * Add a text, positive or negative, to a part: 0 to BLIND_PARTS - 1. The text
 * is not kept, but 12 bytes for each token read of it. Texts of one row belong
 * to one part.
 */
void blind_add(struct blind *, const struct lex_language *, struct span text,
    bool positive, unsigned part);

/*
 * Learn and measure, and return whether there are texts enough: of both kinds
 * in two parts. The result is the same for the same texts in the same order.
 */
bool blind_measure(const struct blind *, struct blind_result *);

void blind_free(struct blind *);
