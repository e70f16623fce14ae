/*
 * refusal: what an answer other than a completion means.
 *
 * Servers say the same in many shapes and words. The tables of the source hold
 * what OpenAI, Azure, vLLM, SGLang, llama.cpp, Mistral, Anthropic, Gemini,
 * LiteLLM, DashScope and others were seen to send. A meaning is the server's
 * word, told for one request: whether it holds for all requests, lib/chat finds
 * out.
 */
#pragma once

#include "base/buf.h"

enum refusal_end {
	REFUSAL_RETRY,   /* the reason may pass: try again */
	REFUSAL_RECORD,  /* the request will never work */
	REFUSAL_SERVICE, /* no request will work, by the server's words */
};

struct refusal {
	enum refusal_end end;
	const char *code;  /* code of tg.error, static */
	char message[400]; /* words of the server, made printable */
	char param[64];    /* request member at fault; "": not told */
	int unsupported;   /* whether the server does not take a member */
	long context_max;  /* tokens that the context holds; 0: not told */
	long cap_max;      /* tokens of the largest limit; 0: not told */
	long prompt;       /* tokens of the prompt; 0: not told */
	long prompt_least; /* fewest tokens of the prompt; 0: not told */
	long total;        /* tokens of prompt and limit; 0: not told */
	int about_cap; /* whether a lower token limit may mend the request */
	long long delay_ms; /* time that the body asks to wait, at most
			     * DELAY_MAX, ms; -1: not told */
};

/*
 * Read a refusal of an HTTP status from its body. A status of 200 stands for
 * the one that the body tells of, or else 500.
 */
void refusal_read(long status, struct span body, struct refusal *);

/*
 * Return the name of the member of the request sent that the server does not
 * take, borrowed from the refusal or static; p NULL if the refusal tells of
 * none.
 */
struct span refusal_culprit(const struct refusal *, struct span sent);
