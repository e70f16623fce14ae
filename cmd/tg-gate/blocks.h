/*
 * blocks: the fenced code blocks of a text.
 *
 * A fence is a line of three or more backticks, or tildes, and at most a few
 * words of info; a bare line with as many of them or more closes it.
 */
#pragma once

#include "base/buf.h"

/* A place in a text at which blocks are looked for. */
struct blocks {
	struct span rest;   /* text not yet read */
	struct span before; /* text between the last block and this one */
	struct span body;   /* lines of the block */
	int closed;         /* flag: it has an end */
};

/* Return the marks of a fence line, 0: the line is none; *bare: no info. */
size_t blocks_fence(struct span line, int *bare);

/*
 * Read the next block from rest, which was the text at first. Return 0, with
 * before set, if there is none any more.
 */
int blocks_next(struct blocks *);

/* Get the last block of a text. Return 0 if it has none. */
int blocks_last(struct span text, struct span *body);

/* Return the text before the first block, without the white space around it. */
struct span blocks_before(struct span text);
