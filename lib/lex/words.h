/*
 * words: the tokens of a text that are code, with their lines and brackets. For
 * lib/lex, and for programs that need the same to change code.
 */
#pragma once

#include "lex/functions.h"

/* A token that is no space, line break, comment or directive. */
struct word {
	enum lex_kind kind;
	size_t start, end; /* bytes */
	size_t line, last; /* lines on which it begins and ends, from 1 */
	size_t match;      /* index of its other bracket; 0: none */
	size_t comments;   /* comments before it, in the text */
	bool fresh;        /* whether a line break precedes it */
	bool directive;    /* whether a directive precedes it */
};

struct words {
	const struct lex_language *language;
	struct span text;
	struct word *v; /* n of them, then one of kind LEX_NEWLINE */
	size_t n, cap;
	struct word *comment;
	size_t ncomments, comment_cap;
	size_t tail; /* comment that ends the next function, from 1; 0: none */
	size_t line_start, line_end; /* bytes of the last line looked for */
	struct lex_functions *out;
};

/* Read the words of a text; words_free frees them. */
void words_read(struct words *, const struct lex_language *, struct span text);
void words_free(struct words *);

/* Return the text of word i; nothing past the end. */
struct span word_text(const struct words *, size_t i);

/* Return whether word i is s, and no string. */
bool word_is(const struct words *, size_t i, const char *s);

/* Return whether word i is one of list, "a|b", in any case if words have none.
 */
bool word_in(const struct words *, size_t i, const char *list);

/* Return whether word i is a single byte c. */
bool word_c(const struct words *, size_t i, char c);

/* Return whether word i can name something: a name or a keyword. */
bool word_named(const struct words *, size_t i);

/* Return the index behind the bracket at i that closes; i + 1 if none does. */
size_t word_behind(const struct words *, size_t i);

/* Return the column of word i, or of a byte: bytes before it on its line, tabs
 * as 8. */
size_t word_column(const struct words *, size_t i);
size_t bytes_column(const struct words *, size_t at);

/*
 * Return the index behind the angle bracket that closes the one at i, or i + 1
 * if what follows is no list of types.
 */
size_t word_angle(const struct words *, size_t i, size_t end);

/*
 * Add a function: its words from `first`, decorators included, over `line`,
 * where the definition itself begins, to `last`, inclusive.
 */
void words_add(
    struct words *, size_t first, size_t line, size_t last, struct span name);

/* Add the functions of the words, in languages of that form. */
void find_c(struct words *);
void find_java(struct words *);
void find_js(struct words *);
void find_go(struct words *);
void find_rust(struct words *);
void find_php(struct words *);
void find_perl(struct words *);
void find_shell(struct words *);
void find_powershell(struct words *);
void find_sql(struct words *);
void find_python(struct words *);
void find_haskell(struct words *);
void find_ruby(struct words *);
void find_lua(struct words *);
void find_fortran(struct words *);
void find_basic(struct words *);
