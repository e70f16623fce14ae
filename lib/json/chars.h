/*
 * chars: what these files share: scan.c (the scanner), find.c (within accepted
 * values) and string.c (strings, decoded and written). For them alone.
 */
#ifndef TG_CHARS_H
#define TG_CHARS_H

/* The first byte at or after p that is '"', '\\', a control or not ASCII. */
const char *js_plain(const char *p, const char *end);

/*
 * From p, within a string, over blocks of ASCII whose escapes are the usual \n,
 * \t and \": to the quote that ends the string, or to where something else may
 * be.
 */
const char *js_usual(const char *p, const char *end);

/* The value of four hex digits at p, -1 if they are not. */
int js_hex4(const char *p, const char *end);

/* What stands behind a backslash, \u aside, and what it means; or '\0'. */
extern const char js_escapes[256];

#endif
