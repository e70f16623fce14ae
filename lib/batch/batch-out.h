/*
 * batch-out: files of a batch, a chat completion request a line.
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
	/* limits of a file, OpenAI's and Azure's: lines, bytes */
	BATCH_OUT_MAX = 50000,
	BATCH_OUT_BYTES = 200 * 1000 * 1000,
};

/*
 * Name the request for n samples of key (hex), from sample first on. The same
 * three give the same name, others give another.
 */
void batch_out_id(
    char id[BATCH_OUT_ID], const char key[SHA256_HEX], int first, int n);

/* Tell whether id has the form of batch_out_id's: 1 or 0. */
int batch_out_is_id(struct span id);

struct batch_out;

/*
 * Open the first file. Return a new batch, or NULL with *why until the next
 * call if a name is taken by a file that is not empty, or cannot be written.
 */
struct batch_out *batch_out_new(
    const char *file, size_t max, size_t max_bytes, const char **why);

/*
 * Append a request, once for each id: 0, or -1 with errno. EFBIG: the request
 * is larger than a file may be, and only it is not written.
 */
int batch_out_add(
    struct batch_out *, const char *id, const char *url, struct span body);

/*
 * Sync all and give the files their names: 0, or -1 with *why. Without any
 * request there is no file.
 */
int batch_out_publish(struct batch_out *, const char **why);

/* Free all, and remove files that are not published; NULL is fine. */
void batch_out_free(struct batch_out *);

/* Return how many requests are written, to how many files; a file's name. */
size_t batch_out_count(const struct batch_out *);
size_t batch_out_files(const struct batch_out *);
void batch_out_name(const struct batch_out *, size_t i, struct buf *);

#endif
