/*
 * words: what the words of a text tell of its language.
 *
 * The stop words of the languages that share a script are data, words.txt.
 */
#pragma once

#include <stdint.h>

#include "base/buf.h"

enum words_script {
	SCRIPT_LATIN,
	SCRIPT_HAN,
	SCRIPT_KANA,
	SCRIPT_HANGUL,
	SCRIPT_CYRILLIC,
	SCRIPT_ARABIC,
	SCRIPT_DEVANAGARI,
	SCRIPT_BENGALI,
	SCRIPT_TELUGU,
	SCRIPT_THAI,
	SCRIPT_OTHER,
	SCRIPTS,
};

enum { WORDS_LANGUAGES = 24, STOPS_SEEN = 48 };

struct words {
	size_t n;                      /* words; in Han and Kana each letter */
	size_t letters;                /* letters of all scripts */
	size_t script[SCRIPTS];        /* letters of each */
	size_t stops[WORDS_LANGUAGES]; /* stop words of each language */
	uint32_t stop[STOPS_SEEN]; /* languages of each stop word, bit by bit */
	size_t nstop;              /* number of these */
	size_t simplified, traditional; /* letters of one of these forms */
};

/* Read the table of stop words, before all else; words_close frees it. */
void words_open(void);
void words_close(void);

/* Return the number of a language in `stops`, by its key; -1: it has none. */
int words_language(const char *key);
const char *words_key(int language);

/* Count the words of a text. What stands between backticks is left out. */
void words_count(struct words *, struct span);

/* Return the languages, bit by bit, of which a word is a stop word. */
uint32_t words_is_stop(struct span word);

/* Return whether a word ends no sentence of a language. */
int words_is_open(struct span word, const char *language);

/* Return whether it ends no long one where no pronoun is before it. */
int words_is_late(struct span word, const char *language);

/* Take the next word off *rest. Return 0 at the end of the text. */
int words_next(struct span *rest, struct span *word, enum words_script *);
