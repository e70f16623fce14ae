/*
 * own-in: a search for the names that a text defines. For own and own-bind
 * only.
 */
#pragma once

#include "base/keyset.h"
#include "lex/lex-in.h"
#include "lex/words.h"
#include "own.h"

/* How a language binds names, and where a name means something else. */
enum {
	ASSIGNED = 1 << 0,  /* x = and x, y = begin a line */
	WALRUS = 1 << 1,    /* x := and x, y := */
	TYPED = 1 << 2,     /* a type, then the name */
	FIRST = 1 << 3,     /* a parameter begins with its name */
	BEHIND = 1 << 4,    /* a type stands behind the name, without a colon */
	ARROWS = 1 << 5,    /* x => and (x, y) => */
	BARS = 1 << 6,      /* |x, y| */
	SIGILS = 1 << 7,    /* variables have $ and the like */
	ALL_LOCAL = 1 << 8, /* each of these is local */
	KEYS = 1 << 9,      /* x: in brackets is a key */
	KEYWORDS = 1 << 10, /* x= in brackets is a parameter of another */
	SHORT = 1 << 11,    /* {x} is a key and a variable */
	BEFORE_AS = 1 << 12, /* x As */
	COLONS = 1 << 13,    /* :: x, y */
	CLAUSES = 1 << 14,   /* x y z = and \x y -> */
	COMMANDS = 1 << 15,  /* x=1, and words that are no names */
	GLOBAL = 1 << 16,    /* names mean the same in all functions */
	DOLLARS = 1 << 17,   /* "$x" and "${x}" in strings */
	BRACES = 1 << 18,    /* "{x}" in strings */
};

/* Rules of a language. */
struct rules {
	const char *language;
	unsigned how;
	const char *functions; /* words before the name of a function */
	const char *declares;  /* words before names that they bind */
	const char *keeps;     /* words before names that come from elsewhere */
	const char *stays;     /* names that mean something */
};

/* Facts about a name in a scope. */
struct known {
	uint64_t bound, kept; /* whether it is bound, and left as it is */
};

/* A search for names. */
struct own_search {
	const struct rules *rules;
	struct words w;
	struct lex_functions functions;
	size_t *scope; /* function that each word is in, from 1; 0: none */
	size_t *in;    /* bracket that each word is in, from 1; 0: none */
	bool *binds;   /* whether each word is bound where it stands */
	bool *names;   /* whether each word is the name of a function */
	struct keyset known;   /* struct known of each scope and name */
	struct keyset numbers; /* number of each name, from 1 */
	struct buf low;        /* scratch space */
	struct own *out;
};

/* Scopes of names that are no variables. */
enum { FUNCTION_SCOPE = -1, KEPT_SCOPE = -2 };

static inline bool
how(const struct own_search *x, unsigned bits)
{
	return (x->rules->how & bits) != 0;
}

static inline bool
is_sigil(char c)
{
	return c == '$' || c == '@' || c == '%' || c == '&' || c == '#';
}

/* Return whether word i begins with a capital of ASCII. */
static inline bool
is_upper(const struct own_search *x, size_t i)
{
	struct span s = word_text(&x->w, i);

	return s.n > 0 && *s.p >= 'A' && *s.p <= 'Z';
}

/* Return the text of word i without its sigil; no bytes: it can be no name of
 * a variable. */
static inline struct span
stem(const struct own_search *x, size_t i)
{
	struct span s = word_text(&x->w, i), all = s;

	if (x->w.v[i].kind != LEX_NAME || x->names[i])
		return (struct span){ s.p, x->names[i] ? s.n : 0 };
	while (s.n > 0 && is_sigil(*s.p) && how(x, SIGILS))
		s = span_skip(s, 1);
	if ((how(x, SIGILS) && s.n == all.n) || s.n == 0 ||
	    !lex_is_letter(*s.p) || memchr(s.p, ':', s.n) != NULL ||
	    memchr(s.p, '{', s.n) != NULL)
		s.n = 0;
	return s;
}

/* Return whether word i is one of the operators in list, which has each as
 * " op ". */
static inline bool
is_op(const struct own_search *x, size_t i, const char *list)
{
	struct span s = word_text(&x->w, i);
	char op[8];

	if (i >= x->w.n || x->w.v[i].kind != LEX_OPERATOR || s.n > 3)
		return false;
	op[0] = op[s.n + 1] = ' ';
	memcpy(op + 1, s.p, s.n);
	op[s.n + 2] = '\0';
	return strstr(list, op) != NULL;
}

static inline bool
is_kind(const struct own_search *x, size_t i, enum lex_kind kind)
{
	return i < x->w.n && x->w.v[i].kind == kind;
}

/* Return the key of a name in a scope. */
struct keyset_key own_key(struct own_search *, size_t scope, struct span name);

/* Note which names the words of the text bind, and which stay. */
void own_bind(struct own_search *);
