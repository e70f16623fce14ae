/*
 * response: puts answers and errors into records.
 */
#ifndef TG_LLM_RESPONSE_H
#define TG_LLM_RESPONSE_H

#include "chat/chat.h"
#include "record/rec.h"

/*
 * Put the answers of a finished job into its record: tg.response replaces
 * tg.request; with keep an entry of tg.log is added.
 */
void response_put(struct rec *, const struct chat_job *, int keep);

/* End a record in the error of its failed job. */
void response_fail(struct rec *, const char *tool, const struct chat_job *);

#endif
