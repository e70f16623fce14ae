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
	REQUESTS_ID = 64, /* bytes of a custom_id with its NUL, at most */
	/* of a file at most: OpenAI's and Azure's limits */
	REQUESTS_MAX = 50000,
	REQUESTS_BYTES = 200 * 1000 * 1000,
};

/*
 * The name of the request for n samples from the first-th on of what key (in
 * hex) stands for. The same for the same three, unlike for others.
 */
void requests_id(
    char id[REQUESTS_ID], const char key[SHA256_HEX], int first, int n);

/* Whether id has the form of such a name. */
int requests_is_id(struct span id);

struct requests;

/*
 * New, its first file open; NULL with *why until the next call, where one of
 * the names is taken by a file that is not empty, or it cannot be written.
 */
struct requests *requests_new(
    const char *file, size_t max, size_t max_bytes, const char **why);

/*
 * Append a request, but only once for one id: 0; -1 with errno, EFBIG for
 * one that is larger than a file may be (that alone is not written).
 */
int requests_add(
    struct requests *, const char *id, const char *url, struct span body);

/*
 * Sync all and give the files their names: 0, or -1 with *why. Without any
 * request there is no file.
 */
int requests_publish(struct requests *, const char **why);

/* Forgets, and removes, what was not published. NULL is fine. */
void requests_free(struct requests *);

/* How many are written, to how many files, of what names. */
size_t requests_count(const struct requests *);
size_t requests_files(const struct requests *);
void requests_name(const struct requests *, size_t i, struct buf *);

#endif
