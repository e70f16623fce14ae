/*
 * lex-table: the languages as data. For lib/lex only.
 */
#pragma once

#include "lex/lex-in.h"

/* The languages; the first is a generic one without a name. */
extern const struct lex_language lex_table[];
extern const size_t lex_languages;
