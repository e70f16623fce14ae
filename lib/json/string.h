/*
 * string: texts out of strings of JSON, and into them; numbers, too.
 *
 * What is decoded is a value that js_value or js_object has accepted.
 */
#ifndef TG_STRING_H
#define TG_STRING_H

#include "base/buf.h"
#include "base/mem.h"

int js_is_string(struct span);

/* Append the decoded string: 0; -1 (nothing appended) if it is no string. */
int js_decode(struct buf *, struct span string);

/*
 * The decoded string, borrowed from the text or the arena; p NULL if none. The
 * byte behind it may be read, and belongs to no character.
 */
struct span js_string(struct span string, struct arena *);

/* The number as a long long, or def if it is none or does not fit. */
long long js_int(struct span, long long def);

/* Whether s is written in another way in a string, or is not ASCII. */
int js_needs_escape(struct span s);

/* Append s as a JSON string. s must be UTF-8. */
void js_quote(struct buf *, struct span s);

/* The same without the quotes around it. */
void js_escape(struct buf *, struct span s);

/* js_quote of s, every byte that is not UTF-8 written as U+FFFD. */
void js_quote_any(struct buf *, struct span s);

#endif
