/*
 * input: a file of requests that is to go to a batch API, checked before it
 * does: a service would find its faults only after minutes or hours.
 */
#pragma once

#include <sys/types.h>

#include "base/hash.h"

struct input {
	const char *file; /* name, borrowed */
	int fd;           /* descriptor, which holds the lock; -1: none */
	long long bytes;
	size_t requests;
	char url[200];        /* path that its requests are for */
	char ids[SHA256_HEX]; /* hash of its custom_ids, in their order */
};

/*
 * Open a file, for this process alone until input_close: 0; -1 with *why until
 * the next call, also if another process has it.
 */
int input_open(struct input *, const char *file, const char **why);

/*
 * Read and check all requests: they have different ids, and one path and model.
 * A file takes max requests and max_bytes at most. 0, or -1 as input_open.
 */
int input_read(
    struct input *, size_t max, long long max_bytes, const char **why);

void input_close(struct input *);
