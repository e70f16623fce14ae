/*
 * escaped: texts as they stand between the quotes of a JSON string.
 *
 * A text has one escaped form here, the one js_quote writes, so two texts are
 * equal if their escaped forms are. Nearly all strings have it already: what
 * only compares or passes on a text then need not decode it at all.
 */
#pragma once

#include "base/buf.h"
#include "base/mem.h"

/*
 * Return the escaped form of a string value, borrowed from the value or, if the
 * value is written in another way ("\/", "\u0041"), from the arena. p NULL if
 * the value is no string.
 */
struct span esc_of(struct span string, struct arena *);

/* Return the text without the white space at both of its ends. */
struct span esc_trim(struct span);

/* Return the text without the newline that ends it, if one does. */
struct span esc_chomp(struct span);

/*
 * Append s in a code fence one backtick longer than its longest run of them,
 * three where that is shorter; a newline precedes the closing fence.
 */
void esc_fence(struct buf *, struct span s);
