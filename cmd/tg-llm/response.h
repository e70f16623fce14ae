/*
 * response: what becomes of a record when its question is answered.
 */
#ifndef TG_LLM_RESPONSE_H
#define TG_LLM_RESPONSE_H

#include "chat/chat.h"
#include "record/rec.h"

/*
 * Put the answers of a finished job into the record that asked: tg.response
 * in the place of tg.request; with keep also an entry of tg.log.
 */
void response_put(struct rec *, const struct chat_job *, int keep);

/* End the record in the error of a finished job that failed. */
void response_fail(struct rec *, const char *tool, const struct chat_job *);

#endif
