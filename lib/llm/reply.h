/*
 * reply: what a chat completion server answered.
 */
#pragma once

#include "base/buf.h"
#include "base/mem.h"

/* One choice, as it is stored in the cache and read back. */
struct reply_choice {
	struct span text;                 /* decoded; p NULL: null or absent */
	struct span finish_reason, model; /* decoded, "" if absent */
	int refused;                      /* the text is the model's refusal */
	int reasoned;          /* the server has put reasoning elsewhere */
	struct span reasoning; /* reasoning; p NULL: none, or not kept */
	struct span whole; /* text with the thinking in it, where that was taken
			    * off; p NULL: it is the text */
	int broken;        /* the text was no Unicode, and is left out */
	struct span logprobs; /* values for the first token of the answer, as
			       * logprobs_of gives them; p NULL: none */
};

struct reply {
	struct reply_choice *choices; /* nchoices choices, in the arena */
	int nchoices;
	long long prompt_tokens, completion_tokens, cached_tokens;
	long long reasoning_tokens; /* part of completion_tokens */
};

/*
 * Read the body of a 200: 0; -1 with *why if it is no completion, which is
 * worth another try. All is borrowed from body or the arena. A body that is no
 * plain JSON is read as stream_read does, and one without choices as a single
 * choice: the Responses API, Anthropic's and Ollama's own have such.
 */
int reply_read(
    struct span body, struct arena *, struct reply *, const char **why);

/* The meaning of finish_reason in the words of any server. */
enum reply_finish {
	FINISH_STOP,    /* the answer is whole, or nothing is said */
	FINISH_LENGTH,  /* the answer was cut at the token limit */
	FINISH_FILTER,  /* a filter of the service has cut it */
	FINISH_REFUSAL, /* the model refuses */
	FINISH_ABORT,   /* the server has failed or given up */
	FINISH_TOOL,    /* the model calls a tool that was not offered */
	FINISH_UNKNOWN, /* a word that is not in the lists */
};
enum reply_finish reply_finish(const struct reply_choice *);

/* An answer that had to be a string of JSON: take it out of its quotes. */
void reply_unquote(struct reply_choice *, struct arena *);

/*
 * Append a choice as a record has it or, with stored, as reply_choice_read
 * reads it: with its reasoning, but not that it reasoned. An answer that stands
 * has no need of that, another is not stored.
 */
void reply_choice_write(struct buf *, const struct reply_choice *, int stored);
int reply_choice_read(struct span json, struct arena *, struct reply_choice *);

/* Return a number of tokens, at most 10^9; 0 if number tells none. */
long reply_tokens(struct span number);
