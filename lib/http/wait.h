/*
 * wait: what the headers of an answer say of another try. All delays are in ms,
 * 0 .. DELAY_MAX; -1: not given.
 */
#pragma once

#include <curl/curl.h>

#include "base/buf.h"

/*
 * Return the delay that the value of a "retry-after-ms" (unit_ms 1),
 * "retry-after" or "x-ratelimit-reset" (unit_ms 1000) header asks for: a
 * decimal number, "1m30s", or for the latter two a time or date, measured
 * against the wall clock. 0 for what is past or negative, -1 if it can't be
 * read.
 */
long long wait_ms(struct span value, int unit_ms);

/*
 * Return the delay of retry-after-ms or retry-after, or of their copies by a
 * LiteLLM proxy (llm_provider-retry-after) and others.
 */
long long wait_retry_after(CURL *);

/*
 * Return the time until the limits are reset that a refusal tells of: the
 * longest of those that are used up, or else the shortest. Headers are
 * x-ratelimit-reset-requests (OpenAI, Groq), x-ratelimit-reset (OpenRouter),
 * anthropic-ratelimit-tokens-reset and so on, each with the counter of what is
 * left, x-ratelimit-remaining-requests.
 */
long long wait_reset(CURL *);

/* Return what x-should-retry says: 1, 0, -1: not given. */
int wait_should_retry(CURL *);
