/*
 * marks-table: the marks of the vendors' chat templates, which marks.c finds.
 */
#pragma once

#include <stddef.h>

enum mark_kind {
	REASONING, /* open begins a block that close ends */
	ANSWER,    /* open, once the reasoning is off, begins the answer */
	TURN,      /* open begins the model's turn */
	END,       /* close ends a turn, open would begin the next one */
};

enum mark_flag {
	ALONE = 1,   /* close counts without open, which the prompt has */
	PAIR = 2,    /* open counts only if close follows: it is a word */
	TAG = 4,     /* the tag is in use elsewhere: open counts only
		      * behind reasoning, close only behind a sentence or
		      * in small letters */
	WHOLE = 8,   /* open counts only if the first close ends the text */
	LEAVES = 16, /* open counts only if close leaves some text */
	TIGHT = 32,  /* open counts only if no blank follows */
	KEEP = 64,   /* close begins the answer, and so is not taken off */
};

/* A mark, in any case of letters. */
struct mark {
	enum mark_kind kind;
	unsigned flags;      /* OR of enum mark_flag; 0: none */
	const char *open;    /* opening mark; NULL: none */
	const char *through; /* text near open that ends it; NULL: none */
	const char *close;   /* closing mark; NULL: none */
};

/*
 * The marks that begin a text, those of reasoning first, and the marks that end
 * a turn. Each table ends with a row whose marks are NULL.
 */
extern const struct mark marks_starts[], marks_ends[];
enum { MARKS_STARTS_MAX = 96, MARKS_ENDS_MAX = 64 }; /* rows at most */
