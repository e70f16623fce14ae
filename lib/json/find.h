/*
 * find: the places of the parts of a value.
 *
 * The functions take only values that js_value or js_object has accepted.
 */
#pragma once

#include "base/buf.h"

/* Return the byte behind the accepted value at p, faster than js_value. */
const char *js_skip(const char *p, const char *end);

/* Return the member key of an object; p NULL if there is none, or no object. */
struct span js_find(struct span object, const char *key);

/* Find n different keys in one walk: vals[i] is js_find of keys[i]. */
void js_find_all(
    struct span object, const char *const *keys, struct span *vals, size_t n);

/* Return whether a raw key, once decoded, is name. */
int js_key_is(struct span raw, struct span name);

/* Return whether object has a member called name. */
int js_has(struct span object, struct span name);

/*
 * Return element i of the array list; p NULL if it has none or list is no
 * array. It walks there: a loop over the elements takes js_next.
 */
struct span js_at(struct span list, size_t i);

/*
 * Step through the members of an object: *at starts at 0. Return 1 with the raw
 * key, in its quotes, and the value; 0 at the end or if it is no object.
 */
int js_each(struct span object, size_t *at, struct span *key, struct span *val);

/*
 * Step through the elements of the array list: *at starts at 0. Return 1 with
 * *val, 0 at the end or if list is no array.
 */
int js_next(struct span list, size_t *at, struct span *val);

/* Count the elements of the array list; return 0 if it is no array. */
size_t js_count(struct span list);

int js_is_object(struct span);
int js_is_array(struct span);
/* Return whether the value is neither absent nor null. */
int js_is_there(struct span);
