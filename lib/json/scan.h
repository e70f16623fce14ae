/*
 * lib/json reads and writes JSON text without building a tree from it. scan
 * checks a text, find locates a member in a checked value, string decodes and
 * quotes, escaped compares texts without decoding them. Everything that handles
 * records, requests or replies uses it. It never opens a file, and it never
 * changes a byte that its caller did not replace.
 *
 * scan: a strict scanner that finds the places of values.
 *
 * Strict is RFC 8259 and more: UTF-8 without surrogates or overlong forms, no
 * lone surrogate escape, no raw control character, at most JS_DEPTH levels.
 * Numbers are bytes, never doubles: one of any size is a number.
 *
 * A value is a span of the text that holds it.
 */
#pragma once

#include "base/buf.h"
#include "base/mem.h"

enum { JS_DEPTH = 128 };

/* A member is one "key": value of an object. */
struct js_member {
	struct span key; /* key, decoded */
	struct span val; /* raw value; a caller may set it; p NULL: deleted */
	const char *start, *end; /* value's place in the text; NULL: none */
};

struct js_members {
	struct js_member *v;
	size_t n, cap;
};

/*
 * Check the value at p, which no white space precedes, depth levels deep.
 * Return the byte behind the value; NULL with *why if it is wrong.
 */
const char *js_value(
    const char *p, const char *end, int depth, const char **why);

/*
 * Check the object at p as js_value does and append its members to m. A key may
 * not repeat. Decoded keys are borrowed from the text or, if they hold escapes,
 * the arena. If sub_key is not NULL and the member of that name is an object,
 * the members of that object are put into sub.
 */
const char *js_object(const char *p, const char *end, int depth,
    struct js_members *m, struct arena *, const char *sub_key,
    struct js_members *sub, const char **why);

/* Return a new member, all of which the caller sets. */
struct js_member *js_member_new(struct js_members *);

/* Return the first byte from p on that is no JSON white space; or end. */
const char *js_space(const char *p, const char *end);

/* Return the one value of a text, white space aside; p NULL with *why. */
struct span js_text(struct span, const char **why);
