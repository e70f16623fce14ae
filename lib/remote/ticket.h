/*
 * ticket: what is known of the batch that was made of a file of requests. It
 * lies beside the file, as FILE.batch, in JSON that a person can read.
 *
 * Each step that costs something is on the disk before it is done, so that a
 * process that goes on after a killed one knows what may have been done.
 */
#pragma once

#include <jansson.h>

#include "base/buf.h"

enum { TICKET_ID = 1000 }; /* bytes of an id of the service at most */

/* Names of a file's companions; a name is the file's and one of these. */
#define TICKET_SUFFIX ".batch"
#define TICKET_OUTPUT ".output"
#define TICKET_ERRORS ".errors"

/*
 * Steps of a ticket, and where ticket_move may go from each:
 *
 *	NEW        UPLOADING
 *	UPLOADING  UPLOADED
 *	UPLOADED   CREATING, UPLOADING (the service has lost the file)
 *	CREATING   RUNNING, ENDED, UPLOADED (no batch was made)
 *	RUNNING    ENDED
 *	ENDED      FETCHED, NEW (the batch failed)
 *	FETCHED    ENDED (results are gone), NEW (the batch failed)
 */
enum ticket_step {
	TICKET_NEW,       /* the file was sent nowhere */
	TICKET_UPLOADING, /* the service may have the file */
	TICKET_UPLOADED,  /* the service has the file */
	TICKET_CREATING,  /* the service may have made a batch of the file */
	TICKET_RUNNING,   /* the service has made a batch, and works on it */
	TICKET_ENDED,     /* no further request will be answered */
	TICKET_FETCHED,   /* the results are here */
	TICKET_STEPS
};

struct ticket {
	const char *file; /* name of the file of requests, borrowed */
	enum ticket_step step;
	json_t *said; /* members of the ticket, an object */
};

/*
 * Read the ticket of a file, a new one if there is none: 0; -1 with *why until
 * the next call if it is no ticket. Free it with ticket_free.
 */
int ticket_read(struct ticket *, const char *file, const char **why);

/* Have the ticket on the disk: 0, or -1 with *why until the next call. */
int ticket_write(const struct ticket *, const char **why);

void ticket_free(struct ticket *);

/* Go to another step: 1; 0, and nothing is done, if that is illegal. */
int ticket_move(struct ticket *, enum ticket_step);

/* Return a member that is a string, borrowed; NULL if there is none. */
const char *ticket_text(const struct ticket *, const char *member);

/* Return a member that is a number; 0 if there is none. */
long long ticket_number(const struct ticket *, const char *member);

/* Return how many requests were total, completed or failed; 0: not told. */
long long ticket_count(const struct ticket *, const char *what);

void ticket_set_text(struct ticket *, const char *member, const char *text);
void ticket_set_number(struct ticket *, const char *member, long long);

/* Return the name of a companion of the file, in a buffer that is cleared. */
const char *ticket_name(
    const struct ticket *, const char *suffix, struct buf *name);

/* Return whether the batch was refused as a whole. */
int ticket_has_failed(const struct ticket *);

/* Return whether the batch is completed, but no file of it is named yet. */
int ticket_is_unnamed(const struct ticket *);

/* Keep a failed batch among the earlier ones, and go to NEW. */
void ticket_begin_again(struct ticket *);

/* Append the ticket as a line of JSON, with the file as "file". */
void ticket_line(const struct ticket *, struct buf *);

/* Append how the batch stands, in words. */
void ticket_words(const struct ticket *, struct buf *);
