/*
 * scan: a strict scanner that says where things are, and a writer.
 *
 * Strict is RFC 8259 and more: UTF-8 without surrogates or overlong forms, no
 * lone surrogate escape, no raw control character, at most JS_DEPTH levels.
 * Numbers of any size are numbers: they are bytes here, never doubles.
 *
 * Values are spans into the text they were found in. The lookups below take
 * only values that js_value or js_object has accepted.
 */
#ifndef TG_SCAN_H
#define TG_SCAN_H

#include "base/buf.h"
#include "base/mem.h"

enum { JS_DEPTH = 128 };

/* One "key": value of an object. */
struct js_member {
	struct span key; /* decoded */
	struct span val; /* raw; a caller may replace it, p NULL: deleted */
	const char *start, *end; /* where it stood in the text; NULL: nowhere */
};

struct js_members {
	struct js_member *v;
	size_t n, cap;
};

/*
 * Check the value at p, without white space before it, nested depth levels
 * deep already. Returns the byte behind it; NULL with *why otherwise.
 */
const char *js_value(
    const char *p, const char *end, int depth, const char **why);

/*
 * Likewise the object at p, its members appended to m. A key may not repeat.
 * Decoded keys are borrowed from the text or, where they hold escapes, the
 * arena. When sub_key is not NULL and a member of that name is an object, its
 * members go to sub likewise.
 */
const char *js_object(const char *p, const char *end, int depth,
    struct js_members *m, struct arena *, const char *sub_key,
    struct js_members *sub, const char **why);

/* The byte at or after p that is no JSON white space. */
const char *js_space(const char *p, const char *end);

/* A whole text: white space, one value, white space. Its span, or p NULL. */
struct span js_text(struct span, const char **why);

/* Behind the accepted value at p: quicker than js_value. */
const char *js_skip(const char *p, const char *end);

/* The member of an object value, p NULL if none or it is no object. */
struct span js_find(struct span object, const char *key);

/* js_find of n different keys in one walk. */
void js_find_all(
    struct span object, const char *const *keys, struct span *vals, size_t n);

/* The i-th element of an array value, p NULL if none or it is no array. */
struct span js_at(struct span array, size_t i);

/*
 * Walk the members of an object value: *at starts at 0; 1 with the raw key
 * (in its quotes) and value, 0 at the end or if it is no object.
 */
int js_each(struct span object, size_t *at, struct span *key, struct span *val);

/* The elements of an array value; 0 if it is no array. */
size_t js_count(struct span array);

int js_is_string(struct span);
int js_is_object(struct span);
int js_is_array(struct span);
/* Neither absent nor null. */
int js_is_there(struct span);

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
