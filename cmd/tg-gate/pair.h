/*
 * pair: the answers that a pair is made of, and how they should be.
 *
 * The templates of the task tell which side an LLM has written; only its
 * answers are examined, never the user's code. Where tg.out has the answers
 * they are taken from there, hidden ones too; of a pair from elsewhere they are
 * the sides, without the fenced blocks that the template adds to a text.
 */
#pragma once

#include "lex/lex.h"
#include "record/rec.h"
#include "task/catalogue.h"

enum { SIDES = 2, PARTS = TASK_STEPS + SIDES };

/* An answer of the LLM, or a side of a mirror. */
struct part {
	struct span text;     /* decoded */
	const char *name;     /* "query", "pos" or, a hidden one, "answer" */
	int step;             /* step that asked for it, from 0 */
	int is_code, is_diff; /* flags: what was asked for */
	int is_given; /* flag: the user's text, which a mirror has edited */
	struct span other; /* the other side; p NULL: on no side itself */
	int other_is_code; /* flag: the other side is code alone */
	const char *code_language; /* key of what the code should be in; NULL:
				    * anything goes */
	const struct lex_language *lex; /* how the code is read; or NULL */
	struct span code; /* text itself or, of a diff, its lines unmarked */
};

/* A pair of a record, whose memory the texts are borrowed from. */
struct pair {
	struct rec *rec;
	const struct task *task;
	const char *language;                  /* key of the natural language */
	struct span query, pos, text, similar; /* p NULL: absent */
	struct span out[TASK_STEPS];           /* tg.out; p NULL: absent */
	struct part part[PARTS];
	int nparts;
};

/* Read the pair of a record. Return 0; -1 if it has no query or positive. */
int pair_read(struct pair *, struct rec *, const struct task *);
