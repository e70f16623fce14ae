/*
 * html: hostile text as HTML that shows it and runs nothing.
 *
 * Every text that comes from a document, an answer or a file name goes into a
 * page through these functions alone.
 */
#pragma once

#include "base/buf.h"

struct lex_language;

/* Append text; characters that act are shown by name, in <b class=x>. */
void html_text(struct buf *, struct span);

/*
 * Append text for an attribute in double quotes: as html_text, without tags,
 * and cut to so many bytes.
 */
void html_attribute(struct buf *, struct span, size_t max);

/*
 * Append a text in which the tokens of code are marked by kind. Where is_code
 * is 0, only code between fences is marked, and by the generic lexer if the
 * language is NULL.
 */
void html_code(
    struct buf *, const struct lex_language *, struct span, int is_code);

/* Return whether a text looks like code rather than prose. */
int html_looks_like_code(struct span);
