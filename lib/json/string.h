/*
 * string: strings decoded and quoted, and numbers read.
 *
 * The functions decode only values that js_value or js_object has accepted.
 */
#pragma once

#include "base/buf.h"
#include "base/mem.h"

int js_is_string(struct span);

/* Append string, decoded. Return 0; -1, nothing appended, if it is none. */
int js_decode(struct buf *, struct span string);

/*
 * Return string decoded, borrowed from the text or the arena; p NULL if it is
 * none. The byte behind the result may be read and belongs to no character.
 */
struct span js_string(struct span string, struct arena *);

/* Return the number as a long long; def if it is none or does not fit. */
long long js_int(struct span, long long def);

/*
 * Read a raw value as a number: return 1, or 0 with *number 0 if it is absent,
 * no number or too large to be finite. The value lies within a JSON text, so
 * that a byte which is part of no number stands behind it.
 */
int js_real(struct span, double *number);

/* Return whether a byte of s needs an escape in a string, or is no ASCII. */
int js_needs_escape(struct span s);

/* Append s, which must be UTF-8, as a JSON string. */
void js_quote(struct buf *, struct span s);

/* Append s as js_quote does, without the quotes around it. */
void js_escape(struct buf *, struct span s);

/* Append s as js_quote does, U+FFFD for every byte that is no UTF-8. */
void js_quote_any(struct buf *, struct span s);
