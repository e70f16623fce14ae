/*
 * reply: what a chat completion server answered.
 */
#ifndef TG_REPLY_H
#define TG_REPLY_H

#include "base/buf.h"
#include "base/mem.h"

/* One choice, as it is stored in the cache and read back. */
struct reply_choice {
	struct span text;                 /* decoded; p NULL: null or absent */
	struct span finish_reason, model; /* decoded, "" if absent */
	int refused;                      /* the text is the model's refusal */
	int reasoned;         /* the server has put reasoning elsewhere */
	struct span logprobs; /* of the answer's first token, as logprobs_of
			       * gives them; p NULL: none */
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

/* What finish_reason says, whoever says it. */
enum reply_finish {
	FINISH_STOP,   /* or nothing, or something unheard of */
	FINISH_LENGTH, /* at the token limit */
	FINISH_FILTER,
	FINISH_ABORT,
	FINISH_TOOL, /* it calls a tool, which nobody has offered it */
};
enum reply_finish reply_finish(const struct reply_choice *);

/* An answer that had to be a string of JSON: take it out of its quotes. */
void reply_unquote(struct reply_choice *, struct arena *);

/*
 * Append a choice as the JSON that reply_choice_read reads. That it reasoned
 * is not kept: an answer that stands has no need of it, another is not stored.
 */
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
	char param[64];    /* the request member it is about, or "" */
	int unsupported;   /* it does not take something it was sent */
	/* numbers of tokens as the text tells them, 0: not told */
	long context_max;  /* tokens that the model's context holds */
	long cap_max;      /* tokens of the largest limit that is taken */
	long prompt;       /* tokens of the prompt alone */
	long prompt_least; /* tokens that the prompt alone has at least */
	long total;        /* tokens of prompt and limit together */
	int about_cap;     /* a lower token limit may mend the request */
};

/*
 * What an answer other than a completion means. A status of 200 stands for
 * the one that the body tells of, or else 500.
 */
void reply_error_read(long status, struct span body, struct reply_error *);

/*
 * The member of the request, sent, that the server does not take: its name,
 * borrowed from sent; p NULL if the error tells of none.
 */
struct span reply_culprit(const struct reply_error *, struct span sent);

#endif
