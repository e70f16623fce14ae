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

#include <stdio.h>

#include "base/hash.h"
#include "base/keyset.h"

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

struct batch_out {
	char *file;            /* name of the first file */
	size_t max, max_bytes; /* lines and bytes of a file, at most */
	struct keyset seen;    /* ids that were added */
	struct buf line;       /* line being added */
	FILE *now;             /* open file; NULL: none */
	int lock; /* descriptor that keeps the first file locked; -1: none */
	size_t files;  /* files begun */
	size_t lines;  /* lines of the open file */
	size_t bytes;  /* bytes of the open file */
	size_t count;  /* lines of all files */
	int published; /* whether all files have their names */
	int failed;    /* errno of a failed write; 0: none */
};

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

/*
 * Return the name of the i-th file, with part the one that it has until it is
 * published; the caller frees it.
 */
char *batch_out_name(const struct batch_out *, size_t i, int part);

#endif
