/*
 * patterns: the table of the forms of secrets, patterns.txt.
 *
 * Patterns are matched by PCRE2, and each is compiled when its keyword is first
 * met. A match is limited in steps and in length, so that no text makes one
 * slow; where the limit is reached, there is no match, and it is counted.
 */
#pragma once

#include "base/buf.h"
#include "redact/keywords.h"
#include "redact/value.h"

enum {
	PATTERNS_MAX = 256,     /* patterns at most, and kinds */
	PATTERNS_WINDOW = 4096, /* bytes behind its start that a pattern sees */
};

struct pattern; /* one row of the table */

struct patterns {
	struct keywords keywords; /* owners are numbers of patterns */
	struct pattern *pattern;  /* patterns, in the order of the table */
	int n;
	const char *kinds[PATTERNS_MAX]; /* names, in the order of the table */
	int nkinds;
	char *text; /* the table, cut into words */
	struct span macro_names[32], macros[32];
	int nmacros;
	char wrong[512];   /* first mistake in the table; "": none is known */
	size_t unsearched; /* matches that the limit ended; 0: none */
	void *match, *context; /* memory and limits of PCRE2 */
};

/* Bytes of a text that may be a secret. */
struct candidate {
	size_t start, end; /* offsets in the text */
	int kind;          /* index in kinds */
	enum value_check check;
};

/* Read the table; a row with a mistake in it finds nothing. */
void patterns_open(struct patterns *);
void patterns_close(struct patterns *);

/*
 * Match the pattern of a hit of keywords_next that ends at offset end of the
 * text. Return 1 with *found; 0: no match.
 */
int patterns_match(struct patterns *, const struct keywords_hit *,
    struct span text, size_t end, struct candidate *found);

/* Forget where patterns were tried: another text comes. */
void patterns_restart(struct patterns *);

/* Compile every pattern. Return NULL, or the first mistake, borrowed. */
const char *patterns_check(struct patterns *);
