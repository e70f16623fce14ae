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

#include "base/keyset.h"
#include "base/mem.h"

struct result {
	long status;      /* HTTP status; 0: the request was not even sent */
	struct span body; /* response's, else the error as text or JSON */
	int again;        /* whether it was given before */
};

struct batch_in {
	const char *tool;         /* name that begins each message */
	const char *const *files; /* names, NULL-terminated */
	int *fds;                 /* descriptors of the files */
	size_t nfds;              /* files opened so far */
	struct keyset index;      /* place of each result, by custom_id */
	struct arena mem;         /* strings of the line being read */
	size_t lineno;            /* number of that line, from 1 */
	size_t bad;               /* lines that are no results */
	size_t other;             /* results that tg-llm did not export */
	size_t given;             /* results that batch_in_get gave once */
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

/* Close the files and free all; NULL is fine. */
void batch_in_free(struct batch_in *);

#endif
