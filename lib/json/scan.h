/*
 * lib/json reads and writes JSON text without building a tree from it. scan
 * checks a text, find locates a member in a checked value, string decodes and
 * quotes, escaped compares texts without decoding them. Everything that handles
 * records, requests or replies uses it. It never opens a file, and it never
 * changes a byte that its caller did not replace.
 *
 * scan: a strict scanner that says where things are.
 *
 * Strict is RFC 8259 and more: UTF-8 without surrogates or overlong forms, no
 * lone surrogate escape, no raw control character, at most JS_DEPTH levels.
 * Numbers of any size are numbers: they are bytes here, never doubles.
 *
 * Values are spans into the text they were found in.
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

#endif
