/*
 * batches: tg-llm --batch, which has files of requests answered by a batch API.
 */
#pragma once

#include "options.h"
#include "remote/remote.h"

/*
 * Do what --batch says for each file of requests, one after another; print its
 * ticket on stdout, and how it stands on stderr. Return the exit status.
 */
int batches_run(const struct llm_opts *, struct service *);
