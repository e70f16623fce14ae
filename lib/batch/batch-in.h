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

struct batch_in;

struct result {
	long status;      /* HTTP's; 0: it was not even sent */
	struct span body; /* of the response, else the error as text or JSON */
	int again;        /* it has been given before */
};

struct batch_in_stats {
	size_t lines; /* with an id of ours, repeated ones too */
	size_t bad;   /* no results at all */
	size_t other; /* with ids of others */
	size_t given; /* asked for by batch_in_get */
	size_t ids;
};

/*
 * Read files (NULL-terminated, regular ones, borrowed). Lines that are no
 * results are told on stderr in tool's name, the first few of them. NULL with
 * *why until the next call if a file cannot be read.
 */
struct batch_in *batch_in_new(
    const char *tool, const char *const *files, const char **why);

/*
 * The result of an id, borrowed from the arena: 1, or 0 if there is none. Of
 * several the first that succeeded counts, else the last.
 */
int batch_in_get(
    struct batch_in *, const char *id, struct arena *, struct result *);

const struct batch_in_stats *batch_in_stats(const struct batch_in *);

/* NULL is fine. */
void batch_in_free(struct batch_in *);

#endif
