/*
 * notebook: the code cells of a Jupyter notebook, of format 3 or 4.
 *
 * A cell may begin with a magic such as %%bash that names another language, and
 * hold lines such as %matplotlib or !pip that are no Python.
 */
#pragma once

#include "base/buf.h"
#include "base/mem.h"

/* A walk over the cells; notebook_start sets it up, notebook_end frees it. */
struct notebook {
	struct span cells;    /* array of JSON */
	size_t at;            /* place in it */
	size_t number;        /* number of the last cell, from 1 */
	const char *language; /* key of the code language; "": unknown */
	struct arena arena;
	struct buf source, text;
};

/* One code cell. */
struct notebook_cell {
	size_t number;        /* place among all cells, from 1 */
	const char *language; /* key of the code language; "": unknown */
	struct span text;     /* code, borrowed until the next call */
};

/* Begin to read a notebook. Return 0, or -1 with *why if it is none. */
int notebook_start(struct notebook *, struct span file, const char **why);

/* Read the next code cell; return 0 if there is none. */
int notebook_next(struct notebook *, struct notebook_cell *);

void notebook_end(struct notebook *);

/*
 * Append Python code without the lines of a cell that are magics, "!" commands
 * or "?" questions; an indented one becomes "pass".
 */
void notebook_plain(struct span source, struct buf *);
