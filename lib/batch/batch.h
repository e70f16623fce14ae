/*
 * lib/batch writes the files that a batch API takes and reads the files that it
 * gives back. tg-llm opens them for --export and --import, and lib/chat asks
 * them in place of a server. It never sends anything itself, and it never holds
 * all results in memory.
 *
 * What is exported is what chat would send, under names that need no memory:
 * they follow from the request (see request_name), so a result finds all
 * records that asked for it, in this run or another.
 */
#pragma once

#include <limits.h>
#include <stdio.h>

#include "base/hash.h"
#include "base/keyset.h"
#include "base/mem.h"

enum {
	BATCH_OUT_ID = 64, /* bytes of a custom_id with its NUL, at most */
	BATCH_OUT_NAME = PATH_MAX + 1, /* more than open takes: ENAMETOOLONG */
	/* limits of a file, OpenAI's and Azure's: lines, bytes */
	BATCH_OUT_MAX = 50000,
	BATCH_OUT_BYTES = 200 * 1000 * 1000,
};

/*
 * batch-out: files of a batch, a chat completion request a line.
 *
 * A line is {"custom_id","method":"POST","url","body"}, as OpenAI's batch
 * reference and vLLM's run_batch.py have it. Where a file would grow past a
 * limit the next one begins: FILE.jsonl, FILE-2.jsonl, FILE-3.jsonl ... They
 * are written beside as *.part and get their names when all is there, the
 * first one last: where it is, the others are.
 */
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
 * Name the request for n samples of key (hex), from sample first on. The same
 * three give the same name, others give another.
 */
void batch_out_id(
    char id[BATCH_OUT_ID], const char key[SHA256_HEX], int first, int n);

/* Tell whether id has the form of batch_out_id's: 1 or 0. */
int batch_out_is_id(struct span id);

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
 * Write the name of the i-th file to name, with part the one that it has until
 * it is published; return name.
 */
char *batch_out_name(
    char name[BATCH_OUT_NAME], const struct batch_out *, size_t i, int part);

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
struct batch_in {
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

struct result {
	long status;      /* HTTP status; 0: the request was not even sent */
	struct span body; /* response's, else the error as text or JSON */
	int again;        /* whether it was given before */
};

/*
 * Read files, a NULL-terminated list of regular ones that stays the caller's.
 * The first lines that are no results are told on stderr. Return the
 * results, or NULL with *why until the next call if a file cannot be read.
 */
struct batch_in *batch_in_new(const char *const *files, const char **why);

/*
 * Find the result of an id, borrowed from the arena: 1, or 0 if there is none.
 * Of several the first completion counts, else the last.
 */
int batch_in_get(
    struct batch_in *, const char *id, struct arena *, struct result *);

/* Close the files and free all; NULL is fine. */
void batch_in_free(struct batch_in *);

/* Requests written and results read, in place of a server. */
struct batch {
	const char *file;          /* file to export to; NULL: none */
	size_t max, max_bytes;     /* lines and bytes of a file, at most */
	const char *const *import; /* files of results; NULL: none */
	struct batch_out *requests;
	struct batch_in *results;
	unsigned long left;   /* questions still open, as chat counts them */
	unsigned long passed; /* results that chat passes over for now */
	char reason[480];     /* reason of the first of these */
};

/* Open the files: 0; -1 with *why until the next call, and some may be open. */
int batch_open(struct batch *, const char **why);

/*
 * Say what was done. With complete publish the requests, else remove them: half
 * of them would be taken for all. Return 0, or -1 after saying why.
 */
int batch_close(struct batch *, int complete);
