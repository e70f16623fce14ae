/*
 * lex-in: what the files of the lexer share. For lib/lex, and for programs that
 * read its words.
 */
#pragma once

#include <string.h>

#include "lex/lex.h"

/* How a quoted string goes on. */
enum {
	Q_ESCAPE = 1,  /* a backslash takes the next byte along */
	Q_DOUBLE = 2,  /* a doubled end stands for itself */
	Q_LINES = 4,   /* may have several lines */
	Q_DOLLAR = 8,  /* ${code} within */
	Q_HASH = 16,   /* #{code} within */
	Q_BRACE = 32,  /* {code} within, {{ stands for { */
	Q_SHELL = 64,  /* $(code), ${…} and `code` within */
	Q_PHP = 128,   /* {$code} within */
	Q_TICK = 256,  /* a backtick takes the next byte along */
	Q_POWER = 512, /* $(code) within */
};

struct lex_quote {
	const char *open, *close;
	unsigned how; /* Q_… */
};

/* What a language has that no table of strings can say. */
enum lex_trait {
	HAS_DIRECTIVES = 1 << 0, /* lines that begin with # */
	HAS_NESTING = 1 << 1,    /* comments within comments */
	HAS_ANY_CASE = 1 << 2,   /* keywords in any case */
	HAS_REGEX = 1 << 3,      /* /regex/ where an operand begins */
	HAS_HEREDOCS = 1 << 4,   /* <<WORD */
	HAS_JSX = 1 << 5,
	HAS_TAGS = 1 << 6,    /* <?php code ?> */
	HAS_WORDS = 1 << 7,   /* # begins a comment only where a word begins */
	HAS_TICKS = 1 << 8,   /* ' begins a character or a lifetime */
	HAS_DOTTED = 1 << 9,  /* a word behind . is a name, never a keyword */
	HAS_JOINED = 1 << 10, /* a backslash joins lines */
};

struct lex_language {
	const char *name;               /* key in languages.json */
	const char *lines[3];           /* what begins a comment of one line */
	const char *blocks[2][2];       /* what begins and ends a comment */
	const struct lex_quote *quotes; /* longest first; ends with NULL */
	const char *const *keywords;    /* sorted by strcmp */
	size_t nkeywords;
	const char *first;  /* bytes that may begin a name, besides the usual */
	const char *more;   /* bytes that may go on in one, besides the usual */
	unsigned traits;    /* enum lex_trait */
	const char *values; /* keywords that are operands: "this|nil" */
	/*
	 * Read a token that only this language has at lx->at and move behind
	 * it; return its kind, or -1 if there is none.
	 */
	int (*special)(struct lexer *);
};

/* Return the byte i behind lx->at, 0 past the end. */
static inline char
peek(const struct lexer *lx, size_t i)
{
	return lx->text.n - lx->at > i ? lx->text.p[lx->at + i] : '\0';
}

/* Return the byte at an offset, 0 past the end. */
static inline char
byte_at(const struct lexer *lx, size_t at)
{
	return at < lx->text.n ? lx->text.p[at] : '\0';
}

static inline bool
has(const struct lexer *lx, unsigned trait)
{
	return (lx->language->traits & trait) != 0;
}

/* Return whether the text at an offset begins with s. */
bool lex_at(const struct lexer *, size_t at, const char *s);

/* Return whether the token that ends before lx->at is the word or operator. */
bool lex_prev_is(const struct lexer *, const char *s);

static inline bool
lex_is_letter(char c)
{
	return ((unsigned char)(c | 32) >= 'a' &&
		   (unsigned char)(c | 32) <= 'z') ||
	       c == '_' || (c & 0x80) != 0;
}

/* Return whether c may begin a name in this language. */
static inline bool
lex_begins_name(const struct lexer *lx, char c)
{
	return lex_is_letter(c) ||
	       (c != '\0' && strchr(lx->language->first, c) != NULL);
}

/* Return whether c may go on in a name in this language. */
static inline bool
lex_in_name(const struct lexer *lx, char c)
{
	return lex_is_letter(c) || (c >= '0' && c <= '9') ||
	       (c != '\0' && *lx->language->more != '\0' &&
		   strchr(lx->language->more, c) != NULL);
}

/* Return the offset of the line break at or behind an offset, or the end. */
size_t lex_line_end(const struct lexer *, size_t at);

/*
 * Return the offset behind the string that a quote opens at an offset, which
 * is behind the opening.
 */
size_t quote_end(struct lexer *, size_t at, const char *close, unsigned how);

/* Return the offset behind the bracket that closes code begun at an offset. */
size_t code_end(struct lexer *, size_t at, char open, char close);

/* Return the offset behind a string between any delimiters, at the opening. */
size_t delimited_end(struct lexer *, size_t at, unsigned how);

/* Return the offset behind a /regex/ that begins at an offset, 0: none. */
size_t regex_end(struct lexer *, size_t at, bool lines);

/* Note a heredoc whose word begins at lx->at; return its token's kind or -1. */
int heredoc_begin(struct lexer *);

/* Move behind the bodies that are noted. */
void heredoc_bodies(struct lexer *);

/* Tokens that only some languages have, for lex_language.special. */
int special_c(struct lexer *);
int special_csharp(struct lexer *);
int special_rust(struct lexer *);
int special_python(struct lexer *);
int special_js(struct lexer *);
int special_ruby(struct lexer *);
int special_perl(struct lexer *);
int special_php(struct lexer *);
int special_shell(struct lexer *);
int special_sql(struct lexer *);
int special_lua(struct lexer *);
int special_haskell(struct lexer *);
int special_fortran(struct lexer *);
int special_batch(struct lexer *);
int special_powershell(struct lexer *);
int special_basic(struct lexer *);
