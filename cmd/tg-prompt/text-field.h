/*
 * text-field: the member of a record that holds its code.
 *
 * A record's own tg.field comes first, then --text-field. Without either it is
 * the first of the names that data sets use which holds a text: text, content
 * (The Stack, StarCoder), code and whole_func_string (CodeSearchNet).
 */
#pragma once

#include "options.h"
#include "record/rec.h"

/*
 * Return the name of the member, borrowed from the record or for ever; "text"
 * if no usual one holds a text. Say on stderr, once for each name, that a text
 * is read from another member than text.
 */
const char *text_field(const struct prompt_opts *, struct rec *);
