/*
 * sketches: sketches of an index's documents, each made when it is first asked
 * for, and shared by threads.
 *
 * To read a document takes a hundred times as long as to compare its sketch,
 * and a document is a candidate of many queries.
 */
#pragma once

#include "index/index.h"
#include "index/near.h"

/* The sketches of an index; 200 bytes for each document that was asked for. */
struct sketches;

/* Return an empty table for an index, which stays open. */
struct sketches *sketches_new(const struct index *);
void sketches_free(struct sketches *);

/*
 * Return the sketch of a document as a text of a language, borrowed until the
 * next call with this scratch, which the document may be read into.
 */
const struct near_sketch *sketches_find(struct sketches *, uint64_t doc,
    const struct lex_language *, struct near *scratch);
