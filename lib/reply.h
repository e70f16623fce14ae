/*
 * reply: what a chat completion server answered.
 */
#ifndef TG_REPLY_H
#define TG_REPLY_H

#include "buf.h"
#include "mem.h"

/* One choice, as it is stored in the cache and read back. */
struct reply_choice {
	struct span text;                 /* decoded; p NULL: null or absent */
	struct span finish_reason, model; /* decoded, "" if absent */
	int refused;                      /* the text is the model's refusal */
};

struct reply {
	struct reply_choice *choices; /* in the arena */
	int nchoices;
	struct span model;
	struct span usage; /* raw JSON, or p NULL */
	long long prompt_tokens, completion_tokens, cached_tokens;
};

/*
 * Read the body of a 200: 0; -1 with *why if it is no completion, which is
 * worth another try. All is borrowed from body or the arena.
 */
int reply_read(
    struct span body, struct arena *, struct reply *, const char **why);

/* Append a choice as the JSON that reply_choice_read reads. */
void reply_choice_write(struct buf *, const struct reply_choice *);
int reply_choice_read(struct span json, struct arena *, struct reply_choice *);

enum reply_end {
	REPLY_RETRY,   /* may pass: try again */
	REPLY_RECORD,  /* this request will never work */
	REPLY_SERVICE, /* no request will work: stop */
};

struct reply_error {
	enum reply_end end;
	const char *code;  /* of tg.error */
	char message[400]; /* from the server, made printable */
	long context_max;  /* the model's context, 0 if not told */
	long cap_max;      /* the largest token limit told, or 0 */
};

/* What an answer other than 200 means. Only status 300 and up. */
void reply_error_read(long status, struct span body, struct reply_error *);

#endif
