/*
 * copies: how often things come again, and which come most often.
 */
#pragma once

#include "base/keyset.h"

enum { COPIES_TOP = 10, COPIES_TEXT = 160 };

/* A struct of all zeros is empty. Each different thing takes 30 to 40 bytes. */
struct copies {
	size_t n;           /* things that came */
	size_t again;       /* things that had come before */
	struct keyset seen; /* key -> number of times */
	struct copies_top {
		struct keyset_key key;
		size_t n;   /* number of times; 0: a free place */
		char *text; /* text of it, cut and printable */
	} top[COPIES_TOP];  /* those that came most often, the first first */
};

/*
 * Count a thing within a scope, such as a task: key is what makes it equal to
 * others, text is how it is shown.
 */
void copies_add(
    struct copies *, struct span scope, struct span key, struct span text);

void copies_free(struct copies *);
