/* batch-backend: answers jobs from a batch instead of asking a server. */
#ifndef TG_BATCH_BACKEND_H
#define TG_BATCH_BACKEND_H

struct chat;
struct chat_job;

/* Answer a job from the results of a batch, or put it into one. */
void batch_backend_ask(struct chat *, struct chat_job *);

#endif
