/*
 * batch-in: results of a batch, found by custom_id.
 *
 * The files may be larger than memory and in any order: they are read once, and
 * 24 bytes are kept of each result (32 to 64 with the gaps of the map); a line
 * is read again when it is asked for. A line is {"custom_id",
 * "response":{"status_code","body"},"error"}, in OpenAI's output and error
 * files alike. vllm run-batch leaves out the body of a failure and puts what
 * its server would have answered, or a string, into "error" (run_batch.py).
 */
#ifndef TG_BATCH_IN_H
#define TG_BATCH_IN_H

#include "base/buf.h"
#include "base/mem.h"

struct batch_in;

struct result {
	long status;      /* HTTP status; 0: the request was not even sent */
	struct span body; /* response's, else the error as text or JSON */
	int again;        /* whether it was given before */
};

struct batch_in_stats {
	size_t lines; /* results with an id of ours, repeated ones too */
	size_t bad;   /* lines that are no results */
	size_t other; /* results with ids of others */
	size_t given; /* results that batch_in_get gave, each counted once */
	size_t ids;   /* different ids of ours */
};

/*
 * Read files, a NULL-terminated list of regular ones that stays the caller's.
 * The first lines that are no results are told on stderr in tool's name. Return
 * the results, or NULL with *why until the next call if a file cannot be read.
 */
struct batch_in *batch_in_new(
    const char *tool, const char *const *files, const char **why);

/*
 * Find the result of an id, borrowed from the arena: 1, or 0 if there is none.
 * Of several the first completion counts, else the last.
 */
int batch_in_get(
    struct batch_in *, const char *id, struct arena *, struct result *);

/* Return the counts, borrowed. */
const struct batch_in_stats *batch_in_stats(const struct batch_in *);

/* Close the files and free all; NULL is fine. */
void batch_in_free(struct batch_in *);

#endif
