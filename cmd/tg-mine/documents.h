/*
 * documents: the documents of a record: its text, else each of its pos.
 */
#pragma once

#include <stdbool.h>

#include "lex/lex.h"
#include "record/rec.h"

/* A document: text and origin are borrowed until the record changes. */
struct document {
	struct span text;
	struct span
	    origin; /* JSON object: whose pool the document belongs to */
	const struct lex_language *language; /* NULL: one of no lexer */
};

/* A walk over the documents of a record: zero it but for the language. */
struct documents {
	const char *code_language; /* key for records that name none */
	bool pos_only;             /* whether a text is no document */
	size_t n;                  /* documents so far */
	size_t at;                 /* place in pos of the next one */
	struct document of;        /* language and origin of all of them */
};

/*
 * Write the next document of a record: return 1, or 0 at the end. A text or pos
 * that is no string is none.
 */
int documents_next(struct documents *, struct rec *, struct document *);

/*
 * Return the lexer of a record's code language: that of code_language, of
 * tg.code_language or meta.code_language, else that of key. *found gets the
 * key, borrowed; "": the record names a language that is unknown.
 */
const struct lex_language *documents_language(
    struct rec *, const char *key, const char **found);

/*
 * Return the origin of a record's texts or, if is_text is false, of its
 * positives, borrowed until the next rec_read: a JSON object. Texts have their
 * code language as the origin, positives their task and languages as well;
 * code_language is the key for records that name none.
 */
struct span documents_origin(
    struct rec *, const char *code_language, bool is_text);

/* Return a string member of tg, else of meta, decoded; p NULL: none. */
struct span documents_member(struct rec *, const char *key);
