/*
 * clean: the data of an answer, without what models put around it.
 *
 * Texts are UTF-8 and may hold NUL bytes. Each function takes linear time and
 * returns a part of the text given.
 */
#pragma once

#include "base/buf.h"

/* Cut off blank lines at the start; the indentation of the first line stays. */
struct span clean_first_line(struct span);

/*
 * Return the data of an answer in words: without white space around it, without
 * one outer code fence (with or without a language tag) and one pair of
 * matching outer quotes; of a single line also the pair of one or two backticks
 * around it, if it has no others. Half a fence goes as well: one that is opened
 * first and never closed, or closed last and never opened, or once more behind
 * a whole one. What is inside stays, and so do a fence and quotes that do not
 * enclose the whole.
 */
struct span clean_text(struct span);

/*
 * Return the data of an answer in code: as clean_text does, but with the
 * indentation of its first line and with backticks around a line; or, if prose
 * stands around a single code block, the code in that block, whose fence may
 * open at the end of a line, behind a colon. Lines that look like code are no
 * prose: a fence among them belongs to a comment.
 */
struct span clean_code(struct span);

/* A walk over the lines of a text that notes where a code fence is open. */
struct clean_walk {
	struct span rest; /* lines not yet walked over */
	size_t looked;    /* bytes of rest that are known to hold no newline */
	size_t ticks;     /* backticks of the fence that is open; 0: none is */
};

/*
 * Walk to p, which lies in rest or at its start: return whether the line that
 * holds p is within a code fence.
 */
int clean_in_fence(struct clean_walk *, const char *p);

/* Return whether each code fence that a line of the text opens is closed. */
int clean_closes_fences(struct span);
