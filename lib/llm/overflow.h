/*
 * overflow: the numbers of tokens in the words of a refusal: how large the
 * context is, how long prompt and answer may be, and how long they are.
 */
#pragma once

/* Numbers that words tell, in tokens; 0 of any: not told. */
struct overflow {
	long context_max;  /* tokens that the context holds */
	long cap_max;      /* tokens of the largest limit */
	long prompt;       /* tokens of the prompt */
	long prompt_least; /* tokens that the prompt has at least */
	long prompt_most;  /* tokens that the prompt may have at most */
	long total;        /* tokens of prompt and limit */
	int about_cap;     /* whether the words call the limit too large */
};

/* Read the numbers that words tell. */
void overflow_read(const char *words, struct overflow *);
