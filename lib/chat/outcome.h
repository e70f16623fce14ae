/* outcome: what a finished transfer means for its attempt, and what follows. */
#ifndef TG_OUTCOME_H
#define TG_OUTCOME_H

#include "base/buf.h"

struct chat;
struct chat_job;
struct dialect;
struct http_done;
struct reply;

/*
 * Read a completion as reply_read does, for a job that was asked in a dialect:
 * words without the quotes that hold them to a few, secrets blanked.
 */
int outcome_read(struct chat *, struct chat_job *, const struct dialect *,
    struct span body, struct reply *, const char **why);

/* Judge a finished transfer and release it. */
void outcome_judge(struct chat *, struct http_done *);

#endif
