/* outcome: what a finished transfer means for its attempt, and what follows. */
#ifndef TG_OUTCOME_H
#define TG_OUTCOME_H

struct chat;
struct http_done;

/* Judge a finished transfer and release it. */
void outcome_judge(struct chat *, struct http_done *);

#endif
