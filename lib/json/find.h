/*
 * find: where the parts of a value are.
 *
 * These take only values that js_value or js_object has accepted.
 */
#ifndef TG_FIND_H
#define TG_FIND_H

#include "base/buf.h"

/* Behind the accepted value at p: quicker than js_value. */
const char *js_skip(const char *p, const char *end);

/* The member of an object value, p NULL if none or it is no object. */
struct span js_find(struct span object, const char *key);

/* js_find of n different keys in one walk. */
void js_find_all(
    struct span object, const char *const *keys, struct span *vals, size_t n);

/* Return whether a raw key, once decoded, is name. */
int js_key_is(struct span raw, struct span name);

/*
 * Return element i of the array list; p NULL if it has none or list is no
 * array. It walks there: a loop over the elements takes js_next.
 */
struct span js_at(struct span list, size_t i);

/*
 * Walk the members of an object value: *at starts at 0; 1 with the raw key
 * (in its quotes) and value, 0 at the end or if it is no object.
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
/* Neither absent nor null. */
int js_is_there(struct span);

#endif
