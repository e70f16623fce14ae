/*
 * secret: the keys and the headers of the user's, and how they are kept out of
 * everything that a server sends back.
 */
#pragma once

#include "llm/refusal.h"
#include "llm/reply.h"

enum {
	SECRET_KEY,          /* key of the environment */
	SECRET_TOKEN,        /* token of the environment */
	SECRET_OWN,          /* first of the keys from files */
	SECRET_OWN_MAX = 16, /* keys from files at most */
	SECRET_KEYS = SECRET_OWN + SECRET_OWN_MAX,
	SECRET_HEADERS = 16, /* headers of the user's at most */
	SECRET_CODES = 6,    /* base64 at 3 places, in 2 alphabets */
	/*
	 * Length of a key that is looked for in answers: shorter ones are
	 * placeholders ("EMPTY"), words that an answer may hold.
	 */
	SECRET_LEN = 20,
};

/* A key that a file holds, and the host that alone gets it. */
struct secret_key {
	char *host; /* NULL: every server that no other such key is for */
	char *key;  /* NULL ends a list */
};

struct secrets {
	/* own copies: the keys, then the last words of the headers; or NULL */
	char *words[SECRET_KEYS + SECRET_HEADERS];
	/* inner part of each word in base64; NULL: the word is too short */
	char *codes[SECRET_KEYS + SECRET_HEADERS][SECRET_CODES];
	/* host that alone gets a key from a file, own copy; NULL: any host */
	char *hosts[SECRET_OWN_MAX];
	char *headers[SECRET_HEADERS]; /* own copies, "Name: value"; or NULL */
};

/*
 * Copy a key and a token, each of them maybe NULL, and a list of up to
 * SECRET_OWN_MAX keys from files; NULL: there are none. White space around a
 * key is left out.
 */
void secret_init(struct secrets *, const char *key, const char *token,
    const struct secret_key *own);

/* Return the key from a file that a host gets, borrowed; or NULL. */
const char *secret_own(const struct secrets *, const char *host);

/* Zero and free what was copied. */
void secret_free(struct secrets *);

/*
 * Take the user's own headers, a line each. Warns of lines without a
 * colon. 0, or -1 with *why, a constant string.
 */
int secret_take_headers(struct secrets *, const char *lines, const char **why);

/*
 * Return s, or a copy of it in mem in which secrets of at least least bytes
 * are blanked, also where their bytes are escaped as in JSON, in a URL or in
 * HTML, or are base64. A key of a few bytes is blanked only where it is a word.
 * Do this before anything is cut: a piece of a secret is not found.
 */
struct span secret_redact(
    const struct secrets *, struct span s, size_t least, struct arena *mem);

/* Blank secrets in a choice that a server sent. */
void secret_redact_choice(
    const struct secrets *, struct reply_choice *, struct arena *mem);

/*
 * Read the error in a body as refusal_read does; its message has secrets
 * blanked.
 */
void secret_read_error(
    const struct secrets *, long status, struct span body, struct refusal *);
