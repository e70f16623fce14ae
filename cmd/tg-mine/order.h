/*
 * order: neighbours of a text that may change places.
 */
#pragma once

#include "base/buf.h"
#include "lex/lex.h"

/*
 * Append a text in which neighbouring functions that do not name each other
 * have changed places, and return how many pairs did.
 */
size_t order_functions(
    const struct lex_language *, struct span text, struct buf *out);

/*
 * Append a text in which neighbouring assignments have changed places, and
 * return how many pairs did: each has its own lines, they are indented alike,
 * share no name, and at most one calls anything.
 */
size_t order_statements(
    const struct lex_language *, struct span text, struct buf *out);
