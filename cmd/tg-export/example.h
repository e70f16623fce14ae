/*
 * example: the texts of one triplet, decoded, and where it comes from.
 */
#pragma once

#include "base/buf.h"
#include "record/rec.h"

/* A text that is a positive or a negative, and its score. */
struct passage {
	struct span text;
	double score; /* teacher's score; 0 if the example has no scores */
};

struct passages {
	struct passage *v;
	size_t n, cap;
};

/* All spans are borrowed from the record that was read. Zero-initialise it. */
struct example {
	struct span prompt, query; /* prompt.n 0: none */
	struct passages pos, neg;
	int scored;     /* 1: each passage has a score */
	int misscored;  /* 1: scores were there, but not one for each passage */
	size_t dropped; /* negatives left out: blank, or equal to the query, a
			 * positive or another negative; 0: none */
	size_t dropped_long; /* negatives left out by fit_example; 0: none */
	/* where it comes from; p NULL: unknown */
	struct span task, language, code_language, tgt_code_language;
	struct span repository, path, id;
};

/*
 * Read a record into e, whose lists are used again. Return NULL, or a word or
 * two that say what keeps the record out of the training data.
 */
const char *example_read(struct example *e, struct rec *);

/* Append a negative, which stays the caller's. */
void example_negative(struct example *, struct span text);

void example_free(struct example *);
