/*
 * batch-out: the files of a batch, a chat completion request a line.
 *
 * A line is {"custom_id","method":"POST","url","body"}, as OpenAI's batch
 * reference and vLLM's run_batch.py have it. Where a file would grow past a
 * limit the next one begins: FILE.jsonl, FILE-2.jsonl, FILE-3.jsonl ... They
 * are written beside as *.part and get their names when all is there, the
 * first one last: where it is, the others are.
 */
#ifndef TG_BATCH_OUT_H
#define TG_BATCH_OUT_H

#include "base/buf.h"
#include "base/hash.h"

enum {
	BATCH_OUT_ID = 64, /* bytes of a custom_id with its NUL, at most */
	/* of a file at most: OpenAI's and Azure's limits */
	BATCH_OUT_MAX = 50000,
	BATCH_OUT_BYTES = 200 * 1000 * 1000,
};

/*
 * The name of the request for n samples from the first-th on of what key (in
 * hex) stands for. The same for the same three, unlike for others.
 */
void batch_out_id(
    char id[BATCH_OUT_ID], const char key[SHA256_HEX], int first, int n);

/* Whether id has the form of such a name. */
int batch_out_is_id(struct span id);

struct batch_out;

/*
 * New, its first file open; NULL with *why until the next call, where one of
 * the names is taken by a file that is not empty, or it cannot be written.
 */
struct batch_out *batch_out_new(
    const char *file, size_t max, size_t max_bytes, const char **why);

/*
 * Append a request, but only once for one id: 0; -1 with errno, EFBIG for
 * one that is larger than a file may be (that alone is not written).
 */
int batch_out_add(
    struct batch_out *, const char *id, const char *url, struct span body);

/*
 * Sync all and give the files their names: 0, or -1 with *why. Without any
 * request there is no file.
 */
int batch_out_publish(struct batch_out *, const char **why);

/* Forgets, and removes, what was not published. NULL is fine. */
void batch_out_free(struct batch_out *);

/* How many are written, to how many files, of what names. */
size_t batch_out_count(const struct batch_out *);
size_t batch_out_files(const struct batch_out *);
void batch_out_name(const struct batch_out *, size_t i, struct buf *);

#endif
