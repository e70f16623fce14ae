/*
 * answer-lines: the lines of an answer that should be code, and what each of
 * them is.
 *
 * A lexer tells which lines are comments or within strings; the others are
 * code, prose of an assistant, or fences of code blocks, which the code of a
 * comment may have as well without being fences here.
 */
#pragma once

#include "lex/lex.h"

enum line_kind {
	LINE_BLANK,
	LINE_COMMENT, /* a comment, or within one, or within a string */
	LINE_CODE,
	LINE_PROSE,
	LINE_FENCE,
};

struct line {
	struct span s; /* line without its line break */
	enum line_kind kind;
};

/* Lines of a text. Zero-initialise; answer_lines_free frees it. */
struct answer_lines {
	struct line *v;
	size_t n, cap;
	size_t count[LINE_FENCE + 1]; /* lines of each kind */
	size_t blocks;                /* fenced blocks */
	int unclosed;                 /* flag: the last block has no end */
};

/*
 * Read the lines of a text, filling the list anew. language is the key of the
 * natural language that prose may be in besides English.
 */
void answer_lines_read(struct answer_lines *, const struct lex_language *,
    const char *language, struct span text);
void answer_lines_free(struct answer_lines *);

/* Return the first or last line that is not blank; NULL: all are. */
const struct line *answer_lines_first(const struct answer_lines *);
const struct line *answer_lines_last(const struct answer_lines *);
