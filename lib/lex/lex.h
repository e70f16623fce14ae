/*
 * lib/lex reads the source code of 20 languages as tokens, without parsing it:
 * strings, comments, names, brackets and line breaks. On top of the tokens it
 * finds functions, removes comments and digests texts for near copies. The
 * languages are data: lex-table.c has a row for each. The folder uses
 * only lib/base, opens nothing, and prints nothing.
 *
 * lex: a text as a stream of tokens.
 *
 * Code is hostile text: any bytes are tokens, a string that is not closed ends
 * at the end of its line, or of the text where it may have several lines, and
 * the time is linear in the length of the text.
 */
#pragma once

#include <stdbool.h>

#include "base/buf.h"

/* A language: a row of lex-table.c, there as long as the program runs. */
struct lex_language;

enum lex_kind {
	LEX_SPACE,     /* blanks and joined lines, no line break that counts */
	LEX_NEWLINE,   /* one line break: "\n", "\r\n" or "\r" */
	LEX_COMMENT,   /* one comment, without the line break behind it */
	LEX_STRING,    /* a string, character, heredoc body or regex, whole */
	LEX_NUMBER,    /* a number */
	LEX_NAME,      /* an identifier, with sigils like $ */
	LEX_KEYWORD,   /* a word that the language reserves */
	LEX_OPERATOR,  /* an operator, a bracket or any other byte */
	LEX_DIRECTIVE, /* a line for a preprocessor, to its end or a comment */
	LEX_TEXT, /* no code: HTML around PHP, a JSX element, Perl's data */
};

/* The place of a token: bytes start to end (exclusive) of the text. */
struct lex_token {
	enum lex_kind kind;
	size_t start, end;
};

enum { LEX_HEREDOCS = 8, LEX_PARENS = 64 };

/* A lexer in a text: for lexer_start and lexer_next only. */
struct lexer {
	const struct lex_language *language;
	struct span text;
	size_t at;              /* offset of the next token */
	struct lex_token prev;  /* last token that is no space or comment */
	struct lex_token prev2; /* the one before `prev` */
	bool any;               /* whether there is a `prev` */
	bool value;             /* whether `prev` ends an operand */
	bool fresh;             /* whether only blanks precede on this line */
	bool outside;           /* whether `at` is outside the code (PHP) */
	bool directive;         /* whether `at` is within a directive */
	bool (*next)(struct lexer *, struct lex_token *); /* lexer_next */
	int depth;  /* interpolations around this lexer */
	int misses; /* searches that found no end; bounds them */
	int parens; /* brackets that are open */
	unsigned char paren[LEX_PARENS]; /* what each of them is */
	int heredocs;                    /* bodies that follow this line */
	struct lex_heredoc {
		size_t start, end; /* bytes of the word that ends it */
		bool dash;         /* whether the last line may be indented */
	} heredoc[LEX_HEREDOCS];
};

/*
 * Return the language that lib/task/languages.json calls code_language
 * ("python", "cplusplus"), NULL if there is none.
 */
const struct lex_language *lex_find(struct span code_language);

/* Return the language's key in languages.json. */
const char *lex_name(const struct lex_language *);

/*
 * Begin at the start of a text, which stays the caller's and in place.
 * Language NULL reads what most languages have in common.
 */
void lexer_start(struct lexer *, const struct lex_language *, struct span text);

/*
 * Write the next token; return false at the end of the text. Each token
 * has a byte or more and begins where the one before ended.
 */
bool lexer_next(struct lexer *, struct lex_token *);
