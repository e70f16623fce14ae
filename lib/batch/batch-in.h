/*
 * batch-in: what a batch brought, found by custom_id.
 *
 * The files may be larger than memory and in any order: they are read once,
 * and of each line 16 bytes are kept (21 to 43 with the gaps of the table),
 * then a line is read again when it is asked for. A line is {"custom_id",
 * "response":{"status_code","body"},"error"}: OpenAI's output and error files
 * alike; vllm run-batch leaves out the body of a failure and says in "error"
 * what its server would have answered, or a string (run_batch.py).
 */
#ifndef TG_BATCH_IN_H
#define TG_BATCH_IN_H

#include "base/buf.h"
#include "base/mem.h"

struct results;

struct result {
	long status;      /* HTTP's; 0: it was not even sent */
	struct span body; /* of the response, else the error as text or JSON */
	int again;        /* it has been given before */
};

struct results_stats {
	size_t lines; /* with an id of ours, repeated ones too */
	size_t bad;   /* no results at all */
	size_t other; /* with ids of others */
	size_t given; /* asked for by results_get */
	size_t ids;
};

/*
 * Read files (NULL-terminated, regular ones, borrowed). Lines that are no
 * results are told on stderr in tool's name, the first few of them. NULL with
 * *why until the next call if a file cannot be read.
 */
struct results *results_new(
    const char *tool, const char *const *files, const char **why);

/*
 * The result of an id, borrowed from the arena: 1, or 0 if there is none. Of
 * several the first that succeeded counts, else the last.
 */
int results_get(
    struct results *, const char *id, struct arena *, struct result *);

const struct results_stats *results_stats(const struct results *);

/* NULL is fine. */
void results_free(struct results *);

#endif
