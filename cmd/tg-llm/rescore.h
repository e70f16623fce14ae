/*
 * rescore: asks for the scores of a record's documents, in one request unless
 * --rescore-batch or the server sets a limit, and puts them together.
 *
 * A request that is refused is asked again in halves. So a document that is at
 * fault is found, and has no score. A server that takes fewer documents in a
 * request gets no more of them from then on.
 */
#pragma once

#include "options.h"
#include "output.h"

/* Return why a request of kind rescore will not do, or NULL. */
const char *rescore_fault(const struct request_ask *);

/* Return how many requests the documents of an ask take. */
int rescore_ways(const struct request_ask *, const struct llm_opts *);

/* Leave in an ask the documents of its way-th request, in memory. */
void rescore_narrow(
    struct request_ask *, const struct llm_opts *, int way, struct arena *);

/*
 * Ask for the scores of a record in a slot, whose job response_job has made
 * for the first way.
 */
void rescore_take(struct llm_opts *, struct chat *, struct slot *);

/*
 * Take a finished job that rescore_take or this has asked, and free it. Return
 * the slot whose job now is as if it alone had been asked, with a score or null
 * for each document; NULL: other jobs of its record are not finished.
 */
struct slot *rescore_done(struct llm_opts *, struct chat *, struct chat_job *);

/* Free a finished job whose answer nobody needs. */
void rescore_drop(struct chat_job *);
