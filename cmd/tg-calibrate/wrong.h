/*
 * wrong: wrong pairs, made from right ones without a model.
 *
 * They are as wrong as a machine can know. specific_but_wrong takes the
 * document of another pair of the task, the one most like the pair's own by its
 * words; now and then that one answers the query, too. The other kinds change
 * one side of the pair.
 */
#pragma once

#include <stdint.h>

#include "base/buf.h"

/* Kinds of wrong pairs. */
enum wrong_kind {
	WRONG_SPECIFIC, /* document of the most similar pair of the task */
	WRONG_VAGUE,    /* a sentence that names two words of the topic alone */
	WRONG_COPY,     /* the document itself as the query */
	WRONG_LANGUAGE, /* a sentence in another language; or code in one */
	WRONG_CHATTER,  /* an assistant's remarks around a side */
	WRONG_KINDS,
};

/* Return the name of a kind, as member kind of a record has it. */
const char *wrong_name(enum wrong_kind);

/* A pair as the wrong ones are made of it; texts are decoded and borrowed. */
struct source {
	struct span query, pos;
	struct span task, language, code_language; /* p NULL: not known */
	uint64_t *words; /* sorted hashes of the words of pos; owned */
	size_t nwords;
	uint64_t *asked; /* those of query; owned */
	size_t nasked;
};

/* Set words of a source whose texts are set. */
void wrong_read(struct source *);
void wrong_free(struct source *);

/*
 * Make a wrong pair of a kind from source i of n: append its texts to query and
 * pos, and return 1; or return 0 if the source is not fit for it. turn varies
 * the sentences.
 */
int wrong_make(enum wrong_kind, const struct source *v, size_t n, size_t i,
    size_t turn, struct buf *query, struct buf *pos);
