/*
 * chars: the characters of JSON, for scan, find and string alone.
 */
#ifndef TG_CHARS_H
#define TG_CHARS_H

/* Return the first of p.. that is '"', '\\', a control or no ASCII; or end. */
const char *js_plain(const char *p, const char *end);

/*
 * Skip, from p within a string, blocks of ASCII whose escapes are \n, \t and
 * \". Return the quote that ends the string, or the first byte not looked at.
 */
const char *js_usual(const char *p, const char *end);

/* Return the value of the four hex digits at p; -1 if there are none. */
int js_hex4(const char *p, const char *end);

/* js_escapes[c] is the byte that backslash and c mean; '\0': none, or u. */
extern const char js_escapes[256];

#endif
