/*
 * open: opens a chat, or the batch API of a service, with the servers, the keys
 * and the certificates that options and environment name.
 */
#pragma once

#include "options.h"

/*
 * Call a function that opens what asks the service, or exit with its message
 * and status. The keys are gone from the environment then: it copies them.
 */
void *open_with_keys(struct llm_opts *,
    void *(*open)(const struct chat_opts *, int *status, const char **why));

/* Refuse, as filter_output does, an output of option opt that is a key file. */
void open_check_output(
    const char *opt, const char *path, const struct llm_opts *);
