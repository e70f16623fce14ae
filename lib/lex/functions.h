/*
 * functions: the functions and methods of a text.
 *
 * A function has a name and a body: prototypes, abstract methods and overload
 * signatures are none. A function that is bound to a name counts under its last
 * name: `exports.x = function`, `X.prototype.y = () =>`, a member of an object
 * literal. None is within another, nor within an unnamed one. Properties and
 * their accessors in C# and Visual Basic are no functions, batch files have
 * none, and what a macro of Rust contains is not read.
 */
#pragma once

#include "lex/lex.h"

struct lex_function {
	size_t start, end;  /* bytes of whole lines, the last line break too */
	size_t first, last; /* lines of these bytes, from 1, inclusive */
	size_t line;        /* first line of the definition itself */
	struct span name;   /* name within the text: `close`, `operator ==` */
};

/* The functions of a text, in order; one may begin on the last line of another.
 */
struct lex_functions {
	struct lex_function *v;
	size_t n, cap;
};

/*
 * Find the functions of a text. The lines of one begin with its leading comment
 * (the comments on the lines directly above), its decorators or attributes.
 * A zeroed list, or one used before, is filled anew; functions_free frees it.
 * The text stays the caller's; names point into it.
 */
void functions_find(
    const struct lex_language *, struct span text, struct lex_functions *);

void functions_free(struct lex_functions *);
