/*
 * estimate: counts what requests would take, without sending any.
 *
 * Prompts are counted by their bytes. The length of an answer is taken to be
 * the mean of those in the cache; without a cache it is assumed. The token
 * limit gives the maximum.
 */
#pragma once

#include "options.h"

/*
 * Count the requests in the files of --dry-run, and return the exit status. The
 * JSON goes to stdout; with --pretend the records do, each answered from the
 * cache or with filler of the expected length. The estimate is printed on
 * stderr in words, unless --pretend and --stats are both given.
 */
int estimate_run(struct llm_opts *);
