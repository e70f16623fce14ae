/*
 * lib/redact finds secrets in code, such as keys, tokens, private keys and
 * passwords, and puts <redacted:KIND> in their place. It stands above lib/base
 * alone and knows neither JSON nor records. Its forms of secrets are a table
 * that a person edits, patterns.txt: keywords finds in one pass where a form
 * may begin, patterns matches it there, value says whether what matched is a
 * secret or a placeholder, and pem finds the body of a private key.
 *
 * redact: finds and replaces the secrets of a text.
 *
 * A text without any keyword costs one step of a table a byte. No text takes
 * more than linear time. Only the secret is replaced, not the name before it,
 * its quotes, or the user and host around it. A private key of many lines
 * becomes one marker; its line ends stay, so the lines keep their numbers.
 */
#pragma once

#include "base/buf.h"

struct redact;

/* What is done about secrets: the words of --secrets, in their order. */
enum redact_what { REDACT_REPLACE, REDACT_DROP, REDACT_KEEP };

#define REDACT_CHOICES "redact | drop | keep"

/* Bytes of a text that are a secret. */
struct redact_found {
	size_t start, end; /* offsets in the text; start < end */
	int kind;          /* number of its kind, see redact_kind */
	int is_body;       /* 1: body of a private key, whose line ends stay */
};

/* Return a new one; end it with redact_free. */
struct redact *redact_new(void);
void redact_free(struct redact *);

/*
 * Find the secrets of a text: return how many there are, with *found, in their
 * order, borrowed until the next call. They do not overlap.
 */
size_t redact_find(
    struct redact *, struct span text, const struct redact_found **found);

/*
 * Append a text to out with its secrets replaced, and count them. Return how
 * many there were; 0: nothing was appended. A text redacted once has no secret.
 */
size_t redact_text(struct redact *, struct span text, struct buf *out);

/* Return the name of a kind; NULL: there are fewer kinds. */
const char *redact_kind(const struct redact *, int kind);

/* Return how many secrets of a kind, or (kind -1) of all, were counted. */
size_t redact_count(const struct redact *, int kind);

/*
 * Append the counts, "3 secrets redacted: 2 aws-key, 1 password", and how many
 * places could not be searched; or "" if all are 0.
 */
void redact_summary(const struct redact *, const char *did, struct buf *out);

/* Return NULL, or what is wrong with the table of patterns, borrowed. */
const char *redact_check(struct redact *);
